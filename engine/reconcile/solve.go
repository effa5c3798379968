package reconcile

import "github.com/heyan-id/heyan/engine/idv"

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
	s.explain(m.ranges, costThrough)
	if s.edgy() {
		s.explain(m.ranges, costThroughEasy)
	}
	m.flow = s
}

func (s *solution) explain(edges []edge, through float64) {
	s.chain = newChain(s.x, s.open, edges, through)
	s.moved = s.chain.moves()
	for i := range s.x {
		d := s.x[i] + s.moved[i+1] - s.moved[i]
		s.taken[i] = min(max(d, 0), s.open[i])
		s.rest[i] = d - s.taken[i]
	}
}

// edgy reports whether two calls in a row that were billed in the neighbour are
// likelier than two faults that happen to cancel, as often as each was seen.
func (s *solution) edgy() bool {
	edges, more, less := 0.0, 0.0, 0.0
	for i, rest := range s.rest {
		switch {
		case rest > 0:
			more++
		case rest < 0:
			less++
		}
		if s.moved[i] != 0 {
			edges++
		}
	}
	return more > 0 && less > 0 && edges*edges > 4*more*less
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
