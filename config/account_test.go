package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shared is a configuration whose provider uses an account.
func shared(t *testing.T) Config {
	t.Helper()
	c := good(t)
	c.Accounts = []Account{{Name: "a", Vendor: "idcert", Settings: Settings{"appcode": "env:CODE"}}}
	c.Providers[0].Account = "a"
	delete(c.Providers[0].Settings, "appcode")
	return c
}

func TestValidateAccounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(*Config)
		want  []want
	}{
		{"as it should be", func(*Config) {}, nil},
		{"limits", func(c *Config) { c.Accounts[0].Limits = AccountLimits{Concurrency: 10, Rate: 0.5} }, nil},
		{"limits out of bounds", func(c *Config) { c.Accounts[0].Limits = AccountLimits{Concurrency: -1, Rate: -1} }, []want{
			{"accounts[0].limits.concurrency", "0 to"}, {"accounts[0].limits.rate", "0 to"},
		}},
		{"no such account", func(c *Config) { c.Providers[0].Account = "b" }, []want{
			{"accounts[0]", "used by no provider"}, {"providers[0].account", "a"}, {"providers[0].settings", "hold no credentials"},
		}},
		{"a name twice", func(c *Config) { c.Accounts = append(c.Accounts, c.Accounts[0]) }, []want{{"accounts[1].name", "accounts[0]"}}},
		{"another vendor", func(c *Config) { c.Accounts[0].Vendor = "other" }, []want{{"providers[0].account", "another vendor than idcert"}}},
		{"a setting of the product", func(c *Config) { c.Accounts[0].Settings["path"] = "/p" }, []want{{"accounts[0].settings.path", "belongs to each product"}}},
		{"a setting in both", func(c *Config) { c.Providers[0].Settings["appcode"] = "env:OTHER" }, []want{{"providers[0].settings.appcode", "in the account already"}}},
		{"a secret in clear", func(c *Config) { c.Accounts[0].Settings["appcode"] = "0123456789" }, []want{{"accounts[0].settings.appcode", "must be a reference"}}},
		{"an unknown setting", func(c *Config) { c.Accounts[0].Settings["apcode"] = "x" }, []want{{"accounts[0].settings.apcode", "appcode"}}},
		{"no credentials", func(c *Config) { c.Accounts[0].Settings = nil }, []want{{"providers[0].settings", "hold no credentials"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := shared(t)
			test.spoil(&c)
			expect(t, Validate(c, known), test.want)
		})
	}
}

func TestSettingsOf(t *testing.T) {
	t.Parallel()
	c := shared(t)
	want := map[string]string{"appcode": "env:CODE"}
	for name, value := range c.Providers[0].Settings {
		want[name] = value
	}
	if diff := cmp.Diff(want, map[string]string(c.SettingsOf(c.Providers[0]))); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if len(c.Accounts[0].Settings) != 1 {
		t.Error("the account's settings were changed")
	}
}
