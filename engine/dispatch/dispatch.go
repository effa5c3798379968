// Package dispatch walks a plan: it asks one provider after the other until one
// answers, writes down each call before and after it is made, and goes on to the
// next only when the failure allows it.
//
// The walk keeps the two promises that cost money. An answer is final, also a
// negative one: nobody is asked again for a better word. And no vendor that may
// have worked on a question is asked the same question twice.
package dispatch

import (
	"context"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Ledger is where attempts are written and units held. Hold must be durable when it
// returns: a call whose intent cannot be written is not made, for nobody would
// know of it after a crash. An error of idv.Turned leaves the provider out and the
// next one is asked. Settle gets the attempt of a hold as it went.
type Ledger interface {
	Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error)
	Settle(ctx context.Context, a idv.Attempt) error
}

// Host gives a walk what it walks with.
type Host interface {
	// Provider returns a provider of the plan and the list price of a call.
	Provider(name string) (idv.Provider, idv.Money)
	// CallContext returns the context of one call of a provider, which ends with its time.
	CallContext(ctx context.Context, name string) (context.Context, context.CancelFunc)
	// Observe is told of each attempt when it is over.
	Observe(ctx context.Context, a idv.Attempt)
}

// Walk is one question and what it may use. It is used once, by one goroutine.
type Walk struct {
	Intent idv.Intent // what every intent of the walk says: verification, tenant, app, purpose
	Query  idv.Query
	Host   Host
	Ledger Ledger

	RetryUnknown        bool
	RetrySubjectLimited bool

	// MaxBillableCalls bounds the calls that may have been charged, over all providers;
	// 0 sets no bound beside the plan's attempts. That no vendor is asked twice
	// after it may have worked holds in any case.
	MaxBillableCalls int

	holds    int // intents made; the next one's number
	possible int // attempts that may have been charged
}

// Outcome is how a walk ended: with an answer of Provider, or with Err, the last
// failure. Skipped are the steps whose guard turned the call away after all.
type Outcome struct {
	Answer   idv.Answer
	Provider string
	Attempts []idv.Attempt
	LeftOut  []idv.Skipped
	Err      *idv.Error
}

// Do walks the plan. It returns when a provider answered, when a failure forbids
// to go on, when the plan or its attempts are used up, or when ctx is over.
func (w *Walk) Do(ctx context.Context, plan idv.Plan) Outcome {
	var out Outcome
	steps := plan.Steps
	for i := 0; i < len(steps) && len(out.Attempts) < plan.MaxAttempts; i++ {
		if ctx.Err() != nil {
			out.Err = idv.AsError(ctx.Err())
			return out
		}
		answer, err := w.step(ctx, steps[i].Provider, &out)
		if err == nil {
			out.Answer, out.Provider, out.Err = answer, steps[i].Provider, nil
			return out
		}
		out.Err = err
		if !w.goOn(err) || w.MaxBillableCalls > 0 && w.possible >= w.MaxBillableCalls {
			return out
		}
		if again(err) && i < len(plan.Steps) {
			// A call that never left may be made anew, after the others had their turn.
			steps = append(steps[:len(steps):len(steps)], steps[i])
		}
	}
	if out.Err == nil {
		out.Err = idv.Turned(idv.Unavailable, "", 0) // there was nobody to ask
	}
	return out
}

// step makes one attempt: hold, call, settlement.
func (w *Walk) step(ctx context.Context, name string, out *Outcome) (idv.Answer, *idv.Error) {
	provider, price := w.Host.Provider(name)
	call, cancel := w.Host.CallContext(ctx, name)
	defer cancel()
	a, failure := w.hold(call, name, price)
	if failure != nil {
		return idv.Answer{}, w.turnedAway(failure, &a, out)
	}
	query := w.Query
	query.ID = a.ID
	answer, err := provider.Ask(call, query)
	a.Duration = time.Since(a.StartedAt)
	failure = record(&a, answer, err)
	// The outcome is written even if the caller has gone: it may have cost money.
	if w.Ledger.Settle(context.WithoutCancel(ctx), a) != nil && failure == nil {
		failure = &idv.Error{
			Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: a.Delivery, Charge: a.Charge,
			Detail: "the vendor answered, and its answer could not be written",
		}
	}
	if failure != nil && failure.TurnedAway() != "" {
		return idv.Answer{}, w.turnedAway(failure, &a, out)
	}
	if a.Charge != idv.NotCharged {
		w.possible++
	}
	out.Attempts = append(out.Attempts, a)
	w.Host.Observe(ctx, a)
	return answer, failure
}

// hold writes the intent of a call and sets a unit aside for it. Its number goes
// up with every intent, so that no two of a walk have one id.
func (w *Walk) hold(call context.Context, name string, price idv.Money) (idv.Attempt, *idv.Error) {
	w.holds++
	i := w.Intent
	i.Attempt = i.Verification + "-" + strconv.Itoa(w.holds)
	i.Provider, i.Check, i.Price, i.At = name, w.Query.Check, price, time.Now().UTC()
	i.Deadline, _ = call.Deadline()
	held, err := w.Ledger.Hold(call, i)
	a := idv.Attempt{ID: i.Attempt, Provider: name, Check: i.Check, StartedAt: i.At, Lot: held.Lot, Price: held.Price}
	if err == nil {
		return a, nil
	}
	// A consent that no longer stands ends the walk; nobody else may be asked either.
	if e := idv.AsError(err); e.TurnedAway() != "" || e.Failure == idv.Denied {
		return a, e
	}
	return a, &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Detail: "the intent of the call could not be written, so it was not made",
	}
}

// turnedAway notes a provider that a guard or its used-up package left out after
// all. That is no attempt.
func (w *Walk) turnedAway(e *idv.Error, a *idv.Attempt, out *Outcome) *idv.Error {
	if why := e.TurnedAway(); why != "" {
		left := idv.Skipped{Provider: a.Provider, Reason: why}
		if e.Retry > 0 {
			left.Until = a.StartedAt.Add(e.Retry)
		}
		out.LeftOut = append(out.LeftOut, left)
	}
	return e
}

// record writes the outcome into the attempt and returns the failure, if it is one.
// A call that certainly did not reach the vendor was not charged, whatever its
// adapter left unsaid.
func record(a *idv.Attempt, answer idv.Answer, err error) *idv.Error {
	if err == nil {
		a.Verdict, a.Charge, a.Delivery, a.Origin = answer.Verdict, answer.Charge, idv.Answered, idv.OriginVendor
		a.VendorCode, a.VendorRef = answer.VendorCode, answer.VendorRef
		return nil
	}
	e := idv.AsError(err)
	a.Failed, a.Failure, a.Delivery, a.Charge, a.Origin = true, e.Failure, e.Delivery, e.Charge, e.Origin
	a.VendorCode, a.VendorRef = e.Code, e.Ref
	if !a.Delivery.MayHaveExecuted() && a.Charge == idv.ChargeUnknown {
		a.Charge = idv.NotCharged
	}
	return e
}

// again reports whether the same provider may be asked again: only if no byte of
// the call left, and its guard let it through.
func again(e *idv.Error) bool {
	return e.Delivery == idv.NotSent && e.TurnedAway() == "" && (e.Failure == idv.Unavailable || e.Failure == idv.Timeout)
}

// goOn reports whether another provider may be asked after a failure. This is the
// table of DESIGN section 4.
func (w *Walk) goOn(e *idv.Error) bool {
	if e.TurnedAway() != "" {
		return true
	}
	switch e.Failure {
	case idv.Maintenance, idv.QuotaExhausted, idv.BadCredentials, idv.Throttled, idv.Unsupported:
		return true
	case idv.SubjectLimited:
		return w.RetrySubjectLimited
	case idv.Unavailable, idv.Timeout, idv.Garbled, idv.FailureUnknown:
		return !e.Delivery.MayHaveExecuted() || w.RetryUnknown
	}
	// InvalidInput, Denied, Canceled: another vendor would only say the same, and
	// cost again. Internal: heyan does not know what it did, so it stops.
	return false
}
