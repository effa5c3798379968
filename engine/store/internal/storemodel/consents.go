package storemodel

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// Draft returns a consent of alice with a value in every field that a draft may have.
func Draft(id string) consent.Record {
	return consent.Record{
		ID: id, Tenant: "t1", App: "app", Subject: Alice, Name: "k1:name", Purpose: "test",
		Notice:     consent.Notice{Name: "n", Version: "1", Language: "zh-CN", Template: "sha256:a", Text: "sha256:b"},
		Items:      []idv.Claim{idv.ClaimName, idv.ClaimIDNumber, idv.ClaimMobile},
		Recipients: []consent.Party{{Name: Recipient, Contact: "400", Address: "北京"}},
		Controller: consent.Party{Name: "李四有限公司", Contact: "400"},
		MaxUses:    5, Valid: time.Hour, Guardian: consent.Guardian{Subject: Bob, Relation: "father"}, OfAge: true,
		State: consent.Drafted, DraftedAt: time.Now().UTC().Add(-time.Minute).Truncate(time.Microsecond), Proof: consent.Proof{Channel: "web"},
		Sealed: []byte("sealed"),
	}
}

// AddDraft stores a draft with the data key of its subject.
func AddDraft(ctx context.Context, s store.Consents, r consent.Record, pause time.Duration) error {
	return s.AddConsent(ctx, r, KeyOf(r.Tenant, r.Subject), pause)
}

// KeyOf returns the data key of a subject, as created for a draft.
func KeyOf(tenant idv.Tenant, token idv.SubjectToken) store.DataKey {
	return store.DataKey{Wrapped: fmt.Appendf(nil, "of %s, %s", tenant, token), New: true}
}

// Change applies events to a consent of tenant t1.
func Change(ctx context.Context, s store.Consents, id string, events ...consent.Event) error {
	for _, e := range events {
		time.Sleep(time.Microsecond) // stored times have microseconds, and events need an order
		if _, err := s.ChangeConsent(ctx, "t1", id, e); err != nil {
			return fmt.Errorf("%s: %w", e.Kind, err)
		}
	}
	return nil
}

// Present returns the event that presents a consent.
func Present() consent.Event { return consent.Event{Kind: consent.Present} }

// Give returns the event that gives a consent.
func Give() consent.Event {
	return consent.Event{Kind: consent.Give, Text: "sha256:b", Proof: consent.Proof{Action: consent.Checkbox, Session: "m"}}
}

// Refuse returns the event that refuses a consent.
func Refuse() consent.Event { return consent.Event{Kind: consent.Refuse} }

// Withdraw returns the event that withdraws a consent.
func Withdraw() consent.Event { return consent.Event{Kind: consent.Withdraw} }

// Given stores a consent and gives it.
func Given(ctx context.Context, s store.Consents, r consent.Record) error {
	if err := AddDraft(ctx, s, r, 0); err != nil {
		return err
	}
	return Change(ctx, s, r.ID, Present(), Give())
}

// Resting returns the n-th call of verification v, which uses a consent.
func Resting(v string, n int, id string) idv.Intent {
	i := Intent(v, n, Then())
	i.Consent = idv.ConsentUse{ID: id, Recipient: Recipient, First: n == 1}
	return i
}
