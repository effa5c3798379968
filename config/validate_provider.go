package config

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

// baseURL is the setting by which adapters name the vendor's address.
const baseURL = "base_url"

// providers keeps the rules for vendor accounts.
func (v *validator) providers() {
	first := map[string]int{}
	var prices []priced
	for i, p := range v.config.Providers {
		path := strictyaml.At("providers", i)
		if j, twice := first[p.Name]; twice && nameForm.MatchString(p.Name) {
			v.note(path+".name", "is the name of "+strictyaml.At("providers", j)+" too; give each its own")
		} else {
			first[p.Name] = i
		}
		v.limits(path+".limits", p.Limits)
		if p.Price.Amount == "" && p.Price.Currency != "" {
			v.note(path+".price.amount", "is missing; give it, or leave the currency out as well")
		}
		d, ok := v.adapter(path, p)
		if !ok {
			continue
		}
		prices = append(prices, priced{path, p, p.Price.Of(d).Currency})
		if p.Recipient == "" && d.Recipient == "" {
			v.note(path+".recipient", "is missing; name the body that receives the personal data, as people are told it")
		}
		if p.CacheTTL > 0 && d.NoStore {
			v.note(path+".cache_ttl", "has no effect: this vendor promises fresh data, so none of its answers is given again; leave it out")
		}
		v.account(path, p, d)
		v.settings(path+".settings", p, d)
	}
	v.currency(prices)
}

// productForm is the form of a product's name.
var productForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)?$`)

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// maxLogMessage is the maximum length of a constant log message in bytes.
const maxLogMessage = 200

// adapter keeps the rules for how an adapter is named, and returns its descriptor
// if it is known.
func (v *validator) adapter(path string, p Provider) (idv.Descriptor, bool) {
	plugged := p.Plugin.Path != "" || p.Plugin.SHA256 != ""
	switch {
	case p.Declared != "" && (p.Use != "" || plugged):
		v.note(path+".declared", "stands beside use or plugin; keep one of them")
		return idv.Descriptor{}, false
	case p.Use != "" && plugged && !productForm.MatchString(p.Use):
		v.note(path+".use", "must be the name of one of the plugin's products, such as vendor/product; `heyan provider show` prints them")
	case p.Use == "" && !plugged && p.Declared == "":
		v.note(path+".use", "is missing; name a built-in adapter, or give declared, or plugin.path and plugin.sha256")
		return idv.Descriptor{}, false
	case plugged && p.Plugin.Path == "":
		v.note(path+".plugin.path", "is missing; give the path of the plugin's executable file")
	case plugged && !sum.MatchString(p.Plugin.SHA256):
		v.note(path+".plugin.sha256", "must be the 64 hexadecimal digits, in small letters, that sha256sum prints of the file")
	}
	v.logMessages(path+".plugin.log_messages", p.Plugin.LogMessages)
	return v.descriptor(path, p, plugged)
}

// descriptor returns the descriptor of an adapter if it is known, and notes why it is not.
func (v *validator) descriptor(path string, p Provider, plugged bool) (idv.Descriptor, bool) {
	d, err := v.known(p)
	var faults strictyaml.Faults
	switch {
	case err == nil:
		return d, true
	case errors.As(err, &faults):
		v.faults = append(v.faults, faults...)
	case !plugged && !errors.Is(err, ErrNotStarted):
		v.note(path+".use", err.Error())
	}
	return idv.Descriptor{}, false
}

// logMessages keeps the rule for the messages that a plugin may log.
func (v *validator) logMessages(path string, list []string) {
	for i, message := range list {
		if message == "" || len(message) > maxLogMessage {
			v.note(strictyaml.At(path, i), fmt.Sprintf("must be a text of 1 to %d bytes, exactly as the plugin logs it", maxLogMessage))
		}
	}
}

// priced is a provider with the currency of its calls, "" if it has no price.
type priced struct {
	path     string
	provider Provider
	currency string
}

// currency keeps the rule that one engine counts in one currency: that of most providers, and
// of equally many the default.
func (v *validator) currency(list []priced) {
	count := map[string]int{}
	for _, p := range list {
		count[p.currency]++
	}
	delete(count, "")
	most := idv.CNY
	for _, name := range slices.Sorted(maps.Keys(count)) {
		if count[name] > count[most] {
			most = name
		}
	}
	for _, p := range list {
		remedy := "convert it to " + most
		path := p.path + ".price.currency"
		switch {
		case p.currency == "" || p.currency == most:
			continue
		case p.provider.Price.Amount == "":
			path = p.path + ".price"
			remedy = "set price: {amount: …, currency: " + most + "} to what a call costs in " + most
		}
		v.note(path, "the price of "+p.provider.Name+" is in "+p.currency+", that of the other providers in "+most+
			", and heyan does not convert: price all in one currency; "+remedy+", or move "+p.provider.Name+" to a configuration and store of its own")
	}
}

// settings keeps the rules that the adapter's descriptor states.
func (v *validator) settings(path string, p Provider, d idv.Descriptor) {
	rules, given := settingsOf(d), v.config.SettingsOf(p)
	names := slices.Sorted(maps.Keys(rules))
	_, account := v.config.AccountOf(p)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		where := strictyaml.Join(path, name)
		if _, own := p.Settings[name]; !own {
			where = strictyaml.Join(strictyaml.At("accounts", account)+".settings", name)
		}
		rule, ok := rules[name]
		switch {
		case !ok:
			v.note(where, strictyaml.Unknown("setting of this adapter", name, names))
		case rule.Secret && given[name] != "" && !IsReference(given[name]):
			v.note(where, "must be a reference to the secret, env:NAME with the name in capitals, file:PATH or exec:NAME; "+
				"a secret that stood here should be replaced at the vendor")
		case !rule.Secret && IsReference(given[name]):
			v.note(where, "is no secret; write the value itself")
		case name == baseURL && given[name] != "":
			v.note(where, urlFault(given[name], loopback))
		}
	}
	for _, name := range names {
		if rules[name].Required && rules[name].Default == "" && given[name] == "" {
			v.note(strictyaml.Join(path, name), "is missing: "+rules[name].Help)
		}
	}
	v.schemes(path, given, d.Schemes)
}

// settingsOf returns the settings that an adapter takes, by name.
func settingsOf(d idv.Descriptor) map[string]idv.Setting {
	rules := map[string]idv.Setting{}
	for _, s := range d.Settings {
		rules[s.Name] = s
	}
	return rules
}

// SchemeSettings returns the settings that each authentication scheme needs, by the
// scheme's name. The descriptor has the names only. Package providers/auth has the same
// table, which this package may not import; a test of package assemble compares them. A
// scheme that is not listed is an adapter's own, whose settings the descriptor requires.
func SchemeSettings() map[string][]string {
	return map[string][]string{
		"appcode":      {"appcode"},
		"apig_appcode": {"appcode"},
		"xca":          {"app_key", "app_secret"},
		"acs3":         {"access_key_id", "access_key_secret"},
		"tc3":          {"secret_id", "secret_key"},
		"sdk_hmac":     {"access_key", "secret_key"},
		"tsign":        {"app_id", "app_secret"},
		"baidu_token":  {"client_id", "client_secret"},
		"oauth2":       {"token_url", "client_id", "client_secret"},
		"none":         nil,
	}
}

// schemes keeps the rule that at least one way to sign is complete and none is
// half given. A way that needs no settings is always complete.
func (v *validator) schemes(path string, given Settings, schemes []string) {
	var ways []string
	complete := len(schemes) == 0
	for _, scheme := range schemes {
		needs := SchemeSettings()[scheme]
		missing := slices.DeleteFunc(slices.Clone(needs), func(name string) bool { return given[name] != "" })
		complete = complete || len(missing) == 0
		ways = append(ways, strings.Join(needs, " and "))
		if len(missing) > 0 && len(missing) < len(needs) {
			v.note(path, strings.Join(missing, " and ")+" is missing; "+strings.Join(needs, " and ")+" go together")
			return
		}
	}
	if !complete {
		v.note(path, "hold no credentials; give "+strings.Join(ways, ", or "))
	}
}

// Of returns the price of one call: that of the configuration, else the list
// price of the adapter. An amount that does not parse gives the list price;
// [Validate] refuses it.
func (p Price) Of(d idv.Descriptor) idv.Money {
	micros, err := idv.ParseAmount(p.Amount)
	if err != nil {
		return d.ListPrice()
	}
	currency := p.Currency
	if currency == "" {
		currency = idv.CNY
	}
	return idv.Money{Micros: micros, Currency: currency}
}

// routes keeps the rules for who is asked what.
func (v *validator) routes() {
	if len(v.config.Routes) == 0 {
		v.note("routes", "there is none, so that no question could be answered; add one with check and providers")
	}
	whole := map[string]int{}
	for i, r := range v.config.Routes {
		path := strictyaml.At("routes", i)
		if j, twice := whole[r.Check]; twice && r.Check != "" {
			v.note(path+".check", "has a route that takes every request in "+strictyaml.At("routes", j)+" already; put the providers into one, or give the first one a match")
		} else if r.Match == "" {
			whole[r.Check] = i
		}
		v.weights(path, &r)
		if len(r.Providers) == 0 {
			v.note(path+".providers", "is empty; name at least one provider")
		}
		for j, name := range r.Providers {
			v.candidate(strictyaml.At(path+".providers", j), name, r.Check, r.Providers[:j])
		}
	}
}

// weights keeps the rules for the weights of a route.
func (v *validator) weights(path string, r *Route) {
	switch {
	case r.Mode != string(route.Weighted) && len(r.Weights) > 0:
		v.note(path+".weights", "counts only with mode weighted; leave it out, or set the mode")
	case r.Mode == string(route.Weighted) && len(r.Weights) != len(r.Providers):
		v.note(path+".weights", "must have one number for each provider, in the order of providers")
	case len(r.Weights) > 0 && slices.Max(r.Weights) == 0:
		v.note(path+".weights", "must have a number above 0")
	}
}

// candidate keeps the rules for one provider of a route.
func (v *validator) candidate(path, name, check string, before []string) {
	i := slices.IndexFunc(v.config.Providers, func(p Provider) bool { return p.Name == name })
	switch {
	case name == "" || i < 0:
		v.note(path, strictyaml.Unknown("provider", name, shown(v.config.Providers, func(p Provider) string { return p.Name })))
	case slices.Contains(before, name):
		v.note(path, "stands in this route twice; a vendor is asked once for a question")
	default:
		v.supports(path, v.config.Providers[i], check)
	}
}

// supports keeps the rule that a vendor is only asked what it can answer. What is
// wrong with the adapter's or the check's name has its own fault.
func (v *validator) supports(path string, p Provider, check string) {
	var c idv.Check
	d, err := v.known(p)
	if err != nil || c.UnmarshalText([]byte(check)) != nil || d.Supports(c, idv.DocumentUnknown) {
		return
	}
	v.note(path, "cannot answer "+check+"; its adapter answers "+d.Check.String())
}

// shown lists the names that may be shown.
func shown[T any](list []T, name func(T) string) []string {
	var names []string
	for _, v := range list {
		if n := name(v); nameForm.MatchString(n) {
			names = append(names, n)
		}
	}
	return names
}
