package engine

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/cache"
	"github.com/heyan-id/heyan/engine/idv"
)

// again gives an earlier answer once more, if there is one that purpose, provider,
// consent and rules allow to give again now. Nobody is asked and nothing is paid; the
// verification says so. It takes a use of the consent all the same.
func (e *Engine) again(ctx context.Context, v *idv.Verification, q *question, p *permit) (bool, error) {
	if !p.mayReuse() {
		return false, nil
	}
	answer, ok := e.answers.Get(e.answerKey(v, q))
	if !ok {
		return false, nil
	}
	m := e.members[answer.Evidence.Provider]
	until := answer.At.Add(e.reuseTime(p, m))
	if !q.lane.has(m) || p.barred(answer.Recipient) != "" || !v.CreatedAt.Before(until) || !e.keeps(ctx, v.Tenant, answer.Verification) {
		return false, nil
	}
	if p.consent != nil {
		use := idv.ConsentUse{ID: p.consent.ID, Recipient: answer.Recipient, First: true}
		if err := e.store.UseConsent(ctx, v.Tenant, use); err != nil {
			return false, idv.AsError(err)
		}
	}
	v.Verdict, v.Fidelity, v.Evidence = answer.Verdict, answer.Fidelity, []idv.Evidence{answer.Evidence}
	v.Reused = &idv.Reuse{Verification: answer.Verification, At: answer.At, Until: until}
	v.NextSteps = advice(v.Verdict)
	return true, nil
}

// keeps reports whether a verification is still on record with its person. Somebody
// may have been erased by another node or by a tool beside this process, which cannot
// reach into this cache; their old answer is not given again.
func (e *Engine) keeps(ctx context.Context, tenant idv.Tenant, id string) bool {
	kept, err := e.store.Verification(ctx, tenant, id)
	return err == nil && kept.Erased == ""
}

// remember keeps an answer for as long as it may be given again.
func (e *Engine) remember(v *idv.Verification, q *question, p *permit) {
	if v.Verdict == idv.Undetermined || !p.mayReuse() {
		return
	}
	said := v.Evidence[0]
	m := e.members[said.Provider]
	left := time.Until(said.Time.Add(e.reuseTime(p, m)))
	e.answers.Put(e.answerKey(v, q), cache.Answer{
		Verification: v.ID, Verdict: v.Verdict, Fidelity: v.Fidelity, Evidence: said, Recipient: m.recipient, At: said.Time,
	}, left)
}

func (p *permit) mayReuse() bool { return p.purpose.CacheTTL > 0 && !p.obligations.NoReuse }

// reuseTime is the shortest time that anybody allows. A vendor that promises fresh
// data, as the first one does ("zero cache"), sold just that: its answers are never
// given again, whatever the configuration says.
func (e *Engine) reuseTime(p *permit, m *member) time.Duration {
	if m.descriptor.NoStore {
		return 0
	}
	return min(p.purpose.CacheTTL, m.reuse)
}

// answerKey names the question as one that may be asked again: the same tenant, app
// and purpose, for an answer got for one purpose is not used for another.
func (e *Engine) answerKey(v *idv.Verification, q *question) cache.Key {
	parts := append([]string{v.Check.String(), v.App, v.Purpose}, revealed(q)...)
	return cache.Key{Tenant: v.Tenant, Mark: e.policy.Keyring.BlindIndex(v.Tenant, "answer", parts...)}
}

// has reports whether a provider stands in the route.
func (l *lane) has(m *member) bool {
	for _, one := range l.members {
		if one == m {
			return true
		}
	}
	return false
}

// PurgeCache drops every answer that could be given again: after a person was
// erased, nothing of them may be answered from memory.
func (e *Engine) PurgeCache() { e.answers.Clear() }
