package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// ErrClosed is what Verify returns after Close has begun.
var ErrClosed = errors.New("the engine is closing")

// flights counts the requests in flight, and can cut off their calls.
type flights struct {
	mu      sync.Mutex
	closed  bool
	cut     bool
	waiting sync.WaitGroup
	calls   map[*call]struct{}
}

// call is one call of a provider that is being made.
type call struct{ cancel context.CancelFunc }

// begin registers a request, unless the engine is closing.
func (f *flights) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.waiting.Add(1)
	return true
}

func (f *flights) done() { f.waiting.Done() }

func (f *flights) add(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cut {
		c.cancel()
		return
	}
	if f.calls == nil {
		f.calls = map[*call]struct{}{}
	}
	f.calls[c] = struct{}{}
}

func (f *flights) remove(c *call) {
	f.mu.Lock()
	delete(f.calls, c)
	f.mu.Unlock()
	c.cancel()
}

// cutOff ends every call in flight, and those that begin from now on.
func (f *flights) cutOff() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cut = true
	for c := range f.calls {
		c.cancel()
	}
}

// Closing reports whether Close has begun.
func (e *Engine) Closing() bool {
	e.flights.mu.Lock()
	defer e.flights.mu.Unlock()
	return e.flights.closed
}

// Close ends the engine: no new request is taken, and those in flight may finish
// until ctx is over. Then their calls are cut off and recorded with what is known
// of them. Close returns when all are written down.
func (e *Engine) Close(ctx context.Context) error {
	e.flights.mu.Lock()
	again := e.flights.closed
	e.flights.closed = true
	e.flights.mu.Unlock()
	if again {
		return ErrClosed
	}
	landed := make(chan struct{})
	go func() {
		e.flights.waiting.Wait()
		close(landed)
	}()
	var err error
	select {
	case <-landed:
	case <-ctx.Done():
		err = ctx.Err()
		e.flights.cutOff()
		<-landed
	}
	e.answers.close()
	return errors.Join(err, e.store.Close())
}

// journey is the engine as a walk sees it.
type journey struct {
	*Engine
	end  time.Time // of the time for the whole verification
	call call
	last idv.Attempt // if answered: the walk ended with it, and it is settled with the verification

	answered bool
	permit   permit
	used     bool // a use of the consent was taken
}

var (
	_ dispatch.Host   = (*journey)(nil)
	_ dispatch.Ledger = (*journey)(nil)
)

// do lets policy look at the question and then finds an answer: an earlier one, or
// that of a provider. An error means that nobody was asked.
func (j *journey) do(ctx context.Context, r *idv.Request, q *question, v *idv.Verification) (err error) {
	if j.permit, err = j.Engine.permit(ctx, r, q, true); err != nil {
		return err
	}
	j.permit.write(v)
	if again, err := j.again(ctx, v, q, &j.permit); again || err != nil {
		return err
	}
	plan := j.plan(*q, &j.permit)
	if err := nobodyAllowed(&plan); err != nil {
		return err
	}
	outcome := j.walk(ctx, v, *q, plan)
	if neverAsked(outcome) {
		return outcome.Err
	}
	j.conclude(v, outcome)
	j.remember(v, q, &j.permit)
	return nil
}

// giveBack undoes what a verification took that came to nobody, as everybody was left
// out and nothing paid: the use of the consent and the idempotency key, so that the
// same request may be made again. The key is free if there is no error.
func (j *journey) giveBack(ctx context.Context, t idv.Tenant, key store.Key) error {
	err := j.release(ctx, key)
	if err == nil { // of a key that is still held, recovery gives the use back
		j.returnUse(ctx, t)
	}
	return err
}

// returnUse gives the use of the consent back, if one was taken, of which nobody got
// anything. If it fails, the person is asked for a new consent sooner than need be.
func (j *journey) returnUse(ctx context.Context, t idv.Tenant) {
	if j.used {
		j.used = false
		_ = j.store.ReturnConsent(context.WithoutCancel(ctx), t, j.permit.consent.ID)
	}
}

// walk puts the question to the providers of the plan.
func (j *journey) walk(ctx context.Context, v *idv.Verification, q question, plan idv.Plan) dispatch.Outcome {
	v.Skipped = plan.Skipped
	w := dispatch.Walk{
		Intent: idv.Intent{Verification: v.ID, Tenant: v.Tenant, App: v.App, Purpose: v.Purpose, Basis: v.Basis},
		Ledger: j, Host: j,
		Query:               idv.Query{Check: q.check, Document: q.document, Subject: q.subject},
		RetryUnknown:        q.lane.rule.RetryUnknown,
		RetrySubjectLimited: q.lane.rule.RetrySubjectLimited,
		MaxBillableCalls:    j.maxPossible(q),
	}
	if c := j.permit.consent; c != nil {
		w.Intent.Consent.ID = c.ID
	}
	return w.Do(ctx, plan)
}

// retriedPossible is how many possible charges a route with RetryUnknown may cause
// when the options set no bound: the first call, and one more.
const retriedPossible = 2

func (e *Engine) maxPossible(q question) int {
	if e.possible == 0 && q.lane.rule.RetryUnknown {
		return retriedPossible
	}
	return e.possible
}

// Hold writes an intent. The store looks at the consent in the same transaction, so a
// person who withdraws it before this call is heard before this call.
func (j *journey) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	if i.Consent.ID != "" {
		i.Consent.Recipient, i.Consent.First = j.members[i.Provider].recipient, !j.used
	}
	held, err := j.store.Hold(ctx, i)
	j.used = j.used || err == nil && i.Consent.ID != ""
	return held, err
}

// Settle writes the outcome of a call. An answer ends the walk, so it is written with
// the verification a moment later: one durable write for both. A crash in between
// leaves the call as one before it would, perhaps charged.
func (j *journey) Settle(ctx context.Context, a idv.Attempt) error {
	if !a.Failed {
		j.last, j.answered = a, true
		return nil
	}
	return j.store.Settle(ctx, a)
}

// finish writes the end of the verification.
func (j *journey) finish(ctx context.Context, key store.Key, v *idv.Verification) error {
	ctx = context.WithoutCancel(ctx)
	if j.answered {
		return j.store.CompleteWithCall(ctx, j.last, key, *v)
	}
	return j.store.Complete(ctx, key, *v)
}

// Provider returns a guarded provider and its list price.
func (j *journey) Provider(name string) (idv.Provider, idv.Money) {
	m := j.members[name]
	return m.guard, m.price
}

// CallContext bounds a call by the provider's time and by what is left of the whole
// verification's, and lets Close cut it off.
func (j *journey) CallContext(ctx context.Context, name string) (context.Context, context.CancelFunc) {
	end := time.Now().Add(j.members[name].limit)
	if j.end.Before(end) {
		end = j.end
	}
	ctx, j.call.cancel = context.WithDeadline(ctx, end)
	j.flights.add(&j.call)
	return ctx, j.landed
}

func (j *journey) landed() { j.flights.remove(&j.call) }

// Observe tells of an attempt.
func (j *journey) Observe(ctx context.Context, a idv.Attempt) { j.telemetry.Attempt(ctx, a) }
