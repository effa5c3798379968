package providertest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestSoundCodecKeepsTheContract(t *testing.T) {
	t.Run("flat", func(t *testing.T) { Run(t, toyHarness(t, toy{})) })
	t.Run("nested", func(t *testing.T) { Run(t, nestedHarness(t, nested{})) })
}

// Each rule is broken once, alone. A rule that no codec can break says nothing.
func TestEachRuleIsBrokenAlone(t *testing.T) {
	t.Parallel()
	faults := sabotages()
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			fault, ok := faults[rule.Name]
			if !ok {
				t.Fatal("no codec breaks this rule")
			}
			h := fault.harness(t)
			found := Check(t.Context(), h)
			if len(found) != 1 || found[0].Rule != rule.Name {
				t.Errorf("%d findings, want one, of %s: %v", len(found), rule.Name, found)
			}
			for _, f := range found {
				if h.Query.Subject.ContainedIn(f.String()) {
					t.Errorf("the finding of %s holds a claim", f.Rule)
				}
			}
		})
	}
}

func TestRulesAreSentences(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range Rules() {
		if r.Name == "" || seen[r.Name] || !strings.HasSuffix(r.Text, ".") || r.Test == nil {
			t.Errorf("rule %q: no name, a name twice, no sentence or no test", r.Name)
		}
		seen[r.Name] = true
	}
	if extra := len(sabotages()) - len(seen); extra != 0 {
		t.Errorf("%d sabotages too many", extra)
	}
}

// What the harness lacks is found, so that an empty one does not pass.
func TestHarnessIsChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Harness)
		want   string
	}{
		{"no fixtures", func(h *Harness) { h.Fixtures = nil }, "duplicates"},
		{"a row without a fixture", func(h *Harness) { h.Fixtures = append(h.Fixtures[:2:2], h.Fixtures[3]) }, "fixtures"},
		{"no gateway fixture", func(h *Harness) { h.Fixtures = h.Fixtures[:3] }, "gateway-first"},
		{"a fixture without a row", func(h *Harness) { h.Fixtures[2].Code = "77" }, "fixtures"},
		{"a fixture of another code", func(h *Harness) { h.Fixtures[0].Code, h.Fixtures[1].Code = "02", "01" }, "fixtures"},
		{"a question it does not take", func(h *Harness) { h.Query.Check = idv.CheckIDNameMobile }, "encode-pure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := toyHarness(t, toy{})
			tt.change(&h)
			for _, f := range Check(t.Context(), h) {
				if f.Rule == tt.want {
					return
				}
			}
			t.Errorf("no finding of %s", tt.want)
		})
	}
}

// A vendor that echoes nothing skips the rules about echoes, and says so.
func TestNotEchoed(t *testing.T) {
	t.Parallel()
	h := toyHarness(t, sabotages()["other-person"])
	h.NotEchoed = idv.Claims(idv.ClaimName)
	found := Check(t.Context(), h)
	if len(found) != 1 || !strings.Contains(found[0].String(), "--not-echoed id_number") {
		t.Errorf("findings %v, want one of the number, with the remedy", found)
	}
	h.NotEchoed = idv.Claims(idv.ClaimName, idv.ClaimIDNumber)
	if found := Check(t.Context(), h); len(found) != 0 {
		t.Errorf("findings %v, want none for a vendor that echoes nothing", found)
	}
	var skipped []string
	for _, rule := range Rules() {
		if errors.Is(rule.Test(t.Context(), h), ErrNotEchoed) {
			skipped = append(skipped, rule.Name)
		}
	}
	if want := []string{"other-person", "echo-missing", "echo-weak"}; !slices.Equal(skipped, want) {
		t.Errorf("skipped %v, want %v", skipped, want)
	}
}

// A second type of a code is allowed only if a fixture shows it.
func TestSecondTypeNeedsAFixture(t *testing.T) {
	t.Parallel()
	h := soldToday()[1].harness(t)
	h.Fixtures = slices.DeleteFunc(h.Fixtures, func(f Fixture) bool { return strings.Contains(string(f.Reply.Body), `"result":"`) })
	if found := brokenRules(Check(t.Context(), h)); !found["types"] || len(found) != 1 {
		t.Errorf("findings of %v, want one of types", found)
	}
}

// What the host would not show to a codec, it cannot need.
func TestDescriptorListsStatusesAndHeaders(t *testing.T) {
	t.Parallel()
	status, header := toyHarness(t, toy{}), toyHarness(t, broken{describe: func(d idv.Descriptor) idv.Descriptor {
		d.Replies.Headers = nil
		return d
	}})
	status.Fixtures[0].Reply.Status = 450
	for name, h := range map[string]Harness{"a status": status, "a header": header} {
		if found := brokenRules(Check(t.Context(), h)); !found["fixtures"] {
			t.Errorf("%s that is not listed: findings of %v, want fixtures", name, found)
		}
	}
	other := toyHarness(t, broken{
		describe: func(d idv.Descriptor) idv.Descriptor { d.Replies.Statuses = []int{200, 450}; return d },
		before: func(r providers.Reply) providers.Reply {
			if r.Status == 450 {
				r = providers.Reply{Status: 200, Body: bytes.Replace(r.Body, []byte(`"02"`), []byte(`"01"`), 1)}
			}
			return r
		},
	})
	if found := brokenRules(Check(t.Context(), other)); !found["status-first"] || len(found) != 1 {
		t.Errorf("a status that turns the verdict: findings of %v, want status-first", found)
	}
}

func TestCheckStopsAndSurvives(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found := Check(ctx, toyHarness(t, toy{})); len(found) != len(Rules()) {
		t.Errorf("%d findings after a cancel, want all %d rules untested", len(found), len(Rules()))
	}
	panics := broken{decode: func(q idv.Query, _ providers.Reply) (idv.Answer, error) { panic(q.Subject.Name.Reveal()) }}
	h := toyHarness(t, panics)
	found := Check(t.Context(), h)
	if len(found) == 0 {
		t.Fatal("a codec that panics passes")
	}
	for _, f := range found {
		if h.Query.Subject.ContainedIn(f.String()) {
			t.Errorf("the finding of %s holds what the codec panicked with", f.Rule)
		}
	}
}
