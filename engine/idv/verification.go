package idv

import "time"

// Verification is the stored result of one request. The masked subject is the only
// personal data in it.
type Verification struct {
	ID        string // "" if the result is not stored, since no provider was called
	Tenant    Tenant
	App       string
	Check     Check
	Document  Document
	Verdict   Verdict
	Reason    Reason // the name of the failure if Verdict is Undetermined, else ""
	Fidelity  Fidelity
	Fields    Fields // which claims agree with the register, where the vendor says so
	Subject   MaskedSubject
	Token     SubjectToken // finds and erases the person's records; the API does not show it
	Erased    string       // the id of the erasure that removed the person, "" if there was none
	Flags     []string     // findings of the local check that did not stop the request
	Evidence  []Evidence
	Attempts  []Attempt
	Skipped   []Skipped
	Purpose   string
	ConsentID string
	Basis     Basis    // the legal basis: consent, or another one of the purpose; "" if policy requires none
	Rules     []string // the ids of the policy rules that decided
	Review    bool     // policy requires a manual review of the result
	Reused    *Reuse   // set if an earlier answer was returned
	SecondOf  string   // the verification of a mismatch that an operator doubted; "" for all others
	CreatedAt time.Time
	TraceID   string
	NextSteps []Advice
}

// Called reports whether a provider was called, or an earlier answer was reused. Otherwise
// the request was processed, but every provider was skipped.
func (v *Verification) Called() bool {
	return len(v.Attempts) > 0 || v.Reused != nil || v.Verdict != Undetermined
}

// Brief returns the short form of a verification for which no provider was called. It says
// which providers were skipped and why, and nothing of the person.
func (v *Verification) Brief() Verification {
	return Verification{
		ID: v.ID, Tenant: v.Tenant, App: v.App, Check: v.Check, Reason: v.Reason, Purpose: v.Purpose, Skipped: v.Skipped,
		CreatedAt: v.CreatedAt, TraceID: v.TraceID,
	}
}

// Cost returns the known cost of the verification, and the highest possible one. Both are
// zero if its attempts have prices in several currencies, which only a verification of an
// earlier version has.
func (v Verification) Cost() (known, maximum Money) {
	for _, a := range v.Attempts {
		var err error
		if known, err = known.Add(a.Cost()); err != nil {
			return Money{}, Money{}
		}
		if maximum, err = maximum.Add(a.MaxCost()); err != nil {
			return Money{}, Money{}
		}
	}
	return known, maximum
}

// Reuse says which earlier answer a verification returned instead of calling a provider.
// Purpose and provider must both allow it.
type Reuse struct {
	Verification string    // the verification that the answer comes from
	At           time.Time // when the source answered
	Until        time.Time // when the answer expires
}

// Evidence supports a verdict. Its words are those of OpenID Identity Assurance: an
// electronic record was compared with the data given.
type Evidence struct {
	Type         string // electronic_record
	CheckMethod  string // data
	Organization string // legal name of the vendor
	Provider     string
	CheckID      string // the vendor's reference of the call
	Source       string // the register, as the vendor names it
	Time         time.Time
}
