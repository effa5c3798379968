package api

import (
	"time"

	"github.com/heyan-id/heyan/policy/consent"
)

// Consent is a consent without name and number, which only Text contains.
type Consent struct {
	ID          string          `json:"id" doc:"Send it as consent_id with a verification"`
	State       consent.State   `json:"state"`
	App         string          `json:"app,omitzero"`
	Purpose     string          `json:"purpose"`
	NameUnbound bool            `json:"name_unbound,omitzero" doc:"An earlier version of heyan recorded the consent without the name, so it is valid for any name of the person's number"`
	Items       []string        `json:"items" nullable:"false" doc:"The claims that may be sent"`
	Recipients  []consent.Party `json:"recipients" nullable:"false" doc:"The organizations that may receive the claims; failover never leaves this list"`
	Controller  consent.Party   `json:"controller" doc:"The organization that asks for the consent"`
	Guardian    string          `json:"guardian_relation,omitzero" doc:"The relation of the consenting guardian to the child"`
	AsGuardian  bool            `json:"as_guardian,omitzero" doc:"The person searched for is the guardian, and the consent is that of a child; only in searches for a person"`
	OfAge       bool            `json:"of_age,omitzero" doc:"The person declared to be 14 or older"`
	Uses        int             `json:"uses" doc:"Verifications that the consent allows"`
	Used        int             `json:"used" doc:"Verifications made on it"`
	Notice      consent.Notice  `json:"notice" doc:"Identifies the text: the template and, by SHA-256, the completed text"`
	Hash        string          `json:"text_hash" doc:"Hash of the completed text; a decision must name it"`
	Proof       consent.Proof   `json:"proof" doc:"How the text was shown and agreed to; session, address and agent are keyed hashes"`
	DraftedAt   time.Time       `json:"drafted_at"`
	PresentedAt time.Time       `json:"presented_at,omitzero"`
	DecidedAt   time.Time       `json:"decided_at,omitzero" doc:"When it was given or refused"`
	ValidUntil  time.Time       `json:"valid_until,omitzero" doc:"When a given consent expires"`
	EndedAt     time.Time       `json:"ended_at,omitzero" doc:"When it was withdrawn, expired or superseded"`
	Erased      string          `json:"erased,omitzero" doc:"The erasure that removed the personal data from this record"`
	Text        string          `json:"text,omitzero" doc:"The completed text with the person's name and number; only in the response that creates it and in the person's export"`
	Unreadable  bool            `json:"text_unreadable,omitzero" doc:"The text cannot be restored, since its template or key is gone; only in the person's export"`
}

// ConsentOf returns the view of a consent without its text. A consent whose time is over
// is shown as expired even if the store has not recorded that yet.
func ConsentOf(r *consent.Record, now time.Time) Consent {
	c := Consent{
		ID: r.ID, State: r.State, App: r.App, Purpose: r.Purpose, NameUnbound: r.NameUnbound(), Items: []string{}, Recipients: append([]consent.Party{}, r.Recipients...),
		Controller: r.Controller, Guardian: r.Guardian.Relation, OfAge: r.OfAge, Uses: r.MaxUses, Used: r.Used,
		Notice: r.Notice, Hash: r.Notice.Text, Proof: r.Proof,
		DraftedAt: r.DraftedAt, PresentedAt: r.PresentedAt, DecidedAt: r.DecidedAt, EndedAt: r.EndedAt, Erased: r.Erasure,
	}
	if r.Stands(now) == consent.HasExpired {
		c.State = consent.Expired
	}
	for _, claim := range r.Items {
		c.Items = append(c.Items, claim.String())
	}
	if r.State == consent.Given || r.State == consent.Expired && !r.DecidedAt.IsZero() {
		c.ValidUntil = r.Until()
	}
	return c
}
