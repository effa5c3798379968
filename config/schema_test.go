package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// schema returns the printed schema, ready to validate with.
func schema(t *testing.T) (*jsonschema.Schema, *jsonschema.Resolved) {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return &s, resolved
}

func TestSchemaAcceptsWhatLoadAccepts(t *testing.T) {
	t.Parallel()
	_, resolved := schema(t)
	for _, test := range []struct {
		name, old, new string
		ok             bool
	}{
		{"the example", "", "", true},
		{"a misspelt key", "listen:", "listn:", false},
		{"a misspelt key deep down", "breaker_open:", "braker_open:", false},
		{"a required key missing", "check: id_name\n", "\n", false},
		{"an unknown word", "mode: priority", "mode: random", false},
		{"no authentication", "auth: {mode: keys}", "auth: {mode: none}", true},
		{"an unknown authentication", "auth: {mode: keys}", "auth: {mode: key}", false},
		{"a time without unit", "grace: 15s", "grace: 15", false},
		{"a number out of bounds", "max_attempts: 2", "max_attempts: 11", false},
		{"a price that is no text", `amount: "0.069"`, "amount: 0.069", false},
		{"a name in capitals", "name: idcert-spare", "name: Spare", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(Example, test.old, test.new, 1)
			if !test.ok && text == Example {
				t.Fatal("the example does not hold what is to be spoilt")
			}
			example, faults := strictyaml.Parse("example", []byte(text))
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			if err := resolved.Validate(example.Value); (err == nil) != test.ok {
				t.Errorf("the schema says %v, want accepted %v", err, test.ok)
			}
		})
	}
}

func TestSchemaDescribesEveryKey(t *testing.T) {
	t.Parallel()
	s, _ := schema(t)
	var keys func(path string, s *jsonschema.Schema)
	keys = func(path string, s *jsonschema.Schema) {
		if s == nil {
			return
		}
		for key, property := range s.Properties {
			if !strings.Contains(property.Description, " ") {
				t.Errorf("%s has no description", strictyaml.Join(path, key))
			}
			keys(strictyaml.Join(path, key), property)
		}
		keys(path+"[]", s.Items)
	}
	keys("", s)
	if got := string(s.Properties["timeout"].Default); got != `"10s"` {
		t.Errorf("the default of timeout is %s", got)
	}
	if got := s.Properties["routes"].Items.Properties["max_attempts"].Description; !strings.HasPrefix(got, "MaxAttempts is how many calls") {
		t.Errorf("the description of max_attempts is %q", got)
	}
}

// A rule for a path that no key has would never be kept.
func TestEveryRuleHasItsKey(t *testing.T) {
	t.Parallel()
	c := Defaults()
	c.Accounts, c.Providers = []Account{{}}, []Provider{DefaultProvider()}
	c.SecretHelpers = []SecretHelper{{}}
	c.Auth.JWT = []JWT{{Algorithms: []string{""}, Scopes: []string{""}}}
	c.Auth.MTLS = []MTLS{{Scopes: []string{""}}}
	c.Tenants = []Tenant{{Purposes: []Purpose{{}}, Limits: []Limit{{}}}}
	c.Accounts[0].Network.Pins, c.Providers[0].Network.Pins = []Pin{{}}, []Pin{{}}
	c.Routes = []Route{DefaultRoute()}
	c.Routes[0].Weights = []int{1}
	c.Hosts, c.Alerts.Webhooks = []string{""}, []Webhook{{}}
	c.Alerts.Webhooks[0].Network.Pins = []Pin{{}}
	c.Webhooks = []Subscription{{Events: []string{""}, Network: Network{Pins: []Pin{{}}}}}
	c.Policy.Purposes, c.Policy.Limits = []Purpose{{}}, []Limit{{}}
	c.Policy.Keys, c.Policy.LostKeys, c.Policy.Consent.OldReceiptKeys = []Key{{}}, []string{""}, []string{""}
	paths := map[string]bool{}
	leaves(c, func(path string, v reflect.Value) {
		k := kindOf(path)
		paths[k] = true
		_, bounded := ranges()[k]
		if v.CanInt() || v.CanFloat() {
			if !bounded {
				t.Errorf("%s has no bounds", k)
			}
		}
	})
	for k := range choices() {
		if !paths[k] {
			t.Errorf("no key %s for its words", k)
		}
	}
	for k := range ranges() {
		if !paths[k] {
			t.Errorf("no key %s for its bounds", k)
		}
	}
	for k := range patterns() {
		if !paths[k] {
			t.Errorf("no key %s for its form", k)
		}
	}
}
