// Package receipt creates and verifies signed documents: the receipt of a consent and the
// proof of an erasure for the person, and the evidence of a verification. All are JSON documents signed with Ed25519 (RFC
// 8032), and contain neither the name nor the number of the person. Section 7 of
// docs/consent.md describes their form and a check without heyan.
package receipt

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// Version is the schema_version of the receipts that this package makes and reads.
const Version = "heyan.receipt.1"

// Receipt is the person's copy of a consent: what was decided, on which text (by its
// hash), for which recipients, until when, and how to withdraw.
//
// Its members follow ISO/IEC TS 27560:2023, the information structure of consent records.
// receipt_id, issued_at, service, max_uses, valid_until, text_hash, guardian and action are
// additions, which the standard permits.
type Receipt struct {
	SchemaVersion string           `json:"schema_version"`
	ReceiptID     string           `json:"receipt_id"`
	RecordID      string           `json:"record_id"` // of the consent
	PrincipalID   idv.SubjectToken `json:"pii_principal_id"`
	IssuedAt      time.Time        `json:"issued_at"`
	Processing    Processing       `json:"pii_processing"`
	Parties       []Party          `json:"party_identification"`
	Events        []Event          `json:"event"`
}

// Processing is what the person decided on.
type Processing struct {
	Notice       consent.Notice `json:"privacy_notice"`
	Language     string         `json:"language"` // BCP 47, of the notice
	Purpose      string         `json:"purpose"`
	Service      string         `json:"service,omitzero"` // the app that asked
	LawfulBasis  string         `json:"lawful_basis"`
	Items        []Item         `json:"pii_information"`
	Controllers  []string       `json:"pii_controllers"`         // ids of parties
	Recipients   []string       `json:"recipient_third_parties"` // ids of parties
	CollectedBy  string         `json:"collection_method,omitzero"`
	Storage      []string       `json:"storage_locations"`
	Retention    string         `json:"retention_period"`
	Jurisdiction string         `json:"jurisdiction"` // ISO 3166
	Withdrawal   string         `json:"withdrawal_method"`
	Rights       []string       `json:"privacy_rights,omitzero"`
	MaxUses      int            `json:"max_uses"` // verifications that the consent covers
	ValidUntil   time.Time      `json:"valid_until,omitzero"`
	Guardian     string         `json:"guardian_relation,omitzero"` // of the guardian who decided for a child
}

// Item is one kind of data that may be sent.
type Item struct {
	Type      string   `json:"pii_type"`
	Sensitive Category `json:"sensitive_pii_category,omitzero"`
}

// Category is why a kind of data is sensitive personal information (PIPL art. 28).
type Category string

// The categories.
const (
	Identity  Category = "identity_document"    // GB/T 35273-2020 annex B
	Financial Category = "financial_account"    // PIPL art. 28
	Minor     Category = "minor_under_fourteen" // PIPL art. 28: all data of a child
)

// Party is an organization that takes part in the processing.
type Party struct {
	ID      string `json:"party_id"`
	Role    string `json:"party_role"`
	Name    string `json:"party_name"` // legal name
	Contact string `json:"party_contact"`
	Address string `json:"party_address,omitzero"`
}

// The roles of parties, and the other entities of events.
const (
	controller = "pii_controller"
	recipient  = "third_party_recipient"
	principal  = "pii_principal"
	guardian   = "guardian"
)

// Event is something that happened to the consent.
type Event struct {
	At       time.Time      `json:"event_time"`
	Type     consent.Kind   `json:"event_type"`
	State    consent.State  `json:"event_state"` // the state that it led to
	Entity   string         `json:"entity_id"`   // a party's id, or who decided
	Validity string         `json:"validity_duration,omitzero"`
	Action   consent.Action `json:"action,omitzero"`
}

// State returns the state of the consent when the receipt was made.
func (r *Receipt) State() consent.State {
	if len(r.Events) == 0 {
		return ""
	}
	return r.Events[len(r.Events)-1].State
}

// Party finds a party by its id; the empty party if there is none.
func (r *Receipt) Party(id string) Party {
	for _, p := range r.Parties {
		if p.ID == id {
			return p
		}
	}
	return Party{}
}
