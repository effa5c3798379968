package reconcile

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	mostConfidence = 0.999
	// assumption is the weight of the ledger's assumption about a code, in nats: a hundred
	// to one.
	assumption  = 4.6
	mostClimbs  = 12 // maximum rounds of improvement
	mostChanges = 4  // maximum codes whose billing changes within a statement
	// clearVote is the log-likelihood ratio that makes a window a vote.
	clearVote = 1.1
	// mixed limits the windows that contradict a code's billing to a quarter of those that
	// support it.
	mixed = 4
	// mixedOutcomes is the same for unanswered calls. They are billed one by one, so even a
	// few contradictions show that there is no rule.
	mixedOutcomes = 20
)

// learner searches the set of billed codes that makes the counts of the windows most
// likely.
type learner struct {
	x     []int64 // per slot, the units that the hypothesis does not explain
	open  []int64 // per slot, the unanswered calls
	codes []*codeGroup
	noise noise
}

// learn decides for each code whether it is billed, and sets the roles of the items.
func (m *comparison) learn() {
	l := m.newLearner()
	l.explain()
	for range mostChanges {
		if !l.detectChange() {
			break
		}
		l.explain()
	}
	for _, c := range l.codes {
		l.decide(c, m.MinConfidence)
	}
	m.learnRoles()
}

// explain finds the best hypothesis and, for each code, the confidence in it.
func (l *learner) explain() {
	best := l.search()
	for range len(l.codes) { // a better opposite is the next start
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

func (m *comparison) newLearner() *learner {
	l := &learner{x: make([]int64, len(m.line.slots)), open: make([]int64, len(m.line.slots))}
	for i, s := range m.line.slots {
		l.x[i] = s.units
	}
	for _, c := range m.groups {
		if c.unanswered {
			for _, cell := range c.counts {
				l.open[cell.slot] += int64(cell.n)
			}
			continue
		}
		c.billed, c.since, c.Windows, c.Against = false, 0, 0, 0
		l.codes = append(l.codes, c)
	}
	for i := range m.items {
		it := &m.items[i]
		if c := m.groups[it.group]; c.unanswered && m.inside(it) && m.calls[it.call].Charge == idv.Charged {
			l.x[it.slot]--
		}
	}
	return l
}

// state is a hypothesis about all codes.
type state struct {
	billed     []bool
	likelihood float64
}

func (l *learner) save() state {
	s := state{likelihood: l.likelihood()}
	for _, c := range l.codes {
		s.billed = append(s.billed, c.billed)
	}
	return s
}

func (l *learner) restore(s state) {
	for i, c := range l.codes {
		if c.billed != s.billed[i] {
			l.toggle(c)
		}
	}
	l.noise = measure(l.x, l.open)
}

// search climbs from two starts: no unknown code is billed, and all are.
func (l *learner) search() state {
	var best state
	for i, start := range []bool{false, true} {
		for _, c := range l.codes {
			want := c.Assumed == idv.Charged || c.Assumed == idv.ChargeUnknown && start
			if c.billed != want {
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

// climb toggles one code after the other while that makes the counts more likely. It
// leaves the code kept unchanged.
func (l *learner) climb(kept *codeGroup) {
	for range mostClimbs {
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

// toggle inverts the hypothesis about a code.
func (l *learner) toggle(c *codeGroup) {
	for _, cell := range c.counts {
		l.x[cell.slot] += l.step(c, cell)
	}
	c.billed = !c.billed
}

// step returns the change of the unexplained units of a slot if the code is toggled.
func (l *learner) step(c *codeGroup, at slotCount) int64 {
	if c.billedIn(at.slot) {
		return int64(at.n)
	}
	return -int64(at.n)
}

// gain returns the gain in log-likelihood if the code is toggled.
func (l *learner) gain(c *codeGroup) float64 {
	gain := -2 * c.prior()
	for _, at := range c.counts {
		x, open := l.x[at.slot], l.open[at.slot]
		gain += l.noise.log(x+l.step(c, at), open) - l.noise.log(x, open)
	}
	return gain
}

// prior returns the weight of the ledger's assumption for the hypothesis about a code.
func (c *codeGroup) prior() float64 {
	switch {
	case c.Assumed == idv.ChargeUnknown:
		return 0
	case c.billed == (c.Assumed == idv.Charged):
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

// weigh compares the best hypothesis with the best one that has the opposite for one code,
// since differences that other codes can explain are no evidence. It reports whether the
// opposite is better, and then adopts it.
func (l *learner) weigh(c *codeGroup, best *state) bool {
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
