package engine

import (
	"context"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/heyan-id/heyan/engine/idv"
)

// answerKey names a question of a tenant. The index is a keyed hash of the question,
// so the cache holds nothing that identifies a person.
type answerKey struct {
	tenant idv.Tenant
	index  [16]byte
}

func (k answerKey) text() string { return string(k.index[:]) + string(k.tenant) }

// answer is an earlier answer without the person's data.
type answer struct {
	verification string
	verdict      idv.Verdict
	fidelity     idv.Fidelity
	evidence     idv.Evidence
	recipient    string
	at           time.Time // when the source answered

	tenant idv.Tenant
}

// answerCache keeps each answer until its time to live ends. It may drop any entry
// earlier, so nothing that decides about money or consent may stand in it. It is safe
// for concurrent use; a nil cache keeps nothing.
type answerCache struct {
	entries *ristretto.Cache[string, answer]
}

// maxAnswers bounds the cache at some 30 MB.
const maxAnswers = 100_000

// newAnswerCache returns a cache that runs goroutines until it is closed.
func newAnswerCache() (*answerCache, error) {
	entries, err := ristretto.NewCache(&ristretto.Config[string, answer]{
		NumCounters: 10 * maxAnswers, MaxCost: maxAnswers, BufferItems: 64,
		IgnoreInternalCost: true, // otherwise each entry costs about 57 more, and only a fiftieth of them fits
	})
	if err != nil {
		return nil, err
	}
	return &answerCache{entries}, nil
}

func (c *answerCache) put(k answerKey, a answer, ttl time.Duration) {
	if c == nil || ttl <= 0 {
		return
	}
	a.tenant = k.tenant
	c.entries.SetWithTTL(k.text(), a, 1, ttl)
}

// get returns a cached answer. It compares the tenant, because ristretto compares
// only hashes of keys.
func (c *answerCache) get(k answerKey) (answer, bool) {
	if c == nil {
		return answer{}, false
	}
	a, ok := c.entries.Get(k.text())
	if !ok || a.tenant != k.tenant {
		return answer{}, false
	}
	return a, true
}

func (c *answerCache) clear() {
	if c != nil {
		c.entries.Clear()
	}
}

func (c *answerCache) close() {
	if c != nil {
		c.entries.Close()
	}
}

// again gives an earlier answer once more, if there is one that purpose, provider,
// consent and rules allow to give again now. Nobody is asked and nothing is paid; the
// verification says so. It takes a use of the consent all the same.
func (e *Engine) again(ctx context.Context, v *idv.Verification, q *question, p *permit) (bool, error) {
	if !p.mayReuse() {
		return false, nil
	}
	earlier, ok := e.answers.get(e.answerKey(v, q))
	if !ok {
		return false, nil
	}
	m := e.members[earlier.evidence.Provider]
	until := earlier.at.Add(e.reuseTime(p, m))
	if !q.lane.has(m) || p.barred(earlier.recipient) != "" || !v.CreatedAt.Before(until) || !e.keeps(ctx, v.Tenant, earlier.verification) {
		return false, nil
	}
	if p.consent != nil {
		use := idv.ConsentUse{ID: p.consent.ID, Recipient: earlier.recipient, First: true}
		if err := e.store.UseConsent(ctx, v.Tenant, use); err != nil {
			return false, idv.AsError(err)
		}
	}
	v.Verdict, v.Fidelity, v.Evidence = earlier.verdict, earlier.fidelity, []idv.Evidence{earlier.evidence}
	v.Reused = &idv.Reuse{Verification: earlier.verification, At: earlier.at, Until: until}
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
	e.answers.put(e.answerKey(v, q), answer{
		verification: v.ID, verdict: v.Verdict, fidelity: v.Fidelity, evidence: said, recipient: m.recipient, at: said.Time,
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
func (e *Engine) answerKey(v *idv.Verification, q *question) answerKey {
	parts := append([]string{v.Check.String(), v.App, v.Purpose}, revealed(q)...)
	return answerKey{tenant: v.Tenant, index: e.policy.Keyring.BlindIndex(v.Tenant, "answer", parts...)}
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
func (e *Engine) PurgeCache() { e.answers.clear() }
