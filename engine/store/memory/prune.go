package memory

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// Prune deletes data that is older than its retention time.
func (s *Store) Prune(_ context.Context, keep store.Retention) (store.Pruned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, confirmed := s.Clock.Now()
	if !confirmed {
		return store.Pruned{}, nil
	}
	gone := store.Pruned{
		Verifications: s.pruneVerifications(&keep, store.Cutoff(now, keep.Verifications), store.Cutoff(now, keep.Uncalled)),
		Consents:      s.pruneConsents(&keep, store.Cutoff(now, keep.Consents)),
		Counters:      s.sweepCounters(now),
	}
	s.pruneKeys()
	s.pruneMessages(&keep, store.Cutoff(now, keep.Verifications))
	return gone, nil
}

func (s *Store) pruneVerifications(keep *store.Retention, before, uncalled time.Time) (gone int) {
	for id, v := range s.results {
		if keep.Concerns(v.Tenant) && (v.CreatedAt.Before(before) || !v.Called() && v.CreatedAt.Before(uncalled)) {
			s.forget(id)
			gone++
		}
	}
	for k, c := range s.claims {
		if c.Done && keep.Concerns(k.Tenant) && c.result.CreatedAt.Before(before) {
			delete(s.claims, k)
		}
	}
	return gone
}

func (s *Store) pruneConsents(keep *store.Retention, before time.Time) (gone int) {
	for id, r := range s.consents {
		if keep.Concerns(r.Tenant) && store.ExpiresAt(r).Before(before) {
			s.forgetConsent(id, r)
			gone++
		}
	}
	return gone
}

// pieceSize is the number of claims that are looked at while other operations wait.
const pieceSize = 500

// sweepClaims deletes expired claims, in pieces.
func (s *Store) sweepClaims(now time.Time) {
	s.mu.Lock()
	keys := slices.Collect(maps.Keys(s.claims))
	s.mu.Unlock()
	for piece := range slices.Chunk(keys, pieceSize) {
		s.mu.Lock()
		for _, k := range piece {
			if c := s.claims[k]; c != nil && c.Done && !now.Before(c.Expiry) {
				delete(s.claims, k)
			}
		}
		s.mu.Unlock()
	}
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
