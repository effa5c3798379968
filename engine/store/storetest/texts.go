package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

func texts() []rule {
	return []rule{
		{"a text that cannot be read is kept nowhere, and its error names the field", illegibleKept},
		{"an id that cannot exist is an unknown id", impossibleIDs},
		{"an odd reference of a vendor keeps no outcome from being recorded", oddReference},
	}
}

// illegible are texts that no store keeps: no UTF-8, a NUL, a terminal sequence, a forged
// line, a mark that turns the line round, an invisible character, only spaces, too long.
func illegible() []string {
	return []string{
		"a\xff", "a\x00", "a\x1b[31m", "a\r\nb", "a\u202eb", "a\u2066b", "a\u200b", "a\ufe0f", "a\u2028b", "\u3000", strings.Repeat("长", idv.MaxNote+1),
	}
}

// illegibleKept tries each text in each field that an operation keeps.
func illegibleKept(ctx context.Context, s store.Store) error {
	if err := errors.Join(s.AddLot(ctx, lot("l1", 20)), storemodel.AddDraft(ctx, s, storemodel.Draft("c1"), 0)); err != nil {
		return err
	}
	if _, err := storemodel.Hold(ctx, s, "v1", 1, idv.ChargeUnknown); err != nil {
		return err
	}
	for _, text := range illegible() {
		for field, keep := range keepers(ctx, s, text) {
			if _, err := store.CanonicalLot(ledger.Lot{ID: text}); field == "id" && err == nil {
				continue // what never shows is not a part of the id, see pastedID
			}
			err := keep()
			var fault *idv.TextError
			if !errors.As(err, &fault) || fault.Field != field || idv.AsError(err).Failure != idv.InvalidInput || errors.Is(err, store.ErrUnavailable) {
				return fmt.Errorf("%s with %.20q: got %w, want an *idv.TextError for it", field, text, err)
			}
		}
	}
	list, err := s.Lots(ctx, "")
	all, _, err2 := s.AllConsents(ctx, "t1", ledger.Page{})
	holds, _, err3 := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	if err := errors.Join(err, err2, err3); err != nil || len(list) != 1 || len(all) != 1 || len(holds) != 1 || holds[0].State != ledger.StateUnknown {
		return fmt.Errorf("kept %d lots, %d consents, holds %+v, %w", len(list), len(all), holds, err)
	}
	return nil
}

// keepers returns, by the field that an error must name, operations that would keep a text.
func keepers(ctx context.Context, s store.Store, text string) map[string]func() error {
	l := func(change func(*ledger.Lot)) func() error {
		return func() error { l := lot("l2", 1); change(&l); return s.AddLot(ctx, l) }
	}
	r := func(change func(*consent.Record)) func() error {
		return func() error { r := storemodel.Draft("c2"); change(&r); return s.AddConsent(ctx, r, store.DataKey{}, 0) }
	}
	i := func(change func(*idv.Intent)) func() error {
		return func() error {
			i := storemodel.Intent("v2", 1, storemodel.Then())
			change(&i)
			_, err := s.Hold(ctx, i)
			return err
		}
	}
	v := func(change func(*idv.Verification)) func() error {
		return func() error {
			v := asked("v2", "", storemodel.Then())
			change(&v)
			return s.Complete(ctx, store.Key{}, v)
		}
	}
	return map[string]func() error{
		"id": l(func(l *ledger.Lot) { l.ID = text }), "note": l(func(l *ledger.Lot) { l.Note = text }),
		"reason": func() error {
			var fault *idv.TextError
			if err := s.WriteOff(ctx, "l1", 1, text); !errors.As(err, &fault) {
				return err
			}
			return s.Resolve(ctx, "v1-1", idv.Charged, text)
		},
		"attempt": i(func(i *idv.Intent) { i.Attempt = text }), "verification": i(func(i *idv.Intent) { i.Verification = text }),
		"provider": i(func(i *idv.Intent) { i.Provider = text }), "purpose": i(func(i *idv.Intent) { i.Purpose = text }),
		"app":               r(func(r *consent.Record) { r.App = text }),
		"guardian.relation": r(func(r *consent.Record) { r.Guardian = consent.Guardian{Subject: "k1:g", Relation: text} }),
		"recipients":        r(func(r *consent.Record) { r.Recipients = []consent.Party{{Name: "a", Contact: text}} }),
		"language":          r(func(r *consent.Record) { r.Notice.Language = text }),
		"presenter": func() error {
			_, err := s.ChangeConsent(ctx, "t1", "c1", consent.Event{Kind: consent.Present, Proof: consent.Proof{Presenter: text}})
			return err
		},
		"consent_id": v(func(v *idv.Verification) { v.ConsentID = text }), "trace_id": v(func(v *idv.Verification) { v.TraceID = text }),
		"idempotency_key": func() error { _, err := claim(ctx, s, store.Key{Tenant: "t1", Key: text}, 1, time.Hour); return err },
		"subject": func() error {
			_, err := s.DataKey(ctx, "t1", idv.SubjectToken(text), []byte("wrapped"))
			return err
		},
		"erasure": func() error { _, err := s.Erase(ctx, "t1", []idv.SubjectToken{storemodel.Bob}, text); return err },
		"tenant": func() error {
			_, err := s.Count(ctx, idv.Tenant(text), []policy.Hit{storemodel.Hit(1, 0, 1)})
			return err
		},
	}
}

// impossibleIDs looks each text up wherever an id is looked up.
func impossibleIDs(ctx context.Context, s store.Store) error {
	if err := kept(ctx, s); err != nil {
		return err
	}
	for _, text := range illegible() {
		for what, got := range lookUps(ctx, s, text) {
			if err := want(got[0], got[1]); err != nil {
				return fmt.Errorf("%s with %.20q: %w", what, text, err)
			}
		}
		if err := findsNothing(ctx, s, text); err != nil {
			return fmt.Errorf("%.20q: %w", text, err)
		}
	}
	return nil
}

// lookUps returns the error of each look-up by an id, and the error that it must be.
func lookUps(ctx context.Context, s store.Store, id string) map[string][2]error {
	use := idv.ConsentUse{ID: id, Recipient: storemodel.Recipient, First: true}
	held := storemodel.Intent("v2", 1, storemodel.Then())
	held.Consent = use
	_, byID := s.Verification(ctx, "t1", id)
	_, byTenant := s.Verification(ctx, idv.Tenant(id), "v1")
	_, read := s.Consent(ctx, "t1", id)
	_, given := s.ChangeConsent(ctx, "t1", id, storemodel.Give())
	_, withdrawn := s.ChangeConsent(ctx, "t1", id, storemodel.Withdraw())
	_, hold := s.Hold(ctx, held)
	_, key := s.DataKey(ctx, "t1", idv.SubjectToken(id), nil)
	return map[string][2]error{
		"Verification": {byID, store.ErrNotFound}, "Verification of a tenant": {byTenant, store.ErrNotFound}, "Consent": {read, consent.ErrNotFound},
		"ChangeConsent to given": {given, consent.ErrNotFound}, "ChangeConsent to withdrawn": {withdrawn, consent.ErrNotFound},
		"UseConsent": {s.UseConsent(ctx, "t1", use), consent.Missing}, "ReturnConsent": {s.ReturnConsent(ctx, "t1", id), consent.ErrNotFound},
		"Hold": {hold, consent.Missing}, "Release": {s.Release(ctx, store.Key{Tenant: "t1", Key: id}, "v"), store.ErrOverdue}, "DataKey": {key, nil},
		"WriteOff": {s.WriteOff(ctx, id, 1, "lost"), ledger.ErrNoLot}, "Resolve": {s.Resolve(ctx, id, idv.Charged, "found"), ledger.ErrNoHold},
		"Settle": {s.Settle(ctx, idv.Attempt{ID: id, Provider: "p"}), ledger.ErrNoHold},
	}
}

// findsNothing looks a text up as a filter, as a token and as a cursor.
func findsNothing(ctx context.Context, s store.Store, text string) error {
	tokens, none := []idv.SubjectToken{idv.SubjectToken(text)}, idv.SubjectToken(text)
	lots, err := s.Lots(ctx, text)
	entries, _, err2 := s.Entries(ctx, ledger.Filter{App: text}, ledger.Page{})
	holds, _, err3 := s.Holds(ctx, ledger.Filter{Purpose: text, Tenant: idv.Tenant(text)}, ledger.Page{})
	uses, err4 := s.Usage(ctx, ledger.Filter{Provider: text})
	asked, _, err5 := s.Verifications(ctx, "t1", tokens, ledger.Page{})
	agreed, _, err6 := s.Consents(ctx, "t1", append(tokens, none), ledger.Page{})
	erasures, err7 := s.Erasures(ctx, "t1", tokens)
	gone, err8 := s.Erase(ctx, "t1", tokens, "e1")
	n := len(lots) + len(entries) + len(holds) + len(uses) + len(asked) + len(agreed) + len(erasures) + gone.Consents + gone.Verifications + gone.Keys
	if err := errors.Join(err, err2, err3, err4, err5, err6, err7, err8); err != nil || n != 0 {
		return fmt.Errorf("%d rows are found, %w", n, err)
	}
	_, _, err = s.AllConsents(ctx, "t1", ledger.Page{After: "1." + text})
	return want(err, store.ErrPage)
}

func oddReference(ctx context.Context, s store.Store) error {
	const odd, clean = "r\x00e\x1b[f\u202e\xff", "re[f"
	held, err := s.Hold(ctx, storemodel.Intent("v1", 1, storemodel.Then()))
	if err != nil {
		return err
	}
	a := storemodel.Outcome(storemodel.Intent("v1", 1, storemodel.Then()), held, idv.Charged)
	a.VendorCode, a.VendorRef = odd, odd
	v := asked("v1", "", storemodel.Then())
	v.Attempts, v.Evidence = []idv.Attempt{a}, []idv.Evidence{{Type: "electronic_record", CheckID: odd, Time: storemodel.Then()}}
	if err := s.CompleteWithCall(ctx, a, store.Key{}, v); err != nil {
		return err
	}
	if v.Attempts[0].VendorRef != odd {
		return errors.New("the caller's list was changed")
	}
	got, err := s.Verification(ctx, "t1", "v1")
	list, _, err2 := s.Holds(ctx, ledger.Filter{}, ledger.Page{})
	if err := errors.Join(err, err2); err != nil || len(list) != 1 {
		return fmt.Errorf("%d holds, %w", len(list), err)
	}
	if o := list[0].Outcome; list[0].State != ledger.StatePosted || o.VendorCode != clean || o.VendorRef != clean || got.Attempts[0].VendorRef != clean || got.Evidence[0].CheckID != clean {
		return fmt.Errorf("stored %+v and %+v", list[0], got)
	}
	return nil
}
