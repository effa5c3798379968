package storemodel

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// Draft is a consent of alice with something in every field that a draft may have.
func Draft(id string) consent.Record {
	return consent.Record{
		ID: id, Tenant: "t1", App: "app", Subject: Alice, Purpose: "test",
		Notice:     consent.Notice{Name: "n", Version: "1", Language: "zh-CN", Template: "sha256:a", Text: "sha256:b"},
		Items:      []idv.Claim{idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile},
		Recipients: []consent.Party{{Name: Recipient, Contact: "400", Address: "北京"}},
		Controller: consent.Party{Name: "李四有限公司", Contact: "400"},
		MaxUses:    5, Valid: time.Hour, Guardian: consent.Guardian{Subject: Bob, Relation: "father"}, OfAge: true,
		State: consent.Drafted, DraftedAt: time.Now().UTC().Add(-time.Minute).Truncate(time.Microsecond), Proof: consent.Proof{Channel: "web"},
		Sealed: []byte("sealed"),
	}
}

// AddDraft keeps a draft with the key of its person.
func AddDraft(ctx context.Context, s store.Consents, r consent.Record, pause time.Duration) error {
	return s.AddConsent(ctx, r, KeyOf(r.Tenant, r.Subject), pause)
}

// KeyOf is the data key that a draft of a person makes, if there is none.
func KeyOf(tenant idv.Tenant, token idv.SubjectToken) store.DataKey {
	return store.DataKey{Wrapped: fmt.Appendf(nil, "of %s, %s", tenant, token), New: true}
}

// Change applies events to a consent of tenant t1.
func Change(ctx context.Context, s store.Consents, id string, events ...consent.Event) error {
	for _, e := range events {
		time.Sleep(time.Microsecond) // what happens at once has no order
		if _, err := s.ChangeConsent(ctx, "t1", id, e); err != nil {
			return fmt.Errorf("%s: %w", e.Kind, err)
		}
	}
	return nil
}

// Present returns the event of a shown notice.
func Present() consent.Event { return consent.Event{Kind: consent.Present} }

// Give returns the event of a consent given.
func Give() consent.Event {
	return consent.Event{Kind: consent.Give, Text: "sha256:b", Proof: consent.Proof{Action: consent.Checkbox, Session: "m"}}
}

// Refuse returns the event of a refusal.
func Refuse() consent.Event { return consent.Event{Kind: consent.Refuse} }

// Withdraw returns the event of a withdrawal.
func Withdraw() consent.Event { return consent.Event{Kind: consent.Withdraw} }

// Given keeps a consent that its person gave.
func Given(ctx context.Context, s store.Consents, r consent.Record) error {
	if err := AddDraft(ctx, s, r, 0); err != nil {
		return err
	}
	return Change(ctx, s, r.ID, Present(), Give())
}

// Resting is the n-th call of verification v, which rests on a consent.
func Resting(v string, n int, id string) idv.Intent {
	i := Intent(v, n, Then())
	i.Consent = idv.ConsentUse{ID: id, Recipient: Recipient, First: n == 1}
	return i
}
