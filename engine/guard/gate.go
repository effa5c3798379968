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
// answered, the gate opens and a ramp begins. If it fails, the gate closes again: for the
// same time, so that a vendor that is back is soon noticed, or for twice as long, up to a
// limit, if the vendor charges for the failed trial. A used-up package or a refused key
// closes the gate until an operator resumes it, since no trial can succeed before.
type gate struct {
	changed func()
	learned func() // the gate has news
	slots   *slots

	clear atomic.Bool // nothing below is set, so no lock is needed

	mu          sync.Mutex
	first, most time.Duration  // the shortest and the longest pause
	reason      idv.SkipReason // "" when open
	until       time.Time
	pause       time.Duration // of the current closing
	trial       bool          // one is running
	ordered     bool          // an operator closed it, not a vendor
	drained     bool
	news        time.Time // when the vendor said what other nodes should know; zero if they know
	drainUntil  time.Time // zero for no end
}

func newGate(changed, learned func(), s *slots) *gate {
	g := &gate{changed: changed, learned: learned, slots: s}
	g.clear.Store(true)
	return g
}

func (g *gate) configure(first, most time.Duration) {
	g.mu.Lock()
	g.first, g.most = first, most
	g.mu.Unlock()
}

// gated is a provider behind a gate. concerns selects the failures that the gate looks at.
type gated struct {
	idv.Provider
	gate     *gate
	concerns func(*idv.Error) bool
}

// Ask calls the provider if the gate is open, or if this is its trial.
func (p gated) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	begun := time.Now()
	trial, rejected := p.gate.enter(begun)
	if rejected != nil {
		return idv.Answer{}, rejected
	}
	if trial {
		// A trial that never ends would keep the gate closed for ever.
		defer p.gate.trialOver()
	}
	a, err := p.Provider.Ask(ctx, q)
	if trial || err != nil {
		p.report(err, trial, begun)
	}
	return a, err
}

func (g *gate) enter(now time.Time) (trial bool, rejected error) {
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
		return false, &idv.Rejection{Reason: a.Reason, RetryAfter: wait}
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
	case g.drained && (g.drainUntil.IsZero() || now.Before(g.drainUntil)):
		return idv.Availability{Reason: idv.SkipDrained, Until: g.drainUntil}
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
// closed may all fail alike; only a failed trial moves the next one.
func (p gated) report(err error, trial bool, begun time.Time) {
	now := time.Now()
	c := closing{trial: trial, begun: begun, now: now}
	failure := idv.FailureUnknown
	if err != nil {
		e := idv.AsError(err)
		if idv.RejectionOf(err) != nil || e.Failure == idv.Canceled || e.HostSide {
			return // it says nothing about the vendor
		}
		if !p.concerns(e) {
			if trial && e.Delivery == idv.Answered {
				p.gate.open(now) // the vendor serves the account, whatever it says of the call
			}
			return
		}
		failure, c.retry, c.charged = e.Failure, e.Retry, e.Charge == idv.Charged
	}
	c.reason = reasonOf(failure)
	switch {
	case c.reason != "":
		p.gate.close(c)
	case !trial:
		// The call began before the gate closed, so its outcome does not open it.
	case err == nil || !unhealthy(failure):
		p.gate.open(now)
	default:
		c.reason = idv.SkipMaintenance
		p.gate.close(c)
	}
}

// open opens the gate after a trial. It does not end a drain, nor a closing that an operator
// ordered during the trial.
func (g *gate) open(now time.Time) {
	g.mu.Lock()
	was := g.reason
	if !g.trial {
		g.mu.Unlock()
		return
	}
	g.reason, g.until, g.pause, g.ordered = "", time.Time{}, 0, false
	if was == idv.SkipMaintenance {
		g.slots.ramp(now)
	}
	g.tellNodes(was, now)
	g.unlock(was != "")
}

// openFrom opens the gate if a reason closed it.
func (g *gate) openFrom(reason idv.SkipReason) {
	g.mu.Lock()
	was := g.reason == reason
	if was {
		g.reason, g.until, g.pause = "", time.Time{}, 0
		g.tellNodes(reason, time.Now())
	}
	g.unlock(was)
}

// resume ends a drain and opens the gate, without a call of the hook.
func (g *gate) resume() {
	g.mu.Lock()
	was := g.reason
	g.drained, g.ordered, g.reason, g.until, g.pause = false, false, "", time.Time{}, 0
	g.tellNodes(was, time.Now())
	g.unlock(false)
}

// closing is a failed call that closes a gate.
type closing struct {
	reason     idv.SkipReason
	retry      time.Duration // the vendor's Retry-After, 0 without one
	charged    bool
	trial      bool
	begun, now time.Time // when the call began, and when it failed
}

func (g *gate) close(c closing) {
	g.mu.Lock()
	if g.reason != "" && !c.trial {
		g.mu.Unlock()
		return
	}
	g.reason, g.until, g.ordered = c.reason, time.Time{}, false
	switch c.reason {
	case idv.SkipThrottled:
		g.until = c.now.Add(min(max(c.retry, throttlePause), throttleMax))
	case idv.SkipMaintenance:
		g.until = g.next(c)
		g.slots.failed(c.now)
	}
	g.tellNodes(c.reason, c.now)
	g.unlock(true)
}

// next returns when the next trial is due. The pause between trials counts from the beginning
// of the last one, so that a trial that times out hardly delays the return.
func (g *gate) next(c closing) time.Time {
	longest := g.first
	if c.charged {
		longest = 2 * g.pause
	}
	g.pause = min(max(g.first, longest, c.retry), g.most)
	if !c.trial {
		return c.now.Add(g.pause)
	}
	due, least := c.begun.Add(g.pause), c.now.Add(g.pause/2)
	if due.Before(least) {
		return least
	}
	return due
}

// closeUntil closes the gate for an operator. It replaces a drain.
func (g *gate) closeUntil(reason idv.SkipReason, until time.Time) {
	g.mu.Lock()
	g.reason, g.until, g.pause, g.ordered, g.drained = reason, until, 0, true, false
	g.trial = false
	g.unlock(true)
}

// drain replaces a closing by an operator. What a vendor reported stays.
func (g *gate) drain(until time.Time) {
	g.mu.Lock()
	changed := !g.drained || !g.drainUntil.Equal(until)
	if g.ordered {
		g.reason, g.until, g.ordered = "", time.Time{}, false
	}
	g.drained, g.drainUntil = true, until
	g.unlock(changed)
}

// drainLike takes over what operators ordered of the gate that this one replaces, without a
// call of the hook.
func (g *gate) drainLike(before *gate) {
	before.mu.Lock()
	drained, end := before.drained, before.drainUntil
	ordered, reason, until := before.ordered, before.reason, before.until
	before.mu.Unlock()
	g.mu.Lock()
	g.drained, g.drainUntil = drained, end
	if ordered {
		g.ordered, g.reason, g.until = true, reason, until
	}
	g.clear.Store(g.reason == "" && !g.drained)
	g.mu.Unlock()
}

// unlock ends a change. It calls the hooks outside the lock.
func (g *gate) unlock(changed bool) {
	g.clear.Store(g.reason == "" && !g.drained)
	news := !g.news.IsZero()
	g.mu.Unlock()
	if changed {
		g.changed()
	}
	if news {
		g.learned()
	}
}

// reasonOf returns why a failure closes the gate, "" if it does not.
func reasonOf(f idv.Failure) idv.SkipReason {
	if f == idv.Unsupported {
		return "" // it concerns one document
	}
	return f.Obstacle()
}
