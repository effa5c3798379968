package store

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/policy/consent"
)

// Consents keeps what people agreed to. Every change goes through the rules of
// package consent in one transaction, at the store's time.
//
// Calls.Hold is the gate: an intent whose Consent names a consent is refused with a
// consent.Fault unless [consent.Record.Take] allows it in the same transaction. A
// consent that this tenant does not have is consent.Missing.
type Consents interface {
	// AddConsent keeps a draft and, with it, the key that its text was sealed with, if the
	// person has none: consent.ErrDuplicate if its id is taken, consent.AskedTooSoon if the
	// person refused the same lately (pause; 0 for no pause), ErrKeyChanged if the
	// person's key is another one, and then nothing is kept. A person who comes back after
	// an erasure begins anew.
	AddConsent(ctx context.Context, r consent.Record, key DataKey, pause time.Duration) error
	// Consent returns a consent as it stands, or consent.ErrNotFound. One whose time is
	// over may still say given: [consent.Record.Stands] tells.
	Consent(ctx context.Context, tenant idv.Tenant, id string) (consent.Record, error)
	// ChangeConsent applies an event and returns the changed record. One that is given
	// supersedes the given ones that it replaces, in the same transaction.
	ChangeConsent(ctx context.Context, tenant idv.Tenant, id string, e consent.Event) (consent.Record, error)
	// UseConsent takes a use without a call, for an earlier answer that is given again.
	UseConsent(ctx context.Context, tenant idv.Tenant, use idv.ConsentUse) error
	// ReturnConsent gives back the use that a verification took of whose calls no byte left
	// for anybody: the person agreed, and nobody got anything. Used goes down by one, not
	// below 0, whatever the state.
	ReturnConsent(ctx context.Context, tenant idv.Tenant, id string) error
	// Consents returns the consents of a person, also those that the person gave for a
	// child, by the time of their draft. The tokens are the person's under every key of the
	// ring.
	Consents(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page) (list []consent.Record, next string, err error)
	// AllConsents returns the consents of everybody by the time of their draft, erased
	// ones too.
	AllConsents(ctx context.Context, tenant idv.Tenant, p ledger.Page) (list []consent.Record, next string, err error)
}

// DataKey is the person's wrapped data key, as a draft was sealed with it.
type DataKey struct {
	Wrapped []byte
	New     bool // made for this draft; one that was looked up is not kept again
}

// AcceptsKey says what becomes of a draft that is sealed with the key, of a person whose key
// is kept: keep = true if this one is to be kept with the draft, ErrKeyChanged if the
// text could not be read again. A key that was looked up and has gone was destroyed by
// an erasure: kept again, it would open the copies of what was erased.
func (k DataKey) AcceptsKey(r *consent.Record, kept []byte) (keep bool, err error) {
	switch {
	case r.Sealed == nil:
		return false, nil
	case len(k.Wrapped) > 0 && bytes.Equal(k.Wrapped, kept):
		return false, nil
	case len(k.Wrapped) > 0 && len(kept) == 0 && k.New:
		return true, nil
	}
	return false, ErrKeyChanged
}

// Subjects keeps what belongs to a person, under the person's tokens, and lets it be
// erased. The book is not touched by any of it: it holds nothing of a person.
type Subjects interface {
	// DataKey returns the person's wrapped data key. If there is none, it keeps the given
	// one and returns that: of two at once the first stands. A nil wrapped only looks,
	// and returns nil if there is none.
	DataKey(ctx context.Context, tenant idv.Tenant, token idv.SubjectToken, wrapped []byte) ([]byte, error)
	// LostKeys returns the ids of keys that were current once, as data keys under
	// [KeyringPrefix] remember them, that are not among the given ones, and by which people
	// are known still: those would be found no more, and an erasure would pass them by.
	LostKeys(ctx context.Context, have []string) (ids []string, err error)
	// Verifications returns the verifications of a person by their time.
	Verifications(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page) (list []idv.Verification, next string, err error)
	// Erase takes the person out, in one transaction: the data keys are destroyed, so that
	// whatever was sealed with them is noise in every copy that lacks the key; consents that are
	// open are withdrawn; consents and verifications lose token and masked subject and get
	// the erasure's id. What is left are totals and proofs without a person. The database's
	// files are then cleaned of the old bytes as far as the database can.
	Erase(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, id string) (Erasure, error)
	// Erasures returns the erasures of a person by their time, to tell that there was one.
	Erasures(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken) ([]Erasure, error)
	// Prune deletes what was kept long enough: verifications and ended consents, by the
	// times before which they go (zero: none go), and counters that are over. With the last
	// consent of a person goes the data key, in the same transaction: it opens nothing any
	// more, and its token would be kept for ever. Erasures are kept, to be proven.
	Prune(ctx context.Context, before Retention) (Pruned, error)
}

// Erasure is what Erase did.
type Erasure struct {
	ID            string
	Tenant        idv.Tenant
	At            time.Time
	Verifications int // that lost the person
	Consents      int
	Keys          int // data keys destroyed
}

// Consent takes the person of these tokens out of a consent and reports whether it
// was in there. It is withdrawn if it is open, also if the person gave it for a child:
// who gave it is gone, and a call under way must hear of that too. Nothing sealed stays
// either way, for the text names both. An empty token is nobody's.
func (e *Erasure) Consent(r *consent.Record, tokens []idv.SubjectToken) bool {
	is := func(t idv.SubjectToken) bool { return t != "" && slices.Contains(tokens, t) }
	own := is(r.Subject)
	if !own && !is(r.Guardian.Subject) {
		return false
	}
	_ = r.Apply(consent.Event{Kind: consent.Withdraw}, e.At) // a refused one stays refused
	if own {
		r.Subject, r.Older = "", nil
	}
	r.Guardian.Subject, r.Sealed, r.Erasure = "", nil, e.ID
	r.Proof.Session, r.Proof.Address, r.Proof.Agent = "", "", "" // of whoever agreed
	return true
}

// IsLate reports whether a verification that ends now belongs to the time before the
// erasure, so that it must not write the person back. When it began was said by another
// clock than when the person was erased, and either may be wrong by some seconds. Up to
// Margin it counts as of before: a person who came back so soon is not found by that one
// verification, which is better than to be found after an erasure. One that names a
// consent that is kept needs no clock, see [LateErasure].
func (e *Erasure) IsLate(v *idv.Verification) bool { return !v.CreatedAt.After(e.At.Add(Margin)) }

// LateErasure returns the erasure that came before the end of a verification, as the kept
// consent that this rests on tells: "" if its person is still there. Of another person's
// consent nothing is known of this one's.
func LateErasure(r *consent.Record, v *idv.Verification) (erasure string, known bool) {
	switch {
	case v.Token == "" && v.Subject == (idv.MaskedSubject{}):
		return "", true // there is nobody to take out
	case r.Subject == "":
		return r.Erasure, true
	}
	return "", slices.Contains(r.Tokens(), v.Token)
}

// Verification takes the person out of a verification.
func (e *Erasure) Verification(v *idv.Verification) {
	v.Subject, v.Token, v.Erased = idv.MaskedSubject{}, "", e.ID
}

// ExpiresAt returns when a consent is over at the latest, if nothing more happens to it:
// when it ended or was refused, else when its time ends by itself.
func ExpiresAt(r *consent.Record) time.Time {
	if r.State == consent.Refused {
		return r.DecidedAt
	}
	last := *r
	_ = last.Apply(consent.Event{Kind: consent.Expire}, time.Unix(1<<40, 0)) // long after any end
	return last.EndedAt
}

// KeyringPrefix begins the tokens under which a ring's own keys are remembered by what
// they wrapped. They are of no person, and Prune leaves them.
const KeyringPrefix = "ring:"

// Retention is how old things may get.
type Retention struct {
	Verifications time.Time // created before this: deleted
	Consents      time.Time // ended or refused before this: deleted
}

// Pruned counts what was deleted.
type Pruned struct{ Verifications, Consents, Counters int }
