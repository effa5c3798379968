package sqlstore

import (
	"context"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// Hold writes an intent and reserves one unit; see ledger.Book.Hold. It checks the consent
// before the ledger and stores its use afterwards.
func (s *Store) Hold(ctx context.Context, i idv.Intent) (held idv.Reservation, err error) {
	use, key := i.Consent, store.Key{Tenant: i.Tenant, Key: i.Consent.ID}
	i.Consent = idv.ConsentUse{ID: use.ID} // the other fields serve only this check
	err = s.writer.submit(ctx, &operation{
		need: func(n *needs) {
			add(&n.providers, i.Provider)
			add(&n.holds, i.Attempt)
			if use.ID != "" {
				n.use(key)
			}
		},
		do: func(u *unit) (err error) {
			if use.ID == "" {
				held, err = u.book.Hold(i)
				return err
			}
			r, err := u.used(key, use)
			if err != nil {
				return err
			}
			if held, err = u.book.Hold(i); err == nil {
				u.keepUse(key, r)
			}
			return err
		},
	})
	if err != nil {
		return idv.Reservation{}, err
	}
	return held, nil
}

// Settle writes the outcome of a held call; see ledger.Book.Settle.
func (s *Store) Settle(ctx context.Context, a idv.Attempt) error {
	return s.writer.submit(ctx, &operation{
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
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { add(&n.attempts, attempt) },
		do:   func(u *unit) error { return u.book.Resolve(attempt, charge, why, u.now) },
	})
}

// AddLot adds a package.
func (s *Store) AddLot(ctx context.Context, l ledger.Lot) error {
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { add(&n.lots, l.ID) },
		do:   func(u *unit) error { return u.book.AddLot(l, u.now) },
	})
}

// WriteOff removes available units of a lot.
func (s *Store) WriteOff(ctx context.Context, lot string, units int64, why string) error {
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { add(&n.lots, lot) },
		do:   func(u *unit) error { return u.book.WriteOff(lot, units, why, u.now) },
	})
}
