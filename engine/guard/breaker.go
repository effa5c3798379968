package guard

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// breaker rejects the calls of a vendor that keeps failing for reasons it does not
// report. It counts consecutive failures without an interval: with one, rare calls would
// never open it.
type breaker struct {
	idv.Provider
	circuit *gobreaker.CircuitBreaker[idv.Answer]
	changed func(idv.Availability)
	until   atomic.Int64 // unix nanoseconds of the end of the last opening
	dirty   atomic.Bool  // the state changed and changed was not called yet
}

func newBreaker(next idv.Provider, l Limits, changed func(idv.Availability)) *breaker {
	b := &breaker{Provider: next, changed: changed}
	b.circuit = gobreaker.NewCircuitBreaker[idv.Answer](gobreaker.Settings{
		MaxRequests: 1,
		Timeout:     l.BreakerOpen,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= uint32(l.BreakerFailures) },
		IsExcluded:  func(err error) bool { return err != nil && !countsAgainstVendor(idv.AsError(err)) },
		// Called under the breaker's lock, so it must not call the breaker.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.until.Store(time.Now().Add(l.BreakerOpen).UnixNano())
			}
			b.dirty.Store(to != gobreaker.StateHalfOpen)
		},
	})
	return b
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
func countsAgainstVendor(e *idv.Error) bool { return !e.HostSide && unhealthy(e.Failure) }

// Ask calls the provider if the breaker is closed, or half open without a running trial.
func (b *breaker) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	a, err := b.circuit.Execute(func() (idv.Answer, error) { return b.Provider.Ask(ctx, q) })
	b.notify()
	switch {
	case errors.Is(err, gobreaker.ErrOpenState):
		until, _ := b.openUntil()
		return idv.Answer{}, idv.Turned(idv.Unavailable, idv.SkipBreakerOpen, time.Until(until))
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		return idv.Answer{}, idv.Turned(idv.Unavailable, idv.SkipTrialRunning, 0)
	}
	return a, err
}

func (b *breaker) notify() {
	if !b.dirty.Load() || !b.dirty.Swap(false) {
		return
	}
	var a idv.Availability
	if until, open := b.openUntil(); open {
		a = idv.Availability{Reason: idv.SkipBreakerOpen, Until: until}
	}
	b.changed(a)
}

func (b *breaker) openUntil() (time.Time, bool) {
	if b.circuit.State() != gobreaker.StateOpen {
		return time.Time{}, false
	}
	return time.Unix(0, b.until.Load()), true
}
