// Package dispatch executes a plan: it calls one provider after the other until one
// answers, records each call before and after it is made, and goes on to the next only
// if the failure allows it.
//
// Two rules keep the cost right. An answer is final, also a negative one: no other
// provider is called for a better one. The one exception is Execution.SecondOpinion, after
// a missing record. And a vendor that may have executed a call is
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
// the call is not made. If its error is an *idv.Rejection, the provider is skipped and the
// next one is tried. Settle records the outcome of the
// call of a hold, unless it was answered.
type Ledger interface {
	Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error)
	Settle(ctx context.Context, a idv.Attempt) error
}

// Host is what an execution needs from the engine.
type Host interface {
	// Provider returns a provider of the plan and the list price of a call.
	Provider(name string) (idv.Provider, idv.Money)
	// CallContext returns the context of one call, which carries its deadline. Last says
	// that no other call can follow, so that the call may take all the time that is left.
	CallContext(ctx context.Context, name string, last bool) (context.Context, context.CancelFunc)
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

	// SecondOpinion reports whether next may be called too, after first answered
	// idv.NoRecord; nil if policy allows no second opinion.
	SecondOpinion func(ctx context.Context, first, next string) bool

	holds      int  // intents made; numbers them
	billable   int  // attempts that may have been charged
	unrecorded bool // an intent could not be recorded, so no further call is made
}

// Outcome is the result of an execution: an answer of Provider, or Err, the last
// failure. If the last of Attempts was answered it is not settled, so that the caller can
// write it together with the result in one durable write, unless Settled says otherwise.
// Skipped lists the steps whose guard or ledger rejected the call.
type Outcome struct {
	Answer   idv.Answer
	Provider string
	Second   Opinion
	Attempts []idv.Attempt
	Skipped  []idv.Skipped
	Settled  bool  // a second opinion was sought and not given, so every attempt is settled
	Err      error // an *idv.Error, or an *idv.Rejection if no call was admitted
}

// Opinion is what another provider answered after idv.NoRecord.
type Opinion struct {
	Provider string      // that was called; "" if none was
	Answer   *idv.Answer // nil if the call failed
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
		last := i == len(steps)-1 || len(out.Attempts) == plan.MaxAttempts-1
		answer, err := x.step(ctx, steps[i].Provider, last, &out)
		if err == nil {
			out.Answer, out.Provider, out.Err = answer, steps[i].Provider, nil
			if answer.Verdict == idv.NoRecord && x.SecondOpinion != nil {
				x.secondOpinion(ctx, steps[i+1:], plan.MaxAttempts, &out)
			}
			return out
		}
		out.Err = err
		if x.unrecorded || !x.mayContinue(err) || x.MaxBillableCalls > 0 && x.billable >= x.MaxBillableCalls {
			return out
		}
		if retryable(err) && i < len(plan.Steps) {
			// The call was not sent, so it may be made again after the other providers.
			steps = append(steps[:len(steps):len(steps)], steps[i])
		}
	}
	if out.Err == nil {
		out.Err = &idv.Rejection{} // no step was left to try
	}
	return out
}

// secondOpinion calls one more provider after a missing record. This is the one exception to
// the rule that an answer is final: a register that has no record says nothing of the person,
// so the answer of another one is not a better answer but the first. A mismatch is one, and
// has no second opinion. It stays within the attempts, the charges and the time of the
// verification. If the call fails, no third provider is called.
func (x *Execution) secondOpinion(ctx context.Context, steps []idv.Step, maxAttempts int, out *Outcome) {
	first := out.Attempts[len(out.Attempts)-1]
	if first.Charge != idv.NotCharged {
		x.billable++
	}
	if len(out.Attempts) >= maxAttempts || x.MaxBillableCalls > 0 && x.billable >= x.MaxBillableCalls {
		return
	}
	for _, s := range steps {
		if ctx.Err() != nil {
			return
		}
		if !x.SecondOpinion(ctx, first.Provider, s.Provider) {
			continue
		}
		if !out.Settled {
			// The first answer is recorded before the second call, as every outcome is. If it
			// cannot be, its hold is reconciled, and no further call is made.
			out.Settled = true
			if x.Ledger.Settle(context.WithoutCancel(ctx), first) != nil {
				return
			}
		}
		answer, err := x.step(ctx, s.Provider, true, out)
		if idv.RejectionOf(err) != nil {
			continue
		}
		if called := out.Attempts[len(out.Attempts)-1].Provider; called == s.Provider {
			out.Second.Provider = s.Provider
		}
		if err == nil {
			out.Second.Answer, out.Settled = &answer, false
		}
		return
	}
}

// step makes one attempt: hold, call, and settle unless it is answered. Its error is an
// *idv.Error or an *idv.Rejection.
func (x *Execution) step(ctx context.Context, name string, last bool, out *Outcome) (idv.Answer, error) {
	provider, price := x.Host.Provider(name)
	call, cancel := x.Host.CallContext(ctx, name, last)
	defer cancel()
	a, err := x.hold(call, name, price)
	if r := idv.RejectionOf(err); r != nil {
		return idv.Answer{}, x.skip(r, &a, out)
	} else if err != nil {
		x.unrecorded = true
		return idv.Answer{}, overdue(call, out, err)
	}
	query := x.Query
	query.ID = a.ID
	answer, err := provider.Ask(call, query)
	a.Duration = time.Since(a.StartedAt)
	failure := record(&a, answer, err)
	if err == nil {
		out.Attempts = append(out.Attempts, a)
		x.Host.Observe(ctx, a)
		return answer, nil
	}
	// The outcome is recorded even if the caller canceled: the call may be charged. If it
	// cannot be recorded, the call counts as perhaps charged.
	_ = x.Ledger.Settle(context.WithoutCancel(ctx), a)
	if r := idv.RejectionOf(err); r != nil {
		return idv.Answer{}, x.skip(r, &a, out)
	}
	if a.Charge != idv.NotCharged {
		x.billable++
	}
	out.Attempts = append(out.Attempts, a)
	x.Host.Observe(ctx, a)
	return idv.Answer{}, failure
}

// overdue returns the error of a call that could not be recorded. If that is because the
// time for calls is over, the call before it counts, which says more.
func overdue(call context.Context, out *Outcome, err error) error {
	if call.Err() != nil && out.Err != nil && idv.FailureOf(err) != idv.Denied {
		return out.Err
	}
	return err
}

// hold writes the intent of a call and reserves a unit for it. Every intent has a
// number of its own, so that no two attempts of an execution share an id.
func (x *Execution) hold(call context.Context, name string, price idv.Money) (idv.Attempt, error) {
	x.holds++
	i := x.Intent
	i.Attempt = i.Verification + "-" + strconv.Itoa(x.holds)
	i.Provider, i.Check, i.Price, i.At = name, x.Query.Check, price, idv.Now()
	i.Deadline, _ = call.Deadline()
	reservation, err := x.Ledger.Hold(call, i)
	a := idv.Attempt{ID: i.Attempt, Provider: name, Check: i.Check, StartedAt: i.At, Lot: reservation.Lot, Price: reservation.Price}
	// A consent that no longer stands denies the call of any other provider too.
	if err == nil || idv.RejectionOf(err) != nil || idv.FailureOf(err) == idv.Denied {
		return a, err
	}
	return a, &idv.Error{
		Failure: idv.Internal, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged,
		Detail: "the intent of the call could not be recorded, so the call was not made",
	}
}

// skip records a provider that was rejected by its guard, or whose package is used up.
// That is not an attempt.
func (x *Execution) skip(r *idv.Rejection, a *idv.Attempt, out *Outcome) error {
	skipped := idv.Skipped{Provider: a.Provider, Reason: r.Reason}
	if r.RetryAfter > 0 {
		skipped.Until = a.StartedAt.Add(r.RetryAfter)
	}
	out.Skipped = append(out.Skipped, skipped)
	return r
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
	if idv.RejectionOf(err) != nil { // the reserved unit is returned
		a.Failed, a.Failure, a.Delivery, a.Charge, a.Origin = true, idv.FailureOf(err), idv.NotSent, idv.NotCharged, idv.OriginEngine
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
func retryable(err error) bool {
	if idv.RejectionOf(err) != nil {
		return false
	}
	e := idv.AsError(err)
	return e.Delivery == idv.NotSent && (e.Failure == idv.Unavailable || e.Failure == idv.Timeout)
}

// mayContinue reports whether another provider may be called after a failure.
func (x *Execution) mayContinue(err error) bool {
	if idv.RejectionOf(err) != nil {
		return true
	}
	e := idv.AsError(err)
	if !e.Fields.IsZero() { // the source answered, and an answer is final
		return false
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
	// PartialMatch: the source answered, and an answer is final.
	// Internal: the outcome of this call is not known to the engine itself.
	return false
}
