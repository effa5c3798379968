package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// result is what a story cost with a system.
type result struct {
	story, system string
	requests      int            // in all
	during        int            // requests during the outage
	failed        int            // requests without a verdict
	reasons       map[string]int // why they failed
	wrong         int            // verdicts that are not true

	wasted   int           // calls that sick vendors received while they failed
	inFlight int           // of these, before the first failed answer was due
	late     int           // of these, after that and before the switch-over
	trials   int           // of these, after the switch-over
	switched time.Duration // from the first failed call to the last one before the switch-over

	perRequest float64       // calls for each request of the outage, at all vendors
	refusal    time.Duration // 99th percentile of the failed requests of the outage
	before     time.Duration // 99th percentile of all requests before the outage
	added      time.Duration // by how much that of the outage is longer

	twice    int   // calls that were billed for a request that was already billed
	unbooked int64 // billed calls that are not in the books, and booked ones that were not billed

	back time.Duration // from the end of the outage, or the last kill, to the first call of the first vendor; negative if there was none
	full time.Duration // to the time from which it has nine tenths of the requests; likewise
}

// pauseOfUse is how long a vendor gets no call once it is left out. At 200 requests a second it
// gets one every 5 ms before.
const pauseOfUse = 400 * time.Millisecond

func evaluate(o outage, rate float64, samples []sample, events []sandbox.Event, books map[string]book) result {
	r := result{story: o.story.name, requests: len(samples), reasons: map[string]int{}}
	var before, during, failed []time.Duration
	for _, s := range samples {
		if s.wrong {
			r.wrong++
		}
		if s.failed {
			r.failed++
			r.reasons[s.reason]++
		}
		switch {
		case s.at.Before(o.from):
			before = append(before, s.took)
		case s.at.Before(o.to):
			r.during++
			during = append(during, s.took)
			if s.failed {
				failed = append(failed, s.took)
			}
		}
	}
	r.before, r.refusal = percentile(before, 0.99), percentile(failed, 0.99)
	r.added = percentile(during, 0.99) - r.before
	r.waste(o, events)
	r.bill(events, books)
	r.comeBack(o, rate, events)
	return r
}

// waste counts the calls that sick vendors received.
func (r *result) waste(o outage, events []sandbox.Event) {
	all := 0
	for _, e := range events {
		if !e.At.Before(o.from) && e.At.Before(o.to) {
			all++
		}
	}
	r.perRequest = float64(all) / float64(max(r.during, 1))
	switched := false
	var begun, last time.Time
	for _, e := range o.sick(events) {
		r.wasted++
		if begun.IsZero() {
			begun, last = e.At, e.At
		}
		switched = switched || e.At.Sub(last) > pauseOfUse
		switch {
		case switched:
			r.trials++
			continue
		case e.At.Sub(begun) <= usual:
			r.inFlight++
		default:
			r.late++
		}
		last = e.At
		r.switched = last.Sub(begun)
	}
}

// bill compares what the vendors billed with the requests and the books.
func (r *result) bill(events []sandbox.Event, books map[string]book) {
	billed, persons := map[string]int64{}, map[string]bool{}
	for _, e := range events {
		if !e.Billed {
			continue
		}
		billed[e.Vendor]++
		billed[""]++
		if persons[e.Person] {
			r.twice++
		}
		persons[e.Person] = true
	}
	of := vendorNames()
	if _, all := books[""]; all {
		of = []string{""}
	}
	for _, name := range of {
		b := books[name]
		r.unbooked += max(0, b.charged-billed[name]) + max(0, billed[name]-b.charged-b.possible)
	}
}

// share is the time in which the share of the first vendor is measured.
const share = 500 * time.Millisecond

// comeBack measures how soon the first vendor is used again.
func (r *result) comeBack(o outage, rate float64, events []sandbox.Event) {
	r.back, r.full = -1, -1
	var after []time.Duration
	for _, e := range events {
		if e.Vendor == first && e.At.After(o.healed) {
			after = append(after, e.At.Sub(o.healed))
		}
	}
	if len(after) == 0 {
		return
	}
	r.back = after[0]
	need := max(1, int(0.9*rate*share.Seconds()))
	for i := range after {
		if i+need-1 < len(after) && after[i+need-1]-after[i] <= share {
			r.full = after[i]
			return
		}
	}
}

func percentile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[int(q*float64(len(list)-1))]
}

// String is a line of progress.
func (r result) String() string {
	return fmt.Sprintf("%-9s %s: %d failed %v, %d wrongly decided, %d paid twice, %d not booked; %s wasted (%d in flight, %d until the switch-over in %s, %s); back after %s, in full after %s; p99 %s + %s",
		r.system, idv.Count(r.requests, "request"), r.failed, r.reasons, r.wrong, r.twice, r.unbooked, idv.Count(r.wasted, "call"), r.inFlight, r.late, ms(r.switched), idv.Count(r.trials, "trial"), seconds(r.back), seconds(r.full), ms(r.before), ms(r.added))
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

func seconds(d time.Duration) string {
	if d < 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
