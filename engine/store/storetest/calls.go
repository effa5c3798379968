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

func calls() []rule {
	return []rule{
		{"an attempt is held once and settled once", settledOnce},
		{"an outcome without a hold is an error", outcomeAlone},
		{"a charged unit is posted, an uncharged one voided, any other left unknown", settled},
		{"a provider without a package draws on its open lot at list price", openLot},
		{"an open lot is no longer used once a package was added", noMoreOpen},
		{"a hold at a provider without units returns Exhausted and writes nothing", usedUp},
		{"sixty-four workers never hold more than the last hundred units, and lose none", lastUnits},
		{"an operation with a canceled context has no effect", gone},
	}
}

func settledOnce(ctx context.Context, s store.Store) error {
	i := storemodel.Intent("v1", 1, storemodel.Then())
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	_, again := s.Hold(ctx, i)
	return first(
		func() error { return want(again, ledger.ErrDuplicate) },
		func() error { return s.Settle(ctx, storemodel.Outcome(i, h, idv.Charged)) },
		func() error { return want(s.Settle(ctx, storemodel.Outcome(i, h, idv.Charged)), ledger.ErrSettled) },
		func() error { return want(s.Settle(ctx, storemodel.Outcome(i, h, idv.NotCharged)), ledger.ErrSettled) },
	)
}

func outcomeAlone(ctx context.Context, s store.Store) error {
	return want(s.Settle(ctx, storemodel.Outcome(storemodel.Intent("v1", 1, storemodel.Then()), idv.Reservation{}, idv.Charged)), ledger.ErrNoHold)
}

func settled(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, lot("l1", 10)); err != nil {
		return err
	}
	for n, c := range []idv.Charge{idv.Charged, idv.NotCharged, idv.ChargeUnknown, storemodel.Leave} {
		h, err := storemodel.Hold(ctx, s, "v1", n+1, c)
		if err != nil {
			return err
		}
		if h != (idv.Reservation{Lot: "l1", Price: storemodel.Yuan(50_000)}) {
			return fmt.Errorf("held %+v", h)
		}
	}
	return balance(ctx, s, "l1", ledger.Balance{Available: 7, Held: 1, Posted: 1, Unknown: 1})
}

// balance compares the counters of a lot.
func balance(ctx context.Context, s store.Store, id string, want ledger.Balance) error {
	list, err := s.Lots(ctx, "")
	if err != nil {
		return err
	}
	for _, got := range list {
		if got.ID != id {
			continue
		}
		want.Lot, want.Left = got.Lot, got.Left // the rules for money check it
		if got != want {
			return fmt.Errorf("got %+v, want %+v", got, want)
		}
		return got.Check()
	}
	return errors.New("there is no lot " + id)
}

func openLot(ctx context.Context, s store.Store) error {
	for n, c := range []idv.Charge{idv.Charged, idv.NotCharged, idv.ChargeUnknown} {
		h, err := storemodel.Hold(ctx, s, "v1", n+1, c)
		if err != nil {
			return err
		}
		if h != (idv.Reservation{Lot: "open:p", Price: storemodel.Yuan(69_000)}) {
			return fmt.Errorf("held %+v", h)
		}
	}
	list, err := s.Lots(ctx, "p")
	if err != nil {
		return err
	}
	if len(list) != 1 || !list[0].Open || list[0].Units != 2 || list[0].Total != storemodel.Yuan(138_000) {
		return fmt.Errorf("got %+v, want an open lot of the two units that may have been charged", list)
	}
	return balance(ctx, s, "open:p", ledger.Balance{Posted: 1, Unknown: 1})
}

func noMoreOpen(ctx context.Context, s store.Store) error {
	running := storemodel.Intent("v1", 1, storemodel.Then())
	h, err := s.Hold(ctx, running)
	if err != nil {
		return err
	}
	if err := s.AddLot(ctx, lot("l1", 1)); err != nil {
		return err
	}
	got, err := storemodel.Hold(ctx, s, "v2", 1, idv.Charged)
	if err != nil || got.Lot != "l1" {
		return fmt.Errorf("held %+v, %w", got, err)
	}
	if err := s.Settle(ctx, storemodel.Outcome(running, h, idv.NotCharged)); err != nil {
		return err
	}
	_, err = storemodel.Hold(ctx, s, "v3", 1, idv.Charged)
	return first(
		func() error { return want(err, ledger.Exhausted()) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{}) },
	)
}

func usedUp(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, lot("l1", 1)); err != nil {
		return err
	}
	if _, err := storemodel.Hold(ctx, s, "v1", 1, idv.Charged); err != nil {
		return err
	}
	_, err := storemodel.Hold(ctx, s, "v2", 1, storemodel.Leave)
	if r := idv.RejectionOf(err); r == nil || r.Reason != idv.SkipQuotaExhausted || idv.FailureOf(err) != idv.QuotaExhausted {
		return fmt.Errorf("got %w", err)
	}
	list, _, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d holds, %w; want the first alone", len(list), err)
	}
	return nil
}

func lastUnits(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, lot("l1", 100)); err != nil {
		return err
	}
	return storemodel.Race(ctx, s, "l1", 100, 64, "r")
}

func gone(ctx context.Context, s store.Store) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.Hold(ctx, storemodel.Intent("v1", 1, storemodel.Then()))
	if err == nil {
		return errors.New("it was served")
	}
	list, _, err := s.Holds(context.WithoutCancel(ctx), ledger.Filter{}, ledger.Page{})
	if len(list) != 0 {
		return errors.New("a unit was held")
	}
	return err
}
