package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy/consent"
)

func consents() []rule {
	return []rule{
		{"a draft is found by its tenant and id, with all fields", draftKept},
		{"an incomplete draft is not stored", draftIncomplete},
		{"the id of a consent is unique", draftTwice},
		{"a consent is presented, given and withdrawn at the store's time", consentChanged},
		{"an event in the wrong order changes nothing", eventRefused},
		{"after a refusal the same cannot be drafted again before the pause ends", coolDown},
		{"a given consent supersedes the given one of the same subject, app and purpose, and no other", superseded},
		{"the consents of a subject are listed by draft time under all tokens, in pages without gaps", consentsPaged},
		{"the consents that a guardian gave are listed with the guardian's own, each once", guardianListed},
		{"all consents of a tenant are listed by draft time, in pages without gaps", allConsentsPaged},
		{"a use is returned in any state, but never below zero", useReturned},
		{"a cached answer takes a use without a call", usedWithoutCall},
	}
}

// state checks the state and the uses of a consent of tenant t1.
func state(ctx context.Context, s store.Consents, id string, want consent.State, used int) error {
	r, err := s.Consent(ctx, "t1", id)
	if err != nil || r.State != want || r.Used != used {
		return fmt.Errorf("%s is %q with %d uses, %w; want %q with %d", id, r.State, r.Used, err, want, used)
	}
	return nil
}

func draftKept(ctx context.Context, s store.Store) error {
	r := storemodel.Draft("c1")
	if err := storemodel.AddDraft(ctx, s, r, time.Hour); err != nil {
		return err
	}
	got, err := s.Consent(ctx, "t1", "c1")
	if err != nil {
		return err
	}
	if diff := cmp.Diff(r, got); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	_, err = s.Consent(ctx, "t1", "c2")
	return want(err, consent.ErrNotFound)
}

func draftIncomplete(ctx context.Context, s store.Store) error {
	r := storemodel.Draft("c1")
	r.Recipients = nil
	if idv.AsError(storemodel.AddDraft(ctx, s, r, 0)).Failure != idv.InvalidInput {
		return errors.New("it was taken")
	}
	_, err := s.Consent(ctx, "t1", "c1")
	return want(err, consent.ErrNotFound)
}

func draftTwice(ctx context.Context, s store.Store) error {
	other := storemodel.Draft("c1")
	other.Purpose = "other"
	return first(
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0) },
		func() error { return want(storemodel.AddDraft(ctx, s, other, 0), consent.ErrTwice) },
		func() error {
			r, err := s.Consent(ctx, "t1", "c1")
			if err != nil || r.Purpose != "test" {
				return fmt.Errorf("it became %+v, %w", r, err)
			}
			return nil
		},
	)
}

func consentChanged(ctx context.Context, s store.Store) error {
	begin := time.Now().Add(-time.Millisecond)
	if err := storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0); err != nil {
		return err
	}
	if err := storemodel.Change(ctx, s, "c1", storemodel.Present(), storemodel.Give()); err != nil {
		return err
	}
	got, err := s.ChangeConsent(ctx, "t1", "c1", storemodel.Withdraw())
	if err != nil {
		return err
	}
	kept, err := s.Consent(ctx, "t1", "c1")
	if diff := cmp.Diff(kept, got); err != nil || diff != "" {
		return fmt.Errorf("%w, kept -, returned +:\n%s", err, diff)
	}
	want := storemodel.Draft("c1")
	want.DraftedAt, want.State, want.Proof = kept.DraftedAt, consent.Withdrawn, consent.Proof{Channel: "web", Action: consent.Checkbox, Session: "m"}
	want.PresentedAt, want.DecidedAt, want.EndedAt = kept.PresentedAt, kept.DecidedAt, kept.EndedAt
	if diff := cmp.Diff(want, kept); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	end := time.Now().Add(time.Second)
	for _, pair := range [][2]time.Time{{begin, kept.PresentedAt}, {kept.PresentedAt, kept.DecidedAt}, {kept.DecidedAt, kept.EndedAt}, {kept.EndedAt, end}} {
		if !pair[0].Before(pair[1]) {
			return fmt.Errorf("%v is not before %v", pair[0], pair[1])
		}
	}
	return nil
}

func eventRefused(ctx context.Context, s store.Store) error {
	otherText := storemodel.Give()
	otherText.Text = "sha256:c"
	_, missing := s.ChangeConsent(ctx, "t1", "c9", storemodel.Present())
	return first(
		func() error { return want(missing, consent.ErrNotFound) },
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0) },
		func() error { return want(storemodel.Change(ctx, s, "c1", storemodel.Give()), consent.WrongOrder) },
		func() error { return state(ctx, s, "c1", consent.Drafted, 0) },
		func() error { return storemodel.Change(ctx, s, "c1", storemodel.Present()) },
		func() error { return want(storemodel.Change(ctx, s, "c1", otherText), consent.OtherText) },
		func() error { return state(ctx, s, "c1", consent.Presented, 0) },
	)
}

func coolDown(ctx context.Context, s store.Store) error {
	otherPurpose, otherPerson := storemodel.Draft("c2"), storemodel.Draft("c3")
	otherPurpose.Purpose, otherPerson.Subject = "other", storemodel.Bob
	return first(
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), time.Hour) },
		func() error { return storemodel.Change(ctx, s, "c1", storemodel.Present(), storemodel.Refuse()) },
		func() error {
			return want(storemodel.AddDraft(ctx, s, storemodel.Draft("c4"), time.Hour), consent.AskedTooSoon)
		},
		func() error { _, err := s.Consent(ctx, "t1", "c4"); return want(err, consent.ErrNotFound) },
		func() error { return storemodel.AddDraft(ctx, s, otherPurpose, time.Hour) },
		func() error { return storemodel.AddDraft(ctx, s, otherPerson, time.Hour) },
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c5"), time.Nanosecond) },
		func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c6"), 0) },
	)
}

func superseded(ctx context.Context, s store.Store) error {
	otherPurpose, otherPerson, otherApp := storemodel.Draft("c2"), storemodel.Draft("c3"), storemodel.Draft("c4")
	otherPurpose.Purpose, otherPerson.Subject, otherApp.App = "other", storemodel.Bob, "other"
	steps := []func() error{func() error { return storemodel.AddDraft(ctx, s, storemodel.Draft("c5"), 0) }} // a draft is not given
	for _, r := range []consent.Record{storemodel.Draft("c1"), otherPurpose, otherPerson, otherApp, storemodel.Draft("c6")} {
		steps = append(steps, func() error { return storemodel.Given(ctx, s, r) })
	}
	return first(append(steps,
		func() error { return state(ctx, s, "c1", consent.Superseded, 0) },
		func() error { return state(ctx, s, "c2", consent.Given, 0) },
		func() error { return state(ctx, s, "c3", consent.Given, 0) },
		func() error { return state(ctx, s, "c4", consent.Given, 0) },
		func() error { return state(ctx, s, "c5", consent.Drafted, 0) },
		func() error { return state(ctx, s, "c6", consent.Given, 0) },
	)...)
}

func consentsPaged(ctx context.Context, s store.Store) error {
	begin := storemodel.Draft("").DraftedAt
	for n := range 7 {
		r := storemodel.Draft(fmt.Sprintf("c%d", n))
		r.DraftedAt = begin.Add(time.Duration(n/3) * time.Millisecond)
		if n%2 == 1 {
			r.Subject = storemodel.AliceOld
		}
		if err := storemodel.AddDraft(ctx, s, r, 0); err != nil {
			return err
		}
	}
	other := storemodel.Draft("c8")
	other.Subject = storemodel.Bob
	if err := storemodel.AddDraft(ctx, s, other, 0); err != nil {
		return err
	}
	got, err := pages(func(p ledger.Page) ([]consent.Record, string, error) {
		return s.Consents(ctx, "t1", []idv.SubjectToken{storemodel.Alice, storemodel.AliceOld}, p)
	}, func(r consent.Record) string { return r.ID })
	if diff := cmp.Diff([]string{"c0", "c1", "c2", "c3", "c4", "c5", "c6"}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	_, _, err = s.Consents(ctx, "t1", []idv.SubjectToken{storemodel.Alice}, ledger.Page{After: "x"})
	return want(err, store.ErrPage)
}

func guardianListed(ctx context.Context, s store.Store) error {
	begin := storemodel.Draft("").DraftedAt
	for n, who := range [][2]idv.SubjectToken{{storemodel.Alice, storemodel.Bob}, {storemodel.Bob, ""}, {storemodel.Alice, ""}, {storemodel.Bob, storemodel.Bob}, {storemodel.AliceOld, storemodel.Bob}} {
		r := storemodel.Draft(fmt.Sprintf("c%d", n))
		r.Subject, r.Guardian.Subject, r.DraftedAt = who[0], who[1], begin.Add(time.Duration(n)*time.Millisecond)
		if err := storemodel.AddDraft(ctx, s, r, 0); err != nil {
			return err
		}
	}
	got, err := pages(func(p ledger.Page) ([]consent.Record, string, error) {
		return s.Consents(ctx, "t1", []idv.SubjectToken{storemodel.Bob, "k0:bob"}, p)
	}, func(r consent.Record) string { return r.ID })
	if diff := cmp.Diff([]string{"c0", "c1", "c3", "c4"}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	return nil
}

func allConsentsPaged(ctx context.Context, s store.Store) error {
	begin := storemodel.Draft("").DraftedAt
	for n, subject := range []idv.SubjectToken{storemodel.Alice, storemodel.Bob, storemodel.Alice, storemodel.Bob, storemodel.Alice} {
		r := storemodel.Draft(fmt.Sprintf("c%d", n))
		r.Subject, r.DraftedAt = subject, begin.Add(time.Duration(n/2)*time.Millisecond)
		foreign := r
		foreign.Tenant = "t2"
		if err := errors.Join(storemodel.AddDraft(ctx, s, r, 0), storemodel.AddDraft(ctx, s, foreign, 0)); err != nil {
			return err
		}
	}
	if _, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, "e1"); err != nil {
		return err
	}
	got, err := pages(func(p ledger.Page) ([]consent.Record, string, error) { return s.AllConsents(ctx, "t1", p) },
		func(r consent.Record) string { return r.ID })
	if diff := cmp.Diff([]string{"c0", "c1", "c2", "c3", "c4"}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	_, _, err = s.AllConsents(ctx, "t1", ledger.Page{After: "x"})
	return want(err, store.ErrPage)
}

// pages reads a list in pages of two.
func pages[T any](read func(ledger.Page) ([]T, string, error), name func(T) string) (names []string, err error) {
	for after, more := "", true; more; more = after != "" {
		list, next, err := read(ledger.Page{After: after, Limit: 2})
		if err != nil {
			return nil, err
		}
		if len(list) > 2 {
			return nil, fmt.Errorf("a page of %d lines, want at most 2", len(list))
		}
		for _, one := range list {
			names = append(names, name(one))
		}
		after = next
	}
	return names, nil
}

func useReturned(ctx context.Context, s store.Store) error {
	use := idv.ConsentUse{ID: "c1", Recipient: storemodel.Recipient, First: true}
	return first(
		func() error { return storemodel.Given(ctx, s, storemodel.Draft("c1")) },
		func() error { return s.UseConsent(ctx, "t1", use) },
		func() error { return s.UseConsent(ctx, "t1", use) },
		func() error { return s.ReturnConsent(ctx, "t1", "c1") },
		func() error { return state(ctx, s, "c1", consent.Given, 1) },
		func() error { return storemodel.Change(ctx, s, "c1", storemodel.Withdraw()) },
		func() error { return s.ReturnConsent(ctx, "t1", "c1") },
		func() error { return s.ReturnConsent(ctx, "t1", "c1") },
		func() error { return state(ctx, s, "c1", consent.Withdrawn, 0) },
		func() error { return want(s.ReturnConsent(ctx, "t1", "c9"), consent.ErrNotFound) },
	)
}

func usedWithoutCall(ctx context.Context, s store.Store) error {
	r := storemodel.Draft("c1")
	r.MaxUses = 1
	use := idv.ConsentUse{ID: "c1", Recipient: storemodel.Recipient, First: true}
	return first(
		func() error { return want(s.UseConsent(ctx, "t1", use), consent.Missing) },
		func() error { return storemodel.AddDraft(ctx, s, r, 0) },
		func() error { return want(s.UseConsent(ctx, "t1", use), consent.NotPresented) },
		func() error { return storemodel.Change(ctx, s, "c1", storemodel.Present(), storemodel.Give()) },
		func() error { time.Sleep(time.Microsecond); return s.UseConsent(ctx, "t1", use) },
		func() error { return want(s.UseConsent(ctx, "t1", use), consent.UsedUp) },
		func() error { return state(ctx, s, "c1", consent.Given, 1) },
	)
}
