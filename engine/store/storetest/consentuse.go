package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func freedUse(ctx context.Context, s store.Store, c *Clock) error {
	return diedAfter(ctx, s, c, idv.NotSent, 0)
}

func keptUse(ctx context.Context, s store.Store, c *Clock) error {
	return diedAfter(ctx, s, c, idv.RefusedByGateway, 1)
}

// diedAfter simulates a request that is lost after a call that was not charged, and checks
// that its key is free and how many uses of its consent are taken.
func diedAfter(ctx context.Context, s store.Store, c *Clock, sent idv.Delivery, used int) error {
	if err := errors.Join(storemodel.Given(ctx, s, storemodel.Draft("c1")), dead(ctx, s)); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	i := storemodel.Resting("v1", 1, "c1")
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	a := storemodel.Outcome(i, h, idv.NotCharged)
	a.Verdict, a.Failed, a.Failure, a.Delivery = idv.Undetermined, true, idv.Unavailable, sent
	if err := s.Settle(ctx, a); err != nil {
		return err
	}
	if err := lost(c); err != nil {
		return err
	}
	r, err := s.Recover(ctx)
	if err != nil || len(r.Freed) != 1 {
		return fmt.Errorf("recovered %+v, %w", r, err)
	}
	kept, err := s.Consent(ctx, "t1", "c1")
	if err != nil || kept.Used != used {
		return fmt.Errorf("%d uses are taken, want %d, %w", kept.Used, used, err)
	}
	return nil
}

// unsent returns the outcome of a call of which no byte was sent, and its verification.
func unsent(i idv.Intent, h idv.Reservation) (idv.Attempt, idv.Verification) {
	a := storemodel.Outcome(i, h, idv.NotCharged)
	a.Verdict, a.Failed, a.Failure, a.Delivery = idv.Undetermined, true, idv.Unavailable, idv.NotSent
	v := whole()
	v.Verdict, v.Reason, v.Evidence, v.Attempts, v.ConsentID = idv.Undetermined, idv.ReasonOf(idv.Unavailable), nil, []idv.Attempt{a}, "c1"
	return a, v
}

func uses(ctx context.Context, s store.Store, want int) error {
	kept, err := s.Consent(ctx, "t1", "c1")
	if err != nil || kept.Used != want {
		return fmt.Errorf("%d uses are taken, want %d, %w", kept.Used, want, err)
	}
	return nil
}

func completedUse(ctx context.Context, s store.Store, _ *Clock) error {
	if err := errors.Join(storemodel.Given(ctx, s, storemodel.Draft("c1")), dead(ctx, s)); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	for n, key := range []store.Key{k1(), {}} {
		i := storemodel.Resting(fmt.Sprintf("v%d", n+1), 1, "c1")
		i.Key = key.Key
		h, err := s.Hold(ctx, i)
		if err != nil {
			return err
		}
		a, v := unsent(i, h)
		v.ID = i.Verification
		external := whole() // it refers to the same id, and none of its calls used the consent
		external.ID, external.Verdict, external.ConsentID, external.Attempts = i.Verification+"x", idv.Undetermined, "c1", v.Attempts
		err = first(
			func() error { return s.Settle(ctx, a) },
			func() error { return s.Complete(ctx, store.Key{}, external) },
			func() error { return uses(ctx, s, 1) },
			func() error { return s.Complete(ctx, key, v) },
			func() error { return uses(ctx, s, 0) },
			func() error { return want(s.Complete(ctx, key, v), store.ErrStored) },
			func() error { return uses(ctx, s, 0) },
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func lostUse(ctx context.Context, s store.Store, c *Clock) error {
	if err := errors.Join(storemodel.Given(ctx, s, storemodel.Draft("c1")), dead(ctx, s)); err != nil {
		return err
	}
	time.Sleep(time.Microsecond)
	i := storemodel.Resting("v1", 1, "c1")
	i.Key = k1().Key
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	a, v := unsent(i, h)
	if err := s.Settle(ctx, a); err != nil {
		return err
	}
	if r, _, done, err := afterDeath(ctx, s, c); err != nil || done || len(r.Freed) != 1 {
		return fmt.Errorf("recovered %+v, %w", r, err)
	}
	return first(
		func() error { return uses(ctx, s, 0) },
		func() error { _, err := s.Hold(ctx, storemodel.Resting("v3", 1, "c1")); return err }, // another request
		func() error { return s.Complete(ctx, k1(), v) },
		func() error { return uses(ctx, s, 1) },
	)
}
