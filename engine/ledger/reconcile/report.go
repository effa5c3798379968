package reconcile

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Report is what a comparison found. Its lists are in the order of time, then of
// names, and never null in JSON.
type Report struct {
	From   time.Time `json:"from"` // of the time-line, in the vendor's time
	To     time.Time `json:"to"`
	Totals Totals    `json:"totals"`

	// ClockOffset is how far the vendor's clock is ahead of ours, in seconds.
	ClockOffset float64 `json:"clock_offset_s"`
	Tolerance   float64 `json:"tolerance_s"`

	Differences []Difference `json:"differences"`
	Proposals   []Proposal   `json:"proposals"`
	Unsettled   []Unsettled  `json:"unsettled"`
	Codes       []Learned    `json:"codes"`
	Foreign     Foreign      `json:"foreign"`
}

// Totals are the sums of a comparison. Billed - Charged is the sum of all
// differences, and so of ByCause.
type Totals struct {
	Windows   int          `json:"windows"`   // of the time-line
	Lines     int          `json:"lines"`     // of the export, in the period
	Skipped   int          `json:"skipped"`   // lines outside the period, or that cannot be
	Billed    int64        `json:"billed"`    // units
	Calls     int64        `json:"calls"`     // that left this process, in the period
	Charged   int64        `json:"charged"`   // as the book says
	Unknown   int64        `json:"unknown"`   // as the book says
	Outside   int64        `json:"outside"`   // calls before and after the time-line
	ByCause   []CauseTotal `json:"by_cause"`  // the causes that occur
	Different int          `json:"different"` // windows with a difference
	Alarming  int          `json:"alarming"`  // of these, the ones that hold an unexplained part
}

// CauseTotal is what one cause adds up to.
type CauseTotal struct {
	Cause Cause `json:"cause"`
	Parts int   `json:"parts"`
	Units int64 `json:"units"`
}

// Cause is the likely reason of a difference.
type Cause string

// The causes.
const (
	ClockEdge      Cause = "clock_edge"      // billed in the neighbouring window
	UnknownOutcome Cause = "unknown_outcome" // calls without an answer were billed
	BilledCode     Cause = "billed_code"     // a code is billed and the book does not say so, or the reverse
	ForeignUse     Cause = "foreign_use"     // billed, and heyan made no such call
	MissingBilling Cause = "missing_billing" // heyan made the call, and it was not billed
)

// Causes lists the causes in the order of reports.
func Causes() []Cause {
	return []Cause{ClockEdge, UnknownOutcome, BilledCode, ForeignUse, MissingBilling}
}

// Difference is a window in which the vendor billed something else than the book
// says. Its parts add up to Units.
type Difference struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Serials []string  `json:"serials"` // of the export's lines; none if a line is missing
	Billed  int64     `json:"billed"`
	Charged int64     `json:"charged"` // calls of the window, as the book says
	Unknown int64     `json:"unknown"` // as the book says
	Units   int64     `json:"units"`   // Billed - Charged
	Parts   []Part    `json:"parts"`
}

// Alarming reports whether a part of the difference is not explained.
func (d Difference) Alarming() bool {
	for _, p := range d.Parts {
		if !p.Explained {
			return true
		}
	}
	return false
}

// Part is a part of a difference with one cause, and the evidence for it.
type Part struct {
	Cause Cause `json:"cause"`
	Units int64 `json:"units"` // more billed than booked; negative for less

	// Neighbour is the window that the units were billed in, or should have been, for
	// ClockEdge.
	Neighbour time.Time `json:"neighbour,omitzero"`

	// Code is the code that was billed or was not, for BilledCode.
	Code string `json:"code,omitempty"`

	// Explained says that there is a harmless explanation that the evidence bears out:
	// an edge, calls of unknown charge, a code whose billing was learned.
	Explained bool `json:"explained"`

	// Attempts are the calls that may be meant: those next to the edge, or the unknown
	// ones; the first MostAttempts of them.
	Attempts []string `json:"attempts,omitempty"`
}

// MostAttempts is how many attempts a part names.
const MostAttempts = 32

// Proposal is how a hold whose charge is unknown should be settled.
type Proposal struct {
	Attempt    string     `json:"attempt"`
	Provider   string     `json:"provider"`
	Charge     idv.Charge `json:"charge"` // charged: post it; not_charged: void it
	Basis      Basis      `json:"basis"`
	Code       string     `json:"code,omitempty"`
	From       time.Time  `json:"from,omitzero"` // the window
	To         time.Time  `json:"to,omitzero"`
	Confidence float64    `json:"confidence"`
	Why        string     `json:"reason"` // a sentence for the book
}

// Basis is what a proposal rests on.
type Basis string

// The bases.
const (
	BasisCode   Basis = "code"   // what was learned of its code
	BasisWindow Basis = "window" // all, or none, of the open calls of its window were billed
)

// Unsettled are the open calls of a window that the evidence does not settle.
type Unsettled struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Attempts []string  `json:"attempts"`
	Billed   int64     `json:"billed"` // how many of them were, by the likeliest explanation
	Why      Doubt     `json:"reason"`
}

// Doubt is why open calls are left unsettled.
type Doubt string

// The doubts.
const (
	DoubtBetween Doubt = "between" // some were billed and some were not, and nobody can tell which
	DoubtEdge    Doubt = "edge"    // a call at the window's edge explains the count as well
	DoubtNoise   Doubt = "noise"   // too many windows of these days are off for this one to prove anything
)

// Learned is what is known of a code's billing, or of how calls without an answer
// were billed.
type Learned struct {
	Code    string       `json:"code"`
	Sent    idv.Delivery `json:"delivery"`
	Calls   int64        `json:"calls"`
	Assumed idv.Charge   `json:"assumed"` // what the book says of its calls; unknown if it is not of one mind
	Charge  idv.Charge   `json:"charge"`  // what was learned; unknown if undecided

	// Confidence is that of Charge; while it is undecided, that of its leaning.
	Confidence float64 `json:"confidence"`
	Windows    int     `json:"windows"` // that decide it
	Against    int     `json:"against"` // that speak against it

	// Since is when the billing changed, zero if it did not: Charge holds from then on,
	// and the opposite before.
	Since time.Time `json:"since,omitzero"`
}

// Contradicts reports whether the book has it wrong.
func (l Learned) Contradicts() bool {
	return l.Charge != idv.ChargeUnknown && l.Assumed != idv.ChargeUnknown && l.Charge != l.Assumed
}

// Foreign is what was billed beyond the calls that heyan made.
type Foreign struct {
	Units       int64     `json:"units"`
	Windows     int       `json:"windows"`
	IdleWindows int       `json:"idle_windows"` // of these, windows in which heyan made no call
	First       time.Time `json:"first,omitzero"`
	Last        time.Time `json:"last,omitzero"` // the end of the last window
	PerDay      float64   `json:"per_day"`       // between First and Last
	Pattern     Pattern   `json:"pattern"`
}

// Pattern is how foreign units are spread.
type Pattern string

// The patterns.
const (
	PatternNone     Pattern = "none"
	PatternIsolated Pattern = "isolated" // one or two windows
	PatternBalanced Pattern = "balanced" // windows with less billed are about as many: faults of counting rather than use by others
	PatternRepeated Pattern = "repeated" // many windows, here and there
	PatternSteady   Pattern = "steady"   // most windows from the first to the last
)
