package auth_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/policy/access"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, tt := range []struct {
		name, peer string
		forwarded  []string
		want       string // "" for the zero address
	}{
		{"direct", "192.0.2.1:1", nil, "192.0.2.1"},
		{"a client that forges the header", "192.0.2.1:1", []string{"10.0.0.1"}, "192.0.2.1"},
		{"through a proxy", "10.0.0.1:1", []string{"192.0.2.1"}, "192.0.2.1"},
		{"through two proxies", "10.0.0.1:1", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"in two headers", "10.0.0.1:1", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		{"forged before the proxy", "10.0.0.1:1", []string{"10.9.9.9, 192.0.2.1"}, "192.0.2.1"},
		{"the proxy itself", "10.0.0.1:1", nil, "10.0.0.1"},
		{"proxies all the way", "10.0.0.1:1", []string{"10.0.0.3,10.0.0.2"}, "10.0.0.3"},
		{"not readable", "10.0.0.1:1", []string{"192.0.2.1, unknown"}, ""},
		{"an empty entry", "10.0.0.1:1", []string{"192.0.2.1,"}, ""},
		{"with a port", "10.0.0.1:1", []string{"192.0.2.1:4711"}, "192.0.2.1"},
		{"IPv6 with a port", "[::1]:1", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"mapped", "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"with a zone", "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"no peer", "@", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = tt.peer, tt.forwarded
			var want netip.Addr
			if tt.want != "" {
				want = netip.MustParseAddr(tt.want)
			}
			if got := auth.Address(r, trusted); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// TestNoPrincipal: a context without a principal may do nothing.
func TestNoPrincipal(t *testing.T) {
	t.Parallel()
	p := auth.From(t.Context())
	if p.Tenant != "" || p.May(access.Verify) {
		t.Errorf("got %+v", p)
	}
	p, err := auth.None{}.Authenticate(nil)
	if got := auth.From(auth.With(t.Context(), p)); err != nil || got.Tenant != "default" || !got.May(access.Admin) || got.Key != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}
