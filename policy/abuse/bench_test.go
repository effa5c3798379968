package abuse_test

import (
	"fmt"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// counting counts the marks that are made of people.
type counting struct {
	policy.BlindIndexer
	n int
}

func (c *counting) BlindIndex(tenant idv.Tenant, label string, parts ...string) policy.BlindIndex {
	c.n++
	return c.BlindIndexer.BlindIndex(tenant, label, parts...)
}

// TestMarks says how many keyed hashes a question costs.
func TestMarks(t *testing.T) {
	tests := []struct {
		name    string
		subject idv.Subject
		most    int
	}{
		{"two elements", pair("测试", "11010120990101005X"), 8},
		{"four elements", with(pair("测试", "11010120990101005X"), "13800000000", "6222000000000000"), 11},
		{"a permit", pair("测试", "H12345678"), 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			marks := &counting{BlindIndexer: ring(t)}
			guard, err := abuse.New(abuse.Config{Indexer: marks, Honeytokens: canaries(t), Limits: everyDay()})
			if err != nil {
				t.Fatal(err)
			}
			d := &harness{t: t, guard: guard, now: noon}
			d.check("a", tt.subject)
			if marks.n == 0 || marks.n > tt.most {
				t.Errorf("%d keyed hashes, want some and at most %d", marks.n, tt.most)
			}
		})
	}
}

// everyDay are the limits of a usual configuration.
func everyDay() abuse.Limits {
	return abuse.Limits{
		{Per: abuse.PerSubject, Window: abuse.Day, Most: 1 << 30}, {Per: abuse.PerApp, Window: abuse.Minute, Most: 1 << 30},
		{Per: abuse.PerTenant, Window: abuse.Day, Most: 1 << 30},
	}
}

// BenchmarkCheck counts questions about different people, with canaries and limits.
func BenchmarkCheck(b *testing.B) {
	d := newHarness(b, abuse.Config{Limits: everyDay(), Honeytokens: canaries(b)})
	var people []idv.Subject
	for i := range 1000 {
		people = append(people, pair(fmt.Sprint("测试", i), complete(fmt.Sprintf("11010120990101%03d", i%1000))))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.check("a", people[i%len(people)])
	}
}
