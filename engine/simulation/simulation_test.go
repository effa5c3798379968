// Package simulation runs the whole engine, with guards, ledger, consents and limits, against
// scripted vendors in simulated time, lets everything fail that can fail, and checks after
// each step what must always hold. docs/simulation.md describes the method.
//
// All of it is test code. A story is made from a seed, so that every run can be repeated:
//
//	HEYAN_SEED=17 go test -run TestEngineSimulation -v ./engine/simulation
package simulation

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// TestEngineSimulation plays a story of a day for each of many seeds: 31, or 365 with HEYAN_PROVE
// set, or as many as HEYAN_DAYS says; or the one of HEYAN_SEED. With the race detector, what
// happens after six hours of a day is left out.
func TestEngineSimulation(t *testing.T) {
	first, days := uint64(1), 31
	if os.Getenv("HEYAN_PROVE") != "" {
		days = 365
	}
	if n, err := strconv.Atoi(os.Getenv("HEYAN_DAYS")); err == nil {
		days = n
	}
	if seed, err := strconv.ParseUint(os.Getenv("HEYAN_SEED"), 10, 64); err == nil {
		first, days = seed, 1
	}
	begin := time.Now()
	var all figures
	for seed := first; seed < first+uint64(days); seed++ {
		s := newStory(seed, day)
		if raceDetector {
			s.events = slices.DeleteFunc(s.events, func(e event) bool { return e.at > day/4 })
			s.bursts = slices.DeleteFunc(s.bursts, func(b span) bool { return b.from > day/4 })
		}
		broken, f := run(t, s, nil)
		all.add(&f)
		if broken == nil {
			continue
		}
		if os.Getenv("HEYAN_SHRINK") == "0" {
			s.events = nil
		} else {
			s, broken = shrink(t, s, broken, nil)
		}
		t.Fatal(tell(s, broken))
	}
	t.Logf("%v in %v", &all, time.Since(begin).Round(time.Second))
	if days >= 31 && (all.failovers == 0 || all.trials == 0 || all.ramped == 0 || all.deaths == 0 || all.replays == 0) {
		t.Error("something that the laws are about did not happen")
	}
}

// TestSameSeedSameRun: a seed repeats all that happens, to the nanosecond.
func TestSameSeedSameRun(t *testing.T) {
	for seed := uint64(1); seed <= 3; seed++ {
		_, once := run(t, newStory(seed, day/4), nil)
		_, again := run(t, newStory(seed, day/4), nil)
		if once.sum != again.sum || once.calls == 0 {
			t.Errorf("seed %d: the sum of %d calls is %x, then of %d calls %x", seed, once.calls, once.sum, again.calls, again.sum)
		}
	}
}

// TestBrokenLawIsToldShortly breaks a law: the engine may make more calls than the law allows.
func TestBrokenLawIsToldShortly(t *testing.T) {
	for seed := uint64(1); ; seed++ {
		s := newStory(seed, day/4)
		if s.set.attempts < 2 {
			continue
		}
		stricter := func(l *laws) {
			set := *l.story
			set.set.attempts = 1
			l.story = &set
		}
		broken, _ := run(t, s, stricter)
		if broken == nil {
			continue // no vendor failed that allows another call
		}
		events := len(s.events)
		s, broken = shrink(t, s, broken, stricter)
		text := tell(s, broken)
		if broken.law != "attempts" || len(s.events) > 12 || !strings.Contains(text, "its call number 2 of 1.") {
			t.Errorf("%d of %d events are left:\n%s", len(s.events), events, text)
		}
		return
	}
}

func (f *figures) add(g *figures) {
	f.simulated += g.simulated
	for into, n := range map[*int]int{
		&f.requests: g.requests, &f.calls: g.calls, &f.answers: g.answers, &f.failovers: g.failovers, &f.replays: g.replays,
		&f.trials: g.trials, &f.closings: g.closings, &f.ramped: g.ramped, &f.deaths: g.deaths, &f.billed: g.billed, &f.unknown: g.unknown,
		&f.second: g.second, &f.reused: g.reused, &f.windows: g.windows, &f.news: g.news,
	} {
		*into += n
	}
	if f.outcomes == nil {
		f.outcomes = map[string]int{}
	}
	for name, n := range g.outcomes {
		f.outcomes[name] += n
	}
}

// String tells the figures.
func (f *figures) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.1f simulated days: %d requests, %d calls (%d answered, %d after another one, %d trials, %d in a ramp), %d billed, %d left unknown, "+
		"%d gates closed, %d replays, %d nodes died, %d second opinions, %d answers reused, %d skipped in windows, %d gates changed by other nodes",
		f.simulated.Hours()/24, f.requests, f.calls, f.answers, f.failovers, f.trials, f.ramped, f.billed, f.unknown, f.closings, f.replays, f.deaths,
		f.second, f.reused, f.windows, f.news)
	for _, name := range slices.Sorted(maps.Keys(f.outcomes)) {
		fmt.Fprintf(&b, "; %s %d", strings.TrimSpace(name), f.outcomes[name])
	}
	return b.String()
}
