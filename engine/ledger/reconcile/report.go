package reconcile

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Report is the result of a comparison. Its lists are ordered by time, then by name, and
// are never null in JSON.
type Report struct {
	From   time.Time `json:"from,omitzero"` // of the timeline, in China Standard Time; zero without lines and calls
	To     time.Time `json:"to,omitzero"`
	Totals Totals    `json:"totals"`

	// ClockOffset is the vendor's clock minus ours, in seconds.
	ClockOffset float64 `json:"clock_offset_s"`
	Tolerance   float64 `json:"tolerance_s"`

	Differences []Difference `json:"differences"`
	Proposals   []Proposal   `json:"proposals"`
	Unsettled   []Unsettled  `json:"unsettled"`
	Codes       []Learned    `json:"codes"`
	Foreign     Foreign      `json:"foreign"`
}

// Totals are the sums of a comparison. Billed - Charged is the sum of all differences and
// of ByCause.
type Totals struct {
	Windows   int          `json:"windows"`   // of the timeline
	Lines     int          `json:"lines"`     // of the statement, in the period
	Skipped   int          `json:"skipped"`   // invalid lines, and lines outside the period
	Billed    int64        `json:"billed"`    // units
	Calls     int64        `json:"calls"`     // that were sent, in the period
	Charged   int64        `json:"charged"`   // in the ledger
	Unknown   int64        `json:"unknown"`   // in the ledger
	Outside   int64        `json:"outside"`   // calls before and after the timeline
	ByCause   []CauseTotal `json:"by_cause"`  // the causes that occur
	Different int          `json:"different"` // windows with a difference
	Alarming  int          `json:"alarming"`  // of these, those with an unexplained part
}

// CauseTotal is the sum of the parts with one cause.
type CauseTotal struct {
	Cause Cause `json:"cause"`
	Parts int   `json:"parts"`
	Units int64 `json:"units"`
}

// Cause is the likely reason of a difference.
type Cause string

// The causes.
const (
	ClockEdge      Cause = "clock_edge"      // billed in the neighboring window
	UnknownOutcome Cause = "unknown_outcome" // unanswered calls were billed
	BilledCode     Cause = "billed_code"     // a code is billed although the ledger says otherwise, or the reverse
	ForeignUse     Cause = "foreign_use"     // billed, but not called by heyan
	MissingBilling Cause = "missing_billing" // called by heyan, but not billed
)

// Causes lists the causes in the order of reports.
func Causes() []Cause {
	return []Cause{ClockEdge, UnknownOutcome, BilledCode, ForeignUse, MissingBilling}
}

// Difference is a window in which the vendor billed something else than the ledger
// charged. Its parts add up to Units.
type Difference struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Serials []string  `json:"serials"` // of the lines; none if the line is missing
	Billed  int64     `json:"billed"`
	Charged int64     `json:"charged"` // calls of the window, in the ledger
	Unknown int64     `json:"unknown"` // in the ledger
	Units   int64     `json:"units"`   // Billed - Charged
	Parts   []Part    `json:"parts"`
}

// Alarming reports whether a part of the difference is unexplained.
func (d Difference) Alarming() bool {
	for _, p := range d.Parts {
		if !p.Explained {
			return true
		}
	}
	return false
}

// Part is a part of a difference that has one cause, with the evidence.
type Part struct {
	Cause Cause `json:"cause"`
	Units int64 `json:"units"` // billed minus charged

	// Neighbour is the start of the window that billed the units or should have, for
	// ClockEdge.
	Neighbour time.Time `json:"neighbour,omitzero"`

	// Code is the code in question, for BilledCode.
	Code string `json:"code,omitempty"`

	// Explained means that the evidence supports a harmless explanation: an edge, calls of
	// unknown charge, or a code whose billing was inferred.
	Explained bool `json:"explained"`

	// Attempts are the first MostAttempts calls in question: those near the edge, or those
	// of unknown charge.
	Attempts []string `json:"attempts,omitempty"`
}

// MostAttempts is the maximum number of attempts of a Part.
const MostAttempts = 32

// Proposal says how to settle a hold of unknown charge.
type Proposal struct {
	Attempt    string     `json:"attempt"`
	Provider   string     `json:"provider"`
	Charge     idv.Charge `json:"charge"` // charged (post the hold) or not_charged (void it)
	Basis      Basis      `json:"basis"`
	Code       string     `json:"code,omitempty"`
	From       time.Time  `json:"from,omitzero"` // of the window
	To         time.Time  `json:"to,omitzero"`
	Confidence float64    `json:"confidence"`
	Reason     string     `json:"reason"` // a sentence for the ledger
}

// Basis is the kind of evidence of a proposal.
type Basis string

// The bases.
const (
	BasisCode   Basis = "code"   // the inferred billing of its code
	BasisWindow Basis = "window" // all or none of the unknown calls of its window were billed
)

// Unsettled are the unknown calls of a window that the evidence does not settle.
type Unsettled struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Attempts []string  `json:"attempts"`
	Billed   int64     `json:"billed"` // how many of them were billed, by the most likely explanation
	Reason   Doubt     `json:"reason"`
}

// Doubt is the reason why unknown calls remain unsettled.
type Doubt string

// The doubts.
const (
	DoubtBetween Doubt = "between" // some were billed and some were not; which ones is unknown
	DoubtEdge    Doubt = "edge"    // a call at the edge of the window explains the count equally well
	DoubtNoise   Doubt = "noise"   // too many windows nearby differ for this one to prove anything
)

// Learned is what was inferred about the billing of a code, or of unanswered calls.
type Learned struct {
	Code     string       `json:"code"`
	Delivery idv.Delivery `json:"delivery"`
	Calls    int64        `json:"calls"`
	Assumed  idv.Charge   `json:"assumed"` // the charge of its calls in the ledger; unknown if they differ
	Charge   idv.Charge   `json:"charge"`  // the inferred charge; unknown if undecided

	// Confidence is that of Charge or, if undecided, of the more likely charge.
	Confidence float64 `json:"confidence"`
	Windows    int     `json:"windows"` // that support it
	Against    int     `json:"against"` // that contradict it

	// Since is the time when the billing changed, zero if it did not. Charge applies from
	// then on, and the opposite before.
	Since time.Time `json:"since,omitzero"`
}

// Contradicts reports whether the inferred charge contradicts the ledger.
func (l Learned) Contradicts() bool {
	return l.Charge != idv.ChargeUnknown && l.Assumed != idv.ChargeUnknown && l.Charge != l.Assumed
}

// Foreign sums up what was billed beyond the calls by heyan.
type Foreign struct {
	Units       int64     `json:"units"`
	Windows     int       `json:"windows"`
	IdleWindows int       `json:"idle_windows"` // of these, windows in which heyan made no call
	First       time.Time `json:"first,omitzero"`
	Last        time.Time `json:"last,omitzero"` // the end of the last window
	PerDay      float64   `json:"per_day"`       // between First and Last
	Pattern     Pattern   `json:"pattern"`
}

// Pattern is the distribution of foreign units over time.
type Pattern string

// The patterns.
const (
	PatternNone     Pattern = "none"
	PatternIsolated Pattern = "isolated" // one or two windows
	PatternBalanced Pattern = "balanced" // about as many windows were billed too low, which suggests counting errors
	PatternRepeated Pattern = "repeated" // many scattered windows
	PatternSteady   Pattern = "steady"   // most windows from the first to the last
)
