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
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

func tenants() []rule {
	return []rule{
		{"no method finds data of another tenant, by any id or token", foreignReads},
		{"no method changes data of another tenant", foreignWrites},
		{"tenants do not share counters", foreignCounter},
		{"tenants may use the same ids and tokens", sameNames},
	}
}

// kept stores data of every kind for alice in tenant t1.
func kept(ctx context.Context, s store.Store) error {
	_, err := claim(ctx, s, k1(), 1, time.Hour)
	return errors.Join(err, keepPerson(ctx, s, "alice", storemodel.Alice), s.Complete(ctx, k1(), asked("v1", storemodel.Alice, storemodel.Then())))
}

func foreignReads(ctx context.Context, s store.Store) error {
	if err := kept(ctx, s); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, "e1"); err != nil {
		return err
	}
	_, err := s.Consent(ctx, "t2", "c-alice")
	agreed, _, err2 := s.Consents(ctx, "t2", aliceTokens(), ledger.Page{})
	asked, _, err3 := s.Verifications(ctx, "t2", aliceTokens(), ledger.Page{})
	key, err4 := s.DataKey(ctx, "t2", storemodel.Alice, nil)
	erasures, err5 := s.Erasures(ctx, "t2", []idv.SubjectToken{storemodel.Bob})
	if err := errors.Join(err2, err3, err4, err5); err != nil || len(agreed)+len(asked)+len(key)+len(erasures) != 0 {
		return fmt.Errorf("%d consents, %d verifications, %d bytes of a key, %d erasures, %w", len(agreed), len(asked), len(key), len(erasures), err)
	}
	return want(err, consent.ErrNotFound)
}

func foreignWrites(ctx context.Context, s store.Store) error {
	if err := kept(ctx, s); err != nil {
		return err
	}
	_, err := s.ChangeConsent(ctx, "t2", "c-alice", storemodel.Withdraw())
	use := idv.ConsentUse{ID: "c-alice", Recipient: storemodel.Recipient, First: true}
	gone, err2 := s.Erase(ctx, "t2", aliceTokens(), "e1")
	if err2 != nil || gone.Verifications+gone.Consents+gone.Keys != 0 {
		return fmt.Errorf("erased %+v, %w", gone, err2)
	}
	return first(
		func() error { return want(err, consent.ErrNotFound) },
		func() error { return want(s.UseConsent(ctx, "t2", use), consent.Missing) },
		func() error { return want(s.ReturnConsent(ctx, "t2", "c-alice"), consent.ErrNotFound) },
		func() error { return want(s.Release(ctx, store.Key{Tenant: "t2", Key: "k1"}, "v1"), store.ErrOverdue) },
		func() error { return state(ctx, s, "c-alice", consent.Given, 0) },
		func() error {
			if n, err := found(ctx, s, storemodel.Alice); err != nil || n != [3]int{1, 2, 1} {
				return fmt.Errorf("%v is found, %w", n, err)
			}
			return nil
		},
	)
}

func foreignCounter(ctx context.Context, s store.Store) error {
	if err := count(ctx, s, -1, []int{1}, storemodel.Hit(1, 0, 1)); err != nil {
		return err
	}
	got, err := s.Count(ctx, "t2", []policy.Hit{storemodel.Hit(1, 0, 1)})
	if err != nil || got.Over != -1 || got.Totals[0] != 1 {
		return fmt.Errorf("the other tenant counts %+v, %w", got, err)
	}
	return nil
}

func sameNames(ctx context.Context, s store.Store) error {
	if err := kept(ctx, s); err != nil {
		return err
	}
	r := storemodel.Draft("c-alice")
	r.Tenant = "t2"
	v := asked("v1", storemodel.Alice, storemodel.Then())
	v.Tenant = "t2"
	key, err := s.DataKey(ctx, "t2", storemodel.Alice, []byte("of t2"))
	if err := errors.Join(err, s.AddConsent(ctx, r, store.DataKey{Wrapped: key}, 0), s.Complete(ctx, store.Key{}, v)); err != nil || string(key) != "of t2" {
		return fmt.Errorf("the data key is %q, %w", key, err)
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	got, err := s.Consent(ctx, "t2", "c-alice")
	key, err2 := s.DataKey(ctx, "t2", storemodel.Alice, nil)
	list, _, err3 := s.Verifications(ctx, "t2", aliceTokens(), ledger.Page{})
	if err := errors.Join(err, err2, err3); err != nil || got.Subject != storemodel.Alice || got.State != consent.Drafted || string(key) != "of t2" || len(list) != 1 {
		return fmt.Errorf("of the other tenant are left %+v, %q, %d verifications, %w", got, key, len(list), err)
	}
	return nil
}
