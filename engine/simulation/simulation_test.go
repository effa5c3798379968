// Package simulation runs the whole engine, with guards, ledger, consents and limits, against
// scripted vendors in simulated time, lets everything fail that can fail, and checks after
// each step what must always hold. docs/simulation.md describes the method.
//
// All of it is test code. A story is made from a seed, so that every run can be repeated:
//
//	HEYAN_SEED=17 go test -run TestSimulation -v ./engine/simulation
package simulation

import (
	"os"
	"strconv"
	"testing"
	"time"
)

const day = 24 * time.Hour

// TestSimulation plays a story of a day for each of many seeds: 31, or 365 with HEYAN_PROVE
// set, or HEYAN_DAYS; or the one of HEYAN_SEED.
func TestSimulation(t *testing.T) {
	first, days := uint64(1), 31
	if os.Getenv("HEYAN_PROVE") != "" {
		days = 365
	}
	if text := os.Getenv("HEYAN_DAYS"); text != "" {
		days, _ = strconv.Atoi(text)
	}
	if seed, err := strconv.ParseUint(os.Getenv("HEYAN_SEED"), 10, 64); err == nil {
		first, days = seed, 1
	}
	begin := time.Now()
	var all figures
	for seed := first; seed < first+uint64(days); seed++ {
		s := newStory(seed, day)
		broken, f := run(t, s)
		all.add(f)
		if broken != nil {
			if os.Getenv("HEYAN_SHRINK") == "0" {
				s.events = nil
			} else {
				s, broken = shrink(t, s, broken)
			}
			t.Fatal(tell(s, broken))
		}
	}
	t.Logf("%+v in %v", all, time.Since(begin).Round(time.Millisecond))
}

func (f *figures) add(g figures) {
	f.simulated += g.simulated
	f.requests += g.requests
	f.calls += g.calls
	f.answers += g.answers
	f.failovers += g.failovers
	f.replays += g.replays
	f.refused += g.refused
	f.trials += g.trials
	f.closings += g.closings
	f.ramped += g.ramped
	f.deaths += g.deaths
	f.billed += g.billed
	f.unknown += g.unknown
	f.withdrawn += g.withdrawn
	if f.outcomes == nil {
		f.outcomes = map[string]int{}
	}
	for name, n := range g.outcomes {
		f.outcomes[name] += n
	}
}
