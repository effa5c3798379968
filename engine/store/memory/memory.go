// Package memory is a store in the memory of the process, for tests, demonstrations and
// programs that keep their own records. It keeps a limited number of the latest
// verifications, calls and entries; balances of lots remain exact. Consents and other data
// of subjects stay until they are pruned or erased, counters until they expire.
package memory

import (
	"context"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// DefaultKeep is the default number of verifications that a store keeps.
const DefaultKeep = 10_000

// Store implements store.Store in memory.
type Store struct {
	mu      sync.Mutex
	results map[store.Key]idv.Verification // by tenant and id
	order   ring[store.Key]                // of results
	claims  map[store.Key]*claim
	swept   time.Time
	book    ledger.Book
	entries ring[ledger.Entry]
	calls   ring[string] // attempts in book
	changes ledger.Changes
	people
	counters map[counterKey]*counter
}

type claim struct {
	store.Claimed
	result idv.Verification
}

var _ store.Store = (*Store)(nil)

// New returns an empty store that keeps the latest n verifications, as many calls and twice
// as many entries. If n is not positive, it is DefaultKeep. Idempotency keys are kept until
// they expire.
func New(n int) *Store {
	if n <= 0 {
		n = DefaultKeep
	}
	return &Store{
		results: map[store.Key]idv.Verification{}, claims: map[store.Key]*claim{},
		people: newPeople(), counters: map[counterKey]*counter{},
		order: ring[store.Key]{keep: n}, entries: ring[ledger.Entry]{keep: 2 * n}, calls: ring[string]{keep: n},
	}
}

// ring keeps the latest values.
type ring[T any] struct {
	list []T
	next int // the oldest, once the ring is full
	keep int
}

// push adds a value and returns the displaced one.
func (r *ring[T]) push(v T) (old T, displaced bool) {
	if len(r.list) < r.keep {
		r.list = append(r.list, v)
		return old, false
	}
	old, r.list[r.next] = r.list[r.next], v
	r.next = (r.next + 1) % r.keep
	return old, true
}

// Complete stores a verification and completes its claim.
func (s *Store) Complete(_ context.Context, k store.Key, v idv.Verification) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.finish(k, v)
}

// CompleteWithCall settles a call and completes its verification, both or neither.
func (s *Store) CompleteWithCall(ctx context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	return s.change(ctx, func(now time.Time) error {
		if _, ok := s.results[store.Key{Tenant: v.Tenant, Key: v.ID}]; ok {
			return store.ErrStored
		}
		if err := s.book.Settle(a, now); err != nil {
			return err
		}
		return s.finish(k, v)
	})
}

func (s *Store) finish(k store.Key, v idv.Verification) error {
	id := store.Key{Tenant: v.Tenant, Key: v.ID}
	if _, ok := s.results[id]; ok {
		return store.ErrStored
	}
	s.eraseLate(&v)
	if old, displaced := s.order.push(id); displaced {
		s.forget(old)
	}
	s.results[id] = v
	addTo(s.verifications, person{v.Tenant, v.Token}, id)
	if c := s.claims[k]; k.Key != "" && c != nil && c.Verification == v.ID {
		c.Done, c.result = true, v
	}
	return nil
}

// forget deletes a verification.
func (s *Store) forget(id store.Key) {
	removeFrom(s.verifications, person{id.Tenant, s.results[id].Token}, id)
	delete(s.results, id)
}

// Verification returns a stored verification of the tenant.
func (s *Store) Verification(_ context.Context, tenant idv.Tenant, id string) (idv.Verification, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.results[store.Key{Tenant: tenant, Key: id}]
	if !ok {
		return idv.Verification{}, store.ErrNotFound
	}
	return v, nil
}

// Claim claims a key.
func (s *Store) Claim(_ context.Context, c store.Claim) (idv.Verification, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.sweep(now)
	if held := s.claims[c.Key]; held != nil {
		if replay, err := held.Resolve(c.Print, now); replay || err != nil {
			return held.result, replay, err
		}
	}
	s.claims[c.Key] = &claim{Claimed: store.Claimed{Claim: c}}
	return idv.Verification{}, false, nil
}

// Release frees a key.
func (s *Store) Release(_ context.Context, k store.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.claims[k]; c != nil && !c.Done {
		delete(s.claims, k)
	}
	return nil
}

// sweep deletes expired claims and counters, at most once a minute.
func (s *Store) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Minute {
		return
	}
	s.swept = now
	s.sweepCounters(now)
	for k, c := range s.claims {
		if c.Done && !now.Before(c.Expiry) {
			delete(s.claims, k)
		}
	}
}

// Ready returns nil, since memory is always writable.
func (s *Store) Ready(context.Context) error { return nil }

// Close does nothing.
func (s *Store) Close() error { return nil }
