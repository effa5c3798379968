package guard

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// The circuit also opens if half of the calls of the last minute failed, with failures
// between answers. The count of failures in a row has no interval: with one, rare calls
// would never open the circuit.
const (
	ratioTime   = time.Minute
	ratioBucket = 5 * time.Second
	ratioLeast  = 20 // calls in ratioTime
)

// stallLeast is how many calls must be overdue for a stall. With fewer, a single slow answer
// would keep other callers away.
const stallLeast = 3

var errOverdue = &idv.Error{Failure: idv.Timeout, Origin: idv.OriginEngine, Detail: "the call runs far longer than calls of this provider do"}

// circuit counts the failures of a vendor that keeps failing for reasons it does not
// report. It opens on failures in a row, on a share of failures, and on a stall, which is
// noticed while the calls are still running.
type circuit struct {
	limits  Limits
	breaker atomic.Pointer[gobreaker.TwoStepCircuitBreaker[idv.Answer]]
	calls   running
	row     atomic.Int64 // failures in a row
	stalled atomic.Bool  // overdue calls are being reported
	changed func()
	slots   *slots
	latency *latency
	pulse   *pulse
	until   atomic.Int64 // unix nanoseconds of the end of the last opening
	dirty   atomic.Bool  // the state changed and changed was not called yet
}

func newCircuit(l Limits, s *state) *circuit {
	c := &circuit{limits: l, changed: s.notify, slots: &s.slots, latency: s.latency, pulse: s.pulse}
	c.reset()
	return c
}

// reset closes the circuit. What the calls in flight meet no longer counts.
func (c *circuit) reset() {
	var mine atomic.Pointer[gobreaker.TwoStepCircuitBreaker[idv.Answer]]
	fresh := gobreaker.NewTwoStepCircuitBreaker[idv.Answer](gobreaker.Settings{
		MaxRequests:  1,
		Timeout:      c.limits.BreakerOpen,
		Interval:     ratioTime,
		BucketPeriod: ratioBucket,
		ReadyToTrip:  c.trips,
		IsExcluded:   func(err error) bool { return err != nil && !countsAgainstVendor(idv.AsError(err)) },
		// Called under the breaker's lock, so it must not call the breaker.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if mine.Load() == c.breaker.Load() { // else it was replaced
				c.moved(to)
			}
		},
	})
	mine.Store(fresh)
	c.calls.clear()
	c.row.Store(0)
	c.breaker.Store(fresh)
}

// trips reports whether the failures open the circuit.
func (c *circuit) trips(n gobreaker.Counts) bool {
	ended := n.TotalFailures + n.TotalSuccesses
	return c.stalled.Load() || c.row.Load() >= int64(c.limits.BreakerFailures) || ended >= ratioLeast && 2*n.TotalFailures >= ended
}

func (c *circuit) moved(to gobreaker.State) {
	now := time.Now()
	switch to {
	case gobreaker.StateOpen:
		c.until.Store(now.Add(c.limits.BreakerOpen).UnixNano())
		c.slots.failed(now)
	case gobreaker.StateClosed:
		c.row.Store(0)
		c.slots.ramp(now)
	}
	c.dirty.Store(to != gobreaker.StateHalfOpen)
}

// watch reports the calls that are overdue as failed while they still run, if enough of them
// are, or if the trial is. They keep their timeout, since they may be paid for. The ages of calls
// are those of the pulse: after a pause of this process all calls of all vendors are old.
func (c *circuit) watch() {
	now, bound := c.pulse.now(), c.latency.overdue()
	if bound == 0 || !c.calls.late(1, now, bound) {
		return
	}
	if !c.calls.late(stallLeast, now, bound) && c.breaker.Load().State() != gobreaker.StateHalfOpen {
		return
	}
	c.stalled.Store(true)
	for _, done := range c.calls.take(now, bound) {
		done(errOverdue)
	}
	c.stalled.Store(false)
	c.notify()
}

// unresponsive reports whether the vendor seems to answer no call any more. It takes a fraction
// of the time after which calls are overdue, and may be wrong, so it only puts others first.
func (c *circuit) unresponsive() bool {
	usual := time.Duration(c.latency.usual.Load())
	return usual > 0 && c.calls.silent(stallLeast, c.pulse.now(), usual)
}

// answered reports whether the vendor answered a call, whatever it said.
func answered(err error) bool {
	if err == nil {
		return true
	}
	d := idv.AsError(err).Delivery
	return d == idv.Answered || d == idv.RefusedByGateway
}

// finish records the outcome of a call, unless it was reported as overdue.
func (c *circuit) finish(id int64, err error) {
	done := c.calls.end(id, answered(err))
	if done == nil {
		return
	}
	switch {
	case err == nil:
		c.row.Store(0)
	case countsAgainstVendor(idv.AsError(err)):
		c.row.Add(1)
	}
	done(err)
	c.notify()
}

// breaker is a provider whose calls are rejected while its circuit is open.
type breaker struct {
	idv.Provider
	*circuit
}

// unhealthy reports whether a failure counts against the vendor's health. The gate handles
// what the vendor reports (maintenance, quota, key, throttling); faults of the request do
// not count.
func unhealthy(f idv.Failure) bool {
	switch f {
	case idv.Unavailable, idv.Timeout, idv.Garbled, idv.FailureUnknown, idv.Internal:
		return true
	}
	return false
}

// countsAgainstVendor reports whether a failed call says that the vendor is unhealthy.
func countsAgainstVendor(e *idv.Error) bool {
	return !e.HostSide && e.Fields.IsZero() && unhealthy(e.Failure)
}

// Ask calls the provider if the breaker is closed, or half open without a running trial.
func (b breaker) Ask(ctx context.Context, q idv.Query) (a idv.Answer, err error) {
	b.watch()
	done, err := b.breaker.Load().Allow()
	switch {
	case errors.Is(err, gobreaker.ErrOpenState):
		until, _ := b.openUntil()
		return a, &idv.Rejection{Reason: idv.SkipBreakerOpen, RetryAfter: time.Until(until)}
	case err != nil:
		return a, &idv.Rejection{Reason: idv.SkipTrialRunning}
	}
	b.pulse.enter()
	defer b.pulse.leave()
	id := b.calls.begin(b.pulse.now(), done)
	// A half-open breaker that never learns the outcome of its trial stays half open for ever.
	ended := error(errOverdue)
	defer func() { b.finish(id, ended) }()
	a, ended = b.Provider.Ask(ctx, q)
	return a, ended
}

func (c *circuit) notify() {
	if c.dirty.Load() && c.dirty.Swap(false) {
		c.changed()
	}
}

func (c *circuit) openUntil() (time.Time, bool) {
	if c.breaker.Load().State() != gobreaker.StateOpen {
		return time.Time{}, false
	}
	return time.Unix(0, c.until.Load()), true
}
