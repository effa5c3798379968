package reconcile

import (
	"cmp"
	"math"
	"slices"
)

// What an explanation costs. A unit that nothing explains costs one. To say that a
// call was billed in the neighbouring window costs less, the less the nearer it was
// to the edge; so two windows that cancel are a clock's edge, and a single one is
// not. To push a difference through a window to the one behind it costs more than
// two unexplained units do, or distant faults would hide each other.
const (
	costUnexplained = 1.0
	costNearest     = 0.5
	costFarthest    = 0.95
	costThrough     = 1.2
)

// price is what it costs to move a call, and to pass a difference through a window.
type price struct {
	move    func(far, reach float64) float64
	through float64
}

func firstPrice() price {
	return price{
		move:    func(far, reach float64) float64 { return costNearest + (costFarthest-costNearest)*far/reach },
		through: costThrough,
	}
}

// mostMoves bounds how many calls may be moved over one edge, each way.
const mostMoves = 32

// edge is what may move over a bound: the items on each side, nearest first.
type edge struct {
	left, right []mover // left of the bound, moving right; and the reverse
	reach       int64   // how far a mover may be
}

type mover struct {
	item int32
	far  int64 // from the bound, beyond its own duration
}

// edges finds the movers of every bound.
func (m *match) edges() []edge {
	longest := int64(0)
	for i := range m.items {
		longest = max(longest, m.items[i].half)
	}
	edges := make([]edge, len(m.line.bounds))
	for b, bound := range m.line.bounds {
		edges[b] = m.edge(bound, int64(m.Tolerance)+m.line.unsure[b], longest)
	}
	return edges
}

func (m *match) edge(bound, reach, longest int64) edge {
	e := edge{reach: reach}
	for i := m.before(bound-reach-longest, m.offset); i < len(m.items); i++ {
		it := &m.items[i]
		apart := it.mid + m.offset - bound
		if apart > reach+longest {
			break
		}
		far := max(max(apart, -apart)-it.half, 0)
		if it.role == free || far > reach {
			continue
		}
		if apart < 0 {
			e.left = append(e.left, mover{int32(i), far})
		} else {
			e.right = append(e.right, mover{int32(i), far})
		}
	}
	e.left, e.right = nearest(e.left), nearest(e.right)
	return e
}

func nearest(list []mover) []mover {
	slices.SortFunc(list, func(a, b mover) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.item, b.item)) })
	return list[:min(len(list), mostMoves)]
}

// costs returns what each net move over the edge costs, from all of right leftwards
// to all of left rightwards; index len(e.right) is no move.
func (e edge) costs(p price) []float64 {
	zero := len(e.right)
	c := make([]float64, zero+1+len(e.left))
	for i, mv := range e.right {
		c[zero-i-1] = c[zero-i] + p.move(float64(mv.far), float64(e.reach))
	}
	for i, mv := range e.left {
		c[zero+i+1] = c[zero+i] + p.move(float64(mv.far), float64(e.reach))
	}
	return c
}

// chain is the time-line as a chain of slots with moves over the bounds between
// them. The cheapest explanation of the whole is found exactly, by dynamic
// programming from both ends.
type chain struct {
	x, open  []int64
	through  float64
	zero     []int64     // per bound, the index of no move
	move     [][]float64 // per bound, the cost of each move
	forward  [][]float64 // the cheapest way to come to a move, with its cost
	backward [][]float64 // the cheapest way to go on from it
}

func newChain(x, open []int64, edges []edge, p price) *chain {
	c := &chain{x: x, open: open, through: p.through}
	for _, e := range edges {
		c.zero, c.move = append(c.zero, int64(len(e.right))), append(c.move, e.costs(p))
	}
	n := len(x)
	c.forward, c.backward = make([][]float64, n+1), make([][]float64, n+1)
	c.forward[0] = c.move[0]
	for i := range n {
		c.forward[i+1] = c.ahead(i)
	}
	c.backward[n] = make([]float64, len(c.move[n]))
	for i := n - 1; i >= 0; i-- {
		c.backward[i] = c.back(i)
	}
	return c
}

// slot is what the counts of a slot cost when f units moved in over its left bound
// and g out over its right one, and from lo to hi of the open calls were billed.
func (c *chain) slot(i int, f, g, lo, hi int64) float64 {
	d := c.x[i] + g - f
	cost := float64(max(lo-d, d-hi, 0)) * costUnexplained
	if units := passing(f, g); units > 0 {
		cost += c.through * float64(units)
	}
	return cost
}

func passing(f, g int64) int64 {
	if f < 0 {
		f, g = -f, -g
	}
	return min(f, g)
}

func (c *chain) ahead(i int) []float64 {
	next := make([]float64, len(c.move[i+1]))
	for gi := range next {
		best, g := math.Inf(1), int64(gi)-c.zero[i+1]
		for fi, before := range c.forward[i] {
			if before < best {
				best = min(best, before+c.slot(i, int64(fi)-c.zero[i], g, 0, c.open[i]))
			}
		}
		next[gi] = best + c.move[i+1][gi]
	}
	return next
}

func (c *chain) back(i int) []float64 {
	here := make([]float64, len(c.move[i]))
	for fi := range here {
		best, f := math.Inf(1), int64(fi)-c.zero[i]
		for gi, after := range c.backward[i+1] {
			if after += c.move[i+1][gi]; after < best {
				best = min(best, after+c.slot(i, f, int64(gi)-c.zero[i+1], 0, c.open[i]))
			}
		}
		here[fi] = best
	}
	return here
}

// moves returns the cheapest net move over each bound, and of equal ones the smallest.
func (c *chain) moves() []int64 {
	moves := make([]int64, len(c.move))
	cost := func(int, int64) float64 { return 0 }
	for b := range c.move {
		best := math.Inf(1)
		for _, f := range outwards(c.zero[b], int64(len(c.move[b]))) {
			total := cost(b, f) + c.move[b][f+c.zero[b]] + c.backward[b][f+c.zero[b]]
			if total < best-1e-9 {
				best, moves[b] = total, f
			}
		}
		came := moves[b]
		cost = func(next int, g int64) float64 { return c.slot(next-1, came, g, 0, c.open[next-1]) }
	}
	return moves
}

// outwards lists the moves of a bound from none to the largest.
func outwards(zero, n int64) []int64 {
	list := []int64{0}
	for d := int64(1); d <= max(zero, n-1-zero); d++ {
		if d < n-zero {
			list = append(list, d)
		}
		if d <= zero {
			list = append(list, -d)
		}
	}
	return list
}

// with returns what the cheapest explanation of the whole costs if from lo to hi of
// the open calls of a slot were billed.
func (c *chain) with(i int, lo, hi int64) float64 {
	best := math.Inf(1)
	for fi, before := range c.forward[i] {
		for gi, after := range c.backward[i+1] {
			whole := before + after + c.move[i+1][gi] + c.slot(i, int64(fi)-c.zero[i], int64(gi)-c.zero[i+1], lo, hi)
			best = min(best, whole)
		}
	}
	return best
}
