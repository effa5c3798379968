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

// Consents stores consents. Every change applies the rules of package consent in one
// transaction, at the store's time.
//
// Calls.Hold enforces consents: if an intent names a consent, Hold returns a consent.Fault
// unless [consent.Record.Take] allows the use in the same transaction. The fault of a
// consent that the tenant does not have is consent.Missing.
type Consents interface {
	// AddConsent stores a draft and, if the subject has none, the data key that sealed its
	// text. It returns consent.ErrTwice if the id is taken, consent.AskedTooSoon if the
	// subject refused the same within pause (0 for no pause), and ErrKeyChanged if the
	// subject has a different key; then nothing is stored. After an erasure a subject starts
	// again without history.
	AddConsent(ctx context.Context, r consent.Record, key DataKey, pause time.Duration) error
	// Consent returns a consent, or consent.ErrNotFound. The state of an expired consent may
	// still be given; use [consent.Record.Stands] to check.
	Consent(ctx context.Context, tenant idv.Tenant, id string) (consent.Record, error)
	// ChangeConsent applies an event and returns the changed record. A consent that is given
	// supersedes the ones that it replaces in the same transaction.
	ChangeConsent(ctx context.Context, tenant idv.Tenant, id string, e consent.Event) (consent.Record, error)
	// UseConsent takes a use without a call, for a cached answer.
	UseConsent(ctx context.Context, tenant idv.Tenant, use idv.ConsentUse) error
	// ReturnConsent returns the use of a verification that sent no data to any recipient. It
	// decreases Used by one, not below 0, in any state.
	ReturnConsent(ctx context.Context, tenant idv.Tenant, id string) error
	// Consents returns the consents of a subject, including those given as a guardian, by
	// the time of their drafts. The tokens are those of the subject under every key of the
	// keyring.
	Consents(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page) (list []consent.Record, next string, err error)
	// AllConsents returns all consents of a tenant, including erased ones, by the time of
	// their drafts.
	AllConsents(ctx context.Context, tenant idv.Tenant, p ledger.Page) (list []consent.Record, next string, err error)
}

// DataKey is the subject's wrapped data key that sealed a draft.
type DataKey struct {
	Wrapped []byte
	New     bool // created for this draft; a key that was looked up must not be stored again
}

// AcceptsKey decides whether a draft that was sealed with the key may be stored, given the
// subject's stored key. It returns keep = true if the key must be stored with the draft,
// and ErrKeyChanged if the text could not be read again. If a key that was looked up is
// gone, an erasure destroyed it; stored again, it would open copies of erased data.
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

// Subjects stores the data of subjects under their tokens and erases it. The ledger is
// unaffected, since it has no personal data.
type Subjects interface {
	// DataKey returns the subject's wrapped data key. If there is none, it stores and returns
	// the given one; the first of concurrent callers wins. If wrapped is nil, it only reads,
	// and returns nil if there is none.
	DataKey(ctx context.Context, tenant idv.Tenant, token idv.SubjectToken, wrapped []byte) ([]byte, error)
	// LostKeys returns the ids of former keys of the keyring (recorded as data keys under
	// [KeyringPrefix]) that are missing in have although stored tokens use them. Without such
	// a key its subjects cannot be found, so an erasure would miss them.
	LostKeys(ctx context.Context, have []string) (ids []string, err error)
	// Verifications returns the verifications of a subject by time.
	Verifications(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page) (list []idv.Verification, next string, err error)
	// Erase erases a subject in one transaction. It destroys the data keys, which makes
	// everything sealed with them unreadable in all copies without the keys; withdraws open
	// consents; and replaces token and masked subject of consents and verifications with the
	// id of the erasure. Totals and proofs without personal data remain. The store then
	// removes the old bytes from the files of the database as far as it can.
	Erase(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, id string) (Erasure, error)
	// Erasures returns the erasures of a subject by time, as proof that they happened.
	Erasures(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken) ([]Erasure, error)
	// Prune deletes verifications with their undelivered messages, and ended consents, older than
	// the given ages (0 deletes none), and unless they are those of one tenant, expired counters. It deletes nothing while the clock is not confirmed, see
	// Clock. The data key of a subject is deleted with the last
	// consent in the same transaction, since it opens nothing more and its token would remain
	// forever. Erasures remain as proof.
	Prune(ctx context.Context, keep Retention) (Pruned, error)
}

// Erasure is the record of an Erase.
type Erasure struct {
	ID            string
	Tenant        idv.Tenant
	At            time.Time
	Verifications int // erased from
	Consents      int // erased from
	Keys          int // data keys destroyed
}

// Consent removes the subject of the tokens from a consent and reports whether the consent
// named it. An open consent is withdrawn, also if the subject gave it as a guardian, since
// calls must not continue without the person who agreed. The sealed text is removed in both
// cases, because it names both persons. An empty token matches no subject.
func (e *Erasure) Consent(r *consent.Record, tokens []idv.SubjectToken) bool {
	is := func(t idv.SubjectToken) bool { return t != "" && slices.Contains(tokens, t) }
	own := is(r.Subject)
	if !own && !is(r.Guardian.Subject) {
		return false
	}
	_ = r.Apply(consent.Event{Kind: consent.Withdraw}, e.At) // a refused one stays refused
	if own {
		r.Subject, r.Older, r.Name = "", nil, ""
	}
	r.Guardian.Subject, r.Sealed, r.Erasure = "", nil, e.ID
	r.Proof.Session, r.Proof.Address, r.Proof.Agent = "", "", "" // they describe the person who agreed
	return true
}

// IsLate reports whether a verification that completes now began before the erasure, so
// that it must not store the subject again. Different clocks dated the two, so up to Margin
// after the erasure the verification counts as begun before. A subject who returns so soon
// is then missing in one verification, which is better than being found after an erasure.
// For a verification with a stored consent use [LateErasure], which needs no clock.
func (e *Erasure) IsLate(v *idv.Verification) bool { return !v.CreatedAt.After(e.At.Add(Margin)) }

// LateErasure returns the erasure that removed the subject from the consent of a
// verification, "" if the subject is still there. known is false if the consent is another
// subject's, which says nothing about this one.
func LateErasure(r *consent.Record, v *idv.Verification) (erasure string, known bool) {
	switch {
	case v.Token == "" && v.Subject == (idv.MaskedSubject{}):
		return "", true // there is no subject to remove
	case r.Subject == "":
		return r.Erasure, true
	}
	return "", slices.Contains(r.Tokens(), v.Token)
}

// Verification removes the subject from a verification.
func (e *Erasure) Verification(v *idv.Verification) {
	v.Subject, v.Token, v.Erased = idv.MaskedSubject{}, "", e.ID
}

// ExpiresAt returns when a consent ended or was refused, else when it will end without
// further events.
func ExpiresAt(r *consent.Record) time.Time {
	if r.State == consent.Refused {
		return r.DecidedAt
	}
	last := *r
	_ = last.Apply(consent.Event{Kind: consent.Expire}, time.Unix(1<<40, 0)) // long after any end
	return last.EndedAt
}

// KeyringPrefix begins the tokens under which the keys of a keyring are recorded. They
// belong to no subject, and Prune keeps them.
const KeyringPrefix = "ring:"

// Retention limits the age of stored data, by the clock of the store. An age of 0 is no
// limit.
type Retention struct {
	Verifications time.Duration // since they were created
	Uncalled      time.Duration // the same, of those for which no provider was called
	Consents      time.Duration // since they ended or were refused

	Tenant idv.Tenant   // whose data; those of all tenants if ""
	Except []idv.Tenant // tenants whose data stay, if Tenant is ""
}

// Concerns reports whether the ages are those of a tenant.
func (r *Retention) Concerns(t idv.Tenant) bool {
	if r.Tenant != "" {
		return t == r.Tenant
	}
	return !slices.Contains(r.Except, t)
}

// Cutoff returns the instant before which data is older than an age, the zero time if the
// age is no limit.
func Cutoff(now time.Time, age time.Duration) time.Time {
	if age <= 0 {
		return time.Time{}
	}
	return now.Add(-age)
}

// Pruned has the numbers of deleted rows.
type Pruned struct{ Verifications, Consents, Counters int }
