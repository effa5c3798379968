package guard

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// breaker stops asking a vendor that fails in ways it does not explain. It counts
// failures in a row with no interval: with one, sparse failures never add up.
type breaker struct {
	idv.Provider
	circuit *gobreaker.CircuitBreaker[idv.Answer]
	changed func(idv.Availability)
	until   atomic.Int64 // unix nanoseconds of the end of the last opening
	news    atomic.Bool  // the state changed and nobody was told yet
}

func newBreaker(next idv.Provider, l Limits, changed func(idv.Availability)) *breaker {
	b := &breaker{Provider: next, changed: changed}
	b.circuit = gobreaker.NewCircuitBreaker[idv.Answer](gobreaker.Settings{
		MaxRequests: 1,
		Timeout:     l.BreakerOpen,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= uint32(l.BreakerFailures) },
		IsExcluded:  func(err error) bool { return err != nil && !counts(idv.FailureOf(err)) },
		// Called under the breaker's lock: it may not ask the breaker anything.
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.until.Store(time.Now().Add(l.BreakerOpen).UnixNano())
			}
			b.news.Store(to != gobreaker.StateHalfOpen)
		},
	})
	return b
}

// counts reports whether a failure speaks against the vendor's health. What the
// vendor explained (maintenance, quota, key, throttling) is the gate's business;
// what lies with the caller or the person is nobody's fault.
func counts(f idv.Failure) bool {
	switch f {
	case idv.Unavailable, idv.Timeout, idv.Garbled, idv.FailureUnknown, idv.Internal:
		return true
	}
	return false
}

// Ask asks if the breaker is closed, or half open and this is its one trial.
func (b *breaker) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	a, err := b.circuit.Execute(func() (idv.Answer, error) { return b.Provider.Ask(ctx, q) })
	b.tell()
	switch {
	case errors.Is(err, gobreaker.ErrOpenState):
		until, _ := b.openUntil()
		return idv.Answer{}, idv.Turned(idv.Unavailable, idv.SkipBreakerOpen, time.Until(until))
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		return idv.Answer{}, idv.Turned(idv.Unavailable, idv.SkipTrialRunning, 0)
	}
	return a, err
}

func (b *breaker) tell() {
	if !b.news.Load() || !b.news.Swap(false) {
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
