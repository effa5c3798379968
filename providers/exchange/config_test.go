package exchange

import (
	"crypto/tls"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/auth"
)

func TestConfigIsRefused(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	tests := []struct {
		name string
		set  func(*Config)
		want []string // what the error must say: the setting and the remedy
	}{
		{"empty", func(c *Config) { c.BaseURL = "" }, []string{"base_url", "https://host"}},
		{"no scheme", func(c *Config) { c.BaseURL = "vendor.test" }, []string{"base_url", "https://host"}},
		{"no host", func(c *Config) { c.BaseURL = "https:///path" }, []string{"base_url", "https://host"}},
		{"opaque", func(c *Config) { c.BaseURL = "https:vendor.test" }, []string{"base_url", "https://host"}},
		{"unparsable", func(c *Config) { c.BaseURL = "https://vendor.test:" + secret }, []string{"base_url", "https://host"}},
		{"host outside ASCII", func(c *Config) { c.BaseURL = "https://核验.test" }, []string{"base_url", "https://host"}},
		{"plain http", func(c *Config) { c.BaseURL = "http://vendor.test" }, []string{"base_url", "https://"}},
		{"plain http to a private address", func(c *Config) { c.BaseURL = "http://10.0.0.1" }, []string{"base_url", "https://"}},
		{"plain http to a name that begins like loopback", func(c *Config) { c.BaseURL = "http://127.0.0.1.vendor.test" }, []string{"base_url"}},
		{"plain http to localhost's neighbour", func(c *Config) { c.BaseURL = "http://localhost.vendor.test" }, []string{"base_url"}},
		{"another scheme", func(c *Config) { c.BaseURL = "ftp://vendor.test" }, []string{"base_url", "https://"}},
		{"userinfo", func(c *Config) { c.BaseURL = "https://user:" + secret + "@vendor.test" }, []string{"base_url", "auth"}},
		{"query", func(c *Config) { c.BaseURL = "https://vendor.test?appcode=" + secret }, []string{"base_url", "query"}},
		{"empty query", func(c *Config) { c.BaseURL = "https://vendor.test?" }, []string{"base_url", "query"}},
		{"fragment", func(c *Config) { c.BaseURL = "https://vendor.test#" + secret }, []string{"base_url", "fragment"}},
		{"empty fragment", func(c *Config) { c.BaseURL = "https://vendor.test#" }, []string{"base_url", "fragment"}},
		{"path that reads differently encoded", func(c *Config) { c.BaseURL = "https://vendor.test/a%20b" }, []string{"base_url", "path"}},
		{"no authenticator", func(c *Config) { c.Auth = nil }, []string{"auth", "auth.None()"}},
		{"negative connect", func(c *Config) { c.Connect = -1 }, []string{"connect", "negative"}},
		{"negative first byte", func(c *Config) { c.FirstByte = -1 }, []string{"first_byte", "negative"}},
		{"negative total", func(c *Config) { c.Total = -1 }, []string{"total", "negative"}},
		{"negative body", func(c *Config) { c.MaxBody = -1 }, []string{"max_body", "negative"}},
		{"negative connections", func(c *Config) { c.MaxConns = -1 }, []string{"max_conns", "negative"}},
		{"body over the ceiling", func(c *Config) { c.MaxBody = 64<<10 + 1 }, []string{"max_body", "65536"}},
		{"proxy without a scheme", func(c *Config) { c.Network.ProxyURL = "proxy.test:3128" }, []string{"proxy_url", "http://"}},
		{"proxy with a path", func(c *Config) { c.Network.ProxyURL = "http://proxy.test/a" }, []string{"proxy_url", "http://"}},
		{"proxy of another kind", func(c *Config) { c.Network.ProxyURL = "socks4://proxy.test" }, []string{"proxy_url", "http://"}},
		{"proxy with a password", func(c *Config) { c.Network.ProxyURL = "http://u:" + secret + "@proxy.test" }, []string{"proxy_url", "proxy_password"}},
		{"proxy that would see plain http", func(c *Config) { c.BaseURL, c.Network.ProxyURL = "http://127.0.0.1", "http://proxy.test" }, []string{"proxy_url", "clear"}},
		{"user without a password", func(c *Config) { c.Network = Network{ProxyURL: "http://p.test", ProxyUser: idv.NewSensitive(secret)} }, []string{"proxy_password", "both"}},
		{"user without a proxy", func(c *Config) {
			c.Network = Network{ProxyUser: idv.NewSensitive(secret), ProxyPassword: idv.NewSensitive(secret)}
		}, []string{"proxy_user", "without a proxy"}},
		{"user with a colon", func(c *Config) { c.Network = proxied("http://p.test", "a:"+secret, secret) }, []string{"proxy_user", "colon"}},
		{"password with a line break", func(c *Config) { c.Network = proxied("socks5://p.test", secret, secret+"\r\nX: y") }, []string{"proxy_user", "control"}},
		{"password longer than RFC 1929 allows", func(c *Config) { c.Network = proxied("socks5://p.test", "u", strings.Repeat(secret, 40)) }, []string{"proxy_user", "255"}},
		{"certificate without a leaf", func(c *Config) { c.Network.Certificate = &tls.Certificate{} }, []string{"certificate", "leaf"}},
		{"host without addresses", func(c *Config) { c.Network.Addresses = map[string][]netip.Addr{"vendor.test": nil} }, []string{"addresses", "at least one"}},
		{"two faults", func(c *Config) { c.BaseURL, c.MaxBody = "", -1 }, []string{"base_url", "max_body"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{BaseURL: "https://vendor.test", Auth: auth.None()}
			tt.set(&c)
			x, err := New(c)
			if err == nil || x != nil {
				t.Fatal("accepted")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("error %q shows a value", err)
			}
		})
	}
}

func TestConfigIsTaken(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"https://vendor.test", "https://vendor.test/", "https://vendor.test:8443/a/b_c-d.e~f/", "HTTPS://vendor.test",
		"http://127.0.0.1:80", "http://127.8.9.1", "http://[::1]:8080", "http://localhost", "http://LOCALHOST:1/x",
	} {
		t.Run(base, func(t *testing.T) {
			x := open(t, Config{BaseURL: base})
			if strings.HasSuffix(x.base.Path, "/") {
				t.Errorf("the path %q keeps its slash", x.base.Path)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, _, _, err := Config{BaseURL: "https://vendor.test", Auth: auth.None()}.checked()
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		BaseURL: "https://vendor.test", Auth: auth.None(), Connect: 2 * time.Second, FirstByte: 3 * time.Second,
		Total: 5 * time.Second, MaxBody: 65536, MaxConns: 64,
	}
	if diff := cmp.Diff(want, c, cmp.Comparer(func(a, b auth.Authenticator) bool { return a == b }), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHostPort(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://vendor.test": "vendor.test:443", "http://127.0.0.1": "127.0.0.1:80", "http://[::1]": "[::1]:80",
		"https://vendor.test:8443": "vendor.test:8443",
	} {
		u, err := parseBase(base)
		if err != nil || hostPort(u) != want {
			t.Errorf("%s dials %q (%v), want %q", base, hostPort(u), err, want)
		}
	}
}
