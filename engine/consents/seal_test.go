package consents_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// racingStore calls before between the read of the data key and the write of the draft.
type racingStore struct {
	store.Store
	before func()
	tries  int
}

func (r *racingStore) AddConsent(ctx context.Context, c consent.Record, key store.DataKey, pause time.Duration) error {
	r.tries++
	r.before()
	return r.Store.AddConsent(ctx, c, key, pause)
}

// TestDraftRacesErasure erases the person while a draft is encrypted with the previous key:
// the stored text can still be decrypted, also for the person's copy.
func TestDraftRacesErasure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		ctx := t.Context()
		if _, err := b.Draft(ctx, draft()); err != nil { // the person has a key
			t.Fatal(err)
		}
		person := enginetest.Person()
		r := &racingStore{Store: b.store}
		r.before = func() {
			if r.tries > 1 {
				return
			}
			if _, err := b.Erase(ctx, "t1", person); err != nil {
				t.Error(err)
			}
		}
		b.Store = r
		drafted, err := b.Draft(ctx, draft())
		if err != nil || r.tries != 2 {
			t.Fatalf("%v after %d tries", err, r.tries)
		}
		record := b.agree(t, drafted)
		text, err := b.Text(ctx, "t1", record.ID)
		if err != nil || !text.Body.Equal(drafted.Text) {
			t.Errorf("the text of a given consent: %v", err)
		}
		e, err := b.Export(ctx, "t1", person)
		if err != nil || len(e.Texts) != 1 || len(e.Unreadable) != 0 {
			t.Errorf("the copy has %d texts, %v is unreadable, %v", len(e.Texts), e.Unreadable, err)
		}
	})
}

// TestDraftGivesUp changes the key of the person at every try.
func TestDraftGivesUp(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	ctx := t.Context()
	r := &racingStore{Store: b.store}
	token := b.ring.Token("t1", enginetest.Person().IDNumber)
	r.before = func() {
		if key, _ := b.store.DataKey(ctx, "t1", token, nil); key != nil {
			_, _ = b.Erase(ctx, "t1", enginetest.Person())
			return
		}
		_, other, _ := b.ring.NewDataKey("t1", token)
		_, _ = b.store.DataKey(ctx, "t1", token, other)
	}
	b.Store = r
	if _, err := b.Draft(ctx, draft()); !errors.Is(err, store.ErrKeyChanged) || r.tries < 3 {
		t.Errorf("got %v after %d tries", err, r.tries)
	}
}

// TestFailedDraftLeavesNoKey: the failed first draft of a person leaves no data key.
func TestFailedDraftLeavesNoKey(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	token := b.ring.Token("t1", enginetest.Person().IDNumber)
	b.Store = unwritableStore{b.store}
	if _, err := b.Draft(t.Context(), draft()); err == nil {
		t.Fatal("the draft was stored")
	}
	if key, err := b.store.DataKey(t.Context(), "t1", token, nil); err != nil || key != nil {
		t.Errorf("a key of %d bytes is left, %v", len(key), err)
	}
}

// unwritableStore stores no draft.
type unwritableStore struct{ store.Store }

func (unwritableStore) AddConsent(context.Context, consent.Record, store.DataKey, time.Duration) error {
	return store.ErrUnwritable
}

// TestExportNamesWhatIsUnreadable: one of two texts cannot be decrypted.
func TestExportNamesWhatIsUnreadable(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	ctx := t.Context()
	first, err := b.Draft(ctx, draft())
	if err != nil {
		t.Fatal(err)
	}
	lost := first.Record
	lost.ID = "con_lost" // encrypted for another id, so it cannot be decrypted
	key, err := b.store.DataKey(ctx, "t1", lost.Subject, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.store.AddConsent(ctx, lost, store.DataKey{Wrapped: key}, 0); err != nil {
		t.Fatal(err)
	}
	e, err := b.Export(ctx, "t1", enginetest.Person())
	if err != nil || len(e.Consents) != 2 || len(e.Texts) != 1 || !slices.Equal(e.Unreadable, []string{"con_lost"}) {
		t.Errorf("%d consents, %d texts, %v is unreadable, %v", len(e.Consents), len(e.Texts), e.Unreadable, err)
	}
}
