package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

func drafts() []rule {
	return []rule{
		{"the key of a draft is kept with it, and none of a draft that is not", draftWithKey},
		{"a draft that another key than the person's sealed is not kept", draftOtherKey},
		{"a key that an erasure destroyed does not come back with a draft", draftErasedKey},
		{"no draft is dated later than the store's time", draftedAhead},
		{"who refuses is not shown what was drafted before of the same app and purpose", closed},
		{"a new key of the ring forgets no refusal and nothing that is superseded", rotated},
		{"the tokens under older keys are kept with a consent, and go with an erasure", olderKept},
	}
}

// hasKey compares the data key of alice.
func hasKey(ctx context.Context, s store.Store, want string) error {
	got, err := s.DataKey(ctx, "t1", alice, nil)
	if err != nil || string(got) != want {
		return fmt.Errorf("the key is %q, %w; want %q", got, err, want)
	}
	return nil
}

func draftWithKey(ctx context.Context, s store.Store) error {
	key, unsealed := keyOf("t1", alice), draft("c0")
	unsealed.Sealed, unsealed.Purpose = nil, "other"
	foul := draft("c9")
	foul.Items = nil
	return first(
		func() error { return s.AddConsent(ctx, unsealed, store.DataKey{}, 0) },
		func() error { return change(ctx, s, "c0", present(), refuse()) },
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
		func() error { return s.AddConsent(ctx, draft("c2"), key, 0) },
		func() error { return hasKey(ctx, s, string(key.Wrapped)) },
		func() error { return s.AddConsent(ctx, draft("c3"), key, 0) },
		func() error { return s.AddConsent(ctx, draft("c4"), store.DataKey{Wrapped: key.Wrapped}, 0) },
	)
}

func draftOtherKey(ctx context.Context, s store.Store) error {
	kept := func(id string) func() error {
		return func() error { _, err := s.Consent(ctx, "t1", id); return want(err, consent.ErrNotFound) }
	}
	return first(
		func() error { return want(s.AddConsent(ctx, draft("c1"), store.DataKey{}, 0), store.ErrKeyChanged) },
		kept("c1"),
		func() error { return addDraft(ctx, s, draft("c2"), 0) },
		func() error {
			return want(s.AddConsent(ctx, draft("c3"), store.DataKey{Wrapped: []byte("other"), New: true}, 0), store.ErrKeyChanged)
		},
		kept("c3"),
		func() error { return hasKey(ctx, s, string(keyOf("t1", alice).Wrapped)) },
	)
}

func draftErasedKey(ctx context.Context, s store.Store) error {
	lookedUp := store.DataKey{Wrapped: keyOf("t1", alice).Wrapped}
	return first(
		func() error { return addDraft(ctx, s, draft("c1"), 0) },
		func() error { _, err := s.Erase(ctx, "t1", aliceTokens(), "e1"); return err },
		func() error { return want(s.AddConsent(ctx, draft("c2"), lookedUp, 0), store.ErrKeyChanged) },
		func() error { return hasKey(ctx, s, "") },
		func() error { _, err := s.Consent(ctx, "t1", "c2"); return want(err, consent.ErrNotFound) },
	)
}

func closed(ctx context.Context, s store.Store) error {
	otherPurpose, otherApp, otherPerson := draft("c5"), draft("c6"), draft("c7")
	otherPurpose.Purpose, otherApp.App, otherPerson.Subject = "other", "other", bob
	steps := []func() error{func() error { return given(ctx, s, draft("c1")) }}
	for _, r := range []consent.Record{draft("c2"), draft("c3"), draft("c4"), otherPurpose, otherApp, otherPerson} {
		steps = append(steps, func() error { return addDraft(ctx, s, r, 0) })
	}
	return first(append(steps,
		func() error { return change(ctx, s, "c3", present()) },
		func() error { return change(ctx, s, "c2", present(), refuse()) },
		func() error { return state(ctx, s, "c1", consent.Given, 0) },
		func() error { return state(ctx, s, "c2", consent.Refused, 0) },
		func() error { return state(ctx, s, "c3", consent.Expired, 0) },
		func() error { return want(change(ctx, s, "c4", present()), consent.WrongOrder) },
		func() error { return state(ctx, s, "c5", consent.Drafted, 0) },
		func() error { return state(ctx, s, "c6", consent.Drafted, 0) },
		func() error { return state(ctx, s, "c7", consent.Drafted, 0) },
	)...)
}

// ofOld is a consent of alice from before the ring got a new key.
func ofOld(id string) consent.Record {
	r := draft(id)
	r.Subject = aliceOld
	return r
}

// ofNew is one from after that.
func ofNew(id string) consent.Record {
	r := draft(id)
	r.Older = []idv.SubjectToken{"k00:alice", aliceOld}
	return r
}

func rotated(ctx context.Context, s store.Store) error {
	refused, open := ofOld("c2"), ofOld("c3")
	refused.Purpose, open.Purpose = "other", "other"
	again := ofNew("c5")
	again.Purpose = "other"
	return first(
		func() error { return given(ctx, s, ofOld("c1")) },
		func() error { return addDraft(ctx, s, open, 0) },
		func() error { return given(ctx, s, ofNew("c4")) },
		func() error { return state(ctx, s, "c1", consent.Superseded, 0) },
		func() error { return addDraft(ctx, s, again, time.Hour) },
		func() error { return change(ctx, s, "c5", present(), refuse()) },
		func() error { return state(ctx, s, "c3", consent.Expired, 0) },
		func() error { return addDraft(ctx, s, refused, 0) },
		func() error { return change(ctx, s, "c2", present(), refuse()) },
		func() error { again.ID = "c6"; return want(addDraft(ctx, s, again, time.Hour), consent.AskedTooSoon) },
	)
}

func olderKept(ctx context.Context, s store.Store) error {
	r := ofNew("c1")
	if err := addDraft(ctx, s, r, 0); err != nil {
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
	r := draft("c1")
	r.DraftedAt = time.Now().Add(time.Hour) // the desk's clock is ahead
	return first(
		func() error { return addDraft(ctx, s, r, 0) },
		func() error { _, err := s.ChangeConsent(ctx, "t1", "c1", present()); return err },
		func() error {
			got, err := s.Consent(ctx, "t1", "c1")
			if err != nil || got.DraftedAt.After(got.PresentedAt) {
				return fmt.Errorf("drafted at %v, presented at %v, %w", got.DraftedAt, got.PresentedAt, err)
			}
			return nil
		},
	)
}
