package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/policy"
)

// twenty is a set such as a platform team has: twenty rules over most of the facts.
func twenty(b *testing.B) *Set {
	b.Helper()
	conditions := []string{
		"age >= 0 && age < 18 && (hour < 8 || hour >= 22)", "consent.valid && purpose == 'account_opening'", "counts.subject_day > 5", "counts.caller_minute > 100 && tenant != 'batch'",
		"region in ['54', '65'] && document != 'resident18'", "'ok_sequence_zero' in flags", "weekday > 5 && hour < 6", "check == 'id_name' && basis == 'consent'",
		"app.startsWith('test-')", "time < timestamp('2026-01-01T00:00:00+08:00')",
	}
	var text strings.Builder
	text.WriteString("default: allow\nrules:\n")
	for i := range 20 {
		fmt.Fprintf(&text, "  - id: r%d\n    when: |\n      %s\n    then: require\n    require: {review: true}\n", i, conditions[i%len(conditions)])
	}
	s, err := Parse("bench.yaml", []byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func benchFacts() policy.Facts {
	f := policy.Facts{
		Tenant: "acme", App: "shop", Caller: "key_17", Check: "id_name", Document: "resident18", Purpose: "account_opening", Basis: "consent",
		Region: "11", Age: 30, Flags: []string{"ok_normalized_lower_x"}, Consent: policy.ConsentFacts{State: "given", Valid: true}, Counts: policy.Counts{SubjectDay: 2, CallerMinute: 9},
	}
	f.At(time.Date(2026, 10, 2, 12, 0, 0, 0, time.UTC))
	return f
}

// BenchmarkDecide decides by twenty rules: one question again and again; then one
// tenant's questions, in which person, counts and time differ; then those of many
// tenants.
func BenchmarkDecide(b *testing.B) {
	b.Run("alike", func(b *testing.B) {
		s, f := twenty(b), benchFacts()
		b.ReportAllocs()
		for b.Loop() {
			s.Decide(f)
		}
	})
	vary := func(f *policy.Facts, i int) {
		f.Region, f.Age, f.Counts.SubjectDay, f.Time = strconv.Itoa(11+i%5), 20+i%50, i%900, f.Time.Add(time.Second)
	}
	b.Run("one tenant", func(b *testing.B) {
		s, f := twenty(b), benchFacts()
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			vary(&f, i)
			s.Decide(f)
		}
	})
	b.Run("many tenants", func(b *testing.B) {
		s, f := twenty(b), benchFacts()
		names := []string{"alpha", "beta", "gamma", "delta", "epsilon"}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			vary(&f, i)
			f.Tenant, f.App = names[i%5], names[(i+2)%5]
			s.Decide(f)
		}
	})
}

// BenchmarkLoad reads twenty rules.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		twenty(b)
	}
}

// BenchmarkHeavyConditions evaluates the dearest conditions that are accepted, over
// the largest facts, and reports the mean time of the one that takes longest.
func BenchmarkHeavyConditions(b *testing.B) {
	var sets []*Set
	for _, when := range heavy() {
		if s, err := Parse("h.yaml", []byte(ruleOf(when))); err == nil {
			sets = append(sets, s)
		}
	}
	facts := largest()
	spent := make([]time.Duration, len(sets))
	for b.Loop() {
		for i, s := range sets {
			start := time.Now()
			s.Decide(facts)
			spent[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(slices.Max(spent).Nanoseconds())/float64(b.N)/1000, "longest-µs")
	b.ReportMetric(float64(len(sets)), "conditions")
}
