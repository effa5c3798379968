package reconcile

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

// solution is the cheapest explanation of the whole time-line.
type solution struct {
	chain  *chain
	booked []int64    // per slot, the calls that the book says were charged
	x      []int64    // units that the roles do not explain
	open   []int64    // calls of which nobody knows
	moved  []int64    // per bound, the net number of calls billed to the right of it instead
	taken  []int64    // per slot, how many of the open calls were billed
	rest   []int64    // what is left unexplained
	items  [][2]int32 // per slot, its first item and the one behind its last
}

// solve explains every slot by moves over its edges and by open calls, as cheaply
// as possible.
func (m *match) solve() {
	n := len(m.line.slots)
	s := solution{
		booked: make([]int64, n), x: make([]int64, n), open: make([]int64, n),
		taken: make([]int64, n), rest: make([]int64, n), items: make([][2]int32, n),
	}
	for i := range m.line.slots {
		s.x[i] = m.line.slots[i].units
	}
	for i := range m.items {
		if it := &m.items[i]; m.inside(it) {
			s.add(it, int32(i), m.calls[it.call].Charge)
		}
	}
	m.ranges = m.edges()
	rounds := mostRounds
	s.explain(m.ranges, firstPrice())
	for seen := (tally{}); ; { // each explanation teaches the next, until nothing changes
		t := s.tally(m.ranges)
		p, ok := t.price(n)
		if !ok || rounds == 0 || t == seen {
			break
		}
		s.explain(m.ranges, p)
		seen = t
		rounds--
	}
	m.flow = s
}

func (s *solution) explain(edges []edge, p price) {
	s.chain = newChain(s.x, s.open, edges, p)
	s.moved = s.chain.moves()
	for i := range s.x {
		d := s.x[i] + s.moved[i+1] - s.moved[i]
		s.taken[i] = min(max(d, 0), s.open[i])
		s.rest[i] = d - s.taken[i]
	}
}

// tally is what an explanation used: moves over edges and how far the moved
// calls were on average, and windows with too much and too little.
type tally struct{ edges, far, more, less float64 }

func (s *solution) tally(edges []edge) tally {
	t := tally{}
	moved := 0.0
	for b, f := range s.moved {
		movers := edges[b].left
		if f < 0 {
			movers = edges[b].right
		}
		for _, mv := range movers[:max(f, -f)] {
			t.far += float64(mv.far)
			moved++
		}
		t.edges += min(1, float64(max(f, -f)))
	}
	t.far /= max(moved, 1)
	for _, rest := range s.rest {
		t.more += min(1, float64(max(rest, 0)))
		t.less += min(1, float64(max(-rest, 0)))
	}
	return t
}

// The bounds of what is learned about edges.
const (
	cheapest = 0.2
	dearest  = 0.7
	farthest = 0.98
	easy     = 0.05
	unsteady = 5e8 // nanoseconds that a clock may be off at least
	rareness = 0.05

	mostRounds = 4
)

// price learns from an explanation what is likely: if two edges in a row
// were likelier than two faults that happen to cancel, moves get the price of their
// logarithmic likelihood, as often as they and faults were seen, and differences may
// pass through windows. A fault was hardly seen if it was seen once: it may be such a
// pair of edges itself.
func (t tally) price(windows int) (price, bool) {
	if t.edges*t.edges <= 4*max(t.more-0.5, 0.5)*max(t.less-0.5, 0.5) {
		return price{}, false
	}
	n := float64(windows + 1)
	fault := -math.Log((max(t.more+t.less-1, 0) + rareness) / n)
	near := min(max(-math.Log((t.edges+0.5)/n)/fault, cheapest), dearest)
	scale := max(t.far, unsteady)
	return price{
		move: func(far, _ float64) float64 {
			return min(near+max(far-scale, 0)/scale/fault, farthest)
		},
		through: easy,
	}, true
}

// add counts an item in its slot.
func (s *solution) add(it *item, index int32, charge idv.Charge) {
	if s.items[it.slot][1] == 0 {
		s.items[it.slot][0] = index
	}
	s.items[it.slot][1] = index + 1
	if charge == idv.Charged {
		s.booked[it.slot]++
	}
	switch it.role {
	case billed:
		s.x[it.slot]--
	case open:
		s.open[it.slot]++
	}
}
