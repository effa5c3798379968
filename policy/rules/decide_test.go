package rules

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/policy"
)

// The interface that the engine asks by.
var _ policy.Decider = (*Set)(nil)

const ruleFile = `
rules:
  - id: minors
    when: age >= 0 && age < 18
    then: deny
    reason: {zh: 未成年, en: minor}
  - id: night
    when: hour < 8 || hour >= 22
    then: deny
    reason: {zh: 夜间, en: night}
  - id: share
    when: 100 / counts.subject_day > 9
    then: require
    require: {no_reuse: true}
  - id: shop
    when: app == 'shop'
    then: allow
    require: {recipients: [甲公司, 乙公司]}
  - id: partner
    when: tenant == 'acme' && consent.valid
    then: allow
    require: {recipients: [乙公司, 丙公司]}
  - id: north
    when: region in ['11', '12']
    then: require
    require: {review: true}
`

func TestDecide(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*policy.Facts)
		want   policy.Decision
	}{
		{"allowed by two, with what both permit", func(*policy.Facts) {}, policy.Decision{
			Allowed: true, Rules: []string{"share", "shop", "partner", "north"},
			Obligations: policy.Obligations{Limited: true, Recipients: []string{"乙公司"}, NoReuse: true, Review: true},
		}},
		{"allowed by one", func(f *policy.Facts) { f.App, f.Region, f.Counts.SubjectDay = "x", "44", 50 }, policy.Decision{
			Allowed: true, Rules: []string{"partner"}, Obligations: policy.Obligations{Limited: true, Recipients: []string{"乙公司", "丙公司"}},
		}},
		{"denied although others allow", func(f *policy.Facts) { f.Age = 17 }, policy.Decision{
			Rules: []string{"minors"}, Reasons: []policy.Reason{{Rule: "minors", ZH: "未成年", EN: "minor"}},
		}},
		{"denied by two", func(f *policy.Facts) { f.Age, f.Hour = 0, 22 }, policy.Decision{
			Rules: []string{"minors", "night"}, Reasons: []policy.Reason{{Rule: "minors", ZH: "未成年", EN: "minor"}, {Rule: "night", ZH: "夜间", EN: "night"}},
		}},
		{"denied by no rule, allowed by no rule", func(f *policy.Facts) { f.App, f.Tenant = "x", "y" }, notAllowed()},
		{"denied because a rule that only requires cannot be evaluated", func(f *policy.Facts) { f.Counts.SubjectDay = 0 }, policy.Decision{
			Rules: []string{"share"}, Reasons: []policy.Reason{{
				Rule: "share", ZH: "该规则无法根据本次请求的情况作出判断，因此未发起核验。", EN: "This rule could not be evaluated for the request, so the question was not put.",
			}},
		}},
		{"an age that is not known is no minor's", func(f *policy.Facts) { f.Age, f.App, f.Region, f.Counts.SubjectDay = -1, "x", "", 50 }, policy.Decision{
			Allowed: true, Rules: []string{"partner"}, Obligations: policy.Obligations{Limited: true, Recipients: []string{"乙公司", "丙公司"}},
		}},
	}
	s := mustParse(t, ruleFile)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			facts := adult()
			facts.Counts.SubjectDay = 1
			test.change(&facts)
			if diff := cmp.Diff(test.want, s.Decide(facts)); diff != "" {
				t.Errorf("want-, got+: %s", diff)
			}
			if diff := cmp.Diff(s.Decide(facts), s.Explain(facts).Decision); diff != "" {
				t.Errorf("Explain decides otherwise: %s", diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       policy.Decision
	}{
		{"allow, without a rule", "default: allow", policy.Decision{Allowed: true, Rules: []string{"default"}}},
		{"allow, with an obligation", "default: allow\nrules: [{id: a, when: true, then: require, require: {review: true}}]", policy.Decision{
			Allowed: true, Rules: []string{"a", "default"}, Obligations: policy.Obligations{Review: true},
		}},
		{"allow, and a rule that allows", "default: allow\nrules: [{id: a, when: true, then: allow}]", policy.Decision{Allowed: true, Rules: []string{"a"}}},
		{"deny", "default: deny\nrules: [{id: a, when: false, then: allow}]", notAllowed()},
		{"not stated", "rules: [{id: a, when: false, then: allow}]", notAllowed()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, mustParse(t, test.text).Decide(policy.Facts{})); diff != "" {
				t.Errorf("want-, got+: %s", diff)
			}
		})
	}
	t.Run("a set that was never made", func(t *testing.T) {
		var s Set
		if diff := cmp.Diff(notAllowed(), s.Decide(adult())); diff != "" {
			t.Errorf("want-, got+: %s", diff)
		}
	})
}

// TestErrorsHoldNoFacts lets conditions fail in every way there is. No reason may
// hold a fact, though CEL's own errors do.
func TestErrorsHoldNoFacts(t *testing.T) {
	t.Parallel()
	for _, when := range []string{
		"{'a': 1}[tenant] == 1", "flags[age] == 'x'", "timestamp(tenant) < time", "duration(app) < duration('1s')",
		"100 % (age - 30) == 0", "9223372036854775807 + age > 0", "flags[0] == 'x'", "{1: true}[age]",
	} {
		t.Run(when, func(t *testing.T) {
			s := mustParse(t, "default: allow\nrules:\n  - id: bad\n    then: allow\n    when: |\n      "+when)
			facts := adult()
			facts.Tenant, facts.App = "secret-tenant", "secret-app"
			d := s.Decide(facts)
			if d.Allowed || len(d.Rules) != 1 || d.Rules[0] != "bad" {
				t.Fatalf("got %+v, want a denial by bad", d)
			}
			if text := d.Reasons[0].EN + d.Reasons[0].ZH; strings.Contains(text, "secret") || strings.Contains(text, "30") {
				t.Errorf("a reason holds a fact: %s", text)
			}
			if x := s.Explain(facts); !x.Outcomes[0].Failed || x.Outcomes[0].Fired {
				t.Errorf("got %+v, want failed", x.Outcomes[0])
			}
		})
	}
}

func TestFactsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := mustParse(t, "default: allow\nrules: [{id: a, when: \"tenant == 'x' || 'y' in flags || 'z' in consent.recipients\", then: allow}]")
	long := strings.Repeat("x", maxText+1)
	tests := []struct {
		name    string
		change  func(*policy.Facts)
		allowed bool
	}{
		{"none", func(*policy.Facts) {}, true},
		{"a text as long as may be", func(f *policy.Facts) { f.Tenant = long[1:] }, true},
		{"a text", func(f *policy.Facts) { f.Tenant = long }, false},
		{"a text that no rule looks at", func(f *policy.Facts) { f.App = long }, true},
		{"a list as long as may be", func(f *policy.Facts) { f.Flags = make([]string, maxList) }, true},
		{"a list", func(f *policy.Facts) { f.Flags = make([]string, maxList+1) }, false},
		{"an entry of a list", func(f *policy.Facts) { f.Flags = []string{long} }, false},
		{"a list within consent", func(f *policy.Facts) { f.Consent.Recipients = make([]string, maxList+1) }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			facts := adult()
			test.change(&facts)
			x := s.Explain(facts)
			if d := x.Decision; d.Allowed != test.allowed || !test.allowed && (d.Rules[0] != "facts" || len(x.Outcomes) != 0) {
				t.Errorf("got %+v, want allowed %v", x, test.allowed)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	facts := adult()
	facts.Age = 17
	want := []Outcome{
		{Rule: "minors", File: "test.yaml", Line: 3, Then: Deny, Fired: true},
		{Rule: "night", File: "test.yaml", Line: 7, Then: Deny},
		{Rule: "share", File: "test.yaml", Line: 11, Then: Require, Failed: true},
		{Rule: "shop", File: "test.yaml", Line: 15, Then: Allow, Fired: true},
		{Rule: "partner", File: "test.yaml", Line: 19, Then: Allow, Fired: true},
		{Rule: "north", File: "test.yaml", Line: 23, Then: Require, Fired: true},
	}
	x := mustParse(t, ruleFile).Explain(facts)
	if diff := cmp.Diff(want, x.Outcomes); diff != "" {
		t.Errorf("want-, got+: %s", diff)
	}
	if diff := cmp.Diff([]string{"minors", "share"}, x.Decision.Rules); diff != "" {
		t.Errorf("want-, got+: %s", diff)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, when string
		want       []string
	}{
		{"none", "age > 3", nil},
		{"one", "counts.subject_day > 3", []string{"subject_day"}},
		{"two, and one of them twice", "counts.tenant_hour > 3 || counts.app_day > 1 && counts.app_day < 9", []string{"app_day", "tenant_hour"}},
		{"within a list", "flags.exists(f, f == 'x' && counts.caller_minute > 1)", []string{"caller_minute"}},
		{"asked for presence", "has(counts.subject_hour)", []string{"subject_hour"}},
		{"by its full name", ".counts.subject_day > 3", []string{"subject_day"}},
		{"all, taken as one", "[counts].exists(c, c.subject_day > 3)", countNames()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := mustParse(t, "default: allow\nrules:\n  - {id: b, when: 'true', then: allow}\n  - id: a\n    then: allow\n    when: |\n      "+test.when).Counts()
			seen := map[string]bool{}
			for _, name := range got {
				seen[name] = true
			}
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for _, name := range test.want {
				if !seen[name] {
					t.Errorf("got %v, want %v", got, test.want)
				}
			}
		})
	}
}

// TestEveryFactCanBeUsed asks for each fact and field by its name, and so fails for
// one that is added without a tag.
func TestEveryFactCanBeUsed(t *testing.T) {
	t.Parallel()
	for _, f := range factList() {
		if f.name == "" {
			t.Errorf("field %d of policy.Facts has no cel tag", f.index)
			continue
		}
		mustParse(t, "default: allow\nrules: [{id: a, then: allow, when: '["+f.name+"] == ["+f.name+"]'}]").Decide(adult())
	}
	for _, name := range countNames() {
		mustParse(t, "default: allow\nrules: [{id: a, then: allow, when: 'counts."+name+" > 0'}]")
	}
}

// TestDecideTogether shares one set between goroutines with different facts; the
// race detector looks on.
func TestDecideTogether(t *testing.T) {
	t.Parallel()
	s := mustParse(t, ruleFile)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			facts := adult()
			facts.Counts.SubjectDay, facts.Age = 1, 17+i%2
			for range 200 {
				if d := s.Decide(facts); d.Allowed != (facts.Age == 18) {
					t.Errorf("age %d: got %+v", facts.Age, d)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string { return writeFile(t, dir, name, text) }
	a := write("a.yaml", "default: deny\nrules: [{id: one, when: true, then: allow}]")
	b := write("b.yaml", "rules: [{id: two, when: true, then: require, require: {review: true}}]")
	t.Run("two files are one set", func(t *testing.T) {
		s, err := Load(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"one", "two"}, s.Decide(adult()).Rules); diff != "" {
			t.Errorf("want-, got+: %s", diff)
		}
	})
	c := write("c.yaml", "default: allow\nrules: [{id: one, when: true, then: allow}]")
	t.Run("faults of all files", func(t *testing.T) {
		_, err := Load(a, c, "pack:none", dir+"/missing.yaml", dir)
		compareFaults(t, err, []string{
			c + ":1: default: contradicts the one at " + a + ":1", c + ":2: rules[0].id: one is the id of the rule at " + a + ":2",
			"pack:none: there is no such pack; the packs are games, games-hours, general, live-streaming",
			dir + "/missing.yaml: cannot be read: no such file", dir + ": is not a regular file",
		})
	})
	t.Run("nothing", func(t *testing.T) {
		_, err := Load()
		compareFaults(t, err, []string{"rules: no file of rules is named"})
	})
}
