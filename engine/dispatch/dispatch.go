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

// Book is where attempts are written. Intend must be durable when it returns: a
// call whose intent cannot be written is not made, for nobody would know of it
// after a crash. Settle gets the same attempt as it went.
type Book interface {
	Intend(ctx context.Context, verification string, a idv.Attempt) error
	Settle(ctx context.Context, verification string, a idv.Attempt) error
}

// Host gives a walk what it walks with.
type Host interface {
	// Provider returns a provider of the plan and what a call of it costs.
	Provider(name string) (idv.Provider, idv.Money)
	// Within returns the context of one call of a provider, which ends with its time.
	Within(ctx context.Context, name string) (context.Context, context.CancelFunc)
	// Observe is told of each attempt when it is over.
	Observe(ctx context.Context, a idv.Attempt)
}

// Walk is one question and what it may use. It is used once, by one goroutine.
type Walk struct {
	Verification string // the verification's id
	Query        idv.Query
	Host         Host
	Book         Book

	RetryUnknown        bool
	RetrySubjectLimited bool
}

// Outcome is how a walk ended: with an answer of Provider, or with Err, the last
// failure. LeftOut are the steps whose guard turned the call away after all.
type Outcome struct {
	Answer   idv.Answer
	Provider string
	Attempts []idv.Attempt
	LeftOut  []idv.LeftOut
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
		if !w.goOn(err) {
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

// step makes one attempt: intent, call, settlement.
func (w *Walk) step(ctx context.Context, name string, out *Outcome) (idv.Answer, *idv.Error) {
	provider, price := w.Host.Provider(name)
	a := idv.Attempt{
		ID:       w.Verification + "-" + strconv.Itoa(len(out.Attempts)+1),
		Provider: name, Check: w.Query.Check, StartedAt: time.Now().UTC(), Price: price,
	}
	if err := w.Book.Intend(ctx, w.Verification, a); err != nil {
		return idv.Answer{}, &idv.Error{
			Failure: idv.Internal, Origin: idv.OriginEngine, Sent: idv.NotSent, Charge: idv.NotCharged,
			Detail: "the intent of the call could not be written, so it was not made",
		}
	}
	query := w.Query
	query.ID = a.ID
	call, cancel := w.Host.Within(ctx, name)
	answer, err := provider.Ask(call, query)
	cancel()
	a.Duration = time.Since(a.StartedAt)
	failure := w.record(&a, answer, err)
	// The outcome is written even if the caller has gone: it may have cost money.
	if w.Book.Settle(context.WithoutCancel(ctx), w.Verification, a) != nil && failure == nil {
		failure = &idv.Error{
			Failure: idv.Internal, Origin: idv.OriginEngine, Sent: a.Sent, Charge: a.Charge,
			Detail: "the vendor answered, and its answer could not be written",
		}
	}
	if failure != nil && failure.TurnedAway() != "" {
		out.LeftOut = append(out.LeftOut, leftOut(name, failure, a.StartedAt))
		return idv.Answer{}, failure
	}
	out.Attempts = append(out.Attempts, a)
	w.Host.Observe(ctx, a)
	return answer, failure
}

// record writes the outcome into the attempt and returns the failure, if it is one.
func (w *Walk) record(a *idv.Attempt, answer idv.Answer, err error) *idv.Error {
	if err == nil {
		a.Verdict, a.Charge, a.Sent, a.Origin = answer.Verdict, answer.Charge, idv.Answered, idv.OriginVendor
		a.VendorCode, a.VendorRef = answer.VendorCode, answer.VendorRef
		return nil
	}
	e := idv.AsError(err)
	a.Failed, a.Failure, a.Sent, a.Charge, a.Origin = true, e.Failure, e.Sent, e.Charge, e.Origin
	a.VendorCode, a.VendorRef = e.Code, e.Ref
	return e
}

func leftOut(name string, e *idv.Error, at time.Time) idv.LeftOut {
	out := idv.LeftOut{Provider: name, Why: e.TurnedAway()}
	if e.Retry > 0 {
		out.Until = at.Add(e.Retry)
	}
	return out
}

// again reports whether the same provider may be asked again: only if no byte of
// the call left, and its guard let it through.
func again(e *idv.Error) bool {
	return e.Sent == idv.NotSent && e.TurnedAway() == "" && (e.Failure == idv.Unavailable || e.Failure == idv.Timeout)
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
		return !e.Sent.Executed() || w.RetryUnknown
	}
	// InvalidInput, Denied, Canceled: another vendor would only say the same, and
	// cost again. Internal: heyan does not know what it did, so it stops.
	return false
}
