package guard

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// throttlePause is the pause after a vendor throttled a call without a Retry-After.
	throttlePause = time.Second
	// throttleMax bounds a vendor's Retry-After, so that a mistaken one does not close the
	// gate for a day.
	throttleMax = time.Minute
)

// gate holds what the vendor itself reported about its availability. It closes on the
// first maintenance code, without counting, because each further call would fail and may
// be billed.
//
// When the time of a closed gate is over, it admits exactly one trial. If the trial is
// answered, the gate opens; if it fails, the gate closes for twice as long, up to a limit.
// A used-up package or a refused key closes the gate until an operator resumes it, since
// no trial can succeed before.
type gate struct {
	idv.Provider
	first, most time.Duration
	changed     func(idv.Availability)

	clear atomic.Bool // nothing below is set, so no lock is needed

	mu      sync.Mutex
	reason  idv.SkipReason // "" when open
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

// Ask calls the provider if the gate is open, or if this is its trial.
func (g *gate) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	trial, rejected := g.enter(time.Now())
	if rejected != nil {
		return idv.Answer{}, rejected
	}
	if trial {
		// A trial that never ends would keep the gate closed for ever.
		defer g.trialOver()
	}
	a, err := g.Provider.Ask(ctx, q)
	if trial || err != nil {
		g.report(err, trial, time.Now())
	}
	return a, err
}

func (g *gate) enter(now time.Time) (trial bool, rejected *idv.Error) {
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
	case g.reason == "":
		return idv.Availability{}
	case g.until.IsZero() || now.Before(g.until):
		return idv.Availability{Reason: g.reason, Until: g.until}
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

// report records the outcome of a call. The calls that were in flight when the gate
// closed may all fail alike; only a failed trial makes the pause longer.
func (g *gate) report(err error, trial bool, now time.Time) {
	failure, retry := idv.FailureUnknown, time.Duration(0)
	if err != nil {
		e := idv.AsError(err)
		if e.TurnedAway() != "" || e.Failure == idv.Canceled || e.HostSide {
			return // it says nothing about the vendor
		}
		failure, retry = e.Failure, e.Retry
	}
	reason := reasonOf(failure)
	switch {
	case reason != "":
		g.close(reason, retry, trial, now)
	case !trial:
		// The call began before the gate closed, so its outcome does not open it.
	case err == nil || !unhealthy(failure):
		g.open()
	default:
		g.close(idv.SkipMaintenance, 0, true, now)
	}
}

// open opens the gate. It does not end a drain.
func (g *gate) open() {
	g.mu.Lock()
	was := g.reason
	g.reason, g.until, g.pause = "", time.Time{}, 0
	g.unlock(was != "")
}

func (g *gate) close(reason idv.SkipReason, retry time.Duration, trial bool, now time.Time) {
	g.mu.Lock()
	if g.reason != "" && !trial {
		g.mu.Unlock()
		return
	}
	g.reason, g.until = reason, time.Time{}
	switch reason {
	case idv.SkipThrottled:
		g.until = now.Add(min(max(retry, throttlePause), throttleMax))
	case idv.SkipMaintenance:
		g.pause = min(max(g.first, 2*g.pause, retry), g.most)
		g.until = now.Add(g.pause)
	}
	g.unlock(true)
}

// closeUntil closes the gate for an operator.
func (g *gate) closeUntil(reason idv.SkipReason, until time.Time) {
	g.mu.Lock()
	g.reason, g.until, g.pause = reason, until, 0
	g.unlock(true)
}

func (g *gate) drain(on bool) {
	g.mu.Lock()
	was := g.drained
	g.drained = on
	g.unlock(was != on)
}

// unlock ends a change. It calls the hook outside the lock.
func (g *gate) unlock(changed bool) {
	g.clear.Store(g.reason == "" && !g.drained)
	a := g.look(time.Now())
	g.mu.Unlock()
	if changed {
		g.changed(a)
	}
}

// reasonOf returns why a failure closes the gate, "" if it does not.
func reasonOf(f idv.Failure) idv.SkipReason {
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

// failureOf returns the failure of a call that is rejected for a reason.
func failureOf(reason idv.SkipReason) idv.Failure {
	for _, f := range []idv.Failure{idv.Maintenance, idv.QuotaExhausted, idv.BadCredentials, idv.Throttled} {
		if reasonOf(f) == reason {
			return f
		}
	}
	return idv.Unavailable
}
