package consents_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// guardedDraft returns the draft of a child who is five at the start of a synctest bubble.
func guardedDraft() consents.Draft {
	d := draft()
	d.Subject = idv.Subject{Name: idv.NewSensitive("小明"), IDNumber: idv.NewSensitive("110105199501010017")}
	d.Guardian = &consents.Guardian{Subject: enginetest.Person(), Relation: "母亲"}
	return d
}

// TestGuardianIsFound: a consent that was given for a child is found by the numbers of the
// guardian and of the child.
func TestGuardianIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		ctx := t.Context()
		drafted, err := b.Draft(ctx, guardedDraft())
		if err != nil {
			t.Fatal(err)
		}
		record := b.agree(t, drafted)
		for _, test := range []struct {
			person     idv.Subject
			asGuardian bool
		}{{enginetest.Person(), true}, {guardedDraft().Subject, false}} {
			e, err := b.Export(ctx, "t1", test.person)
			if err != nil || len(e.Consents) != 1 || e.Consents[0].ID != record.ID || len(e.Texts) != 1 {
				t.Fatalf("%d consents and %d texts are found, %v", len(e.Consents), len(e.Texts), err)
			}
			if got := e.AsGuardian(&e.Consents[0]); got != test.asGuardian {
				t.Errorf("as the guardian: %v, want %v", got, test.asGuardian)
			}
		}
		if _, err := b.Erase(ctx, "t1", enginetest.Person()); err != nil {
			t.Fatal(err)
		}
		if r, err := b.Consent(ctx, "t1", record.ID); err != nil || r.State != consent.Withdrawn {
			t.Errorf("after the guardian's erasure it is %s, %v", r.State, err)
		}
	})
}

// TestRotation rotates the key between two consents of a person: the newer one supersedes
// the older, a refusal still counts, and the older token is neither shown nor left after an
// erasure.
func TestRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		b := newFixture(t)
		before, after := rotatedKeys(t, 0), rotatedKeys(t, 1)
		b.Keyring = before
		older, err := b.Draft(ctx, draft())
		if err != nil {
			t.Fatal(err)
		}
		b.agree(t, older)
		lending := draft()
		lending.Purpose = "lend"
		refused, err := b.Draft(ctx, lending)
		if err != nil {
			t.Fatal(err)
		}
		b.change(t, refused, consent.Present, consent.Refuse)
		b.Keyring = after
		if _, err := b.Draft(ctx, lending); !errors.Is(err, consent.AskedTooSoon) {
			t.Errorf("asked again within the pause: %v", err)
		}
		newer, err := b.Draft(ctx, draft())
		if err != nil {
			t.Fatal(err)
		}
		record := b.agree(t, newer)
		if r, err := b.Consent(ctx, "t1", older.Record.ID); err != nil || r.State != consent.Superseded {
			t.Errorf("the older consent is %s, %v", r.State, err)
		}
		token := string(before.Token("t1", enginetest.Person().IDNumber))
		shown, err := json.Marshal(record)
		signed, err2 := b.Receipt(ctx, "t1", record.ID)
		if err := errors.Join(err, err2); err != nil || len(record.Older) != 1 || strings.Contains(string(shown)+string(signed), token) {
			t.Errorf("the older token is shown, or %d are stored; %v", len(record.Older), err)
		}
		if _, err := b.Erase(ctx, "t1", enginetest.Person()); err != nil {
			t.Fatal(err)
		}
		if r, err := b.Consent(ctx, "t1", record.ID); err != nil || len(r.Older) != 0 {
			t.Errorf("after an erasure these tokens are left: %v, %v", r.Older, err)
		}
	})
}

// TestRefusalClosesDrafts: refusing one of two drafts closes the other.
func TestRefusalClosesDrafts(t *testing.T) {
	t.Parallel()
	b := newFixture(t)
	one, err := b.Draft(t.Context(), draft())
	two, err2 := b.Draft(t.Context(), draft())
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	b.change(t, one, consent.Present, consent.Refuse)
	if _, err := b.Change(t.Context(), "t1", two.Record.ID, consent.Event{Kind: consent.Present}); !errors.Is(err, consent.WrongOrder) {
		t.Errorf("the other text was shown: %v", err)
	}
}

func (b *fixture) change(t *testing.T, d consents.DraftResult, kinds ...consent.Kind) {
	t.Helper()
	for _, k := range kinds {
		if _, err := b.Change(t.Context(), d.Record.Tenant, d.Record.ID, consent.Event{Kind: k}); err != nil {
			t.Fatalf("%s: %v", k, err)
		}
	}
}

// TestKeyGoesWithTheLastConsent: pruning the last consent of a person deletes the data key.
func TestKeyGoesWithTheLastConsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newFixture(t)
		ctx := t.Context()
		drafted, err := b.Draft(ctx, draft())
		if err != nil {
			t.Fatal(err)
		}
		r := b.agree(t, drafted)
		time.Sleep(5 * 365 * day)
		if _, err := b.store.Prune(ctx, store.Retention{Consents: defaults().Consents}); err != nil {
			t.Fatal(err)
		}
		if key, err := b.store.DataKey(ctx, "t1", r.Subject, nil); err != nil || key != nil {
			t.Errorf("a key of %d bytes is left, %v", len(key), err)
		}
	})
}

const day = 24 * time.Hour
