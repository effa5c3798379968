// Package guard limits the calls of one provider. A [Guard] is a stack of wrappers, each
// a provider around a provider, from the outside in:
//
//	calendar → gate → bulkhead → rate → breaker → timeout → the provider
//
// The order matters. A call that the bulkhead rejects says nothing about the vendor's
// health, so the bulkhead is outside the breaker; a timeout does, so it is inside. The
// gate is outside of both: what the vendor itself reported (maintenance, package used up, key
// refused) needs no counting. The calendar is outermost: the other guards learn nothing from
// an announced maintenance.
//
// A guard does not retry. A retry is a step of an execution (package dispatch), so that
// it is planned, priced and recorded like any attempt.
package guard

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Limits of one provider. A zero field means its default.
type Limits struct {
	Concurrency     int           // calls in flight; 64
	Rate            float64       // calls a second; 0 for no limit
	Timeout         time.Duration // of one call; 3 s
	BreakerFailures int           // failures in a row that open the breaker; 5
	BreakerOpen     time.Duration // how long it stays open; 5 s
	GateFirst       time.Duration // how long the gate closes after a maintenance code; 5 s
	GateMax         time.Duration // the longest it closes for while trials fail that the vendor charges for; 5 min
}

// Hooks are called when the state of a provider changes, outside of locks, by the
// goroutine of the call that caused the change. They must not block. Each may be nil.
type Hooks struct {
	Changed  func(provider string, a idv.Availability) // what Guard.Availability returns changed because of a call or an operator
	Panicked func(provider string, stack []byte)       // the provider panicked; the value is withheld, since it may hold a claim
}

// Guard is a guarded provider. It is safe for concurrent use.
type Guard struct {
	name           string
	state, account *state // account is nil without one
	circuit        *circuit
	inner          idv.Provider
	outer          idv.Provider // inner behind all its guards
}

var _ idv.Provider = (*Guard)(nil)

// New returns a provider behind guards that share nothing with others. See [Pool.Guard].
func New(name string, p idv.Provider, l Limits, h Hooks) *Guard {
	return NewPool().Guard(name, p, l, Account{}, h)
}

func newGuard(name string, p idv.Provider, own, account *state, h Hooks) *Guard {
	g := &Guard{name: name, state: own, account: account, circuit: own.circuit, inner: p}
	g.outer = excused{timeout{named{p, name, h.Panicked}, own.limits.Timeout, own}, g}
	g.outer = breaker{g.outer, own.circuit}
	for _, s := range []*state{own, account} {
		if s != nil && s.limiter != nil {
			g.outer = perSecond{g.outer, s.limiter}
		}
	}
	for _, s := range []*state{own, account} {
		if s != nil {
			g.outer = bulkhead{g.outer, &s.slots}
		}
	}
	if account != nil {
		g.outer = gated{g.outer, account.gate, func(e *idv.Error) bool { return e.Account }}
	}
	g.outer = gated{g.outer, own.gate, func(e *idv.Error) bool { return account == nil || !e.Account }}
	g.outer = calendared{g.outer, g}
	return g
}

// CallTimeout returns the timeout of one call.
func (l Limits) CallTimeout() time.Duration { return l.withDefaults().Timeout }

func (l Limits) withDefaults() Limits {
	orInt(&l.Concurrency, 64)
	orInt(&l.BreakerFailures, 5)
	orDuration(&l.Timeout, 3*time.Second)
	orDuration(&l.BreakerOpen, 5*time.Second)
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

// Ask passes the call through the guards. If one of them rejects the call, the error is an
// *idv.Rejection; any other error is that of a call that was made.
func (g *Guard) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	a, err := g.outer.Ask(ctx, q)
	if r := idv.RejectionOf(err); r != nil {
		r.Provider = g.name
	}
	return a, err
}

// Availability says whether a call would be admitted now. The API, the metric and the log
// tell it. It is a snapshot: the calls of a plan that is made from it may still be rejected.
func (g *Guard) Availability() idv.Availability {
	if g.scheduled(time.Now()).IsZero() {
		g.circuit.watch()
	}
	a := g.lasting()
	if a.Reason == "" {
		a.Reason = g.state.slots.full(g.state.slots.running.Load())
	}
	a.Unresponsive = a.Reason == "" && (idv.AvailabilityOf(g.inner).Unresponsive || g.circuit.unresponsive())
	return a
}

// lasting is the availability without what changes from one call to the next, so that it can
// be logged.
func (g *Guard) lasting() idv.Availability {
	a := g.reported()
	if a.Reason == "" {
		if away := idv.AvailabilityOf(g.inner); away.Reason != "" {
			return away
		}
	}
	return a
}

// reported returns what gates, calendar and breaker say. A drain, and what waits for an operator,
// outlasts a maintenance window, so that its alarm does not end and begin again with one.
func (g *Guard) reported() idv.Availability {
	now := time.Now()
	a := g.state.gate.availability(now)
	if a.Reason == "" && g.account != nil {
		if shared := g.account.gate.availability(now); shared.Reason != "" || shared.Trial {
			a = shared
		}
	}
	if until := g.scheduled(now); !until.IsZero() && a.Reason != idv.SkipDrained && (a.Reason == "" || !a.Until.IsZero()) {
		return idv.Availability{Reason: idv.SkipScheduledMaintenance, Until: until}
	}
	if until, open := g.circuit.openUntil(); open && a.Reason == "" {
		return idv.Availability{Reason: idv.SkipBreakerOpen, Until: until}
	}
	return a
}

// Latency returns an estimate of how long an answer of the provider takes, in which each
// answer weighs a tenth; 0 before the first one. It halves with each minute without an answer.
// It says nothing of verdicts.
func (g *Guard) Latency() time.Duration { return g.state.latency.decayed(time.Now()) }

// Activity returns what the provider is doing now.
func (g *Guard) Activity() idv.Activity {
	return idv.Activity{
		InFlight: g.state.slots.running.Load(), Ramp: g.state.slots.window.Load(),
		FailuresInARow: g.circuit.row.Load(), Outages: g.state.outages.Load(), Latency: g.state.latency.estimate(), Overdue: g.state.latency.overdue(),
	}
}

// LastFailure returns the last failed call since the last answer, nil if there is none.
func (g *Guard) LastFailure() *idv.LastFailure { return g.state.last.Load() }

// Drain rejects new calls until a time, or until Resume if the time is zero. Calls in flight
// complete.
func (g *Guard) Drain(until time.Time) { g.state.gate.drain(until) }

// Resume ends a drain, opens the gates of the provider and of its account, closes the
// circuit of the breaker, and ends the current maintenance window, whatever stopped the calls.
// An operator calls it after buying a package or changing a key. The next window counts again.
func (g *Guard) Resume() {
	g.state.schedule.resume(g.scheduled(time.Now()))
	g.state.gate.resume()
	g.circuit.reset()
	if g.account != nil {
		g.account.gate.resume()
		g.account.notify()
	}
	g.state.notify()
}

// AcceptCredentials opens the gates of the provider and of its account if refused
// credentials closed them.
func (g *Guard) AcceptCredentials() {
	g.state.gate.openFrom(idv.SkipCredentials)
	if g.account != nil {
		g.account.gate.openFrom(idv.SkipCredentials)
	}
}

// Close closes the gate as a maintenance code of the vendor would, until a time, or until
// Resume if the time is zero.
func (g *Guard) Close(until time.Time) { g.state.gate.closeUntil(idv.SkipMaintenance, until) }

// named adds the provider's name to every error and turns a panic into a failed call. It
// copies the error, since a codec may return a shared one.
type named struct {
	idv.Provider
	name     string
	panicked func(string, []byte)
}

// Ask calls the provider.
func (n named) Ask(ctx context.Context, q idv.Query) (a idv.Answer, err error) {
	defer func() {
		if recover() == nil {
			return
		}
		if n.panicked != nil {
			n.panicked(n.name, debug.Stack())
		}
		// How far the call got is unknown: delivery and charge stay at their zero values.
		a, err = idv.Answer{}, &idv.Error{Failure: idv.Internal, Provider: n.name, Origin: idv.OriginEngine, Detail: "the adapter panicked"}
	}()
	a, err = n.Provider.Ask(ctx, q)
	if err != nil {
		e := *idv.AsError(err)
		e.Provider = n.name
		// An adapter's *idv.Rejection has become an *idv.Error here: only a guard may report
		// that no call was made, since an adapter that does could hide a paid call.
		return idv.Answer{}, &e
	}
	return a, nil
}

// timeout bounds one call, by the limit or by what the latency of the answers says, which is
// less. The context carries the deadline; the contract of providers requires them to keep it.
//
// A failure because the caller canceled, because its deadline left less than the limit, or
// because this process did not run for a tenth of the time, says nothing about the vendor. A tenth less is still the vendor's own time, since the
// engine counts the limit from before it records the intent of the call.
type timeout struct {
	idv.Provider
	limit time.Duration
	state *state
}

// Ask calls the provider within the limit.
func (t timeout) Ask(caller context.Context, q idv.Query) (idv.Answer, error) {
	limit := t.state.latency.patience(t.limit)
	begun, ran, granted, ctx := time.Now(), t.state.pulse.now(), limit, caller
	if deadline, ok := caller.Deadline(); ok && deadline.Before(begun.Add(granted)) {
		granted = deadline.Sub(begun) // the caller's timer is enough
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(caller, granted)
		defer cancel()
	}
	a, err := t.Provider.Ask(ctx, q)
	took, heard := time.Since(begun), t.state.pulse.now().Sub(ran)
	t.state.note(took, heard, err)
	if err == nil || !unhealthy(idv.FailureOf(err)) {
		return a, err
	}
	// A provider may see the deadline a moment early, by a timer of its own.
	short := granted < tenthOff(limit) && took >= tenthOff(granted)
	paused := took-heard > granted-tenthOff(granted)
	if !short && !paused && !errors.Is(caller.Err(), context.Canceled) {
		return a, err
	}
	e := *idv.AsError(err)
	e.HostSide = true
	return a, &e
}

// note records the outcome of a call, how long it took, and for how much of that this process
// ran. What took the process longer than the vendor is not learned.
func (s *state) note(took, heard time.Duration, err error) {
	switch failure := idv.FailureOf(err); {
	case err == nil:
		if 2*heard >= took {
			s.latency.add(heard)
		}
		s.last.Store(nil)
	case failure != idv.Canceled:
		s.last.Store(&idv.LastFailure{Failure: failure, Phase: idv.AsError(err).Phase, At: time.Now()})
	}
}

func tenthOff(d time.Duration) time.Duration { return d - d/10 }
