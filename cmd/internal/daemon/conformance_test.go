package daemon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/policy/access"
)

// sameCase is a case that has the same result over every protocol.
type sameCase struct {
	Name           string            `json:"name"`
	Operation      string            `json:"operation"` // its id in the OpenAPI document
	Key            string            `json:"key"`       // all scopes without one; wrong, none, reader or spent
	IdempotencyKey string            `json:"idempotency_key"`
	Vendors        map[string]string `json:"vendors"` // the modes of the sandbox
	Repeat         int               `json:"repeat"`  // calls before the one that is looked at
	Meanwhile      bool              `json:"meanwhile"`
	Request        map[string]any    `json:"request"`
	Skip           map[string]string `json:"skip"` // why a front cannot run it
	Want           struct {
		Body        map[string]any `json:"body"` // the members that are looked at
		Problem     string         `json:"problem"`
		Status      int32          `json:"status"`
		Fields      []string       `json:"fields"`
		Rules       []string       `json:"rules"`
		Retry       bool           `json:"retry"`
		VendorCalls *int           `json:"vendor_calls"`
	} `json:"want"`
}

// TestFrontsAreOne runs the cases of testdata/conformance.json over each protocol, against a
// daemon of its own.
func TestFrontsAreOne(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/conformance.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []sameCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for name, call := range fronts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newConforming(t, call)
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) {
					if reason := c.Skip[name]; reason != "" {
						t.Skip(reason)
					}
					d.run(t, &c)
				})
			}
			d.silent(d.logged())
		})
	}
}

// conforming is a daemon with keys, and the front by which it is called.
type conforming struct {
	*fixture

	front front
	keys  map[string]string
}

func newConforming(t *testing.T, call front) *conforming {
	t.Helper()
	h := start(t, func(c *config.Config) {
		c.Auth.Mode = "keys"
		c.Policy.Purposes = []config.Purpose{{Name: "account-opening", Title: "开户", Basis: "consent", Minors: "guardian"}}
		c.Policy.Limits = []config.Limit{{Per: "caller", Window: "day", Most: 20}}
		impatient(c)
	}, "idcert-a", "idcert-b")
	d := &conforming{h, call, map[string]string{"wrong": "heyan_wrong"}}
	for name, k := range map[string]access.Key{
		"": {Apps: []string{"web"}, Scopes: access.Scopes()}, "reader": {Scopes: []access.Scope{access.Read}}, "spent": {Scopes: []access.Scope{access.Verify}},
		"operator": {Scopes: []access.Scope{access.Admin}},
	} {
		k.Name, k.Tenant = "test-"+name, "bank"
		_, key, err := h.keys.Issue(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		d.keys[name] = key.Reveal()
	}
	return d
}

// run runs a case.
func (d *conforming) run(t *testing.T, c *sameCase) {
	for _, vendor := range []string{"idcert-a", "idcert-b"} {
		d.call("POST", "http://"+d.at.Listen+"/v1/providers/"+vendor+":resume", "", "Authorization", "Bearer "+d.keys["operator"])
	}
	d.sandbox.Reset()
	for vendor, mode := range c.Vendors {
		d.set(vendor, mode)
	}
	ask := func() reply {
		return d.front(t.Context(), t, d.at.Listen, rpc{c.Operation, d.keys[c.Key], c.IdempotencyKey, c.Request})
	}
	for range c.Repeat {
		if r := ask(); r.problem != nil {
			t.Fatalf("before: %v", r.problem)
		}
	}
	if c.Meanwhile {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = overREST(context.WithoutCancel(t.Context()), t, d.at.Listen, rpc{c.Operation, d.keys[c.Key], c.IdempotencyKey, c.Request})
		}()
		defer func() { <-ended }()
		d.wait(func() bool { return d.sandbox.Stats()["idcert-a"].Requests == 1 })
	}
	c.check(t, ask())
	calls := 0
	for _, s := range d.sandbox.Stats() {
		calls += int(s.Requests)
	}
	if want := c.Want.VendorCalls; want != nil && calls != *want {
		t.Errorf("the vendors saw %d calls, want %d", calls, *want)
	}
}

// check compares a reply with what is wanted.
func (c *sameCase) check(t *testing.T, got reply) {
	t.Helper()
	if c.Want.Problem == "" {
		if got.problem != nil {
			t.Fatalf("got the problem %v", got.problem)
		}
		if difference := differ(c.Want.Body, got.body); difference != "" {
			t.Errorf("%s in %v", difference, got.body)
		}
		return
	}
	p := got.problem
	if p.GetType() != "urn:heyan:problem:"+c.Want.Problem || p.GetStatus() != c.Want.Status || p.GetDetail() == "" {
		t.Errorf("got %v in %v", p, got.body)
	}
	var fields, rules []string
	for _, f := range p.GetErrors() {
		fields = append(fields, f.GetLocation())
	}
	for _, r := range p.GetRules() {
		rules = append(rules, r.GetRule())
	}
	if c.Want.Fields != nil && !slices.Equal(fields, c.Want.Fields) || !slices.Equal(rules, c.Want.Rules) {
		t.Errorf("got the fields %v and the rules %v", fields, rules)
	}
	if (p.GetRetryAfter().GetSeconds() > 0) != c.Want.Retry {
		t.Errorf("to be repeated after %v, want that only if it helps", p.GetRetryAfter())
	}
}

// differ returns the first member of want that got does not have, "" if it has all.
func differ(want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		members, _ := got.(map[string]any)
		for name, v := range want {
			if d := differ(v, members[name]); d != "" {
				return name + "." + d
			}
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			return fmt.Sprintf("%d entries, want %d", len(list), len(want))
		}
		for i := range want {
			if d := differ(want[i], list[i]); d != "" {
				return d
			}
		}
	default:
		w, g := fmt.Sprint(want), fmt.Sprint(got)
		if w != g && !strings.HasSuffix(g, "_"+strings.ToUpper(w)) {
			return fmt.Sprintf("%q, want %q", g, w)
		}
	}
	return ""
}
