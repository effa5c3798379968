package api

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Cost is an amount as a decimal in a string, since JSON numbers lose digits.
type Cost struct {
	Amount   string `json:"amount" doc:"The known cost, a decimal in a string"`
	Currency string `json:"currency,omitempty" doc:"ISO 4217"`
	Maximum  string `json:"maximum,omitempty" doc:"The highest possible cost, until unknown charges are reconciled"`
}

// CostOf returns the view of an amount.
func CostOf(m idv.Money) Cost { return Cost{Amount: m.Amount(), Currency: m.Currency} }

// CostRange returns the view of a cost that is known in part.
func CostRange(known, maximum idv.Money) Cost {
	return Cost{Amount: known.Amount(), Currency: maximum.Currency, Maximum: maximum.Amount()}
}

// Attempt is one call of one provider.
type Attempt struct {
	Provider   string       `json:"provider"`
	Verdict    idv.Verdict  `json:"verdict"`
	Failure    string       `json:"failure,omitempty" doc:"Why there was no answer; docs/errors.md lists the values"`
	Phase      string       `json:"phase,omitempty" doc:"Where a failed call broke: encode, dns, connect, tls, write, first_byte, body, decode or echo"`
	Origin     idv.Origin   `json:"origin" doc:"Which component produced the outcome"`
	Delivery   idv.Delivery `json:"delivery" doc:"How far the call got"`
	Charge     idv.Charge   `json:"charge" doc:"Whether the vendor charged for the call"`
	VendorCode string       `json:"vendor_code,omitempty" doc:"The code of the vendor or its gateway, unchanged"`
	VendorRef  string       `json:"vendor_ref,omitempty" doc:"The vendor's reference of the call, to quote in a dispute"`
	StartedAt  time.Time    `json:"started_at"`
	DurationMS float64      `json:"duration_ms"`
	Cost       Cost         `json:"cost"`
}

func attemptOf(a *idv.Attempt) Attempt {
	view := Attempt{
		Provider: a.Provider, Verdict: a.Verdict, Phase: a.Phase, Origin: a.Origin, Delivery: a.Delivery, Charge: a.Charge,
		VendorCode: a.VendorCode, VendorRef: a.VendorRef, StartedAt: a.StartedAt,
		DurationMS: float64(a.Duration.Microseconds()) / 1000,
		Cost:       Cost{Amount: a.Cost().Amount(), Currency: a.Price.Currency},
	}
	if a.Failed {
		view.Failure = a.Failure.String()
	}
	return view
}

// Plan is the order in which a verification would call providers.
type Plan struct {
	Steps       []Step    `json:"steps" nullable:"false"`
	Skipped     []Skipped `json:"skipped" nullable:"false"`
	MaxAttempts int       `json:"max_attempts" doc:"Calls allowed over all steps"`
	Basis       string    `json:"basis,omitempty" doc:"The legal basis that the verification would have"`
	Rules       []string  `json:"rules,omitempty" doc:"The policy rules that decided"`
	Review      bool      `json:"review,omitzero" doc:"Policy would require a manual review of the result"`

	SecondOpinion bool `json:"second_opinion,omitzero" doc:"Another recipient of the plan may be called after no_record"`
}

// Step is one provider of a plan.
type Step struct {
	Provider string `json:"provider"`
	Trial    bool   `json:"trial,omitzero" doc:"The provider was unavailable; one call tests whether it is back"`
}

// Skipped is a provider that is not called.
type Skipped struct {
	Provider string         `json:"provider"`
	Reason   idv.SkipReason `json:"reason" doc:"unsupported_check, unsupported_document, unsupported_name, unsupported_script, maintenance, quota_exhausted, credentials, throttled, breaker_open, trial_running, busy, recovering, drained, plugin_not_ready, not_consented, policy or already_asked"`
	Until    time.Time      `json:"until,omitzero" doc:"When the provider is tried again, if known"`
}

// PlanOf returns the view of a plan.
func PlanOf(p *idv.Plan) Plan {
	return Plan{
		Steps: list(p.Steps, func(s *idv.Step) Step { return Step(*s) }), Skipped: list(p.Skipped, skippedOf),
		MaxAttempts: p.MaxAttempts, Basis: string(p.Basis), Rules: p.Rules, Review: p.Review, SecondOpinion: p.SecondOpinion,
	}
}

func skippedOf(s *idv.Skipped) Skipped { return Skipped(*s) }
