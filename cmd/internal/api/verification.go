// Package api defines the JSON of heyan's resources: the bodies that callers send and the
// views that they get. The REST API and the command line both use it, so that a resource
// has one form everywhere.
//
// A view is made by a function of its name with Of, such as [VerificationOf], from the
// value of the engine or the store. The struct tags doc, enum and maxLength feed the
// OpenAPI document. Lists that are always present are never null.
package api

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// DefaultTenant is the tenant of the command line, and of the daemon while auth.mode is
// none. They share it, so a consent recorded by one is usable through the other.
const DefaultTenant idv.Tenant = "default"

// VerifyRequest is the body of a verification request.
type VerifyRequest struct {
	Check     idv.Check `json:"check" doc:"Which claims are compared with the register"`
	Subject   Subject   `json:"subject" doc:"The person; give the claims that the check compares"`
	Purpose   string    `json:"purpose,omitempty" maxLength:"200" doc:"Why the person is verified, as the configuration names it"`
	ConsentID string    `json:"consent_id,omitempty" maxLength:"200" doc:"The person's consent to this verification"`
	App       string    `json:"app,omitempty" maxLength:"100" doc:"The caller's application"`
}

// Subject holds the claims of a person, in clear.
type Subject struct {
	Name     idv.Sensitive `json:"name,omitzero" doc:"As printed on the document"`
	IDNumber idv.Sensitive `json:"id_number,omitzero" doc:"Of a resident identity card or another supported document"`
	Document idv.Document  `json:"document,omitzero" doc:"The type of document that the number belongs to; required for documents that their numbers do not tell apart (br_cpf, in_pan, ng_nin, es_dni, es_nie), else recognized by the number"`
	Mobile   idv.Sensitive `json:"mobile,omitzero" doc:"Of mainland China; with a document of another country in international form, such as +34600000000"`
	BankCard idv.Sensitive `json:"bank_card,omitzero"`
}

// Request returns the request for the engine.
func (r *VerifyRequest) Request(tenant idv.Tenant, idempotencyKey string) idv.Request {
	return idv.Request{
		Tenant: tenant, App: r.App, Purpose: r.Purpose, ConsentID: r.ConsentID,
		Check: r.Check, Subject: idv.Subject(r.Subject), IdempotencyKey: idempotencyKey,
	}
}

// SecondOpinionOrder is the body of an operator's order to verify the claims of a mismatch with
// another recipient.
type SecondOpinionOrder struct {
	Check     idv.Check `json:"check" doc:"That of the earlier verification"`
	Subject   Subject   `json:"subject" doc:"The person of the earlier verification, with the same claims"`
	ConsentID string    `json:"consent_id,omitempty" maxLength:"200" doc:"The person's consent; without it, that of the earlier verification"`
	Reason    string    `json:"reason" minLength:"1" maxLength:"200" doc:"Why a second recipient is asked; recorded in the audit log, no personal data"`
}

// Request returns the request for the engine.
func (o *SecondOpinionOrder) Request(tenant idv.Tenant) idv.Request {
	return idv.Request{Tenant: tenant, ConsentID: o.ConsentID, Check: o.Check, Subject: idv.Subject(o.Subject)}
}

// Verification is the result of a verification.
type Verification struct {
	ID        string        `json:"id,omitempty" doc:"Identifies the verification; use it to retrieve the result. Absent if the result is not stored: no provider was called, and the request has no Idempotency-Key"`
	Verdict   idv.Verdict   `json:"verdict" doc:"What the source answered; no_record says that the register holds nothing to compare with, which is not a mismatch"`
	Reason    string        `json:"reason,omitempty" doc:"Why the verdict is undetermined; docs/errors.md lists the values"`
	Check     idv.Check     `json:"check"`
	Document  idv.Document  `json:"document,omitempty" doc:"The type of document that the number belongs to"`
	Fidelity  idv.Fidelity  `json:"fidelity" doc:"How finely the vendor that answered can answer"`
	Fields    []Compared    `json:"fields,omitempty" doc:"How each claim compares with the register, where the vendor says so"`
	Subject   MaskedSubject `json:"subject"`
	Flags     []string      `json:"flags,omitempty" doc:"Findings of the local check that did not stop the request"`
	Evidence  []Evidence    `json:"evidence" nullable:"false"`
	Attempts  []Attempt     `json:"attempts" nullable:"false" doc:"The calls to providers, in order"`
	Skipped   []Skipped     `json:"skipped" nullable:"false" doc:"The providers that were not called, and why"`
	Cost      Cost          `json:"cost"`
	App       string        `json:"app,omitempty"`
	Purpose   string        `json:"purpose,omitempty"`
	ConsentID string        `json:"consent_id,omitempty"`
	Basis     string        `json:"basis,omitempty" doc:"The legal basis of the processing"`
	Rules     []string      `json:"rules,omitempty" doc:"The policy rules that decided"`
	Review    bool          `json:"review,omitzero" doc:"Policy requires a manual review before the result is used"`
	Reused    *Reuse        `json:"reused,omitempty" doc:"Present if an earlier answer was returned and no provider was called"`
	SecondOf  string        `json:"second_of,omitempty" doc:"The verification whose mismatch an operator doubted, so that a second recipient was asked"`
	Erased    string        `json:"erased,omitempty" doc:"The erasure that removed the personal data from this record"`
	CreatedAt time.Time     `json:"created_at"`
	TraceID   string        `json:"trace_id" doc:"The distributed trace of the request"`
	NextSteps []Advice      `json:"next_steps" nullable:"false" doc:"What the caller or the person can do next"`
}

// MaskedSubject is a person as results show one: the first character of a name, the first
// and last of a long number.
type MaskedSubject struct {
	Name     string `json:"name,omitempty" doc:"Masked but for the first character"`
	IDNumber string `json:"id_number,omitempty" doc:"Masked but for the first character"`
	Mobile   string `json:"mobile,omitempty" doc:"Masked but for the first character"`
	BankCard string `json:"bank_card,omitempty" doc:"Masked but for the first character"`
}

// Compared is how one claim compares with the register.
type Compared struct {
	Field  idv.Claim      `json:"field"`
	Result idv.Comparison `json:"result" doc:"not_compared says that the vendor did not compare the claim, or does not say"`
}

func comparedOf(check idv.Check, f idv.Fields) (list []Compared) {
	if f.IsZero() {
		return nil
	}
	for _, claim := range check.Claims().List() {
		list = append(list, Compared{claim, f[claim]})
	}
	return list
}

// Evidence supports a verdict. Its words are those of OpenID Identity Assurance: an
// electronic record was compared with the data given.
type Evidence struct {
	Type         string    `json:"type" doc:"electronic_record"`
	CheckMethod  string    `json:"check_method" doc:"data"`
	Organization string    `json:"organization" doc:"Legal name of the vendor"`
	Provider     string    `json:"provider"`
	CheckID      string    `json:"check_id,omitempty" doc:"The vendor's reference of the call"`
	Source       string    `json:"source,omitempty" doc:"The register, as the vendor names it"`
	Time         time.Time `json:"time"`
}

// Reuse says which earlier answer a verification returns instead of calling a provider.
type Reuse struct {
	Verification string    `json:"verification" doc:"The verification that the answer comes from"`
	At           time.Time `json:"at" doc:"When the source answered"`
	Until        time.Time `json:"until" doc:"When the answer expires; a later request calls a provider"`
}

// Advice is a next step in neutral words. Programs act on the code.
type Advice struct {
	Code string    `json:"code"`
	ZH   string    `json:"zh"`
	EN   string    `json:"en"`
	At   time.Time `json:"at,omitzero" doc:"When the step can help, if known"`
	Date string    `json:"date,omitempty" doc:"The first day on which the step can help, in China, such as 2026-12-28"`
}

// VerificationOf returns the view of a verification. The tenant and the person's token
// are not part of it.
func VerificationOf(v *idv.Verification) Verification {
	known, maximum := v.Cost()
	view := Verification{
		ID: v.ID, Verdict: v.Verdict, Reason: string(v.Reason), Check: v.Check, Document: v.Document,
		Fidelity: v.Fidelity, Fields: comparedOf(v.Check, v.Fields), Subject: MaskedSubject(v.Subject), Flags: v.Flags,
		Evidence: list(v.Evidence, func(e *idv.Evidence) Evidence { return Evidence(*e) }),
		Attempts: list(v.Attempts, attemptOf), Skipped: list(v.Skipped, skippedOf), Cost: CostRange(known, maximum),
		App: v.App, Purpose: v.Purpose, ConsentID: v.ConsentID, CreatedAt: v.CreatedAt, TraceID: v.TraceID,
		Basis: string(v.Basis), Rules: v.Rules, Review: v.Review, Reused: (*Reuse)(v.Reused), SecondOf: v.SecondOf, Erased: v.Erased,
		NextSteps: list(v.NextSteps, func(a *idv.Advice) Advice { return Advice(*a) }),
	}
	return view
}

// list converts every element; the result is never nil, so it is never null in JSON.
func list[From, To any](from []From, convert func(*From) To) []To {
	out := make([]To, 0, len(from))
	for i := range from {
		out = append(out, convert(&from[i]))
	}
	return out
}
