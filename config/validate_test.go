package config

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// good returns a configuration without faults, for a test to spoil.
func good(t *testing.T) Config {
	t.Helper()
	c := mustLoad(t, valid).Config
	if faults := Validate(c, known); len(faults) > 0 {
		t.Fatalf("the valid configuration is not: %v", faults)
	}
	return c
}

func TestValidateValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"weights", func(c *Config) { c.Routes[0].Weights = []int{1} }, []want{{"routes[0].weights", "counts only with mode weighted"}}},
		{"a missing weight", func(c *Config) { c.Routes[0].Mode = "weighted" }, []want{{"routes[0].weights", "must have one number for each provider"}}},
		{"weights of zero", func(c *Config) {
			c.Routes[0].Mode, c.Routes[0].Weights = "weighted", make([]int, len(c.Routes[0].Providers))
		},
			[]want{{"routes[0].weights", "must have a number above 0"}}},
		{"a negative weight", func(c *Config) {
			c.Routes[0].Mode, c.Routes[0].Weights = "weighted", make([]int, len(c.Routes[0].Providers))
			c.Routes[0].Weights[0] = -1
		}, []want{{"routes[0].weights[0]", "must be from 0 to 1000000"}}},
		{"unknown words", func(c *Config) {
			c.Store.Driver, c.Log.Level, c.Log.Format, c.Routes[0].Check = "", "loud", "xml", "id"
		}, []want{
			{"log.format", "must be one of: json, text"}, {"log.level", "must be one of: debug, info, warn, error"},
			{"routes[0].check", "must be one of: id_name, id_name_mobile"}, {"store.driver", "must be one of: memory"},
		}},
		{"a source for a store that takes none", func(c *Config) { c.Store = Store{Driver: "memory", DSN: "file:x"} }, []want{{"store.dsn", "takes none"}}},
		{"rows of a package in a file", func(c *Config) { c.Store.LotRows = 32 }, []want{{"store.lot_rows", "concerns a PostgreSQL database"}}},
		{"too many rows of a package", func(c *Config) {
			c.Store = Store{Driver: "postgres", DSN: "env:DSN", LotRows: 129}
			c.Idempotency.Key = "env:KEY"
		}, []want{{"policy.consent.receipt_key", "is missing"}, {"policy.keys", "are missing"}, {"store.lot_rows", "must be from 0 to 128"}}},
		{"a password in the path of a file", func(c *Config) { c.Store = Store{Driver: "sqlite", DSN: "postgres://u:secret@h/d"} }, []want{{"store.dsn", "plain path"}}},
		{"parameters in the path of a file", func(c *Config) { c.Store = Store{Driver: "sqlite", DSN: "file:x.db?_key=secret"} }, []want{{"store.dsn", "plain path"}}},
		{"a file in memory", func(c *Config) { c.Store = Store{Driver: "sqlite", DSN: "file::memory:"} }, []want{{"store.dsn", "set driver to memory"}}},
		{"a file without a name", func(c *Config) { c.Store = Store{Driver: "sqlite", DSN: "file:"} }, []want{{"store.dsn", "file:heyan.db"}}},
		{"a trusted network without a server", func(c *Config) { c.Store.TrustNetwork = true }, []want{{"store.trust_network", "leave it out"}}},
		{"a file without a path", func(c *Config) { c.Store = Store{Driver: "sqlite", DSN: ""} }, []want{{"store.dsn", "file:heyan.db"}}},
		{"a password in the file", func(c *Config) {
			c.Store = Store{Driver: "postgres", DSN: "postgres://u:geheim@db/heyan"}
		}, []want{
			{"idempotency.key", "is missing"}, {"policy.consent.receipt_key", "is missing"}, {"policy.keys", "are missing"},
			{"store.dsn", "without a password"},
		}},
		{"a fleet's store", func(c *Config) {
			c.Store, c.Idempotency.Key = Store{Driver: "postgres", DSN: "env:HEYAN_STORE_DSN"}, "env:HEYAN_KEY"
			c.Policy.Keys, c.Policy.Consent.ReceiptKey = []Key{{"k1", "env:HEYAN_PEOPLE"}}, "file:receipt.key"
		}, nil},
		{"a key in the file", func(c *Config) { c.Idempotency.Key = "geheim" }, []want{{"idempotency.key", "must be a reference"}}},
		{"webhooks", func(c *Config) {
			c.Alerts.Webhooks = []Webhook{{Name: "a", Format: "generic", URL: "https://hook.example/geheim"}, {Name: "a", Format: "irc", URL: "env:URL", Secret: "geheim"}}
		}, []want{
			{"alerts.webhooks[0].url", "must be a reference"}, {"alerts.webhooks[1].format", "must be one of"},
			{"alerts.webhooks[1].name", "taken"}, {"alerts.webhooks[1].secret", "must be a reference"},
		}},
		{"subscriptions", func(c *Config) {
			c.Webhooks = []Subscription{
				{Name: "shop", URL: "https://hook.example/geheim", Secret: "geheim", OldSecret: "geheim", Network: Network{Proxy: "ftp://x"}},
				{Name: "shop", URL: "env:URL", Secret: "env:KEY", OldSecret: "env:KEY", Events: []string{"all"}}, {Name: "Bank", URL: "env:URL"},
				{Name: "fine", URL: "env:URL", Secret: "env:KEY", OldSecret: "env:OLD", Events: []string{VerificationCompleted}, Tenants: []string{"bank"}, Apps: []string{"柜台"}},
			}
		}, []want{
			{"webhooks[0].network.proxy", "must be http://"}, {"webhooks[0].old_secret", "must be a reference"},
			{"webhooks[0].secret", "must be a reference"}, {"webhooks[0].url", "must be a reference"},
			{"webhooks[1].events[0]", "must be one of: verification.completed"}, {"webhooks[1].name", "taken"}, {"webhooks[1].old_secret", "is the same"},
			{"webhooks[2].name", "small letters"}, {"webhooks[2].secret", "must be a reference"},
		}},
		{"numbers", func(c *Config) {
			l := &c.Providers[0].Limits
			l.Concurrency, l.Rate, l.Timeout, l.BreakerFailures, l.GateFirst = 0, math.NaN(), -time.Second, 1001, time.Hour
			c.Routes[0].MaxAttempts, c.Timeout, c.Grace, c.Telemetry.SampleRatio = 11, 0, time.Hour, 1.01
		}, []want{
			{"grace", "must be from 1ms to 10m0s"},
			{"providers[0].limits.breaker_failures", "must be from 1 to 1000"},
			{"providers[0].limits.concurrency", "must be from 1 to 10000"},
			{"providers[0].limits.gate_first", "must not be longer than gate_max"},
			{"providers[0].limits.rate", "must be from 0 to 1000000"},
			{"providers[0].limits.timeout", "must be from 1ms to 1m0s"},
			{"routes[0].max_attempts", "must be from 1 to 10"},
			{"telemetry.sample_ratio", "must be from 0 to 1"},
			{"timeout", "must be from 1ms to 5m0s"},
		}},
		{"no limit of rate and first byte is allowed", func(c *Config) {
			c.Providers[0].Limits.Rate, c.Providers[0].Limits.FirstByte = 0, 0
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			test.spoil(&c)
			expect(t, Validate(c, known), test.want)
		})
	}
}

func TestValidateListeners(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		listen, admin string
		want          []want
	}{
		{"127.0.0.1:8080", "127.0.0.1:8081", nil},
		{"127.0.0.1:0", "127.0.0.1:0", nil},
		{"[::1]:1", "0.0.0.0:2", []want{{"admin_listen", "loopback address while auth.mode is none"}}},
		{"localhost:1", "[::1]:2", nil},
		{"[::ffff:127.0.0.1]:1", "127.0.0.2:2", nil},
		{"127.0.0.1:1", "127.0.0.1:1", []want{{"admin_listen", "must differ"}}},
		{"", "8081", []want{{"admin_listen", "must be host:port"}, {"listen", "must be host:port"}}},
		{"127.0.0.1:http", "127.0.0.1:65536", []want{{"admin_listen", "must be host:port"}, {"listen", "must be host:port"}}},
		{":8080", "127.0.0.1:1", []want{{"auth.mode", "set listen to 127.0.0.1"}}},
		{"0.0.0.0:8080", "127.0.0.1:1", []want{{"auth.mode", "loopback"}}},
		{"[::]:8080", "127.0.0.1:1", []want{{"auth.mode", "loopback"}}},
		{"localhost.example:8080", "127.0.0.1:1", []want{{"auth.mode", "loopback"}}},
		{"10.0.0.1:8080", "127.0.0.1:1", []want{{"auth.mode", "loopback"}}},
	} {
		t.Run(test.listen+" "+test.admin, func(t *testing.T) {
			c := good(t)
			c.Auth.Mode, c.Listen, c.AdminListen = "none", test.listen, test.admin
			expect(t, Validate(c, known), test.want)
		})
	}
}

// With keys any address is accepted that has TLS, or of which TLS ends elsewhere.
func TestValidateTLS(t *testing.T) {
	t.Parallel()
	files := TLS{Mode: "files", Cert: "a.crt", Key: "a.key"}
	for _, test := range []struct {
		name, listen, admin string
		tls                 TLS
		proxies             []string
		want                []want
	}{
		{"loopback, plain", "127.0.0.1:1", "127.0.0.1:2", TLS{Mode: "files"}, nil, nil},
		{"any address, plain", ":1", "0.0.0.0:2", TLS{Mode: "files"}, nil, []want{{"admin_listen", "in clear"}, {"listen", "give tls.cert and tls.key"}}},
		{"any address, TLS", ":1", "0.0.0.0:2", files, nil, nil},
		{"any address, TLS ends elsewhere", ":1", "0.0.0.0:2", TLS{Mode: "terminated_elsewhere"}, nil, nil},
		{"both", ":1", "127.0.0.1:2", TLS{Mode: "terminated_elsewhere", Cert: "a.crt", Key: "a.key"}, nil, []want{{"tls.mode", "takes no cert"}}},
		{"no key", ":1", "127.0.0.1:2", TLS{Mode: "files", Cert: "a.crt"}, nil, []want{{"tls.key", "is missing"}}},
		{"no certificate", ":1", "127.0.0.1:2", TLS{Mode: "files", Key: "a.key"}, nil, []want{{"listen", "in clear"}, {"tls.cert", "is missing"}}},
		{"unknown mode", "127.0.0.1:1", "127.0.0.1:2", TLS{Mode: "off"}, nil, []want{{"tls.mode", "must be one of: files, terminated_elsewhere"}}},
		{"proxies", "127.0.0.1:1", "127.0.0.1:2", files, []string{"10.0.0.0/8", "::1", "proxy.example"}, []want{{"trusted_proxies[2]", "such as 10.0.0.0/8"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := good(t)
			c.Listen, c.AdminListen, c.TLS, c.TrustedProxies = test.listen, test.admin, test.tls, test.proxies
			expect(t, Validate(c, known), test.want)
		})
	}
}

// Nodes that share API keys share what hashes them.
func TestValidateKeysOfAFleet(t *testing.T) {
	t.Parallel()
	c := good(t)
	c.Policy.Consent.Mode, c.Store, c.Idempotency.Key = "off", Store{Driver: "postgres", DSN: "env:HEYAN_STORE_DSN"}, "env:HEYAN_KEY"
	expect(t, Validate(c, known), []want{{"policy.keys", "API keys"}})
	c.Auth.Mode = "none"
	expect(t, Validate(c, known), nil)
}

// A value with a hidden character looks like another one, in a log, a notice or a list.
func TestValidateHiddenCharacters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\x1b[2J", "a\r\nb", "a\u202eb", "a\u200bb", "a\ufffd", "a\x00"} {
		c := good(t)
		c.Policy.Consent.Controller.Name, c.Providers[0].Recipient = text, text
		expect(t, Validate(c, known), []want{{"policy.consent.controller.name", "; "}, {"providers[0].recipient", "; "}})
	}
}

// A blank value would count as given: " " as the name of a recipient.
func TestValidateBlanks(t *testing.T) {
	t.Parallel()
	c := good(t)
	c.Policy.Consent.Controller = Party{Name: " ", Contact: "\u3000"}
	c.Providers[0].Recipient, c.Providers[0].RecipientContact = "\u200b", "\u00a0"
	expect(t, Validate(c, known), []want{
		{"policy.consent.controller.contact", "only spaces"}, {"policy.consent.controller.name", "only spaces"},
		{"providers[0].recipient", "only spaces"}, {"providers[0].recipient_contact", "only spaces"},
	})
}

func TestValidateHosts(t *testing.T) {
	t.Parallel()
	c := good(t)
	c.Hosts = []string{"heyan", "heyan.internal", "heyan_1", "10.0.0.1"}
	expect(t, Validate(c, known), nil)
	c.Hosts = []string{"", "heyan.internal:8080", "*.internal", "http://heyan.internal", "Heyan", "heyan.", " heyan"}
	var faults []want
	for i := range c.Hosts {
		faults = append(faults, want{fmt.Sprintf("hosts[%d]", i), "must be a host name"})
	}
	expect(t, Validate(c, known), faults)
}

func TestValidateProviders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"names", func(c *Config) {
			p := c.Providers[0]
			c.Providers = append(c.Providers, p, p, p)
			c.Providers[2].Name, c.Providers[3].Name = "Main", strings.Repeat("a", 41)
		}, []want{
			{"providers[1].name", "is the name of providers[0] too"},
			{"providers[2].name", "small letters"}, {"providers[3].name", "1 to 40"},
		}},
		{"adapter", func(c *Config) { c.Providers[0].Use = "idcrt" }, []want{{"providers[0].use", "no built-in adapter"}}},
		{"no adapter", func(c *Config) { c.Providers[0].Use = "" }, []want{{"providers[0].use", "is missing"}}},
		{"a built-in adapter and a plugin without a checksum", func(c *Config) { c.Providers[0].Plugin.Path = "./p" }, []want{{"providers[0].plugin.sha256", "sha256sum"}}},
		{"a product of a plugin", func(c *Config) {
			c.Providers[0].Use = "acme/idcard"
			c.Providers[0].Plugin = Plugin{Path: "./p", SHA256: strings.Repeat("a", 64), StartTimeout: time.Second}
		}, nil},
		{"a product of a plugin that is no name", func(c *Config) {
			c.Providers[0].Use = "acme/../idcard"
			c.Providers[0].Plugin = Plugin{Path: "./p", SHA256: strings.Repeat("a", 64), StartTimeout: time.Second}
		}, []want{{"providers[0].use", "vendor/product"}}},
		{"plugin without a checksum", func(c *Config) {
			c.Providers[0].Use, c.Providers[0].Plugin.Path = "", "./p"
		}, []want{{"providers[0].plugin.sha256", "sha256sum"}}},
		{"log messages that no plugin writes", func(c *Config) {
			c.Providers[0].Use, c.Providers[0].Plugin = "", Plugin{Path: "./p", SHA256: strings.Repeat("a", 64), StartTimeout: time.Second, LogMessages: []string{"token refreshed", "", "a\nb"}}
		}, []want{{"providers[0].plugin.log_messages[1]", "1 to 200 bytes"}, {"providers[0].plugin.log_messages[2]", "control"}}},
		{"plugin without a path", func(c *Config) {
			c.Providers[0].Use, c.Providers[0].Plugin.SHA256 = "", strings.Repeat("a", 64)
		}, []want{{"providers[0].plugin.path", "is missing"}}},
		{"plugin", func(c *Config) {
			c.Providers[0].Use, c.Providers[0].Plugin = "", Plugin{Path: "./p", SHA256: strings.Repeat("a", 64), StartTimeout: time.Second}
		}, nil},
		{"recipient", func(c *Config) {
			c.Providers = append(c.Providers, Provider{Name: "m", Use: "mobile", Limits: DefaultProvider().Limits, Plugin: DefaultProvider().Plugin})
		}, []want{{"providers[1].recipient", "is missing"}, {"providers[1].recipient_contact", "is missing"}}},
		{"amount", func(c *Config) { c.Providers[0].Price = Price{"1,5", "XXX"} }, []want{
			{"providers[0].price.amount", "must be a decimal"}, {"providers[0].price.currency", "ISO 4217"},
		}},
		{"currency alone", func(c *Config) { c.Providers[0].Price = Price{"", "CNY"} }, []want{{"providers[0].price.amount", "is missing"}}},
		{"two currencies", func(c *Config) {
			p := c.Providers[0]
			p.Name, p.Price = "abroad", Price{"0.01", "HKD"}
			c.Providers = append(c.Providers, p)
		}, []want{{"providers[1].price.currency", "the price of abroad is in HKD, that of the other providers in CNY"}}},
		{"two currencies, the default one last", func(c *Config) {
			p := c.Providers[0]
			p.Name, p.Price = "abroad", Price{"0.01", "HKD"}
			c.Providers = append([]Provider{p}, c.Providers...)
		}, []want{{"providers[0].price.currency", "convert it to CNY, or move abroad to a configuration and store of its own"}}},
		{"two currencies, most of them not the default one", func(c *Config) {
			p, q := c.Providers[0], c.Providers[0]
			p.Name, p.Price = "abroad", Price{"0.01", "HKD"}
			q.Name, q.Price = "abroad2", Price{"0.02", "HKD"}
			c.Providers = append([]Provider{p, q}, c.Providers...)
		}, []want{{"providers[2].price", "set price: {amount: …, currency: HKD} to what a call costs in HKD"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			test.spoil(&c)
			expect(t, Validate(c, known), test.want)
		})
	}
}

func TestValidateSettings(t *testing.T) {
	t.Parallel()
	const path = "providers[0].settings"
	url := "https://vendor.example"
	for _, test := range []struct {
		name  string
		given Settings
		want  []want
	}{
		{"one way to sign", Settings{"base_url": url, "appcode": "file:./code"}, nil},
		{"the other", Settings{"base_url": url, "app_key": "env:K", "app_secret": "env:S"}, nil},
		{"a plain setting", Settings{"base_url": url, "appcode": "env:A", "path": "/x"}, nil},
		{"loopback without TLS", Settings{"base_url": "http://127.0.0.1:9", "appcode": "env:A"}, nil},
		{"none", nil, []want{{path, "give appcode, or app_key and app_secret"}, {path + ".base_url", "the address of the gateway"}}},
		{"empty", Settings{"base_url": "", "appcode": ""}, []want{{path, "hold no credentials"}, {path + ".base_url", "is missing"}}},
		{"half a way", Settings{"base_url": url, "app_key": "env:K"}, []want{{path, "app_secret is missing"}}},
		{"half a way beside a whole one", Settings{"base_url": url, "appcode": "env:A", "app_secret": "env:S"}, []want{{path, "app_key is missing"}}},
		{"unknown", Settings{"base_url": url, "appcod": "env:A", "appcode": "env:A"}, []want{{path + ".appcod", "did you mean appcode?"}}},
		{"a secret in clear", Settings{"base_url": url, "appcode": "abc"}, []want{{path + ".appcode", "must be a reference"}}},
		{"a small reference", Settings{"base_url": url, "appcode": "env:abc"}, []want{{path + ".appcode", "capitals"}}},
		{"a reference in a plain setting", Settings{"base_url": "env:URL", "appcode": "env:A"}, []want{{path + ".base_url", "write the value itself"}}},
		{"no TLS", Settings{"base_url": "http://vendor.example", "appcode": "env:A"}, []want{{path + ".base_url", "must begin with https://"}}},
		{"no URL", Settings{"base_url": "vendor.example", "appcode": "env:A"}, []want{{path + ".base_url", "must be a URL"}}},
		{"a user in the URL", Settings{"base_url": "https://a:b@vendor.example", "appcode": "env:A"}, []want{{path + ".base_url", "no user, query"}}},
		{"a query in the URL", Settings{"base_url": url + "?k=v", "appcode": "env:A"}, []want{{path + ".base_url", "no user, query"}}},
		{"an empty fragment", Settings{"base_url": url + "#", "appcode": "env:A"}, []want{{path + ".base_url", "fragment"}}},
		{"a name that begins like loopback", Settings{"base_url": "http://127.0.0.1.example", "appcode": "env:A"}, []want{{path + ".base_url", "must begin with https://"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			c.Providers[0].Settings = test.given
			expect(t, Validate(c, known), test.want)
		})
	}
}

func TestValidateRoutes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		routes []Route
		want   []want
	}{
		{"none", nil, []want{{"routes", "there is none"}}},
		{"no provider", []Route{{Check: "id_name"}}, []want{{"routes[0].providers", "at least one"}}},
		{"two for a check", []Route{{Check: "id_name", Providers: []string{"main"}}, {Check: "id_name", Providers: []string{"main"}}},
			[]want{{"routes[1].check", "has a route that takes every request in routes[0] already"}}},
		{"providers", []Route{{Check: "id_name", Providers: []string{"main", "mian", "other", "main", ""}}}, []want{
			{"routes[0].providers[1]", "did you mean main?"}, {"routes[0].providers[2]", "the known ones are main"},
			{"routes[0].providers[3]", "twice"}, {"routes[0].providers[4]", "unknown provider"},
		}},
		{"a check that it cannot answer", []Route{{Check: "id_name_mobile", Providers: []string{"main"}}},
			[]want{{"routes[0].providers[0]", "cannot answer id_name_mobile; its adapter answers id_name"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			for i := range test.routes {
				test.routes[i].Mode, test.routes[i].MaxAttempts = "priority", 1
			}
			c.Routes = test.routes
			expect(t, Validate(c, known), test.want)
		})
	}
}

func TestValidateTelemetry(t *testing.T) {
	t.Parallel()
	for endpoint, message := range map[string]string{
		"": "", "http://collector.example:4318": "", "https://collector.example/v1/traces": "",
		"collector:4318": "must be a URL", "https://u:p@collector.example": "no user",
	} {
		c := good(t)
		c.Telemetry.OTLPEndpoint = endpoint
		var wants []want
		if message != "" {
			wants = []want{{"telemetry.otlp_endpoint", message}}
		}
		expect(t, Validate(c, known), wants)
	}
}

func TestPriceOf(t *testing.T) {
	t.Parallel()
	for price, want := range map[Price]string{
		{}: "0.069 CNY", {"0.035", ""}: "0.035 CNY", {"0.50", "HKD"}: "0.50 HKD", {"free", "HKD"}: "0.069 CNY",
	} {
		if got := price.Of(card()).String(); got != want {
			t.Errorf("%+v costs %s, want %s", price, got, want)
		}
	}
}

// What a vendor sold as fresh is never given again; a time for it could only mislead.
func TestReuseOfFreshData(t *testing.T) {
	t.Parallel()
	fresh := func(p Provider) (idv.Descriptor, error) {
		d, err := known(p)
		d.NoStore = err == nil
		return d, err
	}
	c := good(t)
	c.Providers[0].CacheTTL = time.Minute
	expect(t, Validate(c, fresh), []want{{"providers[0].cache_ttl", "promises fresh data"}})
	expect(t, Validate(c, known), nil)
}
