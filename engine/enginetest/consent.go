package enginetest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/keyring"
)

// Keyring returns a keyring for tests, for the engine's policy and for [Draft].
func Keyring(t testing.TB) *keyring.Keyring {
	t.Helper()
	ring, err := keyring.New(keyring.Key{ID: "test", Secret: idv.NewSensitive("a secret of tests, of thirty-two bytes and more")})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// Draft returns a drafted consent that covers the request, many verifications and the
// recipients. It may be changed before [Give].
func Draft(ring *keyring.Keyring, r idv.Request, recipients ...string) consent.Record {
	record := consent.Record{
		ID: "con_" + rand.Text(), Tenant: r.Tenant, App: r.App, Purpose: r.Purpose,
		Subject: ring.Token(r.Tenant, r.Subject.Only(r.Check.Claims()).Person()), Name: ring.NameToken(r.Tenant, r.Subject.Only(r.Check.Claims())), Items: r.Check.Claims().List(),
		Notice:     consent.Notice{Name: "test", Version: "1", Language: "zh-CN", Template: "sha256:t", Text: "sha256:x"},
		Controller: consent.Party{Name: "某某有限公司", Contact: "400-000-0001"},
		MaxUses:    1 << 30, Valid: 24 * time.Hour, State: consent.Drafted, DraftedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
	for _, name := range recipients {
		record.Recipients = append(record.Recipients, consent.Party{Name: name, Contact: "400-000-0002"})
	}
	return record
}

// Give stores a drafted consent as presented and given, and returns its id.
func Give(t testing.TB, s store.Consents, record consent.Record) string {
	t.Helper()
	ctx := context.Background()
	err := s.AddConsent(ctx, record, store.DataKey{}, 0)
	for _, e := range []consent.Event{
		{Kind: consent.Present}, {Kind: consent.Give, Text: record.Notice.Text, Proof: consent.Proof{Action: consent.Checkbox}},
	} {
		if err == nil {
			_, err = s.ChangeConsent(ctx, record.Tenant, record.ID, e)
		}
		time.Sleep(2 * time.Millisecond) // what happens in one instant has no order
	}
	if err != nil {
		t.Fatalf("making a consent: %v", err)
	}
	return record.ID
}
