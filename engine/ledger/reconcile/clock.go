package reconcile

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Offsets are tried in coarse steps, then in fine steps around the best.
const (
	coarseStep = 15 * time.Second
	fineStep   = time.Second
	// An offset is accepted if it leaves at least leastGain units, plus a share of
	// 1/gainFactor of the misplaced units, less in the wrong window than no offset does.
	leastGain  = 6
	gainFactor = 50
)

// clockOffset estimates the constant offset between the vendor's clock and ours: the one
// with the fewest units in the wrong window.
func (m *comparison) clockOffset() int64 {
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

// plateau searches around an offset in fine steps and returns the middle of the best
// offsets.
func plateau(cost func(time.Duration) float64, around time.Duration) (best time.Duration, least float64) {
	least = math.Inf(1)
	var equal []time.Duration
	for o := around - coarseStep; o <= around+coarseStep; o += fineStep {
		switch c := cost(o); {
		case c < least-0.5:
			least, equal = c, []time.Duration{o}
		case c <= least+0.5:
			least, equal = min(c, least), append(equal, o)
		}
	}
	return equal[len(equal)/2], least
}

// weights returns the running sums of the expected units of the items. Open calls share
// the units that the billed ones leave over.
func (m *comparison) weights() []float64 {
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

// misplaced returns the sum of the differences of all windows for an offset.
func (m *comparison) misplaced(weights []float64, offset int64) float64 {
	total, last := 0.0, weights[m.before(m.line.bounds[0], offset)]
	for i := range m.line.slots {
		next := weights[m.before(m.line.bounds[i+1], offset)]
		total += math.Abs(float64(m.line.slots[i].units) - (next - last))
		last = next
	}
	return total
}

// before returns the number of items before an instant of the vendor's clock.
func (m *comparison) before(bound, offset int64) int {
	i, _ := slices.BinarySearch(m.mids, bound-offset)
	return i
}

// assignSlots sets the slot of every item by its midpoint, and counts the items of each
// group by slot.
func (m *comparison) assignSlots() {
	for _, c := range m.groups {
		c.counts = c.counts[:0]
	}
	n := len(m.line.slots)
	for i := range m.items {
		it := &m.items[i]
		it.slot = int32(sort.Search(n+1, func(b int) bool { return m.line.bounds[b] > it.mid+m.offset }) - 1)
		if m.inside(it) && m.countable(it) {
			m.groups[it.group].count(it.slot)
		}
	}
}

func (m *comparison) inside(it *item) bool { return it.slot >= 0 && int(it.slot) < len(m.line.slots) }

// countable reports whether inference may use an item. An unanswered call that was settled
// says nothing about the others.
func (m *comparison) countable(it *item) bool {
	return !m.groups[it.group].unanswered || m.calls[it.call].Charge == idv.ChargeUnknown
}

func (c *codeGroup) count(slot int32) {
	if n := len(c.counts); n > 0 && c.counts[n-1].slot == slot {
		c.counts[n-1].n++
		return
	}
	c.counts = append(c.counts, slotCount{slot, 1})
}

// assumeRoles sets the roles from the charges in the ledger.
func (m *comparison) assumeRoles() {
	for i := range m.items {
		m.items[i].role = roleOf(m.calls[m.items[i].call].Charge)
	}
}

// learnRoles sets the roles from the inferred charges, else from those in the ledger.
func (m *comparison) learnRoles() {
	for i := range m.items {
		it := &m.items[i]
		c := m.groups[it.group]
		switch {
		case c.unanswered || c.Charge == idv.ChargeUnknown:
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
