package httpapi

import (
	"time"

	"github.com/heyan-id/heyan/policy/consent"
)

// Consent is a consent as the API shows it. It holds no name and no number but in Text.
type Consent struct {
	ID          string          `json:"id" doc:"To send with a verification, as consent_id"`
	State       consent.State   `json:"state" enum:"drafted,presented,given,refused,withdrawn,expired,superseded"`
	App         string          `json:"app,omitzero"`
	Purpose     string          `json:"purpose"`
	Items       []string        `json:"items" nullable:"false" doc:"The data that may be sent"`
	Recipients  []consent.Party `json:"recipients" nullable:"false" doc:"Who may get it; a failover never leaves these"`
	Controller  consent.Party   `json:"controller" doc:"Who asks"`
	Guardian    string          `json:"guardian_relation,omitzero" doc:"What the guardian who agrees is to the child"`
	AsGuardian  bool            `json:"as_guardian,omitzero" doc:"The person looked for decides for a child, whose consent it is; only where a person is looked for"`
	OfAge       bool            `json:"of_age,omitzero" doc:"The person declared to be 14 or older"`
	Uses        int             `json:"uses" doc:"Verifications that it covers"`
	Used        int             `json:"used" doc:"Verifications so far"`
	Notice      consent.Notice  `json:"notice" doc:"Names the text: template, in sha256, and the text with its blanks filled"`
	Hash        string          `json:"text_hash" doc:"What an agreement has to name"`
	Proof       consent.Proof   `json:"proof" doc:"How the person saw the text and agreed; session, address and agent are keyed hashes"`
	DraftedAt   time.Time       `json:"drafted_at"`
	PresentedAt time.Time       `json:"presented_at,omitzero"`
	DecidedAt   time.Time       `json:"decided_at,omitzero" doc:"Given or refused"`
	ValidUntil  time.Time       `json:"valid_until,omitzero" doc:"When a given consent ends by itself"`
	EndedAt     time.Time       `json:"ended_at,omitzero" doc:"Withdrawn, expired or superseded"`
	Erased      string          `json:"erased,omitzero" doc:"The erasure that took the person out of this record"`
	Text        string          `json:"text,omitzero" doc:"What the person reads, with the own name and number in it; only in the answer that makes it, and in a person's own copy"`
	Unreadable  bool            `json:"text_unreadable,omitzero" doc:"The text cannot be made again, as its template is gone or its key; only in a person's own copy"`
}

// ConsentOf returns a consent as the API shows it, without its text, and expired also
// if nobody wrote down yet that its time is over.
func ConsentOf(r *consent.Record, now time.Time) Consent {
	c := Consent{
		ID: r.ID, State: r.State, App: r.App, Purpose: r.Purpose, Items: []string{}, Recipients: append([]consent.Party{}, r.Recipients...),
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
