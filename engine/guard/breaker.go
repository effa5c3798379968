package guard

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// circuit counts the failures of a vendor that keeps failing for reasons it does not
// report. It counts consecutive failures without an interval: with one, rare calls would
// never open it.
type circuit struct {
	limits  Limits
	breaker atomic.Pointer[gobreaker.CircuitBreaker[idv.Answer]]
	changed func()
	until   atomic.Int64 // unix nanoseconds of the end of the last opening
	dirty   atomic.Bool  // the state changed and changed was not called yet
}

func newCircuit(l Limits, changed func()) *circuit {
	c := &circuit{limits: l, changed: changed}
	c.reset()
	return c
}

// reset closes the circuit. What the calls in flight meet no longer counts.
func (c *circuit) reset() {
	var mine atomic.Pointer[gobreaker.CircuitBreaker[idv.Answer]]
	fresh := gobreaker.NewCircuitBreaker[idv.Answer](gobreaker.Settings{
		MaxRequests: 1,
		Timeout:     c.limits.BreakerOpen,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= uint32(c.limits.BreakerFailures) },
		IsExcluded:  func(err error) bool { return err != nil && !countsAgainstVendor(idv.AsError(err)) },
		// Called under the breaker's lock, so it must not call the breaker.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if mine.Load() != c.breaker.Load() {
				return // it was replaced
			}
			if to == gobreaker.StateOpen {
				c.until.Store(time.Now().Add(c.limits.BreakerOpen).UnixNano())
			}
			c.dirty.Store(to != gobreaker.StateHalfOpen)
		},
	})
	mine.Store(fresh)
	c.breaker.Store(fresh)
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
func (b breaker) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	a, err := b.breaker.Load().Execute(func() (idv.Answer, error) { return b.Provider.Ask(ctx, q) })
	b.notify()
	switch {
	case errors.Is(err, gobreaker.ErrOpenState):
		until, _ := b.openUntil()
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipBreakerOpen, RetryAfter: time.Until(until)}
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipTrialRunning}
	}
	return a, err
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
