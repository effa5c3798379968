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
	"github.com/heyan-id/heyan/policy/consent"
)

// afterwards returns the rules for what completes or begins after an erasure.
func afterwards() []rule {
	return []rule{
		{"a verification that began before an erasure and completes after it is stored without the subject", lateVerification},
		{"a verification on an erased consent is late, whatever the clocks say", lateOnConsent},
		{"a verification on a consent after the erasure keeps its subject, whatever the clocks say", backOnConsent},
		{"the erasure of a guardian does not make a verification of the child late", lateByGuardian},
		{"no hold succeeds after the erasure of the guardian", noHoldAfterGuardian},
	}
}

func lateVerification(ctx context.Context, s store.Store) error {
	if _, err := claim(ctx, s, k1(), 1, time.Hour); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	// The second began on a node whose clock is ahead, by less than the margin.
	for n, began := range []time.Duration{-time.Minute, store.Margin - time.Second} {
		key := store.Key{}
		if n == 0 {
			key = k1()
		}
		if err := s.Complete(ctx, key, asked(fmt.Sprintf("v%d", n+1), storemodel.Alice, time.Now().Add(began))); err != nil {
			return err
		}
	}
	return first(
		func() error { return withoutPerson(ctx, s, "v1", 2) },
		func() error { return withoutPerson(ctx, s, "v2", 2) },
	)
}

// withoutPerson checks a verification that was late for erasure e1 of alice, which removed
// her from a number of verifications.
func withoutPerson(ctx context.Context, s store.Store, id string, taken int) error {
	v, err := s.Verification(ctx, "t1", id)
	if err != nil || v.Token != "" || v.Subject != (idv.MaskedSubject{}) || v.Erased != "e1" {
		return fmt.Errorf("stored %+v, %w", v, err)
	}
	list, err := s.Erasures(ctx, "t1", aliceTokens())
	if err != nil || len(list) != 1 || list[0].Verifications != taken {
		return fmt.Errorf("the erasures are %+v, %w", list, err)
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n != [3]int{} {
		return fmt.Errorf("%v is found, %w", n, err)
	}
	return nil
}

// on returns a verification of alice with a consent.
func on(consentID, id string, token idv.SubjectToken, at time.Time) idv.Verification {
	v := asked(id, token, at)
	v.ConsentID = consentID
	return v
}

func lateOnConsent(ctx context.Context, s store.Store) error {
	ahead := time.Now().Add(time.Hour)
	if err := storemodel.Given(ctx, s, storemodel.Draft("c1")); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	newest := idv.SubjectToken("k2:alice") // of a node whose keyring has a newer key
	if err := errors.Join(s.Complete(ctx, store.Key{}, on("c1", "v1", storemodel.Alice, ahead)), s.Complete(ctx, store.Key{}, on("c1", "v2", newest, ahead))); err != nil {
		return err
	}
	return first(
		func() error { return withoutPerson(ctx, s, "v1", 2) },
		func() error { return withoutPerson(ctx, s, "v2", 2) },
	)
}

func backOnConsent(ctx context.Context, s store.Store) error {
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	back, other := storemodel.Draft("c1"), storemodel.Draft("c2")
	other.Subject, other.Guardian = storemodel.Bob, consent.Guardian{}
	if err := errors.Join(storemodel.Given(ctx, s, back), storemodel.Given(ctx, s, other)); err != nil {
		return err
	}
	began := time.Now().Add(-time.Second) // on a node whose clock is behind
	if err := errors.Join(s.Complete(ctx, store.Key{}, on("c1", "v1", storemodel.Alice, began)), s.Complete(ctx, store.Key{}, on("c2", "v2", storemodel.Alice, began))); err != nil {
		return err
	}
	hers, _, err := s.Verifications(ctx, "t1", aliceTokens(), ledger.Page{})
	if err != nil || len(hers) != 1 || hers[0].ID != "v1" {
		return fmt.Errorf("%d are found, want the one on her own consent; %w", len(hers), err)
	}
	return nil
}

func lateByGuardian(ctx context.Context, s store.Store) error {
	if err := storemodel.Given(ctx, s, storemodel.Draft("c1")); err != nil {
		return err
	}
	if _, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, "e1"); err != nil {
		return err
	}
	if err := s.Complete(ctx, store.Key{}, on("c1", "v1", storemodel.Alice, time.Now())); err != nil {
		return err
	}
	if n, err := found(ctx, s, storemodel.Alice); err != nil || n[1] != 1 {
		return fmt.Errorf("%v is found of the child, %w", n, err)
	}
	return nil
}

func noHoldAfterGuardian(ctx context.Context, s store.Store) error {
	refused := storemodel.Draft("c2")
	refused.Purpose = "other"
	return first(
		func() error { return storemodel.Given(ctx, s, storemodel.Draft("c1")) },
		func() error { return storemodel.AddDraft(ctx, s, refused, 0) },
		func() error { return storemodel.Change(ctx, s, "c2", storemodel.Present(), storemodel.Refuse()) },
		func() error { _, err := s.Hold(ctx, storemodel.Resting("v1", 1, "c1")); return err },
		func() error { _, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, "e1"); return err },
		func() error {
			_, err := s.Hold(ctx, storemodel.Resting("v1", 2, "c1"))
			return want(err, consent.WasWithdrawn)
		},
		func() error {
			return want(s.UseConsent(ctx, "t1", idv.ConsentUse{ID: "c1", Recipient: storemodel.Recipient, First: true}), consent.WasWithdrawn)
		},
		func() error { return state(ctx, s, "c1", consent.Withdrawn, 1) },
		func() error { return state(ctx, s, "c2", consent.Refused, 0) },
	)
}
