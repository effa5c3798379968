package engine

import (
	"context"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
)

// count counts the question and holds it against the limits. It is the last of what
// may refuse without a rule of the team's, so that a question without a consent uses
// up nobody's share; nor does one that nobody is there to answer. If the question is
// only explained, nothing of it is counted but the number against its consent.
func (e *Engine) count(ctx context.Context, r *idv.Request, q *question, p *permit, now time.Time, counting bool) (counts policy.Counts, err error) {
	if e.policy.Abuse == nil {
		return counts, nil
	}
	if !counting {
		return counts, e.tried(ctx, r, q, p, now, nil)
	}
	if plan := e.plan(*q, p); len(plan.Steps) == 0 {
		return counts, nil
	}
	out, err := e.policy.Abuse.Check(ctx, e.store, asked(r, q.subject, p, now))
	if err != nil {
		return out.Counts, unread("the question could not be counted, so nobody was asked")
	}
	return out.Counts, out.Err()
}

// tried counts the number of a question that goes no further, and returns the error
// that the caller gets: the refusal unless the guard denies. Without it numbers could
// be tried on somebody's consent until one fits, and canaries be asked about unheard.
func (e *Engine) tried(ctx context.Context, r *idv.Request, q *question, p *permit, now time.Time, refusal error) error {
	var denial *policy.Denial
	if e.policy.Abuse == nil || refusal != nil && !errors.As(refusal, &denial) {
		return refusal
	}
	out, err := e.policy.Abuse.RecordProbe(ctx, e.store, asked(r, q.subject, p, now))
	switch {
	case err != nil && refusal == nil:
		return unread("the question could not be counted, so nothing is said of it")
	case err != nil || out.Denial == nil:
		return refusal // no call is made either way
	}
	return out.Err()
}

// mistyped counts a number that the local check refused: who tries check digits pays
// nothing, and is a guesser all the same. It returns the error that the caller gets,
// which is the refusal itself unless the guard blocks.
func (e *Engine) mistyped(ctx context.Context, r *idv.Request, refusal error) error {
	failed := idv.AsError(refusal)
	if e.policy.Abuse == nil || failed.Failure != idv.InvalidInput || failed.Field != idv.FieldIDNumber {
		return refusal
	}
	out, err := e.policy.Abuse.RecordInvalid(ctx, e.store, asked(r, r.Subject, &permit{}, time.Now()))
	if err != nil || out.Denial == nil {
		return refusal // no call is made either way
	}
	return out.Err()
}

func asked(r *idv.Request, s idv.Subject, p *permit, now time.Time) abuse.Attempt {
	return abuse.Attempt{Tenant: r.Tenant, App: r.App, Caller: r.Caller, Consent: p.looked, Subject: s, Now: now}
}
