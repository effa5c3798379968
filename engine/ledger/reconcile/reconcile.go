package reconcile

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Window is a line of the vendor's export: so many units were billed for calls
// from From (inclusive) to To (exclusive), as the vendor's clock says.
//
// Several lines may have the same window, as when one package ends and the next is
// drawn on; they are added up. Lines of several exports, one per package, can be
// given together.
type Window struct {
	Serial   string
	From, To time.Time
	Units    int64
	Note     string
}

// Call is a call of the book. A call that was not sent is left out of account.
type Call struct {
	Attempt  string
	Provider string
	At, End  time.Time // sent, and ended at the latest; an End before At counts as At
	Code     string    // the vendor's or gateway's code, or the failure's word where none came
	Sent     idv.Delivery
	Charge   idv.Charge // as it stands in the book
}

// Options tune a comparison. The zero value has the defaults.
type Options struct {
	// From and To bound the comparison. By default it reaches from the first line of
	// the export to the last; name the period that was exported, so that missing
	// lines at its ends are noticed. Lines that reach beyond are left out.
	From, To time.Time

	// Tolerance is how far from a window's edge a call may be and still have been
	// billed in the neighbour: latency and unsteady clocks. 30 s by default.
	Tolerance time.Duration

	// MaxOffset is how far the two clocks may be apart by a constant, which is
	// estimated from the data. 5 min by default; negative for none.
	MaxOffset time.Duration

	// MinConfidence is how sure a code's billing or a hold's charge has to be to be
	// stated. 0.95 by default; at least 0.75, so that one window never decides.
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

// Shanghai returns the time zone of the export, which names none: UTC+8 without
// summer time.
func Shanghai() *time.Location { return time.FixedZone("CST", 8*60*60) }

// match is a comparison under way.
type match struct {
	Options
	line   timeline
	calls  []Call
	items  []item    // the calls that may have been billed, by time
	mids   []int64   // their middles
	cols   []*column // what there is to learn
	offset int64     // of the vendor's clock against ours, in nanoseconds
	flow   solution
	ranges []edge // per boundary
}

// Match compares the windows of an export with the calls of the book. The calls
// are those of every provider that draws on the packages exported; they need not
// be sorted. The result depends on nothing but the arguments.
//
// Lines that cannot be (no duration, negative units) are left out and counted. It
// takes time and memory nearly linear in the calls, and may be called by many goroutines
// at once.
func Match(windows []Window, calls []Call, o Options) Report {
	m := &match{Options: o.withDefaults(), calls: calls}
	m.line = newTimeline(windows, m.Options)
	m.items = collect(calls)
	m.mids = make([]int64, len(m.items))
	for i, it := range m.items {
		m.mids[i] = it.mid
	}
	m.cols = columns(calls, m.items)
	if len(m.line.slots) > 0 {
		m.estimate()
		m.solve()
	}
	return m.report()
}

// estimate finds the offset of the clocks and the billing of the codes. Each needs
// the other, so the clock is read once more when the codes are known.
func (m *match) estimate() {
	m.assumeRoles()
	m.offset = m.clock()
	m.place()
	m.learn()
	if offset := m.clock(); offset != m.offset {
		m.offset = offset
		m.place()
		m.learn()
	}
}
