// Package dispatch executes a plan: it calls one provider after the other until one
// answers, records each call before and after it is made, and goes on to the next only
// if the failure allows it.
//
// Two rules keep the cost right. An answer is final, also a negative one: no other
// provider is called for a better one. And a vendor that may have executed a call is
// not called again for the same question.
package dispatch

import (
	"context"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Ledger records attempts and reserves units.
//
// Hold writes the intent of a call and must be durable when it returns; if it fails,
// the call is not made. If its error was made by idv.Turned, the provider is skipped and
// the next one is tried. Settle records the outcome of the call of a hold.
type Ledger interface {
	Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error)
	Settle(ctx context.Context, a idv.Attempt) error
}

// Host is what an execution needs from the engine.
type Host interface {
	// Provider returns a provider of the plan and the list price of a call.
	Provider(name string) (idv.Provider, idv.Money)
	// CallContext returns the context of one call, which carries its deadline.
	CallContext(ctx context.Context, name string) (context.Context, context.CancelFunc)
	// Observe receives each attempt when it is complete.
	Observe(ctx context.Context, a idv.Attempt)
}

// Execution executes one plan for one query. It is used once, by one goroutine.
type Execution struct {
	Intent idv.Intent // what all intents have in common: verification, tenant, app, purpose, basis, consent
	Query  idv.Query
	Host   Host
	Ledger Ledger

	RetryUnknown        bool // another provider may be called after a call with an unknown outcome
	RetrySubjectLimited bool // another provider may be called after idv.SubjectLimited

	// MaxBillableCalls bounds the calls that may have been charged, over all providers;
	// 0 sets no bound besides the plan's MaxAttempts.
	MaxBillableCalls int

	holds    int // intents made; numbers them
	billable int // attempts that may have been charged
}

// Outcome is the result of an execution: an answer of Provider, or Err, the last
// failure. Skipped lists the steps whose guard or ledger rejected the call.
type Outcome struct {
	Answer   idv.Answer
	Provider string
	Attempts []idv.Attempt
	Skipped  []idv.Skipped
	Err      *idv.Error
}

// Run executes the plan. It returns when a provider answers, when a failure forbids
// another call, when the steps or the attempts are used up, or when ctx is done.
func (x *Execution) Run(ctx context.Context, plan idv.Plan) Outcome {
	var out Outcome
	steps := plan.Steps
	for i := 0; i < len(steps) && len(out.Attempts) < plan.MaxAttempts; i++ {
		if ctx.Err() != nil {
			out.Err = idv.AsError(ctx.Err())
			return out
		}
		answer, err := x.step(ctx, steps[i].Provider, &out)
		if err == nil {
			out.Answer, out.Provider, out.Err = answer, steps[i].Provider, nil
			return out
		}
		out.Err = err
		if !x.mayContinue(err) || x.MaxBillableCalls > 0 && x.billable >= x.MaxBillableCalls {
			return out
		}
		if retryable(err) && i < len(plan.Steps) {
			// The call was not sent, so it may be made again after the other providers.
			steps = append(steps[:len(steps):len(steps)], steps[i])
		}
	}
	if out.Err == nil {
		out.Err = idv.Turned(idv.Unavailable, "", 0) // no step was left to try
	}
	return out
}

// step makes one attempt: hold, call, settle.
func (x *Execution) step(ctx context.Context, name string, out *Outcome) (idv.Answer, *idv.Error) {
	provider, price := x.Host.Provider(name)
	call, cancel := x.Host.CallContext(ctx, name)
	defer cancel()
	a, failure := x.hold(call, name, price)
	if failure != nil {
		return idv.Answer{}, x.skip(failure, &a, out)
	}
	query := x.Query
	query.ID = a.ID
	answer, err := provider.Ask(call, query)
	a.Duration = time.Since(a.StartedAt)
	failure = record(&a, answer, err)
	// The outcome is recorded even if the caller canceled: the call may be charged.
	if x.Ledger.Settle(context.WithoutCancel(ctx), a) != nil && failure == nil {
		failure = &idv.Error{
			Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: a.Delivery, Charge: a.Charge,
			Detail: "the vendor answered, but the answer could not be recorded",
		}
	}
	if failure != nil && failure.TurnedAway() != "" {
		return idv.Answer{}, x.skip(failure, &a, out)
	}
	if a.Charge != idv.NotCharged {
		x.billable++
	}
	out.Attempts = append(out.Attempts, a)
	x.Host.Observe(ctx, a)
	return answer, failure
}

// hold writes the intent of a call and reserves a unit for it. Every intent has a
// number of its own, so that no two attempts of an execution share an id.
func (x *Execution) hold(call context.Context, name string, price idv.Money) (idv.Attempt, *idv.Error) {
	x.holds++
	i := x.Intent
	i.Attempt = i.Verification + "-" + strconv.Itoa(x.holds)
	i.Provider, i.Check, i.Price, i.At = name, x.Query.Check, price, time.Now().UTC()
	i.Deadline, _ = call.Deadline()
	reservation, err := x.Ledger.Hold(call, i)
	a := idv.Attempt{ID: i.Attempt, Provider: name, Check: i.Check, StartedAt: i.At, Lot: reservation.Lot, Price: reservation.Price}
	if err == nil {
		return a, nil
	}
	// A consent that no longer stands denies the call of any other provider too.
	if e := idv.AsError(err); e.TurnedAway() != "" || e.Failure == idv.Denied {
		return a, e
	}
	return a, &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Detail: "the intent of the call could not be recorded, so the call was not made",
	}
}

// skip records a provider that was rejected by its guard, or whose package is used up.
// That is not an attempt.
func (x *Execution) skip(e *idv.Error, a *idv.Attempt, out *Outcome) *idv.Error {
	if reason := e.TurnedAway(); reason != "" {
		skipped := idv.Skipped{Provider: a.Provider, Reason: reason}
		if e.Retry > 0 {
			skipped.Until = a.StartedAt.Add(e.Retry)
		}
		out.Skipped = append(out.Skipped, skipped)
	}
	return e
}

// record writes the outcome into the attempt and returns the failure, if it is one. A
// call that the vendor cannot have executed is not charged if its adapter does not say
// so.
func record(a *idv.Attempt, answer idv.Answer, err error) *idv.Error {
	if err == nil {
		a.Verdict, a.Charge, a.Delivery, a.Origin = answer.Verdict, answer.Charge, idv.Answered, idv.OriginVendor
		a.VendorCode, a.VendorRef = answer.VendorCode, answer.VendorRef
		*a = a.Clean()
		return nil
	}
	e := idv.AsError(err)
	a.Failed, a.Failure, a.Delivery, a.Charge, a.Origin = true, e.Failure, e.Delivery, e.Charge, e.Origin
	a.VendorCode, a.VendorRef, a.Phase = e.Code, e.Ref, e.Phase
	*a = a.Clean()
	if !a.Delivery.MayHaveExecuted() && a.Charge == idv.ChargeUnknown {
		a.Charge = idv.NotCharged
	}
	return e
}

// retryable reports whether the same provider may be called again: only if its guard
// admitted the call and no byte of it was sent.
func retryable(e *idv.Error) bool {
	return e.Delivery == idv.NotSent && e.TurnedAway() == "" && (e.Failure == idv.Unavailable || e.Failure == idv.Timeout)
}

// mayContinue reports whether another provider may be called after a failure.
func (x *Execution) mayContinue(e *idv.Error) bool {
	if e.TurnedAway() != "" {
		return true
	}
	switch e.Failure {
	case idv.Maintenance, idv.QuotaExhausted, idv.BadCredentials, idv.Throttled, idv.Unsupported:
		return true
	case idv.SubjectLimited:
		return x.RetrySubjectLimited
	case idv.Unavailable, idv.Timeout, idv.Garbled, idv.FailureUnknown:
		return !e.Delivery.MayHaveExecuted() || x.RetryUnknown
	}
	// InvalidInput, Denied, Canceled: another call would fail alike, and cost again.
	// Internal: the outcome of this call is not known to the engine itself.
	return false
}
