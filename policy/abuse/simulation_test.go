package abuse_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/abuse"
)

// day is a simulated day: honest requests, with the scripts hidden among them.
type day struct {
	*harness
	crowd *crowd
	today identity.Date

	requests, asked, mistyped, falseBlocks int
	cheapSlips                             int // paid calls for one wrong digit or two swapped ones
}

// tally is what an attack reached.
type tally struct{ tries, through, calls int }

// request does what the engine does: the local check, then the guard. It returns by
// which rule it was denied, and whether a vendor was asked.
func (d *day) request(app string, s idv.Subject) (rule string, called bool) {
	var out abuse.Result
	n := identity.CheckNumber(s.IDNumber, identity.Options{Today: d.today})
	if n.Valid {
		out = d.check(app, s)
	} else {
		out = d.refused(app, s)
	}
	if out.Denial != nil {
		return out.Denial.Decision.Rules[0], false
	}
	return "", n.Valid
}

// visit is an honest person, who types it right the second time.
func (d *day) visit(seen *recent, tick func()) {
	p := d.crowd.next(seen)
	app := fmt.Sprint("app", d.crowd.IntN(20))
	name, number, kind := d.crowd.typed(p)
	called := d.honest(app, pair(name, number))
	if called && (kind == oneDigit || kind == swapped) {
		d.cheapSlips++
	}
	tick()
	if kind != noSlip {
		d.honest(app, pair(p.name, p.number))
		tick()
	}
}

// honest makes an honest request, counts it, and reports whether a vendor was asked.
func (d *day) honest(app string, s idv.Subject) (called bool) {
	rule, called := d.request(app, s)
	d.requests++
	switch {
	case rule != "":
		if d.falseBlocks++; d.falseBlocks <= 5 {
			d.t.Logf("false block at request %d by %s; all alarms of the app: %v", d.requests, rule, d.siren.of(app))
		}
	case called:
		d.asked++
	default:
		d.mistyped++
	}
	return called
}

// tries is how often every script asks in the day.
const tries = 200

// run simulates a day with so many honest requests, and returns what each attack got.
func (d *day) run(honest int) map[string]tally {
	got := map[string]tally{}
	scripts := attacks(d.crowd)
	begin, step, done := d.now, (24*time.Hour-time.Minute)/time.Duration(honest), 0
	var seen recent
	tick := func() {
		d.now = begin.Add(time.Duration(d.requests) * step)
		d.counters.at(d.now)
		for ; done < tries && d.requests >= done*(honest/tries); done++ {
			for i := range scripts {
				d.attack(&scripts[i], done, got)
			}
		}
	}
	for d.requests < honest {
		d.visit(&seen, tick)
	}
	return got
}

// attack makes the i-th try of a script.
func (d *day) attack(a *attack, i int, got map[string]tally) {
	if a.many > 0 && i >= a.many {
		return
	}
	app := a.name
	if a.apps {
		app = fmt.Sprint(a.name, i)
	}
	rule, called := d.request(app, a.try(i))
	t := got[a.name]
	t.tries++
	if rule == "" {
		t.through++
	}
	if called {
		t.calls++
	}
	got[a.name] = t
}

func newDay(t *testing.T, c abuse.Config) *day {
	d := newHarness(t, c)
	d.now = noon.Add(-12*time.Hour + time.Second)
	return &day{harness: d, crowd: newCrowd(1), today: identity.DateOf(noon)}
}

// bar is how many questions of an attack may get through in the whole day.
const bar = 5

// TestSimulation hides the attacks in a day of a million honest requests, or of a tenth
// of them with -short.
func TestSimulation(t *testing.T) {
	honest := 1_000_000
	if testing.Short() {
		honest /= 10
	}
	d := newDay(t, abuse.Config{
		Limits:      abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: bar}},
		Honeytokens: canaries(t),
	})
	got := d.run(honest)
	for _, a := range attacks(d.crowd) {
		g := got[a.name]
		t.Logf("%-52s %3d tries, %d let through, %d vendor calls", a.name, g.tries, g.through, g.calls)
		if g.through > bar || g.calls > bar {
			t.Errorf("%s: %d let through, %d vendor calls; want at most %d", a.name, g.through, g.calls, bar)
		}
		if g.tries < 11 {
			t.Errorf("%s: only %d tries", a.name, g.tries)
		}
	}
	t.Logf("%d honest requests: %d asked, %d refused by the local check, %d blocked, %d slips of a digit or a swap paid for",
		d.requests, d.asked, d.mistyped, d.falseBlocks, d.cheapSlips)
	if d.falseBlocks > 1 {
		t.Errorf("%d false blocks, want at most 1", d.falseBlocks)
	}
	if d.cheapSlips > 0 {
		t.Errorf("%d vendor calls for a wrong digit or a swap, want none", d.cheapSlips)
	}
	if d.requests < honest || d.mistyped == 0 {
		t.Errorf("%d requests, %d mistyped", d.requests, d.mistyped)
	}
}

// TestSimulationCanFail is the twin: with the bounds off every attack passes the bar,
// and with bounds of one honest people are blocked. A day that did not show it would
// prove nothing.
func TestSimulationCanFail(t *testing.T) {
	t.Run("off", func(t *testing.T) {
		d := newDay(t, abuse.Config{Thresholds: abuse.Unwatched()})
		got := d.run(10_000)
		for _, a := range attacks(d.crowd) {
			if g := got[a.name]; g.through <= bar {
				t.Errorf("%s: %d let through with the bounds off", a.name, g.through)
			}
		}
		if d.falseBlocks != 0 {
			t.Errorf("%d false blocks with the bounds off", d.falseBlocks)
		}
	})
	t.Run("tight", func(t *testing.T) {
		tight := abuse.Thresholds{}
		for _, axis := range abuse.Dimensions() {
			tight[axis] = 1
		}
		d := newDay(t, abuse.Config{Thresholds: tight})
		d.run(10_000)
		if d.falseBlocks == 0 {
			t.Error("no false block with bounds of one")
		}
	})
}
