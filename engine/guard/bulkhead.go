package guard

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// flapTime is how soon after its return a vendor counts as flapping when it fails again.
	flapTime = time.Minute
	// flapMax bounds the damping: a ramp then takes 2⁵ answers for each further call in flight.
	flapMax = 5
	// rampEnd ends the ramp of a provider that has no bound of its own.
	rampEnd = 64
)

// slots counts the calls in flight and bounds them. After an outage the bound starts at one
// call and grows with each answer, so that a vendor that has just come back does not get the
// whole load at once. A vendor that fails again soon after its return needs twice as many
// answers for each step of the next ramp.
type slots struct {
	limit   atomic.Int64 // configured; 0 for none
	window  atomic.Int64 // the bound of a ramp; 0 without one
	running atomic.Int64

	mu       sync.Mutex
	answers  int // since the window last grew
	flaps    int // how often in a row the vendor failed soon after its return
	returned time.Time
}

// enter takes a slot, or returns why there is none.
func (s *slots) enter() idv.SkipReason {
	for {
		n := s.running.Load()
		if why := s.full(n); why != "" {
			return why
		}
		if s.running.CompareAndSwap(n, n+1) {
			return ""
		}
	}
}

func (s *slots) leave() { s.running.Add(-1) }

// full returns why a further call beside n others is not admitted, "" if it is.
func (s *slots) full(n int64) idv.SkipReason {
	switch limit, window := s.limit.Load(), s.window.Load(); {
	case limit > 0 && n >= limit:
		return idv.SkipBusy
	case window > 0 && n >= window:
		return idv.SkipRecovering
	}
	return ""
}

// ramp begins a ramp: the vendor answered after an outage.
func (s *slots) ramp(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.returned, s.answers = now, 0
	s.window.Store(1)
}

// failed is called when an outage begins. It ends the ramp, since the gate or the breaker
// bounds the calls now.
func (s *slots) failed(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.window.Store(0); !s.returned.IsZero() && now.Sub(s.returned) < flapTime {
		s.flaps = min(s.flaps+1, flapMax)
	} else {
		s.flaps = 0
	}
	s.returned = time.Time{}
}

// observe moves the window by the outcome of a call.
func (s *slots) observe(healthy bool) {
	if s.window.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	window := s.window.Load()
	switch s.answers++; {
	case window == 0:
	case !healthy:
		s.answers = 0
		s.window.Store(max(window/2, 1))
	case s.answers>>s.flaps > 0:
		s.answers = 0
		if window++; window >= s.end() {
			window = 0
		}
		s.window.Store(window)
	}
}

func (s *slots) end() int64 {
	if limit := s.limit.Load(); limit > 0 {
		return limit
	}
	return rampEnd
}

// bulkhead bounds the calls in flight. It rejects a call above the bound at once and
// does not queue it, so that a stalled vendor cannot delay requests that another one could
// answer.
type bulkhead struct {
	idv.Provider
	slots *slots
}

// Ask calls the provider if a slot is free.
func (b bulkhead) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if why := b.slots.enter(); why != "" {
		return idv.Answer{}, &idv.Rejection{Reason: why}
	}
	defer b.slots.leave()
	a, err := b.Provider.Ask(ctx, q)
	if err == nil {
		b.slots.observe(true)
	} else if e := idv.AsError(err); idv.RejectionOf(err) == nil && e.Failure != idv.Canceled && !e.HostSide {
		b.slots.observe(!unhealthy(e.Failure))
	}
	return a, err
}

// perSecond bounds the calls a second, with a burst of one second's worth: a
// vendor that sells 50 a second answers the 51st with an error that may be billed.
type perSecond struct {
	idv.Provider
	limiter *rate.Limiter
}

// Ask calls the provider if the rate admits it.
func (p perSecond) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if !p.limiter.Allow() {
		wait := time.Duration(float64(time.Second) / float64(p.limiter.Limit()))
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipThrottled, RetryAfter: wait}
	}
	return p.Provider.Ask(ctx, q)
}
