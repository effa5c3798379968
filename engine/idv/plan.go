package idv

import "time"

// Plan is whom to ask in what order, and why not the others. It is made without
// a call and without cost.
type Plan struct {
	Steps       []Step
	Skipped     []Skipped
	MaxAttempts int // calls allowed, over all steps
	Basis       string
	Rules       []string
	Review      bool
}

// Step is one provider of a plan.
type Step struct {
	Provider string
	Trial    bool // its gate is due: one call goes through to see whether it is back
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
	Provider string
	Reason   SkipReason
	Until    time.Time
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
