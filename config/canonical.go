package config

import (
	"reflect"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// identifiers are the settings that hold identifiers, which have one canonical form in
// requests, on the command line, in the ledger and here.
func identifiers() map[string]bool {
	return map[string]bool{
		"accounts[].name": true, "providers[].name": true, "providers[].account": true, "providers[].use": true, "routes[].providers[]": true, "calendar[].provider": true,
		"policy.purposes[].name": true, "policy.purposes[].apps[]": true,
		"tenants[].name": true, "auth.jwt[].tenant": true, "auth.jwt[].apps[]": true, "auth.mtls[].tenant": true, "auth.mtls[].apps[]": true,
		"dropin.clients[].tenant": true, "dropin.clients[].app": true, "dropin.clients[].purpose": true,
	}
}

// canonical brings identifiers and currencies into canonical form. It leaves what has none,
// which [Validate] reports.
func (c *Config) canonical() {
	names := identifiers()
	walk("", reflect.ValueOf(c).Elem(), func(path string, leaf reflect.Value) {
		switch kind := kindOf(path); {
		case names[kind]:
			if form, fault := identity.Identifier(leaf.String()); fault == idv.TextFits {
				leaf.SetString(form)
			}
		case kind == currencyKind:
			if code, err := ledger.ParseCurrency(leaf.String()); err == nil {
				leaf.SetString(code)
			}
		}
	})
}

// identifier returns what is wrong with an identifier, or "".
func identifier(text string) string {
	_, fault := identity.Identifier(text)
	return fault.Help()
}

const currencyKind = "providers[].price.currency"

// currencyFault returns what is wrong with a currency, or "".
func currencyFault(text string) string {
	if _, err := ledger.ParseCurrency(text); text != "" && err != nil {
		return err.Error()
	}
	return ""
}
