package access_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/policy/access"
)

var then = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

func valid() access.Key {
	return access.Key{ID: "a", Name: "web", Tenant: "bank", Scopes: []access.Scope{access.Verify}, Created: then}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, field string
		change      func(*access.Key)
	}{
		{"valid", "", func(*access.Key) {}},
		{"no name", "name", func(k *access.Key) { k.Name = "" }},
		{"blank name", "name", func(k *access.Key) { k.Name = " " }},
		{"long name", "name", func(k *access.Key) { k.Name = strings.Repeat("长", 101) }},
		{"no tenant", "tenant", func(k *access.Key) { k.Tenant = "" }},
		{"invisible tenant", "tenant", func(k *access.Key) { k.Tenant = "a\u200b" }},
		{"no scope", "scopes", func(k *access.Key) { k.Scopes = nil }},
		{"unknown scope", "scopes", func(k *access.Key) { k.Scopes = []access.Scope{"*"} }},
		{"empty app", "apps", func(k *access.Key) { k.Apps = []string{"web", ""} }},
		{"broken app", "apps", func(k *access.Key) { k.Apps = []string{"a\n"} }},
		{"many apps", "apps", func(k *access.Key) { k.Apps = strings.Split(strings.Repeat("a,", 50)+"a", ",") }},
		{"many networks", "networks", func(k *access.Key) { k.Networks = make([]netip.Prefix, 51) }},
		{"expired before it begins", "expires_at", func(k *access.Key) { k.Expires = k.Created }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := valid()
			tt.change(&k)
			err := k.Check()
			var fault *access.FieldError
			if errors.As(err, &fault); (fault == nil) != (tt.field == "") || fault != nil && fault.Field != tt.field {
				t.Errorf("got %v, want a fault of %q", err, tt.field)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	inside, outside := netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("192.0.2.1")
	for _, tt := range []struct {
		name   string
		change func(*access.Key)
		now    time.Time
		from   netip.Addr
		want   access.Refusal
	}{
		{"live", func(*access.Key) {}, then, outside, ""},
		{"revoked", func(k *access.Key) { k.Revoked = then }, then, outside, access.Revoked},
		{"before its end", func(k *access.Key) { k.Expires = then.Add(1) }, then, outside, ""},
		{"at its end", func(k *access.Key) { k.Expires = then }, then, outside, access.Expired},
		{"in the network", tens, then, inside, ""},
		{"in the network, mapped", tens, then, netip.MustParseAddr("::ffff:10.1.2.3"), ""},
		{"outside of it", tens, then, outside, access.ForeignAddress},
		{"from nowhere", tens, then, netip.Addr{}, access.ForeignAddress},
		{"with a zone", func(k *access.Key) { k.Networks = []netip.Prefix{netip.MustParsePrefix("fe80::/10")} }, then, netip.MustParseAddr("fe80::1%eth0"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := valid()
			tt.change(&k)
			if got := k.Refuse(tt.now, tt.from); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func tens(k *access.Key) { k.Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }

func TestApp(t *testing.T) {
	t.Parallel()
	one, two := []string{"web"}, []string{"web", "counter"}
	for _, tt := range []struct {
		name  string
		apps  []string
		named string
		want  string
		err   error
	}{
		{"any", nil, "x", "x", nil},
		{"any, none named", nil, "", "", nil},
		{"the only one", one, "", "web", nil},
		{"the only one, named", one, "web", "web", nil},
		{"another", one, "counter", "", access.ErrForeignApp},
		{"another case", one, "Web", "", access.ErrForeignApp},
		{"one of two", two, "counter", "counter", nil},
		{"none of two", two, "", "", access.ErrNoApp},
		{"a third", two, "x", "", access.ErrForeignApp},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := access.Principal{Apps: tt.apps}
			if got, err := p.App(tt.named); got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// TestZeroPrincipal: the zero Principal has no scope.
func TestZeroPrincipal(t *testing.T) {
	t.Parallel()
	for _, s := range append(access.Scopes(), "") {
		if (&access.Principal{}).May(s) {
			t.Errorf("the zero Principal has the scope %q", s)
		}
	}
}

func TestParseNetwork(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "10.1.2.3": "10.1.2.3/32", "::1": "::1/128", "2001:db8::/32": "2001:db8::/32",
		"::ffff:10.1.2.3": "10.1.2.3/32", "": "", "10.0.0": "", "10.0.0.0/33": "", "fe80::1%eth0": "", "::ffff:10.0.0.0/104": "", "example.com": "",
	} {
		got, err := access.ParseNetwork(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%q: got %v, %v, want %q", text, got, err, want)
		}
	}
}
