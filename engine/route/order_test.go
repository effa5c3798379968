package route_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

// order returns the names of a plan's steps.
func order(mode route.Mode, q route.Question, list ...route.Candidate) string {
	q.Check = idv.CheckIDName
	var names []string
	for _, s := range route.Make(q, list, route.Rule{Mode: mode}).Steps {
		names = append(names, s.Provider)
	}
	return strings.Join(names, " ")
}

func with(name string, change func(*route.Candidate)) route.Candidate {
	c := candidate(name, idv.Availability{})
	c.Weight = 1
	change(&c)
	return c
}

func price(name string, micros int64) route.Candidate {
	return with(name, func(c *route.Candidate) { c.Price = idv.Money{Micros: micros, Currency: idv.CNY} })
}

func latency(name string, d time.Duration) route.Candidate {
	return with(name, func(c *route.Candidate) { c.Latency = d })
}

func weight(name string, n int) route.Candidate {
	return with(name, func(c *route.Candidate) { c.Weight = n })
}

func away(c route.Candidate) route.Candidate {
	c.Availability.Reason = idv.SkipMaintenance
	return c
}

// TestOrders has each mode with the exact order that it gives. docs/guide.md has the same.
func TestOrders(t *testing.T) {
	t.Parallel()
	exhausted := price("used-up", 0)
	exhausted.Exhausted = true
	tests := []struct {
		name string
		mode route.Mode
		list []route.Candidate
		want string
	}{
		{"priority is the list", route.Priority, []route.Candidate{price("b", 2), price("a", 1)}, "b a"},
		{"the mode left out is priority", "", []route.Candidate{price("b", 2), price("a", 1)}, "b a"},
		{"cheapest by the next unit", route.Cheapest, []route.Candidate{price("c", 3), price("a", 1), price("b", 2)}, "a b c"},
		{"equal prices in the list's order", route.Cheapest, []route.Candidate{price("b", 1), price("a", 1)}, "b a"},
		{"a free unit first", route.Cheapest, []route.Candidate{price("a", 1), price("free", 0)}, "free a"},
		{"an unknown price after known ones", route.Cheapest, []route.Candidate{with("unknown", func(*route.Candidate) {}), price("a", 9)}, "a unknown"},
		{"used-up packages last", route.Cheapest, []route.Candidate{exhausted, with("unknown", func(*route.Candidate) {}), price("a", 9)}, "a unknown used-up"},
		{"cheapest of those that can be called", route.Cheapest, []route.Candidate{price("b", 2), away(price("a", 1))}, "b"},
		{"fastest by latency", route.Fastest, []route.Candidate{latency("slow", time.Second), latency("fast", time.Millisecond)}, "fast slow"},
		{"an unknown latency is measured first", route.Fastest, []route.Candidate{latency("fast", 1), latency("new", 0)}, "new fast"},
		{"sticky without a person is the list", route.Sticky, []route.Candidate{price("b", 2), price("a", 1)}, "b a"},
		{"weight 0 comes after the others", route.Weighted, []route.Candidate{weight("spare", 0), weight("a", 1)}, "a spare"},
		{"all weights 0 is the list", route.Weighted, []route.Candidate{weight("b", 0), weight("a", 0)}, "b a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := order(tt.mode, route.Question{Turn: 1}, tt.list...); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestWeightedTurns prints the first turns of 3 to 1, and how even longer runs are.
func TestWeightedTurns(t *testing.T) {
	t.Parallel()
	var first []string
	for turn := range uint64(8) {
		first = append(first, order(route.Weighted, route.Question{Turn: turn + 1}, weight("a", 3), weight("b", 1)))
	}
	if got, want := strings.Join(first, ", "), "a b, a b, b a, a b, a b, a b, a b, b a"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	tests := []struct {
		weights []int
		away    int // of the first candidates
	}{{[]int{3, 1}, 0}, {[]int{1, 1, 1}, 0}, {[]int{5, 3, 1, 1}, 0}, {[]int{98, 1, 1}, 0}, {[]int{5, 3, 1}, 1}}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.weights, tt.away), func(t *testing.T) {
			const turns = 1000
			got, total := make([]float64, len(tt.weights)), 0.0
			for _, w := range tt.weights[tt.away:] {
				total += float64(w)
			}
			for turn := range uint64(turns) {
				var list []route.Candidate
				for i, w := range tt.weights {
					c := weight(fmt.Sprint(i), w)
					if i < tt.away {
						c = away(c)
					}
					list = append(list, c)
				}
				got[order(route.Weighted, route.Question{Turn: turn}, list...)[0]-'0']++
			}
			for i, w := range tt.weights[tt.away:] {
				if want := turns * float64(w) / total; math.Abs(got[tt.away+i]-want) > 5 {
					t.Errorf("provider %d is first %v times of %d, want %v ± 5", tt.away+i, got[tt.away+i], turns, want)
				}
			}
		})
	}
}

// TestSticky: a person keeps the order, people are spread, and an outage moves only the
// people of the provider that is out.
func TestSticky(t *testing.T) {
	t.Parallel()
	list := func() []route.Candidate { return []route.Candidate{price("a", 1), price("b", 1), price("c", 1)} }
	firsts := map[string]int{}
	for i := range 3000 {
		q := route.Question{Subject: idv.SubjectToken(fmt.Sprintf("k1:%d", i)), Turn: uint64(i)} //nolint:gosec // not negative
		whole := order(route.Sticky, q, list()...)
		q.Turn++
		if again := order(route.Sticky, q, list()...); again != whole {
			t.Fatalf("the same person: %s, then %s", whole, again)
		}
		firsts[whole[:1]]++
		without := list()
		without[0] = away(without[0])
		if got, want := order(route.Sticky, q, without...), strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(whole, "a", ""), "  ", " ")); got != want {
			t.Fatalf("without a: %s, want %s", got, want)
		}
	}
	for name, n := range firsts {
		if n < 900 || n > 1100 {
			t.Errorf("%s is first for %d of 3000 people, want about 1000", name, n)
		}
	}
}

// TestNames: a provider that cannot read a name is not called for it.
func TestNames(t *testing.T) {
	t.Parallel()
	basic := candidate("basic", idv.Availability{})
	basic.Descriptor.BasicNames = true
	all := candidate("all", idv.Availability{})
	for script, want := range map[idv.Script]string{
		idv.ScriptHan: "basic all", idv.ScriptHanExtended: "all", idv.ScriptLatin: "basic all", idv.ScriptUnknown: "basic all",
	} {
		if got := order(route.Priority, route.Question{Script: script}, basic, all); got != want {
			t.Errorf("%q: got %s, want %s", script, got, want)
		}
	}
}
