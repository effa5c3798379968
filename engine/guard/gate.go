package guard

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// throttlePause is the pause after a vendor asked us to slow down without
	// saying for how long.
	throttlePause = time.Second
	// throttleMax bounds a vendor's Retry-After: a day would take it out for a typo.
	throttleMax = time.Minute
)

// gate is what the vendor itself said about its availability. It closes on the
// first maintenance code, because each further call would be one more that fails
// and may be billed; no counting, no percentage.
//
// A gate that closed for a time is then due: it lets exactly one trial through.
// If that is answered the gate opens; if it fails the gate closes again for twice
// as long, up to a limit. A used-up package or a refused key closes it until an
// operator resumes it, for no trial can mend those.
type gate struct {
	idv.Provider
	first, most time.Duration
	changed     func(idv.Availability)

	clear atomic.Bool // nothing below is set: the path without a lock

	mu      sync.Mutex
	why     idv.SkipReason // "" when open
	until   time.Time
	pause   time.Duration // of the current closing
	trial   bool          // one is running
	drained bool
}

func newGate(next idv.Provider, l Limits, changed func(idv.Availability)) *gate {
	g := &gate{Provider: next, first: l.GateFirst, most: l.GateMax, changed: changed}
	g.clear.Store(true)
	return g
}

// Ask asks if the gate is open, or due and this is its trial.
func (g *gate) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	trial, turned := g.enter(time.Now())
	if turned != nil {
		return idv.Answer{}, turned
	}
	if trial {
		// A trial that never reported would keep the gate shut for ever.
		defer g.trialOver()
	}
	a, err := g.Provider.Ask(ctx, q)
	if trial || err != nil {
		g.report(err, trial, time.Now())
	}
	return a, err
}

func (g *gate) enter(now time.Time) (trial bool, turned *idv.Error) {
	if g.clear.Load() {
		return false, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.look(now)
	if a.Reason != "" {
		var wait time.Duration
		if !a.Until.IsZero() {
			wait = a.Until.Sub(now)
		}
		return false, idv.Turned(failureOf(a.Reason), a.Reason, wait)
	}
	g.trial = g.trial || a.Trial
	return a.Trial, nil
}

func (g *gate) availability(now time.Time) idv.Availability {
	if g.clear.Load() {
		return idv.Availability{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.look(now)
}

func (g *gate) look(now time.Time) idv.Availability {
	switch {
	case g.drained:
		return idv.Availability{Reason: idv.SkipDrained}
	case g.why == "":
		return idv.Availability{}
	case g.until.IsZero() || now.Before(g.until):
		return idv.Availability{Reason: g.why, Until: g.until}
	case g.trial:
		return idv.Availability{Reason: idv.SkipTrialRunning, Until: g.until}
	}
	return idv.Availability{Trial: true}
}

func (g *gate) trialOver() {
	g.mu.Lock()
	g.trial = false
	g.mu.Unlock()
}

// report takes the outcome of a call. Of the calls that were in flight when the
// gate closed each brings the same bad news; only the trial's makes it longer.
func (g *gate) report(err error, trial bool, now time.Time) {
	failure, retry := idv.FailureUnknown, time.Duration(0)
	if err != nil {
		e := idv.AsError(err)
		if e.TurnedAway() != "" || e.Failure == idv.Canceled {
			return // nothing was learned
		}
		failure, retry = e.Failure, e.Retry
	}
	why := whyOf(failure)
	switch {
	case why != "":
		g.close(why, retry, trial, now)
	case !trial:
		// An older call's outcome says nothing against what closed the gate since.
	case err == nil || !counts(failure):
		g.open()
	default:
		g.close(idv.SkipMaintenance, 0, true, now)
	}
}

// open opens the gate. It does not end a drain.
func (g *gate) open() {
	g.mu.Lock()
	was := g.why
	g.why, g.until, g.pause = "", time.Time{}, 0
	g.settle(was != "")
}

func (g *gate) close(why idv.SkipReason, retry time.Duration, trial bool, now time.Time) {
	g.mu.Lock()
	if g.why != "" && !trial {
		g.mu.Unlock()
		return
	}
	g.why, g.until = why, time.Time{}
	switch why {
	case idv.SkipThrottled:
		g.until = now.Add(min(max(retry, throttlePause), throttleMax))
	case idv.SkipMaintenance:
		g.pause = min(max(g.first, 2*g.pause, retry), g.most)
		g.until = now.Add(g.pause)
	}
	g.settle(true)
}

// shut closes the gate by an operator's word.
func (g *gate) shut(why idv.SkipReason, until time.Time) {
	g.mu.Lock()
	g.why, g.until, g.pause = why, until, 0
	g.settle(true)
}

func (g *gate) drain(on bool) {
	g.mu.Lock()
	was := g.drained
	g.drained = on
	g.settle(was != on)
}

// settle ends a change: it unlocks, and tells about the change outside the lock.
func (g *gate) settle(changed bool) {
	g.clear.Store(g.why == "" && !g.drained)
	a := g.look(time.Now())
	g.mu.Unlock()
	if changed {
		g.changed(a)
	}
}

// whyOf names the closing that a failure causes, "" if it causes none.
func whyOf(f idv.Failure) idv.SkipReason {
	switch f {
	case idv.Maintenance:
		return idv.SkipMaintenance
	case idv.QuotaExhausted:
		return idv.SkipQuotaExhausted
	case idv.BadCredentials:
		return idv.SkipCredentials
	case idv.Throttled:
		return idv.SkipThrottled
	}
	return ""
}

// failureOf is the failure of a call that is turned away for a reason.
func failureOf(why idv.SkipReason) idv.Failure {
	for _, f := range []idv.Failure{idv.Maintenance, idv.QuotaExhausted, idv.BadCredentials, idv.Throttled} {
		if whyOf(f) == why {
			return f
		}
	}
	return idv.Unavailable
}
