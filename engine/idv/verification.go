package idv

import (
	"encoding/json"
	"time"
)

// Verification is the stored result of one request. It holds no personal data
// but the masked subject.
type Verification struct {
	ID        string
	Tenant    Tenant
	App       string
	Check     Check
	Document  Document
	Verdict   Verdict
	Reason    string // why there is no verdict: a failure's name; "" when there is one
	Fidelity  Fidelity
	Subject   MaskedSubject
	Token     SubjectToken // the person's, to find and to erase; not shown by the API
	Erased    string       // the id of the erasure that took the person out of here, "" if none did
	Flags     []string     // what the local check noticed without refusing
	Evidence  []Evidence
	Attempts  []Attempt
	Skipped   []Skipped
	Purpose   string
	ConsentID string
	Basis     string   // the legal basis: consent, or another that the purpose rests on; "" if nobody asked
	Rules     []string // the rules of policy that decided, by their ids
	Review    bool     // policy wants a person to look at the answer
	Reused    *Reuse   // set if an earlier answer was given again
	CreatedAt time.Time
	TraceID   string
	NextSteps []Advice
}

// Reuse says that nobody was asked, because the same question was answered a short
// time ago and its purpose and provider allow to give that answer again.
type Reuse struct {
	Verification string    `json:"verification" doc:"The one that the answer is from"`
	At           time.Time `json:"at" doc:"When the source said it"`
	Until        time.Time `json:"until" doc:"From when on the source is asked anew"`
}

// Evidence is what shows the verdict, in the words of OpenID Identity Assurance:
// an electronic record was compared with the data given.
type Evidence struct {
	Type         string    `json:"type"`         // electronic_record
	CheckMethod  string    `json:"check_method"` // data
	Organization string    `json:"organization"` // legal name of the vendor
	Provider     string    `json:"provider"`
	CheckID      string    `json:"check_id,omitempty"` // the vendor's id of the call
	Source       string    `json:"source,omitempty"`   // the register, as the vendor states it
	Time         time.Time `json:"time"`
}

// Advice is a next step for the caller or the person, in neutral words.
type Advice struct {
	Code string `json:"code"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// Cost returns what the verification is known to have cost, and the most it may
// turn out to have cost.
func (v Verification) Cost() (known, possible Money) {
	for _, a := range v.Attempts {
		known, possible = known.Add(a.Cost()), possible.Add(a.MaxCost())
	}
	return known, possible
}

// VerificationView is a verification as the API shows it.
type VerificationView struct {
	ID        string        `json:"id" doc:"To get it back, and to quote"`
	Verdict   Verdict       `json:"verdict" enum:"undetermined,match,mismatch,no_record,mismatch_or_no_record" doc:"What the source said; no_record is an answer of its own and no failure of the person"`
	Reason    string        `json:"reason,omitempty" doc:"Why the verdict is undetermined; docs/errors.md lists the words"`
	Check     Check         `json:"check" enum:"id_name,id_name_mobile,id_name_bankcard,id_name_mobile_bankcard"`
	Document  Document      `json:"document,omitempty" doc:"The kind of document that the number belongs to"`
	Fidelity  Fidelity      `json:"fidelity" enum:"unknown,two_way,three_way,with_reason" doc:"How finely the vendor that answered can answer"`
	Subject   MaskedSubject `json:"subject"`
	Flags     []string      `json:"flags,omitempty" doc:"What the local check noticed without refusing"`
	Evidence  []Evidence    `json:"evidence" nullable:"false"`
	Attempts  []AttemptView `json:"attempts" nullable:"false" doc:"The calls that were made, in their order"`
	Skipped   []Skipped     `json:"skipped" nullable:"false" doc:"The providers that were not asked, and why"`
	Cost      CostView      `json:"cost"`
	App       string        `json:"app,omitempty"`
	Purpose   string        `json:"purpose,omitempty"`
	ConsentID string        `json:"consent_id,omitempty"`
	Basis     string        `json:"basis,omitempty" doc:"The legal basis that the question rests on"`
	Rules     []string      `json:"rules,omitempty" doc:"The rules of policy that decided"`
	Review    bool          `json:"review,omitzero" doc:"Policy wants a person to look at the answer before anybody acts on it"`
	Reused    *Reuse        `json:"reused,omitempty" doc:"Set if an earlier answer was given again and nobody was asked"`
	Erased    string        `json:"erased,omitempty" doc:"The erasure that took the person out of this record"`
	CreatedAt time.Time     `json:"created_at"`
	TraceID   string        `json:"trace_id" doc:"Of the trace that the verification stands in"`
	NextSteps []Advice      `json:"next_steps" nullable:"false" doc:"What can be done now, in neutral words"`
}

// View returns the verification as the API shows it. Lists are never null.
func (v Verification) View() VerificationView {
	known, possible := v.Cost()
	view := VerificationView{
		ID: v.ID, Verdict: v.Verdict, Reason: v.Reason, Check: v.Check, Document: v.Document,
		Fidelity: v.Fidelity, Subject: v.Subject, Flags: v.Flags,
		Evidence: append([]Evidence{}, v.Evidence...),
		Attempts: make([]AttemptView, 0, len(v.Attempts)),
		Skipped:  append([]Skipped{}, v.Skipped...),
		Cost:     CostView{Amount: known.Amount(), Currency: possible.Currency, Maximum: possible.Amount()},
		App:      v.App, Purpose: v.Purpose, ConsentID: v.ConsentID, CreatedAt: v.CreatedAt, TraceID: v.TraceID,
		Basis: v.Basis, Rules: v.Rules, Review: v.Review, Reused: v.Reused, Erased: v.Erased,
		NextSteps: append([]Advice{}, v.NextSteps...),
	}
	for _, a := range v.Attempts {
		view.Attempts = append(view.Attempts, a.View())
	}
	return view
}

// MarshalJSON writes the verification as the API shows it.
func (v Verification) MarshalJSON() ([]byte, error) { return json.Marshal(v.View()) }
