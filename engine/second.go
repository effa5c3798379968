package engine

import (
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/dispatch"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// allowsSecond reports whether a purpose allows a second opinion, and a plan has recipients
// and calls for it.
func (e *Engine) allowsSecond(purpose *policy.Purpose, plan *idv.Plan) bool {
	return purpose.SecondOpinions > 0 && plan.MaxAttempts > 1 && slices.ContainsFunc(plan.Steps, func(s idv.Step) bool {
		return e.providers[s.Provider].recipient != e.providers[plan.Steps[0].Provider].recipient
	})
}

// secondOpinion reports whether next may be called after first had no record of the person:
// it is another recipient, so that it says something new, there is time for its answer, and the
// purpose's number for the day is not used up. The plan has only recipients that consent and
// rules allow. If the store cannot count, there is no second opinion.
func (s *session) secondOpinion(ctx context.Context, first, next string) bool {
	p := s.providers[next]
	if p.recipient == s.providers[first].recipient || time.Until(s.deadline) < p.timeout/2 {
		return false
	}
	if s.counted {
		return true
	}
	ctx, cancel := s.storing(ctx)
	defer cancel()
	day := time.Now().In(idv.China())
	counted, err := s.store.Count(ctx, s.request.Tenant, []policy.Hit{{
		Counter: s.policy.Keyring.BlindIndex(s.request.Tenant, "second opinions", s.request.Purpose, day.Format(time.DateOnly)),
		Most:    s.authorization.purpose.SecondOpinions, Until: day.Add(48 * time.Hour),
	}})
	s.counted = err == nil && counted.Over < 0
	return s.counted
}

// join joins the answer of a second provider with the missing record of the first.
func (s *session) join(o *dispatch.Opinion) {
	v := &s.result
	switch v.Verdict = joined(o.Answer.Verdict); v.Verdict {
	case idv.Match:
		v.Fidelity, v.Fields = s.providers[o.Provider].descriptor.Fidelity, o.Answer.Fields.Only(v.Check.Claims())
	case idv.MismatchOrNoRecord:
		v.Fidelity, v.Review = idv.TwoWay, true
	}
}

// joined returns the verdict of a missing record and a second answer. A missing record says
// nothing of the person, so it does not contradict a match. A mismatch may be a record that is
// as outdated as the one that is missing, for example after a change of name: the two say no
// more than a source that cannot tell the two apart, and a person has to look. An answer of
// such a source adds nothing.
func joined(second idv.Verdict) idv.Verdict {
	switch second {
	case idv.Match:
		return idv.Match
	case idv.Mismatch:
		return idv.MismatchOrNoRecord
	}
	return idv.NoRecord
}

// recheckAfter is when a missing record may have been reported.
const recheckAfter = 28 * 24 * time.Hour

// advise sets the next steps after a verdict. A check that may succeed later has its date, and
// a hint if the consent does not last until then.
func (s *session) advise() {
	v := &s.result
	v.NextSteps = idv.Advise(v.Verdict, 0, nil)
	i := slices.IndexFunc(v.NextSteps, func(a idv.Advice) bool { return a.Code == idv.RetryLater })
	if i < 0 {
		return
	}
	date := v.CreatedAt.In(idv.China()).Add(recheckAfter)
	v.NextSteps[i].Date = date.Format(time.DateOnly)
	if c := s.authorization.consent; c != nil && (c.Until().Before(date) || c.Used+1 >= c.MaxUses) {
		v.NextSteps = slices.Insert(v.NextSteps, i+1, idv.ConsentForRetry())
	}
}
