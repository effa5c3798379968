package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy/consent"
)

func drafts() []rule {
	return []rule{
		{"the data key of a draft is stored only if the draft is", draftWithKey},
		{"a draft that was sealed with a different key than the subject's is not stored", draftOtherKey},
		{"a draft does not restore a key that an erasure destroyed", draftErasedKey},
		{"no draft is dated later than the store's time", draftedAhead},
		{"a refusal closes the earlier drafts of the same app and purpose", closed},
		{"refusals and superseded consents survive a new key of the keyring", rotated},
		{"the tokens under older keys are stored with a consent until an erasure", olderKept},
	}
}

// hasKey checks the data key of alice.
func hasKey(ctx context.Context, s store.Store, want string) error {
	got, err := s.DataKey(ctx, "t1", storemodel.Alice, nil)
	if err != nil || string(got) != want {
		return fmt.Errorf("the key is %q, %w; want %q", got, err, want)
	}
	return nil
}

func draftWithKey(ctx context.Context, s store.Store) error {
	key, unsealed := storemodel.KeyOf("t1", storemodel.Alice), storemodel.Draft("c0")
	unsealed.Sealed, unsealed.Purpose = nil, "other"
	foul := storemodel.Draft("c9")
	foul.Items = nil
	return first(
		func() error { return s.AddConsent(ctx, unsealed, store.DataKey{}, 0) },
		func() error { return storemodel.Change(ctx, s, "c0", storemodel.Present(), storemodel.Refuse()) },
		func() error {
			again := unsealed
			again.ID, again.Sealed = "c1", []byte("sealed")
			return want(s.AddConsent(ctx, again, key, time.Hour), consent.AskedTooSoon)
		},
		func() error {
			again := unsealed
			again.Sealed = []byte("sealed")
			return want(s.AddConsent(ctx, again, key, 0), consent.ErrTwice)
		},
		func() error {
			if s.AddConsent(ctx, foul, key, 0) == nil {
				return errors.New("a draft that lacks something was kept")
			}
			return nil
		},
		func() error { return hasKey(ctx, s, "") },
		func() error { return s.AddConsent(ctx, storemodel.Draft("c2"), key, 0) },
		func() error { return hasKey(ctx, s, string(key.Wrapped)) },
		func() error { return s.AddConsent(ctx, storemodel.Draft("c3"), key, 0) },
		func() error { return s.AddConsent(ctx, storemodel.Draft("c4"), store.DataKey{Wrapped: key.Wrapped}, 0) },
	)
}

func draftOtherKey(ctx context.Context, s store.Store) error {
	kept := func(id string) func() error {
		return func() error { _, err := s.Consent(ctx, "t1", id); return want(err, consent.ErrNotFound) }
	}
	return first(
		func() error {
			return want(s.AddConsent(ctx, storemodel.Draft("c1"), store.DataKey{}, 0), store.ErrKeyChanged)
		},
		kept("c1"),
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c2"), 0) },
		func() error {
			return want(s.AddConsent(ctx, storemodel.Draft("c3"), store.DataKey{Wrapped: []byte("other"), New: true}, 0), store.ErrKeyChanged)
		},
		kept("c3"),
		func() error { return hasKey(ctx, s, string(storemodel.KeyOf("t1", storemodel.Alice).Wrapped)) },
	)
}

func draftErasedKey(ctx context.Context, s store.Store) error {
	lookedUp := store.DataKey{Wrapped: storemodel.KeyOf("t1", storemodel.Alice).Wrapped}
	return first(
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0) },
		func() error { _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); return err },
		func() error { return want(s.AddConsent(ctx, storemodel.Draft("c2"), lookedUp, 0), store.ErrKeyChanged) },
		func() error { return hasKey(ctx, s, "") },
		func() error { _, err := s.Consent(ctx, "t1", "c2"); return want(err, consent.ErrNotFound) },
	)
}

func closed(ctx context.Context, s store.Store) error {
	otherPurpose, otherApp, otherPerson := storemodel.Draft("c5"), storemodel.Draft("c6"), storemodel.Draft("c7")
	otherPurpose.Purpose, otherApp.App, otherPerson.Subject = "other", "other", storemodel.Bob
	steps := []func() error{func() error { return storemodel.Given(ctx, s, storemodel.Draft("c1")) }}
	for _, r := range []consent.Record{storemodel.Draft("c2"), storemodel.Draft("c3"), storemodel.Draft("c4"), otherPurpose, otherApp, otherPerson} {
		steps = append(steps, func() error { return storemodel.AddDraft(ctx, s, r, 0) })
	}
	return first(append(steps,
		func() error { return storemodel.Change(ctx, s, "c3", storemodel.Present()) },
		func() error { return storemodel.Change(ctx, s, "c2", storemodel.Present(), storemodel.Refuse()) },
		func() error { return state(ctx, s, "c1", consent.Given, 0) },
		func() error { return state(ctx, s, "c2", consent.Refused, 0) },
		func() error { return state(ctx, s, "c3", consent.Expired, 0) },
		func() error { return want(storemodel.Change(ctx, s, "c4", storemodel.Present()), consent.WrongOrder) },
		func() error { return state(ctx, s, "c5", consent.Drafted, 0) },
		func() error { return state(ctx, s, "c6", consent.Drafted, 0) },
		func() error { return state(ctx, s, "c7", consent.Drafted, 0) },
	)...)
}

// ofOld returns a consent of alice from before the keyring had a new key.
func ofOld(id string) consent.Record {
	r := storemodel.Draft(id)
	r.Subject = storemodel.AliceOld
	return r
}

// ofNew returns a consent of alice from after that.
func ofNew(id string) consent.Record {
	r := storemodel.Draft(id)
	r.Older = []idv.SubjectToken{"k00:alice", storemodel.AliceOld}
	return r
}

func rotated(ctx context.Context, s store.Store) error {
	refused, open := ofOld("c2"), ofOld("c3")
	refused.Purpose, open.Purpose = "other", "other"
	again := ofNew("c5")
	again.Purpose = "other"
	return first(
		func() error { return storemodel.Given(ctx, s, ofOld("c1")) },
		func() error { return storemodel.AddDraft(ctx, s, open, 0) },
		func() error { return storemodel.Given(ctx, s, ofNew("c4")) },
		func() error { return state(ctx, s, "c1", consent.Superseded, 0) },
		func() error { return storemodel.AddDraft(ctx, s, again, time.Hour) },
		func() error { return storemodel.Change(ctx, s, "c5", storemodel.Present(), storemodel.Refuse()) },
		func() error { return state(ctx, s, "c3", consent.Expired, 0) },
		func() error { return storemodel.AddDraft(ctx, s, refused, 0) },
		func() error { return storemodel.Change(ctx, s, "c2", storemodel.Present(), storemodel.Refuse()) },
		func() error {
			again.ID = "c6"
			return want(storemodel.AddDraft(ctx, s, again, time.Hour), consent.AskedTooSoon)
		},
	)
}

func olderKept(ctx context.Context, s store.Store) error {
	r := ofNew("c1")
	if err := storemodel.AddDraft(ctx, s, r, 0); err != nil {
		return err
	}
	got, err := s.Consent(ctx, "t1", "c1")
	if diff := cmp.Diff(r, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	if _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); err != nil {
		return err
	}
	got, err = s.Consent(ctx, "t1", "c1")
	if err != nil || len(got.Older) != 0 {
		return fmt.Errorf("%v are left, %w", got.Older, err)
	}
	return nil
}

func draftedAhead(ctx context.Context, s store.Store) error {
	r := storemodel.Draft("c1")
	r.DraftedAt = time.Now().Add(time.Hour) // the clock of the caller is ahead
	return first(
		func() error { return storemodel.AddDraft(ctx, s, r, 0) },
		func() error { _, err := s.ChangeConsent(ctx, "t1", "c1", storemodel.Present()); return err },
		func() error {
			got, err := s.Consent(ctx, "t1", "c1")
			if err != nil || got.DraftedAt.After(got.PresentedAt) {
				return fmt.Errorf("drafted at %v, presented at %v, %w", got.DraftedAt, got.PresentedAt, err)
			}
			return nil
		},
	)
}
