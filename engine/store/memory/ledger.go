package memory

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// Hold reserves one unit for a call.
func (s *Store) Hold(ctx context.Context, i idv.Intent) (held idv.Reservation, err error) {
	err = s.change(ctx, func(now time.Time) error {
		if s.gap != nil {
			return &store.GapError{Gap: *s.gap}
		}
		i.Deadline = store.Translate(i.Deadline, now)
		if err := store.Admit(&i, s.claimOf(&i), now); err != nil {
			return err
		}
		i.Key = ""
		var used consent.Record
		use := i.Consent
		if use.ID != "" {
			if used, err = s.used(i.Tenant, use, now); err != nil {
				return err
			}
		}
		i.Consent = idv.ConsentUse{ID: use.ID} // the other fields serve only this check
		held, err = s.book.Hold(i, now)
		if err != nil {
			return err
		}
		if use.ID != "" {
			*s.consents[store.Key{Tenant: i.Tenant, Key: use.ID}] = used
		}
		if old, displaced := s.calls.push(i.Attempt); displaced {
			s.book.Forget(old)
		}
		return nil
	})
	return held, err
}

// claimOf returns the claim of a request's key, nil if there is none.
func (s *Store) claimOf(i *idv.Intent) *store.Claimed {
	if c := s.claims[store.Key{Tenant: i.Tenant, Key: i.Key}]; c != nil {
		return &c.Claimed
	}
	return nil
}

// Settle settles a hold.
func (s *Store) Settle(_ context.Context, a idv.Attempt) error {
	return s.change(context.Background(), func(now time.Time) error { return s.book.Settle(a, now) })
}

// AddLot adds a package.
func (s *Store) AddLot(ctx context.Context, l ledger.Lot) error {
	l, err := store.CanonicalLot(l)
	if err != nil {
		return err
	}
	return s.change(ctx, func(now time.Time) error {
		return s.acting(ctx, now, func() error { return s.book.AddLot(l, now) })
	})
}

// CancelLot takes back what is left of a package.
func (s *Store) CancelLot(ctx context.Context, lot, why string) error {
	return s.change(ctx, func(now time.Time) error {
		return s.acting(ctx, now, func() error { return s.book.CancelLot(lot, why, now) })
	})
}

// SpreadLot changes nothing, since a lot has one row.
func (s *Store) SpreadLot(ctx context.Context, lot string) (rows int, err error) {
	return 1, s.change(ctx, func(now time.Time) error {
		return s.acting(ctx, now, func() error { return s.book.Spread(lot, 1) })
	})
}

// WriteOff removes available units of a lot.
func (s *Store) WriteOff(ctx context.Context, lot string, units int64, why string) error {
	return s.change(ctx, func(now time.Time) error {
		return s.acting(ctx, now, func() error { return s.book.WriteOff(lot, units, why, now) })
	})
}

// Resolve settles an unknown hold.
func (s *Store) Resolve(ctx context.Context, attempt string, charge idv.Charge, why string) error {
	return s.change(ctx, func(now time.Time) error {
		return s.acting(ctx, now, func() error { return s.book.Resolve(attempt, charge, why, now) })
	})
}

// change runs an operation on the ledger and stores its entries. It does nothing if ctx is
// done.
func (s *Store) change(ctx context.Context, do func(now time.Time) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := do(s.now())
	s.collect()
	return err
}

// collect stores the entries of the last operation.
func (s *Store) collect() {
	s.book.Changes(&s.changes)
	for _, e := range s.changes.Entries {
		s.entries.push(e)
	}
	s.changes = ledger.Changes{Entries: s.changes.Entries[:0], Lots: s.changes.Lots[:0], Holds: s.changes.Holds[:0]}
}

// Lots returns the lots with their balances.
func (s *Store) Lots(_ context.Context, provider string) ([]ledger.Balance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.Lots(provider), nil
}

// Entries returns the entries that are kept.
func (s *Store) Entries(_ context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Entry, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []ledger.Entry
	for i := range s.entries.list {
		if e := &s.entries.list[i]; f.Entry(e) {
			list = append(list, *e)
		}
	}
	slices.SortFunc(list, ledger.CompareEntries)
	some, next, err := page(list, p)
	if p.Follow && len(some) > 0 && next == "" {
		next = strconv.Itoa(len(list))
	}
	return some, next, err
}

// FinalUntil returns the time, or what it returned before if the clock fell back: later entries
// are not before that.
func (s *Store) FinalUntil(context.Context) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); now.After(s.final) {
		s.final = now
		s.book.EntriesAfter(now.Add(-1))
	}
	return s.final, nil
}

// Holds returns the calls that are kept.
func (s *Store) Holds(_ context.Context, f ledger.Filter, p ledger.Page, states ...ledger.State) ([]ledger.Hold, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return page(s.holds(f, states), p)
}

func (s *Store) holds(f ledger.Filter, states []ledger.State) []ledger.Hold {
	return s.book.Holds(func(h *ledger.Hold) bool {
		return f.Hold(h) && (len(states) == 0 || slices.Contains(states, h.State))
	})
}

// page returns a page of a list. The cursor is an index.
func page[T any](list []T, p ledger.Page) ([]T, string, error) {
	start := 0
	if p.After != "" {
		var err error
		if start, err = strconv.Atoi(p.After); err != nil || start < 0 || start > len(list) {
			return nil, "", store.ErrPage
		}
	}
	end := min(start+p.Size(), len(list))
	next := ""
	if end < len(list) {
		next = strconv.Itoa(end)
	}
	return list[start:end], next, nil
}

// Usage returns the usage of the calls that are kept.
func (s *Store) Usage(_ context.Context, f ledger.Filter) ([]ledger.Use, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var t ledger.Tally
	for _, h := range s.holds(f, nil) {
		t.AddHold(&h)
	}
	return t.List(), nil
}

// Performance returns the sums of the calls that are kept.
func (s *Store) Performance(_ context.Context, f ledger.Filter) (ledger.Performance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var g ledger.Gauge
	for _, h := range s.holds(f, nil) {
		g.Add(&h)
	}
	sums := g.Sums()
	everyProvider := f
	everyProvider.Provider = ""
	sums.Agreed = ledger.AgreementsOf(s.holds(everyProvider, nil), f.Provider)
	return sums, nil
}

// Recover ends what is past its deadline, see store.Recovery.
func (s *Store) Recover(context.Context) (store.Recovery, error) {
	now, confirmed := s.Clock.Now()
	r, err := s.recover(now, confirmed)
	if err == nil && confirmed {
		s.sweepClaims(now)
	}
	return r, err
}

func (s *Store) recover(now time.Time, confirmed bool) (r store.Recovery, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.book.Holds(func(h *ledger.Hold) bool { return store.Lost(h, now) }) {
		if err := s.book.MarkUnknown(h.Intent.Attempt, now); err != nil {
			return r, err
		}
		h, _ = s.book.Find(h.Intent.Attempt)
		r.Unknown = append(r.Unknown, h)
	}
	if confirmed {
		r.Expired = s.book.Expire(now)
	}
	s.collect()
	for key, c := range s.claims {
		if !c.Lost(now) {
			continue
		}
		holds := s.book.Holds(func(h *ledger.Hold) bool { return h.Intent.Verification == c.Verification })
		record := s.consents[store.Key{Tenant: key.Tenant, Key: store.ConsentOf(holds)}]
		switch v, action := store.RecoveredClaim(c.Claim, holds, now); action {
		case store.Free:
			delete(s.claims, key)
			if record != nil && record.Used > 0 && idv.Unsent(v.Attempts) {
				record.Used--
			}
			r.Freed = append(r.Freed, key)
		case store.Conclude:
			if record != nil {
				v.Token = record.Subject
			}
			if err := s.finish(key, v); err != nil {
				return r, err
			}
			s.recovered[store.Key{Tenant: v.Tenant, Key: v.ID}] = true
			r.Concluded = append(r.Concluded, key)
		}
	}
	return r, nil
}
