package idv

import "time"

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
	Verification string
	At           time.Time
	Until        time.Time
}

// Evidence is what shows the verdict, in the words of OpenID Identity Assurance:
// an electronic record was compared with the data given.
type Evidence struct {
	Type         string // electronic_record
	CheckMethod  string // data
	Organization string // legal name of the vendor
	Provider     string
	CheckID      string // the vendor's id of the call
	Source       string // the register, as the vendor states it
	Time         time.Time
}

// Advice is a next step for the caller or the person, in neutral words.
type Advice struct {
	Code string
	ZH   string
	EN   string
}

// Cost returns what the verification is known to have cost, and the most it may
// turn out to have cost.
func (v Verification) Cost() (known, possible Money) {
	for _, a := range v.Attempts {
		known, possible = known.Add(a.Cost()), possible.Add(a.MaxCost())
	}
	return known, possible
}
