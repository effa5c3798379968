// Package guard keeps one provider within bounds. A [Guard] is a stack of
// wrappers, each a provider around a provider, from the outside in:
//
//	gate → bulkhead → rate → breaker → timeout → the provider
//
// The order is a rule. A call that finds no place says nothing about the vendor,
// so the bulkhead is outside the breaker; a call that runs out of time does, so
// the timeout is inside it. The gate is outermost: what the vendor itself said
// (maintenance, package used up, key refused) needs no counting.
//
// A retry is no guard. It is another step of the walk (package dispatch), so that
// it is planned, priced and recorded like any attempt.
package guard

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Limits bound one provider. A zero field takes its default.
type Limits struct {
	Concurrency     int           // calls in flight; 64
	Rate            float64       // calls a second; 0 for no limit
	Timeout         time.Duration // of one call; 3 s
	BreakerFailures int           // failures in a row that open the breaker; 5
	BreakerOpen     time.Duration // how long it stays open; 10 s
	GateFirst       time.Duration // how long the gate closes on the first maintenance code; 5 s
	GateMax         time.Duration // the most it grows to while trials fail; 5 min
}

// Hooks are told what happens to a provider. They are called outside of locks, by
// the goroutine of the call that caused it, and must not block. Nil ones are left
// out.
type Hooks struct {
	Changed  func(provider string, a idv.Availability) // gate or breaker closed it or opened it again
	Panicked func(provider string, stack []byte)       // the provider panicked; the value is withheld, it may hold a claim
}

// Guard is a guarded provider. It is safe for concurrent use.
type Guard struct {
	name    string
	gate    *gate
	breaker *breaker
	inner   idv.Provider
}

var _ idv.Provider = (*Guard)(nil)

// New puts a provider behind its guards. name is the provider's configured name;
// it is added to every error here and nowhere else.
func New(name string, p idv.Provider, l Limits, h Hooks) *Guard {
	l = l.withDefaults()
	changed := func(a idv.Availability) {
		if h.Changed != nil {
			h.Changed(name, a)
		}
	}
	b := newBreaker(timeout{named{p, name, h.Panicked}, l.Timeout}, l, changed)
	g := newGate(newBulkhead(newRate(b, l.Rate), l.Concurrency), l, changed)
	return &Guard{name: name, gate: g, breaker: b, inner: p}
}

// CallTimeout returns the time of one call.
func (l Limits) CallTimeout() time.Duration { return l.withDefaults().Timeout }

func (l Limits) withDefaults() Limits {
	orInt(&l.Concurrency, 64)
	orInt(&l.BreakerFailures, 5)
	orDuration(&l.Timeout, 3*time.Second)
	orDuration(&l.BreakerOpen, 10*time.Second)
	orDuration(&l.GateFirst, 5*time.Second)
	orDuration(&l.GateMax, 5*time.Minute)
	return l
}

func orInt(v *int, otherwise int) {
	if *v <= 0 {
		*v = otherwise
	}
}

func orDuration(v *time.Duration, otherwise time.Duration) {
	if *v <= 0 {
		*v = otherwise
	}
}

// Name returns the provider's configured name.
func (g *Guard) Name() string { return g.name }

// Describe returns the provider's descriptor.
func (g *Guard) Describe() idv.Descriptor { return g.inner.Describe() }

// Unwrap returns the provider without its guards.
func (g *Guard) Unwrap() idv.Provider { return g.inner }

// Ask passes the call through the guards. A call that one of them turns away has
// an error with idv.PhaseGuard; any other error is of a call that was made.
func (g *Guard) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) { return g.gate.Ask(ctx, q) }

// Availability says whether a call would be let through now. It is a snapshot: a
// plan made from it may still be turned away.
func (g *Guard) Availability() idv.Availability {
	if a := g.gate.availability(time.Now()); a.Reason != "" {
		return a
	} else if until, open := g.breaker.openUntil(); open {
		return idv.Availability{Reason: idv.SkipBreakerOpen, Until: until}
	} else {
		return a
	}
}

// Drain takes the provider out until Resume. Calls in flight go on.
func (g *Guard) Drain() { g.gate.drain(true) }

// Resume ends a drain and opens the gate, whatever closed it: the operator knows
// that the package was topped up or the key was changed.
func (g *Guard) Resume() {
	g.gate.drain(false)
	g.gate.open()
}

// Close shuts the gate as if the vendor had said maintenance. A zero time shuts
// it until Resume.
func (g *Guard) Close(until time.Time) { g.gate.shut(idv.SkipMaintenance, until) }

// named adds the provider's name to every error, once, and turns a panic into a
// failed call. It copies the error: a codec may return a shared one.
type named struct {
	idv.Provider
	name     string
	panicked func(string, []byte)
}

// Ask asks and names.
func (n named) Ask(ctx context.Context, q idv.Query) (a idv.Answer, err error) {
	defer func() {
		if recover() == nil {
			return
		}
		if n.panicked != nil {
			n.panicked(n.name, debug.Stack())
		}
		// Nobody knows how far the call got when it broke.
		a, err = idv.Answer{}, &idv.Error{Failure: idv.Internal, Provider: n.name, Origin: idv.OriginEngine, Detail: "the adapter panicked"}
	}()
	a, err = n.Provider.Ask(ctx, q)
	if err != nil {
		e := *idv.AsError(err)
		e.Provider = n.name
		if e.Phase == idv.PhaseGuard {
			// Only a guard may say that no call was made: an adapter that says so could
			// make a paid call look like none.
			e.Phase = ""
		}
		return idv.Answer{}, &e
	}
	return a, nil
}

// timeout bounds one call. The context carries the deadline to the provider,
// which keeps it (a rule of the provider contract).
type timeout struct {
	idv.Provider
	limit time.Duration
}

// Ask asks within the limit.
func (t timeout) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= t.limit {
		return t.Provider.Ask(ctx, q)
	}
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	return t.Provider.Ask(ctx, q)
}
