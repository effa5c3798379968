// Package reconcile compares a vendor's usage statement with the ledger and infers what
// the vendor does not publish, such as which codes are billed. It is pure: it has no clock
// and no store, and opens no connection.
//
// The statement has no line per call. It has a line per window of ten minutes: serial
// number, from, to, note and the number of calls billed. A window without a bill has no
// line (section 3 of idcert's guide). [Match] puts the windows on a timeline, assigns the
// ledger's calls to them, and explains every window in which the two counts differ:
//
//   - [ClockEdge]: a call near the edge was billed in the neighboring window.
//   - [UnknownOutcome]: calls that were sent and got no answer were billed.
//   - [BilledCode]: a code is billed although the ledger says otherwise, or the reverse.
//   - [ForeignUse]: more was billed than heyan called; the app code is used elsewhere.
//   - [MissingBilling]: less was billed than heyan called.
//
// Match also infers which codes are billed, and proposes how to settle holds of unknown
// charge where the evidence is clear. It changes nothing.
package reconcile

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Window is a line of the vendor's statement: the units billed for calls from From
// (inclusive) to To (exclusive) by the vendor's clock.
//
// Lines with the same window are added up: there are two when one package ends and the
// next begins. Lines of several statements, one per package, can be combined.
type Window struct {
	Serial   string
	From, To time.Time
	Units    int64
	Note     string
}

// Call is a call in the ledger. Match ignores calls that were not sent.
type Call struct {
	Attempt  string
	Provider string
	At, End  time.Time // when it was sent and when it ended; an End before At counts as At
	Code     string    // the code of the vendor or gateway, else the name of the failure
	Delivery idv.Delivery
	Charge   idv.Charge // as the ledger has it
}

// Options tune a comparison. The zero value has the defaults.
type Options struct {
	// From and To bound the comparison. The default is from the first line of the statement
	// to the last. Set them to the exported period, so that missing lines at its ends are
	// detected. Lines that reach beyond are skipped.
	From, To time.Time

	// Tolerance is the maximum distance of a call from the edge of its window at which the
	// neighboring window may have billed it, because of latency and clock jitter. The
	// default is 30 s.
	Tolerance time.Duration

	// MaxOffset is the maximum constant offset between the two clocks, which Match
	// estimates. The default is 5 min; a negative value disables the estimate.
	MaxOffset time.Duration

	// MinConfidence is the confidence required to state whether a code is billed or how to
	// settle a hold. The default is 0.95, the minimum 0.75, so that one window never decides.
	MinConfidence float64
}

const (
	defaultTolerance  = 30 * time.Second
	defaultMaxOffset  = 5 * time.Minute
	defaultConfidence = 0.95
	lowestConfidence  = 0.75
)

func (o Options) withDefaults() Options {
	if o.Tolerance <= 0 {
		o.Tolerance = defaultTolerance
	}
	if o.MaxOffset == 0 {
		o.MaxOffset = defaultMaxOffset
	}
	if o.MinConfidence == 0 {
		o.MinConfidence = defaultConfidence
	}
	o.MinConfidence = min(max(o.MinConfidence, lowestConfidence), mostConfidence)
	return o
}

// comparison is the state of one Match.
type comparison struct {
	Options
	line   timeline
	calls  []Call
	items  []item       // the calls that may have been billed, by time
	mids   []int64      // the midpoints of the items
	groups []*codeGroup // what is inferred
	offset int64        // the vendor's clock minus ours, in nanoseconds
	flow   solution
	edges  []edge // per boundary
}

// Match compares the windows of a statement with calls of the ledger. The calls, in any
// order, must include every provider that draws on the exported packages. The result
// depends only on the arguments.
//
// A statement without a line proves nothing about single calls: it may be that of another
// period or account. All calls of the period are then one difference, and nothing is proposed.
//
// Invalid lines (no duration, negative units) are skipped and counted. Time and memory grow
// almost linearly with the calls. Match is safe for concurrent use.
func Match(windows []Window, calls []Call, o Options) Report {
	m := &comparison{Options: o.withDefaults(), calls: calls}
	m.line = newTimeline(windows, m.Options)
	m.items = collect(calls)
	m.mids = make([]int64, len(m.items))
	for i, it := range m.items {
		m.mids[i] = it.mid
	}
	m.groups = groupCalls(calls, m.items)
	if m.line.lines == 0 {
		return m.unbilled()
	}
	m.estimate()
	m.solve()
	return m.report()
}

// estimate infers the clock offset and the billing of the codes. Each depends on the
// other, so the offset is estimated again when the codes are known.
func (m *comparison) estimate() {
	m.assumeRoles()
	m.offset = m.clockOffset()
	m.assignSlots()
	m.learn()
	if offset := m.clockOffset(); offset != m.offset {
		m.offset = offset
		m.assignSlots()
		m.learn()
	}
}
