package config

import (
	"reflect"
	"testing"
	"time"
)

func TestValidateCallers(t *testing.T) {
	t.Parallel()
	jwt := func(change func(*JWT)) func(*Config) {
		return func(c *Config) {
			one := JWT{Issuer: "https://id.example", Audience: "heyan", Tenant: "acme", Scopes: []string{"verify"}}
			change(&one)
			c.Auth.JWT = []JWT{one}
		}
	}
	mtls := func(change func(*MTLS)) func(*Config) {
		return func(c *Config) {
			one := MTLS{Name: "shop", Subject: "CN=shop", Tenant: "acme", Scopes: []string{"verify"}}
			change(&one)
			c.TLS.Cert, c.TLS.Key, c.TLS.ClientCA = "a.crt", "a.key", "clients.pem"
			c.Auth.MTLS = []MTLS{one}
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"a token", jwt(func(*JWT) {}), nil},
		{"a token of this machine", jwt(func(j *JWT) { j.Issuer = "http://127.0.0.1:9" }), nil},
		{"an issuer that is no URL, with a file", jwt(func(j *JWT) { j.Issuer, j.JWKSFile = "id", "jwks.json" }), nil},
		{"an issuer that is no URL", jwt(func(j *JWT) { j.Issuer = "id" }), []want{{"auth.jwt[0].issuer", "https://"}}},
		{"an issuer in clear", jwt(func(j *JWT) { j.Issuer = "http://id.example" }), []want{{"auth.jwt[0].issuer", "https://"}}},
		{"no issuer", jwt(func(j *JWT) { j.Issuer = "" }), []want{{"auth.jwt[0].issuer", "missing"}}},
		{"no audience", jwt(func(j *JWT) { j.Audience = "" }), []want{{"auth.jwt[0].audience", "missing"}}},
		{"no tenant", jwt(func(j *JWT) { j.Tenant = "" }), []want{{"auth.jwt[0].tenant", "one of the two"}}},
		{"two tenants", jwt(func(j *JWT) { j.Claims.Tenant = "org" }), []want{{"auth.jwt[0].tenant", "one of the two"}}},
		{"apps twice", jwt(func(j *JWT) { j.Apps, j.Claims.App = []string{"web"}, "azp" }), []want{{"auth.jwt[0].apps", "claims.app"}}},
		{"no scopes", jwt(func(j *JWT) { j.Scopes = nil }), []want{{"auth.jwt[0].scopes", "missing"}}},
		{"another scope", jwt(func(j *JWT) { j.Scopes = []string{"all"} }), []want{{"auth.jwt[0].scopes[0]", "must be one of"}}},
		{"a shared secret", jwt(func(j *JWT) { j.Algorithms = []string{"HS256"} }), []want{{"auth.jwt[0].algorithms[0]", "must be one of"}}},
		{"no signature", jwt(func(j *JWT) { j.Algorithms = []string{"none"} }), []want{{"auth.jwt[0].algorithms[0]", "must be one of"}}},
		{"an issuer twice", func(c *Config) {
			jwt(func(*JWT) {})(c)
			c.Auth.JWT = append(c.Auth.JWT, c.Auth.JWT[0])
		}, []want{{"auth.jwt[1].audience", "keep one"}}},
		{"a token without authentication", func(c *Config) {
			jwt(func(*JWT) {})(c)
			c.Auth.Mode = "none"
		}, []want{{"auth.mode", "no effect"}}},
		{"a certificate", mtls(func(*MTLS) {}), nil},
		{"a workload", mtls(func(m *MTLS) { m.Subject, m.SPIFFEID = "", "spiffe://prod/shop" }), nil},
		{"a workload that is none", mtls(func(m *MTLS) { m.Subject, m.SPIFFEID = "", "https://prod/shop" }), []want{{"auth.mtls[0].spiffe_id", "spiffe://"}}},
		{"a certificate without a subject", mtls(func(m *MTLS) { m.Subject = "" }), []want{{"auth.mtls[0].subject", "one of the two"}}},
		{"a certificate without a tenant", mtls(func(m *MTLS) { m.Tenant = "" }), []want{{"auth.mtls[0].tenant", "missing"}}},
		{"a name that is none", mtls(func(m *MTLS) { m.Name = "The Shop" }), []want{{"auth.mtls[0].name", "small letters"}}},
		{"a certificate twice", func(c *Config) {
			mtls(func(*MTLS) {})(c)
			c.Auth.MTLS = append(c.Auth.MTLS, c.Auth.MTLS[0])
		}, []want{{"auth.mtls[1]", "keep one"}, {"auth.mtls[1].name", "taken"}}},
		{"no authorities", func(c *Config) {
			mtls(func(*MTLS) {})(c)
			c.TLS.ClientCA = ""
		}, []want{{"tls.client_ca", "missing"}}},
		{"authorities without TLS", func(c *Config) { c.TLS.ClientCA = "clients.pem" }, []want{{"tls.client_ca", "part of TLS"}}},
		{"a caller of no tenant", func(c *Config) {
			mtls(func(*MTLS) {})(c)
			c.Tenants = []Tenant{{Name: "other"}}
		}, []want{{"auth.mtls[0].tenant", "none of tenants"}}},
		{"no place for a request", func(c *Config) { c.MaxRequests = 0 }, []want{{"max_requests", "from 1"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			test.spoil(&c)
			expect(t, Validate(c, known), test.want)
		})
	}
}

func TestValidateTenants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		tenant Tenant
		want   []want
	}{
		{"nothing of its own", Tenant{Name: "acme"}, nil},
		{"no name", Tenant{}, []want{{"tenants[0].name", "missing"}}},
		{"half a controller", Tenant{Name: "acme", Controller: Party{Name: "某某商城有限公司"}}, []want{{"tenants[0].controller", "contact"}}},
		{"a code in place of words", Tenant{Name: "acme", Purposes: []Purpose{{Name: "kyc_2", Basis: "consent", Minors: "guardian"}}}, []want{{"tenants[0].purposes[0].title", "kyc_2 is a code"}}},
		{"a basis that is none", Tenant{Name: "acme", Purposes: []Purpose{{Name: "开户", Basis: "fun", Minors: "guardian"}}}, []want{{"tenants[0].purposes[0].basis", "must be one of"}, {"tenants[0].purposes[0].reference", "needs a reference"}}},
		{"a limit of none", Tenant{Name: "acme", Limits: []Limit{{Per: "tenant", Window: "day"}}}, []want{{"tenants[0].limits[0].most", "from 1"}}},
		{"a limit twice", Tenant{Name: "acme", Limits: []Limit{{Per: "tenant", Window: "day", Most: 1}, {Per: "tenant", Window: "day", Most: 2}}}, []want{{"tenants[0].limits[1]", "keep one"}}},
		{"a list in the file", Tenant{Name: "acme", Honeytokens: "11010519491231002X"}, []want{{"tenants[0].honeytokens", "reference"}}},
		{"kept too short", Tenant{Name: "acme", Retention: Retention{Verifications: time.Hour}}, []want{{"tenants[0].retention.verifications", "idempotency.expiry"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := good(t)
			c.Tenants = []Tenant{test.tenant}
			expect(t, Validate(c, known), test.want)
		})
	}
	t.Run("a name twice", func(t *testing.T) {
		c := good(t)
		c.Tenants = []Tenant{{Name: "acme"}, {Name: "acme"}}
		expect(t, Validate(c, known), []want{{"tenants[1].name", "taken"}})
	})
	t.Run("a fault of the policy is told once", func(t *testing.T) {
		c := good(t)
		c.Tenants = []Tenant{{Name: "acme"}}
		c.Policy.Consent.Controller = Party{}
		expect(t, Validate(c, known), []want{{"policy.consent.controller", "mode to off"}})
	})
}

// TestPolicyOf: what a tenant states replaces that of the policy, and nothing else changes.
func TestPolicyOf(t *testing.T) {
	t.Parallel()
	c := good(t)
	c.Policy.Consent.Withdraw = "电话"
	if got := c.PolicyOf(&Tenant{Name: "acme"}); !reflect.DeepEqual(got, c.Policy) {
		t.Errorf("a tenant that states nothing has %+v", got)
	}
	own := Tenant{
		Name: "acme", Controller: Party{Name: "甲", Contact: "1"}, Notice: "n", GuardianNotice: "g", Language: "en", Notices: "folder",
		Purposes: []Purpose{{Name: "p"}}, Limits: []Limit{{Per: "app"}}, Honeytokens: "env:H", Retention: Retention{Verifications: time.Hour},
	}
	want := c.Policy
	want.Consent.Controller, want.Consent.Withdraw, want.Consent.Notice, want.Consent.GuardianNotice = own.Controller, "", "n", "g"
	want.Consent.Language, want.Consent.Notices, want.Purposes, want.Limits, want.Abuse.Honeytokens = "en", "folder", own.Purposes, own.Limits, "env:H"
	want.Retention.Verifications = time.Hour
	if got := c.PolicyOf(&own); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	own.Withdraw, want.Consent.Withdraw = "邮件", "邮件"
	if got := c.PolicyOf(&own); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
