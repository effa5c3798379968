package idv

import (
	"encoding/json"
	"time"
)

// Plan is whom to ask in what order, and why not the others. It is made without
// a call and without cost.
type Plan struct {
	Steps       []Step    `json:"steps"`
	Skipped     []Skipped `json:"skipped"`
	MaxAttempts int       `json:"max_attempts"` // calls allowed, over all steps
	Basis       string    `json:"basis,omitempty" doc:"The legal basis that the question would rest on"`
	Rules       []string  `json:"rules,omitempty" doc:"The rules of policy that decided"`
	Review      bool      `json:"review,omitzero" doc:"Policy would want a person to look at the answer"`
}

// Listed returns the plan with lists that are never null in JSON.
func (p Plan) Listed() Plan {
	p.Steps, p.Skipped = append([]Step{}, p.Steps...), append([]Skipped{}, p.Skipped...)
	return p
}

// Step is one provider of a plan.
type Step struct {
	Provider string `json:"provider"`
	Trial    bool   `json:"trial,omitzero"` // its gate is due: one call goes through to see whether it is back
}

// SkipReason says why a candidate is not asked.
type SkipReason string

// The reasons for leaving a candidate out.
const (
	SkipUnsupportedCheck    SkipReason = "unsupported_check"    // it cannot answer this question
	SkipUnsupportedDocument SkipReason = "unsupported_document" // it does not take this kind of number
	SkipMaintenance         SkipReason = "maintenance"          // its gate closed on a maintenance code
	SkipQuotaExhausted      SkipReason = "quota_exhausted"      // its package is used up
	SkipCredentials         SkipReason = "credentials"          // our key there is not accepted
	SkipThrottled           SkipReason = "throttled"            // it asked us to slow down
	SkipBreakerOpen         SkipReason = "breaker_open"         // too many calls in a row failed
	SkipTrialRunning        SkipReason = "trial_running"        // one call is finding out whether it is back
	SkipBusy                SkipReason = "busy"                 // as many calls as allowed are in flight
	SkipDrained             SkipReason = "drained"              // an operator took it out
	SkipNotConsented        SkipReason = "not_consented"        // the person did not agree that it gets the data
	SkipPolicy              SkipReason = "policy"               // a rule does not let it get the data
)

// Availability is whether a provider can be asked right now, as its guard knows.
type Availability struct {
	Reason SkipReason // "" when it can be asked
	Until  time.Time  // when it is tried again; zero if nobody knows
	Trial  bool       // it can be asked, by one call that finds out whether it is back
}

// Skipped is a candidate that is not asked.
type Skipped struct {
	Provider string     `json:"provider"`
	Reason   SkipReason `json:"reason" doc:"unsupported_check, unsupported_document, maintenance, quota_exhausted, credentials, throttled, breaker_open, trial_running, busy, drained, not_consented or policy"`
	Until    time.Time  `json:"until,omitzero" doc:"When it is tried again, where that is known"`
}

// Attempt is one call of one provider, as it went.
type Attempt struct {
	ID         string // the query's id
	Provider   string
	Check      Check
	Verdict    Verdict
	Failure    Failure // meaningful when Failed
	Failed     bool
	Origin     Origin
	Delivery   Delivery
	Charge     Charge
	VendorCode string
	VendorRef  string
	StartedAt  time.Time
	Duration   time.Duration
	Lot        string // the package that its unit was held from
	Price      Money  // of that unit; its cost if Charge is Charged
}

// Cost returns what the attempt is known to have cost.
func (a Attempt) Cost() Money {
	if a.Charge == Charged {
		return a.Price
	}
	return Money{Currency: a.Price.Currency}
}

// MaxCost returns what the attempt may have cost: its price unless it is known
// not to have been charged.
func (a Attempt) MaxCost() Money {
	if a.Charge == NotCharged {
		return Money{Currency: a.Price.Currency}
	}
	return a.Price
}

// AttemptView is an attempt as the API shows it.
type AttemptView struct {
	Provider   string    `json:"provider"`
	Verdict    Verdict   `json:"verdict" enum:"undetermined,match,mismatch,no_record,mismatch_or_no_record"`
	Failure    string    `json:"failure,omitempty" doc:"Why there was no answer; docs/errors.md lists the words"`
	Origin     Origin    `json:"origin" enum:"unknown,caller,engine,gateway,vendor,source" doc:"Who said it"`
	Delivery   Delivery  `json:"delivery" enum:"unknown,not_sent,refused_by_gateway,answered" doc:"How far the call got"`
	Charge     Charge    `json:"charge" enum:"unknown,charged,not_charged" doc:"Whether the vendor charged for it"`
	VendorCode string    `json:"vendor_code,omitempty" doc:"As the vendor or its gateway wrote it"`
	VendorRef  string    `json:"vendor_ref,omitempty" doc:"Their id of the call, to quote in a dispute"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS float64   `json:"duration_ms"`
	Cost       CostView  `json:"cost"`
}

// MarshalJSON writes the attempt as the API shows it.
func (a Attempt) MarshalJSON() ([]byte, error) { return json.Marshal(a.View()) }

// View returns the attempt as the API shows it.
func (a Attempt) View() AttemptView {
	view := AttemptView{
		Provider: a.Provider, Verdict: a.Verdict, Origin: a.Origin, Delivery: a.Delivery, Charge: a.Charge,
		VendorCode: a.VendorCode, VendorRef: a.VendorRef, StartedAt: a.StartedAt,
		DurationMS: float64(a.Duration.Microseconds()) / 1000,
		Cost:       CostView{Amount: a.Cost().Amount(), Currency: a.Price.Currency},
	}
	if a.Failed {
		view.Failure = a.Failure.String()
	}
	return view
}

// CostView is an amount as the API shows it: a decimal in a string.
type CostView struct {
	Amount   string `json:"amount" doc:"What it is known to have cost, a decimal in a string"`
	Currency string `json:"currency,omitempty" doc:"ISO 4217"`
	Maximum  string `json:"maximum,omitempty" doc:"The most it may turn out to have cost, once unknown charges are reconciled"`
}

// Unsent reports whether no byte of any of the calls left for anybody, so that nobody
// got the person's data. That a call was not charged does not say so.
func Unsent(attempts []Attempt) bool {
	for i := range attempts {
		if attempts[i].Delivery != NotSent {
			return false
		}
	}
	return true
}
