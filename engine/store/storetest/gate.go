package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy/consent"
)

func gate() []rule {
	return []rule{
		{"a hold without a valid consent is refused and reserves nothing", heldBack},
		{"a consent of another tenant is missing", foreignConsent},
		{"only the first call of a verification takes a use", oneUse},
		{"a hold that the ledger refuses takes no use", noUse},
		{"of thirty-two concurrent holds exactly one takes the only use", onlyUse},
		{"no hold succeeds after a withdrawal has returned", noHoldAfter},
		{"of a consent, the ledger stores only the id and the basis", storedUse},
	}
}

// refused makes a hold that must fail, and checks that nothing was reserved.
func refused(ctx context.Context, s store.Store, i idv.Intent, why error) error {
	_, err := s.Hold(ctx, i)
	if err := want(err, why); err != nil {
		return err
	}
	list, _, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	lots, err2 := s.Lots(ctx, "")
	if err := errors.Join(err, err2); err != nil || len(list)+len(lots) != 0 {
		return fmt.Errorf("%d holds and %d lots, %w; want none", len(list), len(lots), err)
	}
	return nil
}

func heldBack(ctx context.Context, s store.Store) error {
	short, otherRecipient := storemodel.Draft("short"), storemodel.Resting("v1", 1, "c1")
	short.Valid, short.Purpose = time.Millisecond, "short"
	otherRecipient.Consent.Recipient = "another"
	for _, c := range []struct {
		before func() error
		call   idv.Intent
		want   consent.Fault
	}{
		{func() error { return nil }, storemodel.Resting("v1", 1, "c1"), consent.Missing},
		{func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0) }, storemodel.Resting("v1", 1, "c1"), consent.NotPresented},
		{func() error { return storemodel.Change(ctx, s, "c1", storemodel.Present()) }, storemodel.Resting("v1", 1, "c1"), consent.NotGiven},
		{func() error { return storemodel.Change(ctx, s, "c1", storemodel.Give()) }, otherRecipient, consent.NotRecipient},
		{func() error { return storemodel.Given(ctx, s, storemodel.Draft("c2")) }, storemodel.Resting("v1", 1, "c1"), consent.WasSuperseded},
		{func() error { return storemodel.Change(ctx, s, "c2", storemodel.Withdraw()) }, storemodel.Resting("v1", 1, "c2"), consent.WasWithdrawn},
		{func() error {
			return errors.Join(storemodel.AddDraft(ctx, s, storemodel.Draft("c3"), 0), storemodel.Change(ctx, s, "c3", storemodel.Present(), storemodel.Refuse()))
		}, storemodel.Resting("v1", 1, "c3"), consent.WasRefused},
		{func() error { err := storemodel.Given(ctx, s, short); time.Sleep(2 * time.Millisecond); return err }, storemodel.Resting("v1", 2, "short"), consent.HasExpired},
	} {
		if err := c.before(); err != nil {
			return err
		}
		if err := refused(ctx, s, c.call, c.want); err != nil {
			return fmt.Errorf("%s: %w", string(c.want), err)
		}
	}
	return state(ctx, s, "c1", consent.Superseded, 0)
}

func foreignConsent(ctx context.Context, s store.Store) error {
	i := storemodel.Resting("v1", 1, "c1")
	i.Tenant = "t2"
	return first(
		func() error { return storemodel.Given(ctx, s, storemodel.Draft("c1")) },
		func() error { return refused(ctx, s, i, consent.Missing) },
		func() error { return state(ctx, s, "c1", consent.Given, 0) },
	)
}

func oneUse(ctx context.Context, s store.Store) error {
	r := storemodel.Draft("c1")
	r.MaxUses = 1
	held := func(i idv.Intent) func() error {
		return func() error { time.Sleep(time.Microsecond); _, err := s.Hold(ctx, i); return err }
	}
	return first(
		func() error { return storemodel.Given(ctx, s, r) },
		held(storemodel.Resting("v1", 1, "c1")),
		func() error { return state(ctx, s, "c1", consent.Given, 1) },
		held(storemodel.Resting("v1", 2, "c1")),
		func() error { return state(ctx, s, "c1", consent.Given, 1) },
		func() error { return want(held(storemodel.Resting("v2", 1, "c1"))(), consent.UsedUp) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{Held: 2}) },
	)
}

func noUse(ctx context.Context, s store.Store) error {
	i := storemodel.Resting("v1", 1, "c1")
	return first(
		func() error { return s.AddLot(ctx, lot("l1", 1)) },
		func() error { return storemodel.Given(ctx, s, storemodel.Draft("c1")) },
		func() error { time.Sleep(time.Microsecond); _, err := s.Hold(ctx, i); return err },
		func() error { _, err := s.Hold(ctx, i); return want(err, ledger.ErrDuplicate) },
		func() error {
			_, err := s.Hold(ctx, storemodel.Resting("v2", 1, "c1"))
			return want(err, ledger.Exhausted())
		},
		func() error { return state(ctx, s, "c1", consent.Given, 1) },
	)
}

func onlyUse(ctx context.Context, s store.Store) error {
	r := storemodel.Draft("c1")
	r.MaxUses = 1
	if err := storemodel.Given(ctx, s, r); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	var won, late atomic.Int64
	var wg sync.WaitGroup
	for n := range 32 {
		wg.Go(func() {
			switch _, err := s.Hold(ctx, storemodel.Resting(fmt.Sprintf("v%d", n), 1, "c1")); {
			case err == nil:
				won.Add(1)
			case errors.Is(err, consent.UsedUp):
				late.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || late.Load() != 31 {
		return fmt.Errorf("%d were held, %d got UsedUp", won.Load(), late.Load())
	}
	return first(
		func() error { return state(ctx, s, "c1", consent.Given, 1) },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{Held: 1}) },
	)
}

func noHoldAfter(ctx context.Context, s store.Store) error {
	return storemodel.WithdrawRace(ctx, s, s, "c1")
}

func storedUse(ctx context.Context, s store.Store) error {
	if err := storemodel.Given(ctx, s, storemodel.Draft("c1")); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	if _, err := s.Hold(ctx, storemodel.Resting("v1", 1, "c1")); err != nil {
		return err
	}
	list, _, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	if err != nil || len(list) != 1 || list[0].Intent.Consent != (idv.ConsentUse{ID: "c1"}) || list[0].Intent.Basis != "contract" {
		return fmt.Errorf("got %+v, %w", list, err)
	}
	return nil
}
