package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
)

// ownTransport knows two more adapters: a plugin that makes its own calls, and a product
// with an authentication scheme of its own.
func ownTransport(p Provider) (idv.Descriptor, error) {
	d, err := known(p)
	if p.Plugin.Path != "" {
		d, err = card(), nil
		d.CustomTransport = true
	}
	if p.Use == "own" {
		d, err = card(), nil
		d.Schemes = append(d.Schemes, "declared")
	}
	return d, err
}

func TestValidateNetwork(t *testing.T) {
	t.Parallel()
	both := func(n Network) func(*Config) {
		return func(c *Config) { c.Accounts[0].Network = n }
	}
	own := func(c *Config) *Network { return &c.Providers[0].Network }
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"everything", both(Network{
			Proxy: "https://proxy.example:8443", ProxyUser: "env:PROXY_USER", ProxyPassword: "file:/run/proxy", ProxyCAFile: "/etc/proxy.pem",
			CAFile: "/etc/ca.pem", CertFile: "/etc/cert.pem", KeyFile: "/etc/key.pem", SourceAddress: "10.0.0.5",
			Pins: []Pin{{"vendor.example", []string{"203.0.113.5", "2001:db8::1"}}, {"proxy.example", []string{"10.0.0.1"}}},
		}), nil},
		{"direct in place of the account's", func(c *Config) { both(Network{Proxy: "socks5://p.example"})(c); own(c).Proxy = ProxyDirect }, nil},
		{"a proxy of another kind", both(Network{Proxy: "socks4://p.example"}), []want{{"accounts[0].network.proxy", "socks5://"}}},
		{"a proxy with a password", both(Network{Proxy: "http://u:p@p.example"}), []want{{"accounts[0].network.proxy", "proxy_password"}}},
		{"a proxy with a path", func(c *Config) { own(c).Proxy = "http://p.example/x" }, []want{{"providers[0].network.proxy", "no path"}}},
		{"a user without a password", both(Network{Proxy: "http://p.example", ProxyUser: "env:U"}), []want{{"accounts[0].network.proxy_password", "both or neither"}}},
		{"a password in clear", both(Network{Proxy: "http://p.example", ProxyUser: "env:U", ProxyPassword: "hunter2"}), []want{{"accounts[0].network.proxy_password", "must be a reference"}}},
		{"a user without a proxy", func(c *Config) { *own(c) = Network{Proxy: ProxyDirect, ProxyUser: "env:U", ProxyPassword: "env:P"} }, []want{{"providers[0].network.proxy_user", "without a proxy"}}},
		{"authorities of a plain proxy", both(Network{Proxy: "http://p.example", ProxyCAFile: "/x"}), []want{{"accounts[0].network.proxy_ca_file", "without an https:// proxy"}}},
		{"a key without a certificate", both(Network{KeyFile: "/x"}), []want{{"accounts[0].network.key_file", "both or neither"}}},
		{"a source that is a name", both(Network{SourceAddress: "eth0"}), []want{{"accounts[0].network.source_address", "IP address"}}},
		{"faulty pins", both(Network{Pins: []Pin{{"vendor.example", nil}, {"vendor.example", []string{"x"}}}}), []want{
			{"accounts[0].network.pins[0].addresses", "is empty"}, {"accounts[0].network.pins[1].addresses[0]", "IP address"}, {"accounts[0].network.pins[1].host", "pinned already"},
		}},
		{"a misspelt pin", both(Network{Pins: []Pin{{"vendr.example", []string{"10.0.0.1"}}}}), []want{{"accounts[0].network.pins[0].host", "did you mean vendor.example"}}},
		{"a pin of a token's host", func(c *Config) {
			both(Network{Pins: []Pin{{"token.example", []string{"10.0.0.1"}}}})(c)
			c.Providers[0].Use = "own"
		}, nil},
		{"a pin in capitals", both(Network{Pins: []Pin{{"Vendor.example", []string{"10.0.0.1"}}}}), []want{
			{"accounts[0].network.pins[0].host", "small letters"}, {"accounts[0].network.pins[0].host", "vendor.example"},
		}},
		{"a proxy that would see plain http", func(c *Config) {
			both(Network{Proxy: "http://p.example"})(c)
			c.Providers[0].Settings["base_url"] = "http://127.0.0.1:1"
		}, []want{{"accounts[0].network.proxy", "in clear"}}},
		{"a plugin that makes its own calls", func(c *Config) {
			both(Network{Proxy: "http://p.example"})(c)
			c.Providers[0].Use, c.Providers[0].Plugin = "", Plugin{Path: "/x", SHA256: sum64, StartTimeout: time.Second}
		}, []want{{"providers[0].network", "makes its own calls"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := shared(t)
			test.spoil(&c)
			expect(t, Validate(c, ownTransport), test.want)
		})
	}
}

const sum64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestNetworkOf(t *testing.T) {
	t.Parallel()
	c := shared(t)
	c.Accounts[0].Network = Network{Proxy: "http://a.example", CAFile: "/a"}
	if n, path := c.NetworkOf(0); n.Proxy != "http://a.example" || path != "accounts[0].network" {
		t.Errorf("got %+v of %s, want the account's", n, path)
	}
	c.Providers[0].Network = Network{SourceAddress: "10.0.0.5"}
	n, path := c.NetworkOf(0)
	if diff := cmp.Diff(Network{SourceAddress: "10.0.0.5"}, n); diff != "" || path != "providers[0].network" {
		t.Errorf("a mix, of %s (-want +got):\n%s", path, diff)
	}
}

func TestValidateHelpers(t *testing.T) {
	t.Parallel()
	vault := SecretHelper{Name: "vault", Command: []string{"/usr/bin/vault", "kv", "get"}, Env: []string{"VAULT_ADDR"}, Timeout: time.Second}
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"as it should be", func(*Config) {}, nil},
		{"no such helper", func(c *Config) { c.Accounts[0].Settings["appcode"] = "exec:valt" }, []want{
			{"accounts[0].settings.appcode", "did you mean vault"}, {"secret_helpers[0]", "used by no reference"},
		}},
		{"a name twice", func(c *Config) { c.SecretHelpers = append(c.SecretHelpers, vault) }, []want{{"secret_helpers[1].name", "is taken"}}},
		{"no command", func(c *Config) { c.SecretHelpers[0].Command = nil }, []want{{"secret_helpers[0].command", "absolute path"}}},
		{"a program of the PATH", func(c *Config) { c.SecretHelpers[0].Command = []string{"vault"} }, []want{{"secret_helpers[0].command", "absolute path"}}},
		{"a variable with its value", func(c *Config) { c.SecretHelpers[0].Env = []string{"A=b"} }, []want{{"secret_helpers[0].env[0]", "without a value"}}},
		{"out of bounds", func(c *Config) { c.SecretHelpers[0].Timeout, c.SecretHelpers[0].Refresh = time.Hour, -1 }, []want{
			{"secret_helpers[0].refresh", "0s to"}, {"secret_helpers[0].timeout", "to 1m0s"},
		}},
		{"an argument like a reference", func(c *Config) { c.SecretHelpers[0].Command = []string{"/bin/cat", "file:/x", "exec:none"} }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := shared(t)
			c.SecretHelpers, c.Accounts[0].Settings["appcode"] = []SecretHelper{vault}, "exec:vault"
			c.SecretHelpers[0].Command = append([]string(nil), vault.Command...)
			test.spoil(&c)
			expect(t, Validate(c, known), test.want)
		})
	}
}

// What the file says of networks and helpers is decoded, with defaults, and shown without
// what may be secret.
func TestLoadNetwork(t *testing.T) {
	t.Parallel()
	l := mustLoad(t, `
secret_helpers: [{name: vault, command: [/usr/bin/vault, kv, get, secret/idcert], env: [HEYAN_VAULT]}]
providers:
  - {name: a, use: idcert, settings: {appcode: "exec:vault"}, network: {proxy: "socks5://p.example:1080", pins: [{host: vendor.example, addresses: [10.0.0.1]}]}}
`, "HEYAN_VAULT=x", "HEYAN_PROVIDERS__0__NETWORK__CA_FILE=/ca.pem")
	h := l.Config.SecretHelpers[0]
	if h.Timeout != 10*time.Second || h.Refresh != 5*time.Minute {
		t.Errorf("the helper has %v and %v", h.Timeout, h.Refresh)
	}
	got := map[string]string{}
	for _, v := range l.Values() {
		got[v.Path] = v.Value
	}
	for path, want := range map[string]string{
		"secret_helpers[0].command[0]":              "/usr/bin/vault",
		"secret_helpers[0].command[3]":              "***",
		"providers[0].settings.appcode":             "exec:vault",
		"providers[0].network.proxy":                "socks5://p.example:1080",
		"providers[0].network.ca_file":              "/ca.pem",
		"providers[0].network.pins[0].addresses[0]": "10.0.0.1",
	} {
		if got[path] != want {
			t.Errorf("%s is shown as %q, want %q", path, got[path], want)
		}
	}
}
