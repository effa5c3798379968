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
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/access"
)

// DefaultKeep is the default number of verifications that a store keeps.
const DefaultKeep = 10_000

// Store implements store.Store in memory.
type Store struct {
	// Clock decides about time. New sets that of the machine; a test may replace it before
	// the store is used.
	Clock *store.Clock

	mu      sync.Mutex
	results map[store.Key]idv.Verification // by tenant and id
	order   ring[store.Key]                // of results
	// recovered has the results that Recover stored in place of a request, whose outcome may
	// still arrive.
	recovered map[store.Key]bool
	claims    map[store.Key]*claim
	book      ledger.Book
	entries   ring[ledger.Entry]
	final     time.Time    // see FinalUntil
	calls     ring[string] // attempts in book
	changes   ledger.Changes
	people
	counters      map[counterKey]*counter
	apiKeys       map[string]access.Key
	apiKeyVersion int64
	windows       map[string]route.Window
	findings      idv.FindingSet
	gates         map[gateID]store.GateFact
	operations
	outbox
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
		Clock:   store.NewClock(nil, nil),
		results: map[store.Key]idv.Verification{}, recovered: map[store.Key]bool{}, claims: map[store.Key]*claim{},
		people: newPeople(), counters: map[counterKey]*counter{}, apiKeys: map[string]access.Key{}, gates: map[gateID]store.GateFact{}, windows: map[string]route.Window{}, outbox: outbox{messages: map[string]store.Message{}},
		operations: operations{orders: map[string]store.Order{}},
		order:      ring[store.Key]{keep: n}, entries: ring[ledger.Entry]{keep: 2 * n}, calls: ring[string]{keep: n},
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
	v, err := store.Storable(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complete(k, v)
}

// CompleteWithCall settles a call and completes its verification, both or neither.
func (s *Store) CompleteWithCall(_ context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	v, err := store.Storable(v)
	if err != nil {
		return err
	}
	return s.change(context.Background(), func(now time.Time) error {
		if s.isStored(store.Key{Tenant: v.Tenant, Key: v.ID}) {
			return store.ErrStored
		}
		if err := s.book.Settle(a, now); err != nil && !s.book.ResolvedBefore(a.ID) {
			return err
		}
		return s.complete(k, v)
	})
}

// isStored reports whether a verification is stored, unless Recover stored it in place of
// its request.
func (s *Store) isStored(id store.Key) bool {
	_, ok := s.results[id]
	return ok && !s.recovered[id]
}

// finish stores a verification and completes its claim. It replaces what Recover stored in
// place of the request.
func (s *Store) finish(k store.Key, v idv.Verification) error {
	id := store.Key{Tenant: v.Tenant, Key: v.ID}
	if s.isStored(id) {
		return store.ErrStored
	}
	s.eraseLate(&v)
	if s.recovered[id] {
		s.forget(id)
	} else if old, displaced := s.order.push(id); displaced {
		s.forget(old)
	}
	s.results[id] = v
	s.tell(&v)
	addTo(s.verifications, person{v.Tenant, v.Token}, id)
	if c := s.claims[k]; k.Key != "" && c != nil && c.Verification == v.ID {
		c.Done, c.result = true, v
	}
	return nil
}

// complete stores the verification of a request that has ended, and returns its use of a
// consent if its calls sent no data. If the request lost its key, Recover has done so.
func (s *Store) complete(k store.Key, v idv.Verification) error {
	c := s.claims[k]
	own := k.Key == "" || c != nil && c.Verification == v.ID
	if err := s.finish(k, v); err != nil || !own || !store.ReturnsUse(&v) {
		return err
	}
	holds := s.book.Holds(func(h *ledger.Hold) bool { return h.Intent.Verification == v.ID })
	if record := s.consents[store.Key{Tenant: v.Tenant, Key: store.ConsentOf(holds)}]; record != nil {
		record.Used = max(record.Used-1, 0)
	}
	return nil
}

// forget deletes a verification.
func (s *Store) forget(id store.Key) {
	removeFrom(s.verifications, person{id.Tenant, s.results[id].Token}, id)
	delete(s.results, id)
	delete(s.recovered, id)
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
	if err := c.CheckTexts(); err != nil {
		return idv.Verification{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, confirmed := s.Clock.Now()
	if confirmed {
		s.sweep(now)
	}
	if held := s.claims[c.Key]; held != nil {
		if replay, err := held.Resolve(c.Print, now, confirmed); replay || err != nil {
			return held.result, replay, err
		}
	}
	s.claims[c.Key] = &claim{Claimed: store.Claimed{Claim: c.On(now)}}
	return idv.Verification{}, false, nil
}

// Release frees the key of a verification.
func (s *Store) Release(_ context.Context, k store.Key, verification string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.claims[k]
	if c == nil || c.Done || c.Verification != verification {
		return store.ErrOverdue
	}
	delete(s.claims, k)
	return nil
}

// ReleaseUncalled frees the key of a verification and stores its short form.
func (s *Store) ReleaseUncalled(ctx context.Context, k store.Key, v idv.Verification) error {
	if err := s.Release(ctx, k, v.ID); err != nil {
		return err
	}
	return s.Complete(ctx, store.Key{}, v.Brief())
}

// sweepSize is the number of claims, and of counters, that one sweep looks at.
const sweepSize = 16

// sweep looks at some claims and counters, in an order that differs each time, and deletes
// the expired ones. It bounds memory without a pause if Recover and Prune are not called.
func (s *Store) sweep(now time.Time) {
	looked := 0
	for k, c := range s.claims {
		if looked++; looked > sweepSize {
			break
		}
		if c.Done && !now.Before(c.Expiry) {
			delete(s.claims, k)
		}
	}
	looked = 0
	for k, c := range s.counters {
		if looked++; looked > sweepSize {
			break
		}
		if !now.Before(c.until) {
			delete(s.counters, k)
		}
	}
}

// Ready returns nil, since memory is always writable.
func (s *Store) Ready(context.Context) error { return nil }

// Close does nothing.
func (s *Store) Close() error { return nil }
