package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

func TestPersons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	truths := map[string]int{}
	for n := range 5000 {
		p := personAt(n)
		if number := identity.CheckNumber(idv.NewSensitive(p.number), identity.Options{}); !number.Valid || seen[p.number] {
			t.Fatalf("person %d has no number of its own: %v", n, number.Reason)
		}
		seen[p.number] = true
		truths[p.truth]++
	}
	if truths["match"] < 2000 || truths["mismatch"] < 2000 || truths["no_record"] != 250 {
		t.Errorf("verdicts are %v", truths)
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	from := time.Unix(1_700_000_000, 0)
	at := func(ms int) time.Time { return from.Add(time.Duration(ms) * time.Millisecond) }
	call := func(ms int, vendor, person string, billed bool) sandbox.Event {
		return sandbox.Event{Vendor: vendor, At: at(ms), Person: person, Billed: billed}
	}
	o := outage{story: story{name: "s", sick: []string{first}, steps: []step{{0, sandbox.ModeStall, usual}}}, from: from, to: at(10_000), healed: at(10_000)}
	got := evaluate(o, 2, []sample{
		{at: at(-100), took: 20 * time.Millisecond}, {at: at(5), took: time.Second, failed: true, reason: "timeout"},
		{at: at(100), took: 30 * time.Millisecond, wrong: true}, {at: at(11_000), took: 20 * time.Millisecond},
	}, []sandbox.Event{
		call(-100, first, "a", true), call(5, first, "b", true), call(15, first, "c", true), call(40, first, "d", true),
		call(41, second, "d", true), call(5000, first, "e", true), call(11_000, first, "f", true),
	}, map[string]book{first: {charged: 2, possible: 3}, second: {charged: 2}})
	want := result{
		story: "s", requests: 4, during: 2, failed: 1, reasons: map[string]int{"timeout": 1}, wrong: 1, wasted: 4, inFlight: 2, late: 1, trials: 1, switched: 35 * time.Millisecond,
		perRequest: 2.5, refusal: time.Second, before: 20 * time.Millisecond, added: 10 * time.Millisecond,
		twice: 1, unbooked: 2, back: time.Second, full: time.Second,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	good := []result{
		{story: "9999", system: "heyan", inFlight: 4, trials: 11, back: 5 * time.Second},
		{story: "stall", system: "heyan", failed: 10, inFlight: 4, trials: 3},
		{story: "all_down", system: "heyan", refusal: 5 * time.Millisecond, perRequest: 1.05},
	}
	for _, tt := range []struct {
		name   string
		change func([]result)
		missed string // beginnings of the goals
	}{
		{"all met", func([]result) {}, ""},
		{"a failed request", func(r []result) { r[0].failed = 1 }, "9999: no request fails"},
		{"calls after the switch-over", func(r []result) { r[0].late = 2 }, "9999: wasted 9999: switch-over"},
		{"not back", func(r []result) { r[0].back = -1 }, "9999: back"},
		{"callers of a stalled vendor", func(r []result) { r[1].failed = 11 }, "stall:"},
		{"a slow refusal", func(r []result) { r[2].refusal = 6 * time.Millisecond }, "all down: 99"},
		{"calls of vendors that are down", func(r []result) { r[2].perRequest = 1.06 }, "all down: at most"},
		{"a wrong verdict", func(r []result) { r[1].wrong = 1 }, "all stories: no wrong"},
		{"a call that is not booked", func(r []result) { r[2].unbooked = 1 }, "all stories: nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results := append([]result{}, good...)
			tt.change(results)
			missed := ""
			for _, g := range goals(results, options{pause: 5 * time.Second}) {
				if !g.met {
					missed += g.text + "\n"
				}
			}
			if (missed == "") != (tt.missed == "") || !strings.HasPrefix(missed, strings.Split(tt.missed, " 9999")[0]) {
				t.Errorf("missed %q, want %q", missed, tt.missed)
			}
		})
	}
}

func TestPageAndChart(t *testing.T) {
	t.Parallel()
	results := []result{{story: "stall", system: "heyan", requests: 100, failed: 7, wasted: 9, back: -1, full: -1}, {story: "stall", system: "nginx", twice: 42}}
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("before\n"+partBegins+"\nold\n"+partEnds+"\nafter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replacePart(file, page(results, options{rate: 200, pause: time.Second}, time.Unix(0, 0))); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before\n" + partBegins, partEnds + "\nafter\n", "| stall | 100 | 7 |", "### nginx", "| – |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page has no %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "old") {
		t.Error("the page still has the old results")
	}
	if err := replacePart(filepath.Join("testdata", "none"), ""); err == nil {
		t.Error("a page that is not there is no error")
	}
	if svg := chart(results); !strings.HasPrefix(svg, "<svg") || !strings.Contains(svg, ">42</text>") {
		t.Errorf("the chart is %s", svg)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-rate", "0"}, {"-scale", "-1"}, {"-stories", "none"}, {"-systems", "none"}, {"-unknown"}} {
		var out strings.Builder
		if err := run(t.Context(), args, &out, &out); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
