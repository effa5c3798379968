package reconcile

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The vendor's clock is tried at coarse steps, then at fine ones round the best.
const (
	coarseStep = 15 * time.Second
	fineStep   = time.Second
	// leastGain is how many units a clock must explain better than ours to be
	// believed, besides a fiftieth of all that is unexplained.
	leastGain  = 6
	gainFactor = 50
)

// clock estimates the constant offset of the vendor's clock against ours: the one
// under which the fewest units are in the wrong window.
func (m *match) clock() int64 {
	if m.MaxOffset < 0 || len(m.mids) == 0 {
		return 0
	}
	weights := m.weights()
	cost := func(offset time.Duration) float64 { return m.misplaced(weights, int64(offset)) }
	ours := cost(0)
	best, least := time.Duration(0), ours
	for o := -m.MaxOffset; o <= m.MaxOffset; o += coarseStep {
		if c := cost(o); c < least {
			best, least = o, c
		}
	}
	best, least = plateau(cost, best)
	if ours-least < leastGain+ours/gainFactor {
		return 0
	}
	return int64(best)
}

// plateau searches finely round an offset and returns the middle of the best ones.
func plateau(cost func(time.Duration) float64, round time.Duration) (best time.Duration, least float64) {
	least = math.Inf(1)
	var equal []time.Duration
	for o := round - coarseStep; o <= round+coarseStep; o += fineStep {
		switch c := cost(o); {
		case c < least-0.5:
			least, equal = c, []time.Duration{o}
		case c <= least+0.5:
			least, equal = min(c, least), append(equal, o)
		}
	}
	return equal[len(equal)/2], least
}

// weights returns running sums of how much each item is expected to be billed. What
// is open counts as much as makes the whole come out right.
func (m *match) weights() []float64 {
	var sure, unsure int64
	for i := range m.items {
		switch m.items[i].role {
		case billed:
			sure++
		case open:
			unsure++
		}
	}
	share := 0.0
	if unsure > 0 {
		share = min(max(float64(m.line.units-sure)/float64(unsure), 0), 1)
	}
	sums := make([]float64, len(m.items)+1)
	for i := range m.items {
		sums[i+1] = sums[i] + [...]float64{free: 0, billed: 1, open: share}[m.items[i].role]
	}
	return sums
}

// misplaced returns how many units differ, window by window, under an offset.
func (m *match) misplaced(weights []float64, offset int64) float64 {
	total, last := 0.0, weights[m.before(m.line.bounds[0], offset)]
	for i := range m.line.slots {
		next := weights[m.before(m.line.bounds[i+1], offset)]
		total += math.Abs(float64(m.line.slots[i].units) - (next - last))
		last = next
	}
	return total
}

// before returns how many items lie before an instant of the vendor's clock.
func (m *match) before(bound, offset int64) int {
	i, _ := slices.BinarySearch(m.mids, bound-offset)
	return i
}

// place puts every item into the slot that its middle falls into, and counts the
// slots of each column.
func (m *match) place() {
	for _, c := range m.cols {
		c.cells = c.cells[:0]
	}
	n := len(m.line.slots)
	for i := range m.items {
		it := &m.items[i]
		it.slot = int32(sort.Search(n+1, func(b int) bool { return m.line.bounds[b] > it.mid+m.offset }) - 1)
		if m.inside(it) && m.countable(it) {
			m.cols[it.col].count(it.slot)
		}
	}
}

func (m *match) inside(it *item) bool { return it.slot >= 0 && int(it.slot) < len(m.line.slots) }

// countable leaves out unknown outcomes that were settled; they teach nothing.
func (m *match) countable(it *item) bool {
	return !m.cols[it.col].outcome || m.calls[it.call].Charge == idv.ChargeUnknown
}

func (c *column) count(slot int32) {
	if n := len(c.cells); n > 0 && c.cells[n-1].slot == slot {
		c.cells[n-1].n++
		return
	}
	c.cells = append(c.cells, cell{slot, 1})
}

// assumeRoles takes the charges as they stand in the book.
func (m *match) assumeRoles() {
	for i := range m.items {
		m.items[i].role = roleOf(m.calls[m.items[i].call].Charge)
	}
}

// learnRoles takes the charges of the codes as they were learned, where they were.
func (m *match) learnRoles() {
	for i := range m.items {
		it := &m.items[i]
		c := m.cols[it.col]
		switch {
		case c.outcome || c.Charge == idv.ChargeUnknown:
			it.role = roleOf(m.calls[it.call].Charge)
		case c.billedIn(it.slot):
			it.role = billed
		default:
			it.role = free
		}
	}
}

func roleOf(c idv.Charge) role {
	switch c {
	case idv.Charged:
		return billed
	case idv.NotCharged:
		return free
	}
	return open
}
