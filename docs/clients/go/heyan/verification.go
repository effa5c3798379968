package heyan

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// VerifyRequest asks for a verification.
type VerifyRequest struct {
	Check     Check
	Subject   Subject
	Purpose   string
	ConsentID string
	App       string

	// IdempotencyKey identifies the request for 24 hours, by heyan's default. A second request
	// with the same key returns the first result. Verify makes a key if there is none. Give your
	// own, such as an order number, if your program may repeat the request after a restart.
	IdempotencyKey string
}

// Subject holds the claims of a person. Give those that the check compares.
type Subject struct {
	Name     Sensitive // as printed on the document
	IDNumber Sensitive
	Document string // only for numbers that do not tell their document, such as br_cpf
	Mobile   Sensitive
	BankCard Sensitive
}

// Verification is the result of a verification.
type Verification struct {
	ID        string        `json:"id"`
	Verdict   Verdict       `json:"verdict"`
	Reason    Failure       `json:"reason"` // why the verdict is Undetermined
	Check     Check         `json:"check"`
	Document  string        `json:"document"`
	Fidelity  string        `json:"fidelity"` // how finely the vendor that answered can answer
	Fields    []Compared    `json:"fields"`
	Subject   MaskedSubject `json:"subject"`
	Flags     []string      `json:"flags"`
	Evidence  []Evidence    `json:"evidence"`
	Attempts  []Attempt     `json:"attempts"` // the calls to providers, in order
	Skipped   []Skipped     `json:"skipped"`  // the providers that were not called, and why
	Cost      Cost          `json:"cost"`
	App       string        `json:"app"`
	Purpose   string        `json:"purpose"`
	ConsentID string        `json:"consent_id"`
	Basis     string        `json:"basis"`
	Rules     []string      `json:"rules"`
	Review    bool          `json:"review"`    // policy requires a manual review before the result is used
	Reused    *Reuse        `json:"reused"`    // an earlier answer was returned
	SecondOf  string        `json:"second_of"` // the verification whose mismatch an operator doubted
	Erased    string        `json:"erased"`
	CreatedAt time.Time     `json:"created_at"`
	TraceID   string        `json:"trace_id"`
	NextSteps []Advice      `json:"next_steps"` // what the caller or the person can do next
}

// MaskedSubject is the person as results show one.
type MaskedSubject struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Mobile   string `json:"mobile"`
	BankCard string `json:"bank_card"`
}

// Compared is how one claim compares with the register.
type Compared struct {
	Field  string `json:"field"`
	Result string `json:"result"` // matched, mismatched or not_compared
}

// Evidence supports a verdict.
type Evidence struct {
	Type         string    `json:"type"`
	CheckMethod  string    `json:"check_method"`
	Organization string    `json:"organization"` // legal name of the vendor
	Provider     string    `json:"provider"`
	CheckID      string    `json:"check_id"` // the vendor's reference of the call
	Source       string    `json:"source"`
	Time         time.Time `json:"time"`
}

// Attempt is one call of one provider.
type Attempt struct {
	Provider   string    `json:"provider"`
	Verdict    Verdict   `json:"verdict"`
	Failure    Failure   `json:"failure"` // why there was no answer
	Phase      string    `json:"phase"`
	Origin     string    `json:"origin"`
	Delivery   string    `json:"delivery"`
	Charge     string    `json:"charge"` // charged, not_charged or unknown
	VendorCode string    `json:"vendor_code"`
	VendorRef  string    `json:"vendor_ref"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS float64   `json:"duration_ms"`
	Cost       Cost      `json:"cost"`
}

// Skipped is a provider that is not called.
type Skipped struct {
	Provider string    `json:"provider"`
	Reason   string    `json:"reason"`
	Until    time.Time `json:"until"` // when it is tried again; zero if unknown
}

// Cost is an amount as a decimal in a string.
type Cost struct {
	Amount   string `json:"amount"`   // what is known
	Currency string `json:"currency"` // ISO 4217
	Maximum  string `json:"maximum"`  // the highest possible cost, until unknown charges are reconciled
}

// Reuse says which earlier answer a verification returns.
type Reuse struct {
	Verification string    `json:"verification"`
	At           time.Time `json:"at"`
	Until        time.Time `json:"until"`
}

// Advice is a next step. Programs act on the code.
type Advice struct {
	Code string    `json:"code"`
	ZH   string    `json:"zh"`
	EN   string    `json:"en"`
	At   time.Time `json:"at"`
	Date string    `json:"date"`
}

// Plan is the order in which a verification would call providers.
type Plan struct {
	Steps         []Step    `json:"steps"`
	Skipped       []Skipped `json:"skipped"`
	MaxAttempts   int       `json:"max_attempts"`
	Basis         string    `json:"basis"`
	Rules         []string  `json:"rules"`
	Review        bool      `json:"review"`
	SecondOpinion bool      `json:"second_opinion"`
}

// Step is one provider of a plan.
type Step struct {
	Provider string `json:"provider"`
	Trial    bool   `json:"trial"`
}

// Verify makes a verification. If err is nil, heyan processed the request: a Verdict of
// Undetermined has a Reason. A problem says that no vendor was called, unless its type is
// internal or result_unconfirmed.
func (c *Client) Verify(ctx context.Context, r VerifyRequest) (v Verification, err error) {
	key := cmp.Or(r.IdempotencyKey, rand.Text())
	err = c.do(ctx, operation{name: "verify", method: http.MethodPost, path: "/v1/verifications", body: r.body(), key: key, required: "verdict", repeatable: true}, &v)
	return v, err
}

// Explain returns the providers that a verification would call. It calls none and costs nothing.
func (c *Client) Explain(ctx context.Context, r VerifyRequest) (p Plan, err error) {
	err = c.do(ctx, operation{name: "explain", method: http.MethodPost, path: "/v1/verifications:explain", body: r.body(), required: "steps", repeatable: true}, &p)
	return p, err
}

// Verification returns a stored verification.
func (c *Client) Verification(ctx context.Context, id string) (v Verification, err error) {
	err = c.do(ctx, operation{name: "getVerification", method: http.MethodGet, path: "/v1/verifications/", id: &id, required: "verdict", repeatable: true}, &v)
	return v, err
}

// body returns the JSON of the request, with the claims in clear.
func (r VerifyRequest) body() any {
	return struct {
		Check     Check   `json:"check"`
		Subject   subject `json:"subject"`
		Purpose   string  `json:"purpose,omitempty"`
		ConsentID string  `json:"consent_id,omitempty"`
		App       string  `json:"app,omitempty"`
	}{r.Check, r.Subject.reveal(), r.Purpose, r.ConsentID, r.App}
}

// subject is a Subject as it is sent.
type subject struct {
	Name     string `json:"name,omitempty"`
	IDNumber string `json:"id_number,omitempty"`
	Document string `json:"document,omitempty"`
	Mobile   string `json:"mobile,omitempty"`
	BankCard string `json:"bank_card,omitempty"`
}

func (s Subject) reveal() subject {
	return subject{s.Name.Reveal(), s.IDNumber.Reveal(), s.Document, s.Mobile.Reveal(), s.BankCard.Reveal()}
}

// UnmarshalJSON reads a verification. A missing verdict is an error; one that this client
// does not know becomes Undetermined with the reason unknown.
func (v *Verification) UnmarshalJSON(b []byte) error {
	type plain Verification
	if err := json.Unmarshal(b, (*plain)(v)); err != nil {
		return err
	}
	// By the exact name: encoding/json also takes "Verdict".
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	var word *string
	if json.Unmarshal(members["verdict"], &word) != nil || word == nil {
		return errors.New("heyan: a verification without a verdict")
	}
	_ = v.Verdict.UnmarshalText([]byte(*word)) // never fails
	if v.Verdict == Undetermined {
		v.Reason = cmp.Or(v.Reason, FailureUnknown)
	}
	return nil
}
