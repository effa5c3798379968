package reconcile

import (
	"cmp"
	"math"
	"slices"
)

// The costs of an explanation. An unexplained unit costs one. A call that was billed in
// the neighboring window costs less, depending on its distance from the edge, so two
// windows that cancel out are explained by the edge and a single one is not. To pass a
// difference through a window costs more than two unexplained units; otherwise distant
// faults would cancel out.
const (
	costUnexplained = 1.0
	costNearest     = 0.5
	costFarthest    = 0.95
	costThrough     = 1.2
)

// prices are the costs of moving a call over an edge and of passing a difference through a
// window.
type prices struct {
	move    func(far, reach float64) float64
	through float64
}

func firstPrices() prices {
	return prices{
		move:    func(far, reach float64) float64 { return costNearest + (costFarthest-costNearest)*far/reach },
		through: costThrough,
	}
}

// mostMoves limits the calls that move over one edge in each direction.
const mostMoves = 32

// edge lists the calls that may move over a bound: those on each side, nearest first.
type edge struct {
	left, right []mover // left of the bound, moving right, and the reverse
	reach       int64   // the maximum distance of a mover
}

type mover struct {
	item int32
	far  int64 // the distance from the bound, less half the duration of the call
}

// findEdges returns the movers of every bound.
func (m *comparison) findEdges() []edge {
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

func (m *comparison) edge(bound, reach, longest int64) edge {
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

// costs returns the cost of each net move over the edge, from all of right moving left to
// all of left moving right; index len(e.right) is no move.
func (e edge) costs(p prices) []float64 {
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

// chain is the timeline as slots with moves over the bounds between them. Dynamic
// programming from both ends finds the cheapest explanation of the whole exactly.
type chain struct {
	x, open  []int64
	through  float64
	zero     []int64     // per bound, the index of no move
	move     [][]float64 // per bound, the cost of each move
	forward  [][]float64 // the lowest cost up to and including a move
	backward [][]float64 // the lowest cost after a move
}

func newChain(x, open []int64, edges []edge, p prices) *chain {
	c := &chain{x: x, open: open, through: p.through}
	for _, e := range edges {
		c.zero, c.move = append(c.zero, int64(len(e.right))), append(c.move, e.costs(p))
	}
	n := len(x)
	c.forward, c.backward = make([][]float64, n+1), make([][]float64, n+1)
	c.forward[0] = c.move[0]
	for i := range n {
		c.forward[i+1] = c.forwardCosts(i)
	}
	c.backward[n] = make([]float64, len(c.move[n]))
	for i := n - 1; i >= 0; i-- {
		c.backward[i] = c.backwardCosts(i)
	}
	return c
}

// slotCost returns the cost of a slot if f units moved in over its left bound and g out
// over its right one, and lo to hi of its open calls were billed.
func (c *chain) slotCost(i int, f, g, lo, hi int64) float64 {
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

func (c *chain) forwardCosts(i int) []float64 {
	next := make([]float64, len(c.move[i+1]))
	for gi := range next {
		best, g := math.Inf(1), int64(gi)-c.zero[i+1]
		for fi, before := range c.forward[i] {
			if before < best {
				best = min(best, before+c.slotCost(i, int64(fi)-c.zero[i], g, 0, c.open[i]))
			}
		}
		next[gi] = best + c.move[i+1][gi]
	}
	return next
}

func (c *chain) backwardCosts(i int) []float64 {
	here := make([]float64, len(c.move[i]))
	for fi := range here {
		best, f := math.Inf(1), int64(fi)-c.zero[i]
		for gi, after := range c.backward[i+1] {
			if after += c.move[i+1][gi]; after < best {
				best = min(best, after+c.slotCost(i, f, int64(gi)-c.zero[i+1], 0, c.open[i]))
			}
		}
		here[fi] = best
	}
	return here
}

// moves returns the cheapest net move over each bound, and the smallest if several are.
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
		cost = func(next int, g int64) float64 { return c.slotCost(next-1, came, g, 0, c.open[next-1]) }
	}
	return moves
}

// outwards lists the moves over a bound from none to the largest.
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

// totalCost returns the cost of the cheapest explanation in which lo to hi of the open
// calls of a slot were billed.
func (c *chain) totalCost(i int, lo, hi int64) float64 {
	best := math.Inf(1)
	for fi, before := range c.forward[i] {
		for gi, after := range c.backward[i+1] {
			whole := before + after + c.move[i+1][gi] + c.slotCost(i, int64(fi)-c.zero[i], int64(gi)-c.zero[i+1], lo, hi)
			best = min(best, whole)
		}
	}
	return best
}
