package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// promise is an operation that returned without an error.
type promise struct {
	commit int // it returned after this one; what was promised then must stand
	what   string
	kept   func(*found) bool
}

// found is what a store holds after a crash.
type found struct {
	lots    map[string]ledger.Balance
	holds   map[string]ledger.Hold
	results map[string]string
	ended   map[string]bool // keys with a result, and keys that were freed
	into    map[string]int  // entries that hold a unit for an attempt
	out     map[string]int  // entries that end a hold
}

// look reads all that a store holds.
func look(ctx context.Context, s *Store) (*found, error) {
	f := &found{
		lots: map[string]ledger.Balance{}, holds: map[string]ledger.Hold{}, results: map[string]string{}, ended: map[string]bool{},
		into: map[string]int{}, out: map[string]int{},
	}
	lots, err := s.Lots(ctx, "")
	for _, l := range lots {
		f.lots[l.ID] = l
	}
	return f, errors.Join(err, f.lookAtHolds(ctx, s), f.lookAtKeys(ctx, s))
}

func (f *found) lookAtHolds(ctx context.Context, s *Store) error {
	holds, more, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	if err != nil || more != "" {
		return fmt.Errorf("the holds: %w, more after %q", err, more)
	}
	for _, h := range holds {
		f.holds[h.Intent.Attempt] = h
	}
	entries, more, err := s.Entries(ctx, ledger.Filter{}, ledger.Page{})
	if err != nil || more != "" {
		return fmt.Errorf("the entries: %w, more after %q", err, more)
	}
	for _, e := range entries {
		if e.To == ledger.Held {
			f.into[e.Hold]++
		}
		if e.From == ledger.Held {
			f.out[e.Hold]++
		}
	}
	return nil
}

func (f *found) lookAtKeys(ctx context.Context, s *Store) error {
	for _, k := range s.Recovered().Freed {
		f.ended[k.Key] = true
	}
	const ended = `SELECT c.idempotency_key, v.details FROM claims c JOIN verifications v ON v.tenant = c.tenant AND v.id = c.verification WHERE c.done = 1`
	results, err := list(ctx, s.backend, ended, nil, func(r row) (p [2]string, err error) {
		err = r.Scan(&p[0], &p[1])
		return p, err
	})
	for _, p := range results {
		f.ended[p[0]], f.results[p[0]] = true, p[1]
	}
	return err
}

// requests makes requests as the engine does, several at once or one after
// another, and takes down what was promised.
type requests struct {
	s       *Store
	commits *atomic.Int64

	mu       sync.Mutex
	promises []promise
	faults   []error
}

func (q *requests) keep(what string, err error, kept func(*found) bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		q.faults = append(q.faults, fmt.Errorf("%s: %w", what, err))
		return false
	}
	q.promises = append(q.promises, promise{int(q.commits.Load()), what, kept})
	return true
}

func (q *requests) addLot(ctx context.Context, id string) {
	l := lotOf(id, 20)
	l.Bought = l.Bought.UTC()
	q.keep("lot "+id, q.s.AddLot(ctx, l), func(f *found) bool { b, ok := f.lots[id]; l.Booked = b.Booked; return ok && b.Lot == l })
}

// make makes one request, up to one of its four steps, as if it had died there.
func (q *requests) make(ctx context.Context, n, steps int) {
	i := call(n)
	key := store.Key{Tenant: i.Tenant, Key: "key-" + i.Verification}
	c := store.Claim{Key: key, Print: store.Fingerprint{byte(n)}, Verification: i.Verification, Deadline: i.Deadline, Expiry: time.Now().Add(24 * time.Hour)}
	_, _, err := q.s.Claim(ctx, c)
	if !q.keep("claim of "+i.Verification, err, func(f *found) bool { return f.ended[key.Key] }) || steps == 1 {
		return
	}
	held, err := q.s.Hold(ctx, i)
	i.Price = held.Price
	if !q.keep("hold of "+i.Attempt, err, func(f *found) bool {
		h, ok := f.holds[i.Attempt]
		i.Deadline = h.Intent.Deadline // on the clock of the store
		return ok && h.Intent == i && h.Lot == held.Lot
	}) || steps == 2 {
		return
	}
	a := outcomeOf(i, held, idv.Charge(n%3))
	settled := func(f *found) bool {
		h := f.holds[i.Attempt]
		return h.OutcomeRecorded && h.Outcome == a && h.State.Charge() == a.Charge
	}
	if !q.keep("settlement of "+i.Attempt, q.s.Settle(ctx, a), settled) || steps == 3 {
		return
	}
	v := verificationOf(i)
	v.Attempts = []idv.Attempt{a}
	data, err := encode(&v)
	if err == nil {
		err = q.s.Complete(ctx, key, v)
	}
	q.keep("result "+i.Verification, err, func(f *found) bool { return f.results[key.Key] == data })
}

// run makes requests until the number of commits is reached.
func (q *requests) run(t *testing.T, r *rand.Rand, commits, burst int) {
	t.Helper()
	for n, lots := 0, 0; int(q.commits.Load()) < commits && len(q.faults) == 0; {
		for n+burst > 20*lots { // each burst finds enough units
			lots++
			q.addLot(t.Context(), fmt.Sprintf("l%d", lots))
		}
		var wg sync.WaitGroup
		for range 1 + r.IntN(2)*r.IntN(burst) {
			n++
			me, steps := n, 1+r.IntN(8)
			wg.Go(func() { q.make(t.Context(), me, steps) })
		}
		wg.Wait()
	}
	for _, err := range q.faults {
		t.Error(err)
	}
}
