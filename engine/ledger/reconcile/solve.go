package reconcile

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

// solution is the cheapest explanation of the whole timeline.
type solution struct {
	chain   *chain
	charged []int64    // per slot, the calls charged in the ledger
	x       []int64    // per slot, the units that the roles do not explain
	open    []int64    // per slot, the calls of unknown role
	moved   []int64    // per bound, the net number of calls billed on its right instead
	taken   []int64    // per slot, the number of open calls that were billed
	rest    []int64    // per slot, the unexplained units
	items   [][2]int32 // per slot, the range of its items
}

// solve finds the cheapest explanation of all slots by moves over edges and open calls.
func (m *comparison) solve() {
	n := len(m.line.slots)
	s := solution{
		charged: make([]int64, n), x: make([]int64, n), open: make([]int64, n),
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
	m.edges = m.findEdges()
	rounds := mostRounds
	s.explain(m.edges, firstPrices())
	for seen := (tally{}); ; { // each explanation sets the prices of the next, until nothing changes
		t := s.tally(m.edges)
		p, ok := t.prices(n)
		if !ok || rounds == 0 || t == seen {
			break
		}
		s.explain(m.edges, p)
		seen = t
		rounds--
	}
	m.flow = s
}

func (s *solution) explain(edges []edge, p prices) {
	s.chain = newChain(s.x, s.open, edges, p)
	s.moved = s.chain.moves()
	for i := range s.x {
		d := s.x[i] + s.moved[i+1] - s.moved[i]
		s.taken[i] = min(max(d, 0), s.open[i])
		s.rest[i] = d - s.taken[i]
	}
}

// tally sums up an explanation: the edges with moves and the mean distance of the moved
// calls, and the windows with too many and too few units.
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

// The limits of the prices that are inferred from an explanation.
const (
	cheapest = 0.2
	dearest  = 0.7
	farthest = 0.98
	easy     = 0.05
	unsteady = 5e8 // the minimum jitter of a clock in nanoseconds
	rareness = 0.05

	mostRounds = 4
)

// prices infers prices from an explanation. If two moves in a row are more likely than two
// faults that happen to cancel out, a move costs its log-likelihood relative to that of a
// fault, and differences may pass through windows. A single fault counts little, since it
// may be such a pair of moves itself.
func (t tally) prices(windows int) (prices, bool) {
	if t.edges*t.edges <= 4*max(t.more-0.5, 0.5)*max(t.less-0.5, 0.5) {
		return prices{}, false
	}
	n := float64(windows + 1)
	fault := -math.Log((max(t.more+t.less-1, 0) + rareness) / n)
	near := min(max(-math.Log((t.edges+0.5)/n)/fault, cheapest), dearest)
	scale := max(t.far, unsteady)
	return prices{
		move: func(far, _ float64) float64 {
			return min(near+max(far-scale, 0)/scale/fault, farthest)
		},
		through: easy,
	}, true
}

// add adds an item to its slot.
func (s *solution) add(it *item, index int32, charge idv.Charge) {
	if s.items[it.slot][1] == 0 {
		s.items[it.slot][0] = index
	}
	s.items[it.slot][1] = index + 1
	if charge == idv.Charged {
		s.charged[it.slot]++
	}
	switch it.role {
	case billed:
		s.x[it.slot]--
	case open:
		s.open[it.slot]++
	}
}
