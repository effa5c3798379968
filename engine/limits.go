package engine

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/limits"
)

// count counts the question and holds it against the limits. It is the last of what
// may refuse without a rule of the team's, so that a question without a consent uses
// up nobody's share.
func (e *Engine) count(ctx context.Context, r *idv.Request, q *question, now time.Time) (policy.Counts, error) {
	out, err := e.policy.Limits.Check(ctx, e.store, asked(r, q.subject, now))
	switch {
	case err != nil:
		return out.Counts, unread("the question could not be counted, so nobody was asked")
	case out.Denial != nil:
		return out.Counts, retryAfter(out)
	}
	return out.Counts, nil
}

// mistyped counts a number that the local check refused: who tries check digits pays
// nothing, and is a guesser all the same. It returns the error that the caller gets,
// which is the refusal itself unless the guard blocks.
func (e *Engine) mistyped(ctx context.Context, r *idv.Request, refusal error) error {
	failed := idv.AsError(refusal)
	if e.policy.Limits == nil || failed.Failure != idv.InvalidInput || failed.Field != idv.FieldIDNumber {
		return refusal
	}
	out, err := e.policy.Limits.Refused(ctx, e.store, asked(r, r.Subject, time.Now()))
	if err != nil || out.Denial == nil {
		return refusal // no call is made either way
	}
	return retryAfter(out)
}

func asked(r *idv.Request, s idv.Subject, now time.Time) limits.Asked {
	return limits.Asked{Tenant: r.Tenant, App: r.App, Caller: r.Caller, Subject: s, Now: now}
}

func retryAfter(out limits.Outcome) error {
	out.Denial.Retry = out.Retry
	return out.Denial
}
