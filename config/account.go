package config

import (
	"maps"
	"slices"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
)

// Account is an account at a vendor. The products that are bought with it share its
// credentials and its limits, and stop together when a code of the vendor concerns it.
type Account struct {
	// Name is how providers refer to the account: small letters, digits and hyphens, at
	// most 40. It must be unique.
	Name string `json:"name"`

	// Vendor is the vendor's name: that of its products up to the slash.
	Vendor string `json:"vendor"`

	// Settings are those of the products' settings that belong to the account, such as
	// keys; `heyan provider show` marks them. Secrets among them are references: env:NAME,
	// file:PATH or exec:NAME.
	Settings Settings `json:"settings,omitzero"`

	// Network says how the vendor is reached, for the providers that have no network of their
	// own.
	Network Network `json:"network,omitzero"`

	// Limits hold over all products of the account, beside those of each provider.
	Limits AccountLimits `json:"limits,omitzero"`
}

// AccountLimits hold over all products of an account.
type AccountLimits struct {
	// Concurrency is how many calls may be in flight at once; 0 sets no limit.
	Concurrency int `json:"concurrency,omitzero"`

	// Rate is how many calls a second may be begun; 0 sets no limit.
	Rate float64 `json:"rate,omitzero"`
}

// AccountOf returns the account of a provider and its index in Accounts. The index is -1
// if the provider has none or it does not exist.
func (c *Config) AccountOf(p Provider) (Account, int) {
	i := slices.IndexFunc(c.Accounts, func(a Account) bool { return a.Name == p.Account })
	if p.Account == "" || i < 0 {
		return Account{}, -1
	}
	return c.Accounts[i], i
}

// SettingsOf returns the settings of a provider together with those of its account. The
// provider's own come first; [Validate] refuses a setting that both have.
func (c *Config) SettingsOf(p Provider) Settings {
	account, _ := c.AccountOf(p)
	all := maps.Clone(account.Settings)
	if all == nil {
		return p.Settings
	}
	maps.Copy(all, p.Settings)
	return all
}

// accounts keeps the rules for accounts by themselves.
func (v *validator) accounts() {
	first := map[string]int{}
	for i, a := range v.config.Accounts {
		path := strictyaml.At("accounts", i)
		if j, twice := first[a.Name]; twice && nameForm.MatchString(a.Name) {
			v.note(path+".name", "is the name of "+strictyaml.At("accounts", j)+" too; give each its own")
		} else {
			first[a.Name] = i
		}
		if !slices.ContainsFunc(v.config.Providers, func(p Provider) bool { return p.Account == a.Name }) {
			v.note(path, "is used by no provider; name it in the account of a provider, or leave it out")
		}
	}
}

// account keeps the rules between a provider of a known adapter and its account.
func (v *validator) account(path string, p Provider, d idv.Descriptor) {
	if p.Account == "" {
		return
	}
	account, i := v.config.AccountOf(p)
	if i < 0 {
		v.note(path+".account", strictyaml.Unknown("account", p.Account, shown(v.config.Accounts, func(a Account) string { return a.Name })))
		return
	}
	if account.Vendor != d.Vendor() {
		v.note(path+".account", "is an account at another vendor than "+d.Vendor())
	}
	rules := settingsOf(d)
	for _, name := range slices.Sorted(maps.Keys(account.Settings)) {
		where := strictyaml.Join(strictyaml.At("accounts", i)+".settings", name)
		rule, known := rules[name]
		switch _, twice := p.Settings[name]; {
		case known && !rule.Account:
			v.note(where, "belongs to each product; give it in the settings of the providers")
		case known && twice:
			v.note(strictyaml.Join(path+".settings", name), "stands in the account already; give it once")
		}
	}
}
