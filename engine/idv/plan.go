package idv

import "time"

// Plan is the order in which a verification calls providers, and the reasons why others
// are skipped. Making a plan makes no call and costs nothing.
type Plan struct {
	Steps       []Step
	Skipped     []Skipped
	MaxAttempts int      // calls allowed over all steps
	Basis       Basis    // the legal basis that the verification would have
	Rules       []string // the ids of the policy rules that decided
	Review      bool     // policy would require a manual review of the result

	// SecondOpinion says that another recipient of the plan may be called after NoRecord.
	SecondOpinion bool
}

// Step is one provider of a plan.
type Step struct {
	Provider string
	Trial    bool // the provider was unavailable; one call tests whether it is back
}

// Skipped is a candidate that is not called.
type Skipped struct {
	Provider string
	Reason   SkipReason
	Until    time.Time // when the provider is tried again; zero if unknown
}

// Availability says whether a provider can be called now.
type Availability struct {
	Reason SkipReason // "" if it can be called
	Until  time.Time  // when it is tried again; zero if unknown
	Trial  bool       // one call is allowed, to test whether it is back

	// Unresponsive says that its calls in flight take longer than usual and that none that
	// began since was answered, or that its process has just ended and is being started again. It
	// can be called, but others are called first.
	Unresponsive bool
}

// Activity is what a provider is doing now, for operators.
type Activity struct {
	InFlight       int64         // calls that are running
	Ramp           int64         // how many calls may run while the provider returns from an outage; 0 otherwise
	FailuresInARow int64         // that count against the provider
	Outages        int64         // how often its calls were stopped since the start
	Latency        time.Duration // an estimate of how long an answer takes; 0 before the first one
	Overdue        time.Duration // a call that runs for longer counts as stalled; 0 while too few answers are known
}

// SkipReason says why a candidate is not called.
type SkipReason string

// The reasons for skipping a candidate.
const (
	SkipNone                 SkipReason = ""                      // it can be called
	SkipUnsupportedName      SkipReason = "unsupported_name"      // it takes given and family name apart, and the name has one word
	SkipUnsupportedCheck     SkipReason = "unsupported_check"     // it does not support the check
	SkipUnsupportedDocument  SkipReason = "unsupported_document"  // it does not support the document type
	SkipUnsupportedScript    SkipReason = "unsupported_script"    // it cannot read the characters of the name
	SkipMaintenance          SkipReason = "maintenance"           // its gate closed on a maintenance code
	SkipScheduledMaintenance SkipReason = "scheduled_maintenance" // it is in a window of the maintenance calendar
	SkipQuotaExhausted       SkipReason = "quota_exhausted"       // its prepaid package is used up
	SkipCredentials          SkipReason = "credentials"           // it rejected our credentials
	SkipThrottled            SkipReason = "throttled"             // its rate limit is reached
	SkipBreakerOpen          SkipReason = "breaker_open"          // too many consecutive calls failed
	SkipTrialRunning         SkipReason = "trial_running"         // a trial call is in flight
	SkipBusy                 SkipReason = "busy"                  // its concurrency limit is reached
	SkipRecovering           SkipReason = "recovering"            // it is back from an outage and takes few calls at a time
	SkipDrained              SkipReason = "drained"               // an operator drained it
	SkipPluginNotReady       SkipReason = "plugin_not_ready"      // its plugin's process is not running
	SkipNotConsented         SkipReason = "not_consented"         // the consent does not name its recipient
	SkipPolicy               SkipReason = "policy"                // a policy rule excludes it
	SkipAlreadyAsked         SkipReason = "already_asked"         // its recipient has answered for the person, and a second opinion was ordered
)
