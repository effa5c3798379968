package sqlstore

import (
	"context"
	"errors"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// Hold writes an intent and reserves one unit; see ledger.Book.Hold. It checks the claim and
// the consent before the ledger and stores the use of the consent afterwards.
func (s *Store) Hold(ctx context.Context, i idv.Intent) (held idv.Reservation, err error) {
	err = s.writer.submit(ctx, &operation{
		need: func(n *needs) {
			add(&n.providers, i.Provider)
			add(&n.holds, i.Attempt)
			n.gap = true
			if i.Consent.ID != "" {
				add(&n.consents, store.Key{Tenant: i.Tenant, Key: i.Consent.ID})
			}
			if i.Key != "" {
				add(&n.keys, store.Key{Tenant: i.Tenant, Key: i.Key})
			}
		},
		do: func(u *unit) (err error) {
			held, err = u.hold(i)
			return err
		},
	})
	if err != nil {
		if mayBeDurable(err) {
			s.undoHold(i)
		}
		return idv.Reservation{}, err
	}
	return held, nil
}

func (u *unit) hold(i idv.Intent) (idv.Reservation, error) {
	if u.gap != nil {
		return idv.Reservation{}, &store.GapError{Gap: *u.gap}
	}
	left := i.Deadline
	i.Deadline = store.Translate(left, u.now)
	var claim *store.Claimed
	if c := u.claims[store.Key{Tenant: i.Tenant, Key: i.Key}]; c != nil {
		claim = &c.Claimed
	}
	if err := store.Admit(&i, claim, u.now); err != nil {
		return idv.Reservation{}, err
	}
	i.Deadline = store.Translate(left, u.latest)
	use, key := i.Consent, store.Key{Tenant: i.Tenant, Key: i.Consent.ID}
	i.Consent, i.Key = idv.ConsentUse{ID: use.ID}, "" // the rest serves only these checks
	if use.ID == "" {
		return u.reserve(i)
	}
	r, err := u.used(key, use)
	if err != nil {
		return idv.Reservation{}, err
	}
	held, err := u.reserve(i)
	if err == nil {
		u.keepUse(key, r)
	}
	return held, err
}

// reserve takes a unit of the rows that were read, and notes if they have none.
func (u *unit) reserve(i idv.Intent) (idv.Reservation, error) {
	held, err := u.book.Hold(i, u.now)
	var refused *idv.Rejection
	if errors.As(err, &refused) && refused.Reason == idv.SkipQuotaExhausted {
		u.short = i.Provider
	}
	return held, err
}

// Settle writes the outcome of a held call; see ledger.Book.Settle.
func (s *Store) Settle(ctx context.Context, a idv.Attempt) error {
	return s.writer.submit(ctx, &operation{
		kind: outcome,
		need: func(n *needs) { n.settle(a) },
		do:   func(u *unit) error { return u.book.Settle(a, u.now) },
	})
}

// settle declares what the settlement of an attempt reads.
func (n *needs) settle(a idv.Attempt) {
	if a.Lot == "" {
		add(&n.attempts, a.ID)
		return
	}
	add(&n.holds, a.ID) // its lot is read once for the whole batch
	add(&n.lots, a.Lot)
}

// Resolve settles an unknown hold; see ledger.Book.Resolve.
func (s *Store) Resolve(ctx context.Context, attempt string, charge idv.Charge, why string) error {
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) { add(&n.attempts, attempt) },
		do:   func(u *unit) error { return u.book.Resolve(attempt, charge, why, u.now) },
	})
}

// AddLot adds a package.
func (s *Store) AddLot(ctx context.Context, l ledger.Lot) error {
	l, err := store.CanonicalLot(l)
	if err != nil {
		return err
	}
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) {
			n.adds = true
			add(&n.lots, l.ID)
		},
		do: func(u *unit) error { return u.book.AddLot(l, u.now) },
	})
}

// CancelLot takes back what is left of a package.
func (s *Store) CancelLot(ctx context.Context, lot, why string) error {
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) { add(&n.whole, lot) },
		do:   func(u *unit) error { return u.book.CancelLot(lot, why, u.now) },
	})
}

// SpreadLot divides the available units of a lot evenly over the rows that a new lot has.
func (s *Store) SpreadLot(ctx context.Context, lot string) (rows int, err error) {
	err = s.act(ctx, s.admin, &operation{
		need: func(n *needs) { add(&n.whole, lot) },
		do: func(u *unit) error {
			rows = u.part.Rows
			return u.book.Spread(lot, rows)
		},
	})
	return rows, err
}

// WriteOff removes available units of a lot.
func (s *Store) WriteOff(ctx context.Context, lot string, units int64, why string) error {
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) { add(&n.whole, lot) },
		do:   func(u *unit) error { return u.book.WriteOff(lot, units, why, u.now) },
	})
}
