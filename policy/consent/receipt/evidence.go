package receipt

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/heyan-id/heyan/engine/idv"
)

// EvidenceVersion is the schema_version of evidence bundles.
const EvidenceVersion = "heyan.evidence.1"

// Evidence is what is known of one verification: the result with its attempts, the vendors'
// references and the rules that decided, and the receipt of the consent it relied on. It
// contains neither the name nor the number of the person, but the masked forms of both.
type Evidence struct {
	SchemaVersion string     `json:"schema_version"`
	ID            string     `json:"verification_id"`
	Tenant        idv.Tenant `json:"tenant"`
	IssuedAt      time.Time  `json:"issued_at"`
	Heyan         string     `json:"heyan_version"` // the program that issued it

	// Verification is the result as the API shows it. Its members are not checked, so that
	// later versions may add some.
	Verification jsontext.Value `json:"verification"`

	// Receipt is the signed receipt of the consent, nil if there is none.
	Receipt jsontext.Value `json:"consent_receipt,omitzero"`
	// NoReceipt is why there is no receipt though the verification names a consent.
	NoReceipt NoReceipt `json:"consent_receipt_absent,omitzero"`
}

// NoReceipt is why a bundle has no receipt of the consent.
type NoReceipt string

// The reasons.
const (
	NotStored NoReceipt = "not_stored" // the caller keeps it, or its time of retention is over
	WasErased NoReceipt = "erased"     // with the person
	Undecided NoReceipt = "undecided"  // the person has not decided
)

// check returns what is missing, or ErrForm if the parts do not belong together.
func (e *Evidence) check() error {
	if e.SchemaVersion != EvidenceVersion || !full(e.ID, string(e.Tenant), e.Heyan) || e.IssuedAt.IsZero() || e.Verification == nil {
		return fmt.Errorf("an evidence bundle needs verification_id, tenant, issued_at, heyan_version and verification: %w", ErrIncomplete)
	}
	var result struct {
		ID      string `json:"id"`
		Consent string `json:"consent_id"`
	}
	if json.Unmarshal(e.Verification, &result) != nil || result.ID != e.ID {
		return ErrForm
	}
	if e.Receipt == nil {
		return nil
	}
	doc, err := Open(e.Receipt)
	if err == nil && doc.Body.RecordID != result.Consent {
		err = ErrForm
	}
	return err
}

// SignEvidence signs an evidence bundle and sets its version. It returns [ErrIncomplete] if a
// required member is missing, and [ErrForm] if the receipt is of another consent.
func (s *Signer) SignEvidence(e Evidence) ([]byte, error) {
	e.SchemaVersion, e.IssuedAt = EvidenceVersion, e.IssuedAt.UTC()
	if err := e.check(); err != nil {
		return nil, err
	}
	return s.document(evidenceMember, e)
}

// VerifyEvidence is Verify for an evidence bundle and the receipt in it.
func VerifyEvidence(document []byte, keys ...ed25519.PublicKey) (Signed[Evidence], error) {
	doc, err := verify[Evidence](document, keys)
	if err != nil {
		return Signed[Evidence]{}, err
	}
	if err := doc.Body.check(); err != nil {
		return Signed[Evidence]{}, ErrForm
	}
	if doc.Body.Receipt != nil {
		if _, err := Verify(doc.Body.Receipt, keys...); err != nil {
			return Signed[Evidence]{}, err
		}
	}
	return doc, nil
}
