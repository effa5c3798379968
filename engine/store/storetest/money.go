package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func money() []rule {
	return []rule{
		{"the units of a lot cost together what was paid for it, to the micro", sumPaid},
		{"units that return are used again at what they cost", sumReturned},
		{"an id that was pasted with an invisible difference is the id", pastedID},
		{"an id that is taken is told with its lot and when that was booked", takenID},
		{"a ledger has the currency of its first amount", oneCurrency},
		{"a canceled lot keeps what was used of it, and gives back the rest and what returns", canceled},
		{"without a lot that is not canceled, a provider's calls are counted at list price", canceledAlone},
		{"a lot is canceled once, for a reason", canceledOnce},
	}
}

// fifteen is a lot of 15 calls for 1.00 yuan.
func fifteen() ledger.Lot {
	l := lot("l1", 15)
	l.Total = storemodel.Yuan(1_000_000)
	return l
}

// paid compares the sum of the entries of lot l1 into an account with an amount.
func paid(ctx context.Context, s store.Store, into ledger.Account, want int64) error {
	list, _, err := s.Entries(ctx, ledger.Filter{}, ledger.Page{})
	var got int64
	for _, e := range list {
		switch {
		case e.Lot != "l1":
		case e.To == into:
			got += e.Amount.Micros
		case e.From == into:
			got -= e.Amount.Micros
		}
	}
	if err != nil || got != want {
		return fmt.Errorf("%d micros are %v, want %d, %w", got, into, want, err)
	}
	return nil
}

func sumPaid(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, fifteen()); err != nil {
		return err
	}
	for n := range 12 {
		if _, err := storemodel.Hold(ctx, s, "v1", n+1, idv.Charged); err != nil {
			return err
		}
	}
	uses, err := s.Usage(ctx, ledger.Filter{})
	if err != nil || len(uses) != 1 || uses[0].Amount != storemodel.Yuan(800_000) {
		return fmt.Errorf("twelve of fifteen cost %+v, want 0.80, %w", uses, err)
	}
	return first(
		func() error { return s.WriteOff(ctx, "l1", 2, "lost") },
		func() error { _, err := storemodel.Hold(ctx, s, "v1", 13, idv.Charged); return err },
		func() error { return paid(ctx, s, ledger.Available, 0) },
		func() error { return paid(ctx, s, ledger.Bought, -1_000_000) },
		func() error { return balance(ctx, s, "l1", ledger.Balance{Posted: 13, WrittenOff: 2}) },
	)
}

func sumReturned(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, fifteen()); err != nil {
		return err
	}
	charges := []idv.Charge{idv.Charged, idv.NotCharged, idv.ChargeUnknown}
	for n := range 18 {
		if _, err := storemodel.Hold(ctx, s, "v1", n+1, charges[n%3]); err != nil {
			return err
		}
	}
	for n := 3; n <= 18; n += 6 { // every second one of unknown charge returns
		if err := s.Resolve(ctx, fmt.Sprintf("v1-%d", n), idv.NotCharged, "bill"); err != nil {
			return err
		}
	}
	for n := 19; ; n++ {
		if _, err := storemodel.Hold(ctx, s, "v1", n, idv.Charged); errors.Is(err, ledger.Exhausted()) {
			break
		} else if err != nil {
			return err
		}
	}
	lots, err := s.Lots(ctx, "p")
	if err != nil || len(lots) != 1 || lots[0].Left != 0 || lots[0].Unknown != 3 || lots[0].Posted != 12 {
		return fmt.Errorf("got %+v, %w", lots, err)
	}
	var sum int64
	uses, err := s.Usage(ctx, ledger.Filter{})
	for _, u := range uses {
		if u.Charge != idv.NotCharged {
			sum += u.Amount.Micros
		}
	}
	if err != nil || sum != 1_000_000 {
		return fmt.Errorf("the units cost %d, want 1,000,000, %w", sum, err)
	}
	return nil
}

func pastedID(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, fifteen()); err != nil {
		return err
	}
	for _, id := range []string{"l1\t", " l1", "\u00a0l1", "l1\u3000", "\ufeffl1", "l\u200b1", "l1\u202e", "ｌ１"} {
		again := fifteen()
		again.ID = id
		if err := want(s.AddLot(ctx, again), ledger.ErrDuplicate); err != nil {
			return fmt.Errorf("%q: %w", id, err)
		}
	}
	pasted := lot("\u3000l2\t", 1)
	pasted.Provider = "ｐ "
	odd := lot("l1  2", 1)
	var refused *idv.TextError
	return first(
		func() error { return s.AddLot(ctx, pasted) },
		func() error { return balance(ctx, s, "l2", ledger.Balance{Available: 1}) },
		func() error {
			if err := s.AddLot(ctx, odd); !errors.As(err, &refused) || refused.Field != "id" || refused.Fault != idv.TextAmbiguous {
				return fmt.Errorf("two spaces within: %w", err)
			}
			return nil
		},
	)
}

func takenID(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, fifteen()); err != nil {
		return err
	}
	var taken *ledger.LotError
	if err := s.AddLot(ctx, lot("l1", 3)); !errors.As(err, &taken) || taken.Lot.Units != 15 || taken.Lot.Booked.IsZero() {
		return fmt.Errorf("got %w, want the lot of 15 and when it was booked", err)
	}
	return nil
}

func oneCurrency(ctx context.Context, s store.Store) error {
	dollars, open := lot("usd", 2), storemodel.Intent("v1", 1, storemodel.Then())
	dollars.Total.Currency, open.Price.Currency, open.Provider = "usd", "USD", "q"
	if err := s.AddLot(ctx, fifteen()); err != nil {
		return err
	}
	for name, err := range map[string]error{"a lot": s.AddLot(ctx, dollars), "a call": func() error { _, err := s.Hold(ctx, open); return err }()} {
		var refused *ledger.CurrencyError
		if !errors.As(err, &refused) || refused.Ledger != "CNY" || refused.Given != "USD" {
			return fmt.Errorf("%s in dollars: %w", name, err)
		}
	}
	return first(
		func() error { return s.CancelLot(ctx, "l1", "wrong currency") },
		func() error { return s.AddLot(ctx, dollars) },
		func() error { return want(s.AddLot(ctx, lot("l2", 1)), idv.ErrCurrency) },
	)
}

func canceled(ctx context.Context, s store.Store) error {
	dearer := lot("l9", 1)
	dearer.Total = storemodel.Yuan(90_000)
	if err := errors.Join(s.AddLot(ctx, fifteen()), s.AddLot(ctx, dearer)); err != nil {
		return err
	}
	for n, charge := range []idv.Charge{idv.Charged, idv.ChargeUnknown, idv.NotCharged} {
		if _, err := storemodel.Hold(ctx, s, "v1", n+1, charge); err != nil {
			return err
		}
	}
	i := storemodel.Intent("v1", 4, storemodel.Then())
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	return first(
		func() error { return s.CancelLot(ctx, "l1", "for the wrong provider") },
		func() error { return s.Settle(ctx, storemodel.Outcome(i, h, idv.NotCharged)) },
		func() error { return s.Resolve(ctx, "v1-2", idv.NotCharged, "bill") },
		func() error { return balance(ctx, s, "l1", usedOf(ctx, s, "l1")) },
		func() error { return paid(ctx, s, ledger.Available, 0) },
		func() error {
			h, err := storemodel.Hold(ctx, s, "v2", 1, idv.Charged)
			if err != nil || h.Lot != "l9" {
				return fmt.Errorf("the next call drew on %s, %w", h.Lot, err)
			}
			_, err = storemodel.Hold(ctx, s, "v2", 2, storemodel.Leave)
			return want(err, ledger.Exhausted())
		},
	)
}

// usedOf returns the posted units of a lot as its only ones.
func usedOf(ctx context.Context, s store.Store, id string) ledger.Balance {
	lots, _ := s.Lots(ctx, "")
	for _, l := range lots {
		if l.ID == id && l.Units == l.Posted && !l.Canceled.IsZero() {
			return ledger.Balance{Posted: l.Posted}
		}
	}
	return ledger.Balance{Posted: -1}
}

func canceledAlone(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, fifteen()); err != nil {
		return err
	}
	if err := s.CancelLot(ctx, "l1", "for the wrong provider"); err != nil {
		return err
	}
	h, err := storemodel.Hold(ctx, s, "v1", 1, idv.Charged)
	if err != nil || h.Lot != "open:p" {
		return fmt.Errorf("held %+v, %w", h, err)
	}
	return nil
}

func canceledOnce(ctx context.Context, s store.Store) error {
	if err := errors.Join(s.AddLot(ctx, fifteen()), s.AddLot(ctx, lot("l2", 1))); err != nil {
		return err
	}
	if _, err := storemodel.Hold(ctx, s, "v1", 1, idv.Charged); err != nil {
		return err
	}
	var fault *idv.TextError
	return first(
		func() error { return want(s.CancelLot(ctx, "l9", "x"), ledger.ErrNoLot) },
		func() error {
			if err := s.CancelLot(ctx, "l1", "\x1b"); !errors.As(err, &fault) {
				return fmt.Errorf("a reason that cannot be kept: %w", err)
			}
			return nil
		},
		func() error { return s.CancelLot(ctx, "l1", "x") },
		func() error { return want(s.CancelLot(ctx, "l1", "x"), ledger.ErrCanceled) },
		func() error { return want(s.AddLot(ctx, fifteen()), ledger.ErrDuplicate) },
	)
}
