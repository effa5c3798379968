package memory

import (
	"context"
	"strings"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// Prune deletes data that is older than its retention time.
func (s *Store) Prune(_ context.Context, before store.Retention) (store.Pruned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := store.Pruned{
		Verifications: s.pruneVerifications(before), Consents: s.pruneConsents(before), Counters: s.sweepCounters(now()),
	}
	s.pruneKeys()
	return gone, nil
}

func (s *Store) pruneVerifications(before store.Retention) (gone int) {
	for id, v := range s.results {
		if v.CreatedAt.Before(before.Verifications) {
			s.forget(id)
			gone++
		}
	}
	for k, c := range s.claims {
		if c.Done && c.result.CreatedAt.Before(before.Verifications) {
			delete(s.claims, k)
		}
	}
	return gone
}

func (s *Store) pruneConsents(before store.Retention) (gone int) {
	for id, r := range s.consents {
		if store.ExpiresAt(r).Before(before.Consents) {
			s.forgetConsent(id, r)
			gone++
		}
	}
	return gone
}

// pruneKeys deletes the data keys of subjects without a consent.
func (s *Store) pruneKeys() {
	for p, wrapped := range s.keys {
		if len(s.bySubject[p]) == 0 && !strings.HasPrefix(string(p.token), store.KeyringPrefix) {
			clear(wrapped)
			delete(s.keys, p)
		}
	}
}

func (s *Store) forgetConsent(id store.Key, r *consent.Record) {
	removeFrom(s.bySubject, person{r.Tenant, r.Subject}, r)
	removeFrom(s.byGuardian, person{r.Tenant, r.Guardian.Subject}, r)
	delete(s.consents, id)
}
