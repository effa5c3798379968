// Package memory is a store that lives and dies with its process: for tests, for
// demonstrations and for programs that keep their own records. It holds the last
// verifications, a bounded number of them, and forgets the rest.
package memory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// DefaultKeep is how many verifications are kept when New is given none.
const DefaultKeep = 100_000

// Store implements store.Store in memory.
type Store struct {
	mu      sync.Mutex
	results map[store.Key]idv.Verification // by tenant and id
	order   []store.Key                    // a ring, oldest at next
	next    int
	keep    int
	claims  map[store.Key]*claim
	swept   time.Time
	running map[string]idv.Attempt // intents without an outcome, by attempt id
}

type claim struct {
	print  store.Fingerprint
	expiry time.Time
	done   bool
	result idv.Verification
}

var _ store.Store = (*Store)(nil)

// New makes an empty store that keeps the last n verifications, DefaultKeep if n
// is not positive. Idempotency keys are kept until they expire, beside that.
func New(n int) *Store {
	if n <= 0 {
		n = DefaultKeep
	}
	return &Store{
		results: map[store.Key]idv.Verification{},
		keep:    n,
		claims:  map[store.Key]*claim{},
		running: map[string]idv.Attempt{},
	}
}

var errTwice = errors.New("this attempt was already written")
var errNoIntent = errors.New("this attempt has no intent, or was settled before")

// Intend notes that a call is about to be made.
func (s *Store) Intend(_ context.Context, _ string, a idv.Attempt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.running[a.ID]; ok {
		return errTwice
	}
	s.running[a.ID] = a
	return nil
}

// Settle ends an intent. The attempt itself stands in its verification.
func (s *Store) Settle(_ context.Context, _ string, a idv.Attempt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.running[a.ID]; !ok {
		return errNoIntent
	}
	delete(s.running, a.ID)
	return nil
}

// Finish stores a verification and ends its claim.
func (s *Store) Finish(_ context.Context, k store.Key, v idv.Verification) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := store.Key{Tenant: v.Tenant, Key: v.ID}
	if _, ok := s.results[id]; ok {
		return errTwice
	}
	if len(s.order) < s.keep {
		s.order = append(s.order, id)
	} else {
		delete(s.results, s.order[s.next])
		s.order[s.next] = id
		s.next = (s.next + 1) % s.keep
	}
	s.results[id] = v
	if c := s.claims[k]; k.Key != "" && c != nil {
		c.done, c.result = true, v
	}
	return nil
}

// Verification returns a stored verification of the tenant.
func (s *Store) Verification(_ context.Context, tenant, id string) (idv.Verification, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.results[store.Key{Tenant: tenant, Key: id}]
	if !ok {
		return idv.Verification{}, store.ErrNotFound
	}
	return v, nil
}

// Claim takes a key.
func (s *Store) Claim(_ context.Context, k store.Key, f store.Fingerprint, expiry time.Time) (idv.Verification, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.sweep(now)
	c := s.claims[k]
	switch {
	case c == nil || c.done && now.After(c.expiry):
		// A running claim never expires: its call may still be charged.
		s.claims[k] = &claim{print: f, expiry: expiry}
		return idv.Verification{}, false, nil
	case c.print != f:
		return idv.Verification{}, false, store.ErrKeyReused
	case !c.done:
		return idv.Verification{}, false, store.ErrInProgress
	}
	return c.result, true, nil
}

// Release gives a key back.
func (s *Store) Release(_ context.Context, k store.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.claims, k)
	return nil
}

// sweep drops expired claims, once a minute.
func (s *Store) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Minute {
		return
	}
	s.swept = now
	for k, c := range s.claims {
		if c.done && now.After(c.expiry) {
			delete(s.claims, k)
		}
	}
}

// Close does nothing: what is in memory is gone with the store.
func (s *Store) Close() error { return nil }
