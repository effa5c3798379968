package reconcile

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	mostConfidence = 0.999
	// assumption is the weight of what the book says of a code's billing, in nats:
	// a hundred to one.
	assumption = 4.6
	climbs     = 12 // rounds of improvement at most
	mostTurns  = 4  // codes whose billing changed within the export
	// clearVote is the log of how many times likelier one of the two must be for a
	// window to be counted as deciding.
	clearVote = 1.1
	// mixed is the share of windows that may contradict a code's rule: a quarter of
	// those that support it.
	mixed = 4
	// mixedOutcomes is the same for unknown outcomes, each of which has its own fate:
	// a few on the other side already show that there is no rule.
	mixedOutcomes = 20
)

// learner looks for the set of billed codes under which the windows' counts are
// most likely.
type learner struct {
	x     []int64 // units of each slot that the codes held to be billed do not explain
	open  []int64 // unknown outcomes in each slot
	codes []*column
	noise noise
}

// learn decides for each code whether it is billed, and gives the items their roles.
func (m *match) learn() {
	l := m.newLearner()
	l.explain()
	for range mostTurns {
		if !l.turn() {
			break
		}
		l.explain()
	}
	for _, c := range l.codes {
		l.decide(c, m.MinConfidence)
	}
	m.learnRoles()
}

// explain finds the best hypothesis, and how much better it is than its opposites.
func (l *learner) explain() {
	best := l.search()
	for range len(l.codes) { // an opposite that turns out better is a better start
		if !l.weighAll(&best) {
			break
		}
	}
	l.restore(best)
}

func (l *learner) weighAll(best *state) bool {
	for _, c := range l.codes {
		if l.weigh(c, best) {
			return true
		}
	}
	return false
}

func (m *match) newLearner() *learner {
	l := &learner{x: make([]int64, len(m.line.slots)), open: make([]int64, len(m.line.slots))}
	for i, s := range m.line.slots {
		l.x[i] = s.units
	}
	for _, c := range m.cols {
		if c.outcome {
			for _, cell := range c.cells {
				l.open[cell.slot] += int64(cell.n)
			}
			continue
		}
		c.on, c.since, c.Windows, c.Against = false, 0, 0, 0
		l.codes = append(l.codes, c)
	}
	for i := range m.items {
		it := &m.items[i]
		if c := m.cols[it.col]; c.outcome && m.inside(it) && m.calls[it.call].Charge == idv.Charged {
			l.x[it.slot]--
		}
	}
	return l
}

// state is a hypothesis: which codes are billed.
type state struct {
	on         []bool
	likelihood float64
}

func (l *learner) save() state {
	s := state{likelihood: l.likelihood()}
	for _, c := range l.codes {
		s.on = append(s.on, c.on)
	}
	return s
}

func (l *learner) restore(s state) {
	for i, c := range l.codes {
		if c.on != s.on[i] {
			l.toggle(c)
		}
	}
	l.noise = measure(l.x, l.open)
}

// search climbs from two ends: no unknown code is billed, and all are.
func (l *learner) search() state {
	var best state
	for i, start := range []bool{false, true} {
		for _, c := range l.codes {
			want := c.Assumed == idv.Charged || c.Assumed == idv.ChargeUnknown && start
			if c.on != want {
				l.toggle(c)
			}
		}
		l.noise = doubtful()
		l.climb(nil)
		if s := l.save(); i == 0 || s.likelihood > best.likelihood {
			best = s
		}
	}
	l.restore(best)
	return best
}

// climb changes one code after the other while that makes the counts more likely.
// The code kept stays as it is.
func (l *learner) climb(kept *column) {
	for range climbs {
		changed := false
		for _, c := range l.codes {
			if c != kept && l.gain(c) > 1e-9 {
				l.toggle(c)
				changed = true
			}
		}
		l.noise = measure(l.x, l.open)
		if !changed {
			return
		}
	}
}

// toggle holds a code to be billed, or no longer.
func (l *learner) toggle(c *column) {
	for _, cell := range c.cells {
		l.x[cell.slot] += l.step(c, cell)
	}
	c.on = !c.on
}

// step is how much the unexplained units of a slot change if the code is toggled.
func (l *learner) step(c *column, at cell) int64 {
	if c.billedIn(at.slot) {
		return int64(at.n)
	}
	return -int64(at.n)
}

// gain is how much more likely the counts would be if the code were toggled.
func (l *learner) gain(c *column) float64 {
	gain := -2 * c.prior()
	for _, at := range c.cells {
		x, open := l.x[at.slot], l.open[at.slot]
		gain += l.noise.log(x+l.step(c, at), open) - l.noise.log(x, open)
	}
	return gain
}

// prior is how much the book's assumption speaks for what is held of the code.
func (c *column) prior() float64 {
	switch {
	case c.Assumed == idv.ChargeUnknown:
		return 0
	case c.on == (c.Assumed == idv.Charged):
		return assumption / 2
	}
	return -assumption / 2
}

func (l *learner) likelihood() float64 {
	sum := 0.0
	for i, x := range l.x {
		sum += l.noise.log(x, l.open[i])
	}
	for _, c := range l.codes {
		sum += c.prior()
	}
	return sum
}

// weigh compares the best hypothesis with the best of those that say the opposite of
// one code; what the other codes can make up for is no evidence. It reports whether
// the opposite is better, and then makes it the best.
func (l *learner) weigh(c *column, best *state) bool {
	l.restore(*best)
	l.toggle(c)
	l.climb(c)
	other := l.save()
	l.restore(*best)
	if other.likelihood > best.likelihood+1e-6 {
		*best = other
		return true
	}
	c.Confidence = 1 / (1 + math.Exp(other.likelihood-best.likelihood))
	return false
}
