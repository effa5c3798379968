package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

func calls() []rule {
	return []rule{
		{"an attempt is held once and settled once", settledOnce},
		{"an outcome without a hold is refused", outcomeAlone},
		{"a charged unit is posted, an uncharged one given back, another left unknown", settled},
		{"a provider without a package draws on its open lot at list price", openLot},
		{"an open lot is left alone once a package is booked", noMoreOpen},
		{"a provider whose package is used up is refused as exhausted, and nothing is written", usedUp},
		{"sixty-four workers never hold more than the last hundred units, and lose none", lastUnits},
		{"a caller that has gone is not served", gone},
	}
}

// hold makes the n-th call of verification v and settles it, unless charge is 255.
func hold(ctx context.Context, s store.Calls, v string, n int, charge idv.Charge) (idv.Reservation, error) {
	i := intent(v, n, then())
	h, err := s.Hold(ctx, i)
	if err != nil || charge == leave {
		return h, err
	}
	return h, s.Settle(ctx, outcome(i, h, charge))
}

// leave is the charge of a call that is not settled.
const leave idv.Charge = 255

func settledOnce(ctx context.Context, s store.Store) error {
	i := intent("v1", 1, then())
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	_, again := s.Hold(ctx, i)
	return first(
		func() error { return want(again, ledger.ErrDuplicate) },
		func() error { return s.Settle(ctx, outcome(i, h, idv.Charged)) },
		func() error { return want(s.Settle(ctx, outcome(i, h, idv.Charged)), ledger.ErrSettled) },
		func() error { return want(s.Settle(ctx, outcome(i, h, idv.NotCharged)), ledger.ErrSettled) },
	)
}

func outcomeAlone(ctx context.Context, s store.Store) error {
	return want(s.Settle(ctx, outcome(intent("v1", 1, then()), idv.Reservation{}, idv.Charged)), ledger.ErrNoHold)
}

func settled(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, lot("l1", 10)); err != nil {
		return err
	}
	for n, c := range []idv.Charge{idv.Charged, idv.NotCharged, idv.ChargeUnknown, leave} {
		h, err := hold(ctx, s, "v1", n+1, c)
		if err != nil {
			return err
		}
		if h != (idv.Reservation{Lot: "l1", Price: yuan(50_000)}) {
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
		want.Lot = got.Lot
		if got != want {
			return fmt.Errorf("got %+v, want %+v", got, want)
		}
		return got.Check()
	}
	return errors.New("there is no lot " + id)
}

func openLot(ctx context.Context, s store.Store) error {
	for n, c := range []idv.Charge{idv.Charged, idv.NotCharged, idv.ChargeUnknown} {
		h, err := hold(ctx, s, "v1", n+1, c)
		if err != nil {
			return err
		}
		if h != (idv.Reservation{Lot: "open:p", Price: yuan(69_000)}) {
			return fmt.Errorf("held %+v", h)
		}
	}
	list, err := s.Lots(ctx, "p")
	if err != nil {
		return err
	}
	if len(list) != 1 || !list[0].Open || list[0].Units != 2 || list[0].Total != yuan(138_000) {
		return fmt.Errorf("got %+v, want an open lot of the two units that may have been charged", list)
	}
	return balance(ctx, s, "open:p", ledger.Balance{Posted: 1, Unknown: 1})
}

func noMoreOpen(ctx context.Context, s store.Store) error {
	running := intent("v1", 1, then())
	h, err := s.Hold(ctx, running)
	if err != nil {
		return err
	}
	if err := s.AddLot(ctx, lot("l1", 1)); err != nil {
		return err
	}
	got, err := hold(ctx, s, "v2", 1, idv.Charged)
	if err != nil || got.Lot != "l1" {
		return fmt.Errorf("held %+v, %w", got, err)
	}
	if err := s.Settle(ctx, outcome(running, h, idv.NotCharged)); err != nil {
		return err
	}
	_, err = hold(ctx, s, "v3", 1, idv.Charged)
	return first(
		func() error { return want(err, ledger.Exhausted()) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{}) },
	)
}

func usedUp(ctx context.Context, s store.Store) error {
	if err := s.AddLot(ctx, lot("l1", 1)); err != nil {
		return err
	}
	if _, err := hold(ctx, s, "v1", 1, idv.Charged); err != nil {
		return err
	}
	_, err := hold(ctx, s, "v2", 1, leave)
	if e := idv.AsError(err); e.TurnedAway() != idv.SkipQuotaExhausted || e.Failure != idv.QuotaExhausted {
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
	return Race(ctx, s, "l1", 100, 64, "r")
}

// Racer is what a race needs of a store, or of several nodes of one.
type Racer interface {
	store.Calls
	Lots(ctx context.Context, provider string) ([]ledger.Balance, error)
}

// Race lets workers hold and settle until a lot of provider p with so many units
// available is used up. It returns an error if more was held or posted than there
// was, or a unit was lost. Every third call is not charged, every seventh unknown;
// name makes the attempts of several races unlike.
func Race(ctx context.Context, s Racer, id string, units int64, workers int, name string) error {
	var wg sync.WaitGroup
	faults := make(chan error, workers)
	for w := range workers {
		wg.Go(func() {
			if err := drain(ctx, s, name+strconv.Itoa(w)); err != nil {
				faults <- err
			}
		})
	}
	wg.Wait()
	select {
	case err := <-faults:
		return err
	default:
	}
	list, err := s.Lots(ctx, "")
	if err != nil {
		return err
	}
	for _, l := range list {
		if l.ID == id && (l.Available != 0 || l.Held != 0 || l.Posted+l.Unknown != units) {
			return fmt.Errorf("of %d units: %+v", units, l)
		}
	}
	return audit(ctx, s)
}

// drain calls until the lot is used up and no other worker can give a unit back.
func drain(ctx context.Context, s store.Calls, v string) error {
	for n, refused := 1, 0; refused < 3; n++ {
		charge := idv.Charged
		switch {
		case n%3 == 0 && n < 30:
			charge = idv.NotCharged
		case n%7 == 0:
			charge = idv.ChargeUnknown
		}
		_, err := hold(ctx, s, v, n, charge)
		switch {
		case idv.AsError(err).TurnedAway() == idv.SkipQuotaExhausted:
			refused++
		case err != nil:
			return err
		}
	}
	return nil
}

func gone(ctx context.Context, s store.Store) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, err := s.Hold(ctx, intent("v1", 1, then()))
	if err == nil {
		return errors.New("it was served")
	}
	list, _, err := s.Holds(context.WithoutCancel(ctx), ledger.Filter{}, ledger.Page{})
	if len(list) != 0 {
		return errors.New("a unit was held")
	}
	return err
}
