package config

import "testing"

// TestValidateDropin: an address has clients, a route, and purposes that its requests can be
// allowed for.
func TestValidateDropin(t *testing.T) {
	t.Parallel()
	duty := Purpose{Name: "realname", Basis: "statutory_duty", Reference: "an article", Minors: "guardian"}
	asked := Purpose{Name: "opening", Title: "an opening", Basis: "consent", Minors: "guardian", Apps: []string{"web"}}
	for _, tt := range []struct {
		name, mode string
		change     func(*Config)
		want       []want
	}{
		{"on another basis", "required", func(*Config) {}, nil},
		{"none", "required", func(c *Config) { c.Dropin = Dropin{} }, nil},
		{"no address", "required", func(c *Config) { c.Dropin.Listen = "" }, []want{{"dropin.listen", "is missing"}}},
		{"no client", "required", func(c *Config) { c.Dropin.Clients = nil }, []want{{"dropin.clients", "every key is refused"}}},
		{"the address of the API", "required", func(c *Config) { c.Dropin.Listen = c.Listen }, []want{{"dropin.listen", "must differ from listen"}}},
		{"no port", "required", func(c *Config) { c.Dropin.Listen = "x" }, []want{{"dropin.listen", "must be host:port"}}},
		{"in clear", "required", func(c *Config) { c.Dropin.Listen = ":8082" }, []want{{"dropin.listen", "in clear"}}},
		{"TLS ends elsewhere", "required", func(c *Config) { c.Dropin.Listen, c.TLS.Mode = ":8082", "terminated_elsewhere" }, nil},
		{"no route", "required", func(c *Config) { c.Routes = nil }, []want{{"dropin.listen", "needs a route"}, {"routes", ""}}},
		{"a purpose that there is not", "required", func(c *Config) { c.Dropin.Clients[0].Purpose = "x" }, []want{{"dropin.clients[0].purpose", "is none of the purposes"}}},
		{"a purpose on consent", "required", func(c *Config) { c.Dropin.Clients[0].Purpose = "opening" }, []want{{"dropin.clients[0].purpose", "rests on the consent of each person"}}},
		{"external without a reference", "external", func(c *Config) { c.Dropin.Clients[0].Purpose = "opening" }, []want{{"dropin.clients[0].consent_id", "is missing"}}},
		{"external", "external", func(c *Config) {
			c.Dropin.Clients[0] = DropinClient{Tenant: "default", App: "web", Purpose: "opening", ConsentID: "form-7"}
		}, nil},
		{"another app", "external", func(c *Config) {
			c.Dropin.Clients[0] = DropinClient{Tenant: "default", App: "shop", Purpose: "opening", ConsentID: "form-7"}
		}, []want{{"dropin.clients[0].app", "is none of the apps"}}},
		{"a reference that nothing reads", "external", func(c *Config) { c.Dropin.Clients[0].ConsentID = "form-7" }, []want{{"dropin.clients[0].consent_id", "has no effect"}}},
		{"no purposes, external", "external", func(c *Config) {
			c.Policy.Purposes, c.Dropin.Clients[0] = nil, DropinClient{Tenant: "default", ConsentID: "form-7"}
		}, nil},
		{"twice", "required", func(c *Config) { c.Dropin.Clients = append(c.Dropin.Clients, c.Dropin.Clients[0]) }, []want{{"dropin.clients[1]", "never counts"}}},
		{"a tenant that there is not", "required", func(c *Config) {
			c.Tenants = []Tenant{{Name: "bank"}}
		}, []want{{"dropin.clients[0].tenant", "is none of tenants"}}},
		{"purposes of the tenant", "required", func(c *Config) {
			c.Tenants, c.Dropin.Clients[0].Tenant = []Tenant{{Name: "bank", Purposes: []Purpose{asked}}}, "bank"
		}, []want{{"dropin.clients[0].purpose", "is none of the purposes"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good(t)
			c.Auth.Mode, c.Policy.Consent.Mode, c.Policy.Purposes = "keys", tt.mode, []Purpose{duty, asked}
			c.Dropin = Dropin{Listen: "127.0.0.1:8082", Clients: []DropinClient{{Tenant: "default", Purpose: "realname"}}}
			tt.change(&c)
			expect(t, Validate(c, known), tt.want)
		})
	}
}

// Without keys or consents the drop-in address is a loopback one, as that of the API.
func TestValidateDropinWithoutKeys(t *testing.T) {
	t.Parallel()
	c := good(t)
	c.Auth.Mode, c.Policy.Consent.Mode, c.TLS = "none", "off", TLS{Mode: "terminated_elsewhere"}
	c.Dropin = Dropin{Listen: ":8082", Clients: []DropinClient{{Tenant: "default"}}}
	if len(c.Policy.Purposes) > 0 {
		c.Dropin.Clients[0].Purpose = c.Policy.Purposes[0].Name
	}
	expect(t, Validate(c, known), []want{{"auth.mode", "dropin.listen"}, {"policy.consent.mode", "dropin.listen"}})
}
