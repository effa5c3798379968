package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// TestExplainEqualsVerify: in every mode the explanation is the plan of the next verification.
func TestExplainEqualsVerify(t *testing.T) {
	t.Parallel()
	for _, mode := range route.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			a, b, c := enginetest.New("a", enginetest.Answer(idv.Match)), enginetest.New("b", enginetest.Answer(idv.Match)), enginetest.New("c", enginetest.Answer(idv.Match))
			o := enginetest.Options(a, b, c)
			o.Routes[0].Mode, o.Routes[0].MaxAttempts = mode, 1
			o.Providers[0].Price, o.Providers[1].Price = money(3), money(2)
			o.Providers[2].Price = money(1)
			e := enginetest.Engine(t, o)
			firsts := map[string]int{}
			for range 30 {
				plan, err := e.Explain(t.Context(), enginetest.Request())
				if err != nil {
					t.Fatal(err)
				}
				v := verify(t, e, enginetest.Request())
				if got, want := v.Attempts[0].Provider, plan.Steps[0].Provider; got != want {
					t.Fatalf("verified with %s, explained %s", got, want)
				}
				firsts[v.Attempts[0].Provider]++
			}
			switch mode {
			case route.Priority:
				check(t, firsts, "map[a:30]")
			case route.Cheapest:
				check(t, firsts, "map[c:30]")
			case route.Weighted:
				check(t, firsts, "map[a:10 b:10 c:10]")
			case route.Sticky:
				if len(firsts) != 1 {
					t.Errorf("one person was sent to %v", firsts)
				}
			case route.Fastest:
				if len(firsts) != 3 {
					t.Errorf("only %v were measured, want all three", firsts)
				}
			}
		})
	}
}

func check(t *testing.T, got map[string]int, want string) {
	t.Helper()
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func money(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: idv.CNY} }

// TestCheapestReadsThePackages: the price is that of the next unit, also when a package is
// added or used up.
func TestCheapestReadsThePackages(t *testing.T) {
	t.Parallel()
	s := memory.New(0)
	a, b := enginetest.New("a", enginetest.Answer(idv.Match)), enginetest.New("b", enginetest.Answer(idv.Match))
	o := enginetest.Options(a, b)
	o.Store, o.FingerprintKey, o.Routes[0].Mode = s, []byte("of a test"), route.Cheapest
	o.Providers[0].Price, o.Providers[1].Price = money(100), money(200)
	lot := ledger.Lot{ID: "b-1", Provider: "b", Units: 2, Total: money(2), Bought: time.Now()}
	if err := s.AddLot(t.Context(), lot); err != nil {
		t.Fatal(err)
	}
	e := enginetest.Engine(t, o)
	var got []string
	for range 4 {
		got = append(got, verify(t, e, enginetest.Request()).Attempts[0].Provider)
	}
	if want := "b b a a"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestFirstMatchWins: a request takes the first route that matches it.
func TestFirstMatchWins(t *testing.T) {
	t.Parallel()
	a, b := enginetest.New("a", enginetest.Answer(idv.Match)), enginetest.New("b", enginetest.Answer(idv.Match))
	o := enginetest.Options(a, b)
	loans := func(q *route.Question) bool { return q.App == "loans" }
	extended := func(q *route.Question) bool { return q.Script == idv.ScriptHanExtended }
	o.Routes = []route.Rule{
		{Check: idv.CheckIDName, Match: loans, Providers: []string{"b"}},
		{Check: idv.CheckIDName, Match: extended, Providers: []string{"b", "a"}},
		{Check: idv.CheckIDName, Providers: []string{"a"}},
	}
	e := enginetest.Engine(t, o)
	tests := []struct {
		name   string
		change func(*idv.Request)
		want   string
	}{
		{"the first", func(r *idv.Request) { r.App = "loans" }, "b"},
		{"by the script of the name", func(r *idv.Request) { r.Subject.Name = idv.NewSensitive("王𠮷") }, "b"},
		{"the last", func(*idv.Request) {}, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := enginetest.Request()
			tt.change(&r)
			if got := verify(t, e, r).Attempts[0].Provider; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	o.Routes = o.Routes[:1]
	_, err := enginetest.Engine(t, o).Verify(t.Context(), enginetest.Request())
	if got := idv.AsError(err); got.Failure != idv.Unsupported || got.Delivery != idv.NotSent {
		t.Errorf("without a route that matches: %v", err)
	}
}
