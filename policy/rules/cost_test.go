package rules

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/policy"
)

// largest is facts as large as conditions may meet, and alike for as long as can
// be, so that comparing them takes longest.
func largest() policy.Facts {
	long := strings.Repeat("a", maxText)
	f := policy.Facts{
		Tenant: long, App: long, Caller: long, Check: long, Document: long, Purpose: long, Basis: long, Region: long,
		Age: 17, Time: time.Date(2026, 10, 2, 12, 0, 0, 0, time.UTC), Hour: 20, Weekday: 5,
	}
	for i := range maxList {
		f.Flags = append(f.Flags, long[:maxText-1]+string(rune('A'+i)))
		f.Consent.Recipients = append(f.Consent.Recipients, long[:maxText-1]+string(rune('A'+i)))
	}
	return f
}

// heavy writes conditions that are as costly as their author could make them: going
// through lists of lists, over lists that were made longer, with bodies that join
// and search the longest texts, in chains and in depth.
func heavy() []string {
	list := []string{
		"flags", "consent.recipients", "(flags + flags)", "(flags + consent.recipients + flags + flags)", "[flags, flags, consent.recipients].filter(l, size(l) > 0)[0]",
		"flags.filter(f, f != tenant)", "[1, 2, 3, 4, 5, 6, 7, 8].filter(n, n > 0)", "(age > 3 ? flags : consent.recipients)",
	}
	body := []string{
		"%[1]s == %[1]s", "%[1]s != tenant", "tenant.contains(app)", "(tenant + app + caller).contains(purpose + 'b')", "(tenant + app).endsWith(app)", "%[1]s in flags",
		"flags == consent.recipients", "date(time) in ['2026-10-01', '2026-10-02']", "time > timestamp('2026-01-01T00:00:00Z')", "100 / (age - 16) %% 7 == 3",
		"[tenant, app, caller, check].exists(t, t.contains('aab'))", "{'a': flags, 'b': flags}['a'].size() > 40", "has(consent.state)",
		"(tenant + app + caller + check + document + purpose + basis + region).size() < 1",
	}
	var all []string
	for _, l := range list {
		for i, b := range body {
			inner := fmt.Sprintf(b, "a")
			deeper := fmt.Sprintf(b, "b")
			all = append(all,
				fmt.Sprintf("%s.all(a, %s)", l, inner),
				fmt.Sprintf("%s.filter(a, !(%s)).size() == 1", l, inner),
				fmt.Sprintf("%s.all(a, %s.all(b, %s || true))", l, list[i%len(list)], deeper),
				fmt.Sprintf("%s.all(a, !flags.exists_one(b, flags.all(c, %s)))", l, inner),
				strings.TrimSuffix(strings.Repeat(fmt.Sprintf("(%s.exists(a, !(%s)) || true) && ", l, inner), 6), " && "),
			)
		}
	}
	join := strings.TrimSuffix(strings.Repeat("tenant + ", 60), " + ")
	all = append(all, join+" == ''", "("+join+").contains("+join+")", "["+strings.TrimSuffix(strings.Repeat("flags,", 80), ",")+"].all(l, l.all(f, f != ''))")
	for _, regex := range []string{"(a*)*b", "(a|a)*$", "a{1000}", "(a?){500}a{500}", ".*.*.*x"} {
		all = append(all, "tenant.matches('"+regex+"')", "flags.all(f, f.matches('"+regex+"'))", "matches(tenant, '"+regex+"')")
	}
	for n := 1; n <= 30; n += 3 {
		all = append(all,
			strings.Repeat("(", n)+"true"+strings.Repeat(")", n), strings.Repeat("!", n)+"true", "-"+strings.Repeat("(-", n)+"age"+strings.Repeat(")", n)+" < 0",
			strings.Repeat("age > 1 ? true : ", n)+"false", strings.Repeat("[", n)+"age"+strings.Repeat("]", n)+" != []",
		)
	}
	return all
}

// TestHeavyConditions compiles and, where it is accepted, evaluates every one of
// them over the largest facts. What is refused is told with its place. What is
// accepted must not have cost more than was allowed, by CEL's own count while it
// ran; the time it took is logged, and BenchmarkHeavyConditions measures it.
func TestHeavyConditions(t *testing.T) {
	t.Parallel()
	conditions := heavy()
	if len(conditions) < 500 {
		t.Fatalf("%d conditions, want 500", len(conditions))
	}
	language, err := newBuilder()
	if err != nil {
		t.Fatal(err)
	}
	facts := largest()
	accepted, longest, dearest := 0, time.Duration(0), uint64(0)
	for _, when := range conditions {
		b := builder{environment: language.environment, index: language.index, ids: map[string]string{}}
		b.file("h.yaml", []byte(ruleOf(when)))
		s, err := b.set("h.yaml")
		if err != nil {
			for _, fault := range placed(t, err) {
				if fault.Line != 5 || fault.Path != "rules[0].when" {
					t.Errorf("%s: a fault without its place: %v", when, fault)
				}
			}
			continue
		}
		accepted++
		s.Decide(facts)
		start := time.Now()
		s.Decide(facts)
		longest = max(longest, time.Since(start))
		cost := tracked(t, language, s, when, facts)
		dearest = max(dearest, cost)
		if cost > maxCost {
			t.Errorf("%s: cost %d, more than the %d it was accepted for", when, cost, maxCost)
		}
	}
	if accepted < 80 || len(conditions)-accepted < 400 {
		t.Errorf("%d of %d are accepted; the list should hold both kinds", accepted, len(conditions))
	}
	t.Logf("%d conditions, %d accepted; the longest evaluation took %v, the dearest cost %d units", len(conditions), accepted, longest, dearest)
}

func ruleOf(when string) string {
	return "default: allow\nrules:\n  - id: a\n    then: allow\n    when: |\n      " + when + "\n"
}

func placed(t *testing.T, err error) strictyaml.Faults {
	t.Helper()
	var faults strictyaml.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("not a list of faults: %v", err)
	}
	return faults
}

// tracked evaluates a condition once more while CEL counts its cost.
func tracked(t *testing.T, b *builder, s *Set, when string, facts policy.Facts) uint64 {
	t.Helper()
	checked, issues := b.environment.Compile(when)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	program, err := b.environment.Program(checked, cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost))
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.evaluate(&facts)
	if !ok {
		t.Fatalf("%s: the largest facts are too large", when)
	}
	_, details, err := program.Eval(e)
	if details == nil || details.ActualCost() == nil {
		t.Fatalf("%s: CEL counted nothing: %v", when, err)
	}
	return *details.ActualCost()
}

// TestSetCost refuses many dear rules together, each of which would be accepted.
func TestSetCost(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("default: allow\nrules:\n")
	for i := range 20 {
		fmt.Fprintf(&text, "  - {id: r%d, then: allow, when: \"%s\"}\n", i, "(tenant + app + caller).contains(purpose + basis)")
	}
	_, err := Parse("many.yaml", []byte(text.String()))
	compareFaults(t, err, []string{"many.yaml: all conditions together may cost up to"})
}
