package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func lots() []rule {
	return []rule{
		{"a lot is returned as it was added", lotKept},
		{"a lot is added once, and only if it is valid", lotOnce},
		{"lots are used by expiry, then price, then age, then id", orderOfUse},
		{"an expired lot is not used", notExpired},
		{"only available units can be written off", writeOff},
	}
}

// lot is a package of provider p at 0.05 yuan a call.
func lot(id string, units int64) ledger.Lot {
	return ledger.Lot{ID: id, Provider: "p", Units: units, Total: storemodel.Yuan(50_000 * units), Bought: storemodel.Then()}
}

func lotKept(ctx context.Context, s store.Store) error {
	l := lot("l1", 20)
	l.Expires, l.Note = storemodel.Then().Add(time.Hour), "订单 1"
	if err := s.AddLot(ctx, l); err != nil {
		return err
	}
	list, err := s.Lots(ctx, "p")
	if err != nil {
		return err
	}
	if len(list) == 1 && !list[0].Booked.IsZero() {
		l.Booked = list[0].Booked // by the store's clock
	}
	if want := (ledger.Balance{Lot: l, Left: l.Total.Micros, Available: 20}); len(list) != 1 || l.Booked.IsZero() || list[0] != want {
		return fmt.Errorf("got %+v, want %+v", list, want)
	}
	if list, err = s.Lots(ctx, "q"); len(list) != 0 {
		return errors.New("another provider's lots are not empty")
	}
	return err
}

func lotOnce(ctx context.Context, s store.Store) error {
	other := lot("l1", 5)
	other.Provider = "q"
	return first(
		func() error { return s.AddLot(ctx, lot("l1", 20)) },
		func() error { return want(s.AddLot(ctx, lot("l1", 20)), ledger.ErrDuplicate) },
		func() error { return want(s.AddLot(ctx, other), ledger.ErrDuplicate) },
		func() error {
			if s.AddLot(ctx, lot("l2", 0)) == nil {
				return errors.New("a lot without units was taken")
			}
			return balance(ctx, s, "l1", ledger.Balance{Available: 20})
		},
	)
}

func orderOfUse(ctx context.Context, s store.Store) error {
	change := func(id string, change func(*ledger.Lot)) ledger.Lot {
		l := lot(id, 1)
		change(&l)
		return l
	}
	wanted := []string{"soon", "later", "free", "cheap", "old", "b", "c"}
	for _, l := range []ledger.Lot{
		change("c", func(*ledger.Lot) {}),
		change("b", func(*ledger.Lot) {}),
		change("old", func(l *ledger.Lot) { l.Bought = storemodel.Then().Add(-time.Hour) }),
		change("cheap", func(l *ledger.Lot) { l.Total = storemodel.Yuan(35_000) }),
		change("free", func(l *ledger.Lot) { l.Total = storemodel.Yuan(0) }),
		change("later", func(l *ledger.Lot) { l.Expires = time.Now().Add(2 * time.Hour) }),
		change("soon", func(l *ledger.Lot) { l.Expires = time.Now().Add(time.Hour); l.Total = storemodel.Yuan(90_000) }),
	} {
		if err := s.AddLot(ctx, l); err != nil {
			return err
		}
	}
	for n, id := range wanted {
		h, err := storemodel.Hold(ctx, s, "v1", n+1, idv.Charged)
		if err != nil {
			return err
		}
		if h.Lot != id {
			return fmt.Errorf("call %d drew on %s, want %s", n+1, h.Lot, id)
		}
	}
	return nil
}

func notExpired(ctx context.Context, s store.Store) error {
	l := lot("l1", 5)
	l.Expires = time.Now().Add(-time.Second).UTC() // the call is dated before
	if err := s.AddLot(ctx, l); err != nil {
		return err
	}
	_, err := storemodel.Hold(ctx, s, "v1", 1, storemodel.Leave)
	return want(err, ledger.Exhausted())
}

func writeOff(ctx context.Context, s store.Store) error {
	return first(
		func() error { return s.AddLot(ctx, lot("l1", 20)) },
		func() error { _, err := storemodel.Hold(ctx, s, "v1", 1, idv.Charged); return err },
		func() error { return want(s.WriteOff(ctx, "l1", 20, "lost"), ledger.ErrTooFew) },
		func() error { return want(s.WriteOff(ctx, "l2", 1, "lost"), ledger.ErrNoLot) },
		func() error { return s.WriteOff(ctx, "l1", 19, "lost") },
		func() error { return balance(ctx, s, "l1", ledger.Balance{Posted: 1, WrittenOff: 19}) },
	)
}
