package engine

import (
	"context"
	"sync/atomic"
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
	fields       idv.Fields
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
	users   atomic.Int32 // engines
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
	c := &answerCache{entries: entries}
	c.users.Store(1)
	return c, nil
}

// shareAnswers returns the cache of an engine for the one that replaces it, or a new one if
// the engine is nil or has none.
func (e *Engine) shareAnswers() (*answerCache, error) {
	if e == nil || e.answers == nil {
		return newAnswerCache()
	}
	e.answers.users.Add(1)
	return e.answers, nil
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

// close says that an engine no longer uses the cache.
func (c *answerCache) close() {
	if c != nil && c.users.Add(-1) == 0 {
		c.entries.Close()
	}
}

// fromCache answers the request with an earlier answer, if there is one that the
// purpose, the provider, the consent and the rules allow to be reused now. No provider
// is called and nothing is paid, but it takes a use of the consent.
func (s *session) fromCache(ctx context.Context) (bool, error) {
	a, v := &s.authorization, &s.result
	if s.order != nil || !a.mayReuse() {
		return false, nil
	}
	earlier, ok := s.answers.get(s.answerKey())
	if !ok {
		return false, nil
	}
	p := s.providers[earlier.evidence.Provider] // nil if it was removed since, or its name given to another
	if p == nil || p.recipient != earlier.recipient {
		return false, nil
	}
	until := earlier.at.Add(a.reuseTTL(p))
	if !s.question.route.has(p) || a.bars(earlier.recipient) != "" || !v.CreatedAt.Before(until) || !s.isStored(ctx, earlier.verification) {
		return false, nil
	}
	if a.consent != nil {
		use := idv.ConsentUse{ID: a.consent.ID, Recipient: earlier.recipient, First: true}
		ctx, cancel := s.storing(ctx)
		defer cancel()
		if err := s.store.UseConsent(ctx, v.Tenant, use); err != nil {
			if e := idv.AsError(err); e.Failure == idv.Denied {
				return false, e
			}
			return false, storeFailed("the use of the consent could not be written, so the earlier answer is not returned")
		}
		s.consentUsed = true
	}
	v.Verdict, v.Fidelity, v.Fields, v.Evidence = earlier.verdict, earlier.fidelity, earlier.fields, []idv.Evidence{earlier.evidence}
	v.Reused = &idv.Reuse{Verification: earlier.verification, At: earlier.at, Until: until}
	s.advise()
	return true, nil
}

// isStored reports whether a verification is still stored with its person. Another
// node, or a tool beside this process, may have erased the person and cannot clear
// this cache; the earlier answer is then not reused.
func (s *session) isStored(ctx context.Context, id string) bool {
	ctx, cancel := s.storing(ctx)
	defer cancel()
	v, err := s.store.Verification(ctx, s.request.Tenant, id)
	return err == nil && v.Erased == ""
}

// cacheAnswer caches the answer for as long as it may be reused. One that two recipients gave
// is not.
func (s *session) cacheAnswer() {
	a, v := &s.authorization, &s.result
	if s.order != nil || len(v.Evidence) != 1 || !a.mayReuse() {
		return
	}
	evidence := v.Evidence[0]
	p := s.providers[evidence.Provider]
	s.answers.put(s.answerKey(), answer{
		verification: v.ID, verdict: v.Verdict, fidelity: v.Fidelity, fields: v.Fields, evidence: evidence, recipient: p.recipient, at: evidence.Time,
	}, time.Until(evidence.Time.Add(a.reuseTTL(p))))
}

func (a *authorization) mayReuse() bool { return a.purpose.CacheTTL > 0 && !a.obligations.NoReuse }

// reuseTTL is the shorter of the times that the purpose and the provider allow. A
// vendor that promises fresh data ("zero cache") sells exactly that: its answers are
// never reused, whatever the configuration says.
func (a *authorization) reuseTTL(p *provider) time.Duration {
	if p.descriptor.NoStore {
		return 0
	}
	return min(a.purpose.CacheTTL, p.cacheTTL)
}

// answerKey is the same for the same request of the same tenant, app and purpose: an
// answer obtained for one purpose is not used for another.
func (s *session) answerKey() answerKey {
	r := &s.request
	parts := append([]string{r.Check.String(), r.App, r.Purpose}, s.question.reveal()...)
	return answerKey{tenant: r.Tenant, index: s.policy.Keyring.BlindIndex(r.Tenant, "answer", parts...)}
}

// PurgeCache drops every cached answer. It must be called after a person was erased.
func (e *Engine) PurgeCache() { e.answers.clear() }
