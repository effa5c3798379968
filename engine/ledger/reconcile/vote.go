package reconcile

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

// decide counts the votes about a code and concludes. Each window in which the other codes
// leave no doubt is a vote. The confidence comes from the likelihood, but never exceeds
// that of as many fair coin tosses: 0.5 for one window, 0.97 for five.
func (l *learner) decide(c *codeGroup, least float64) {
	c.Windows, c.Against = 0, 0
	for _, v := range l.votes(c) {
		if v.agrees {
			c.Windows++
		} else {
			c.Against++
		}
	}
	c.Confidence = min(c.Confidence, coins(c.Windows-c.Against), mostConfidence)
	c.conclude(least, mixed)
}

// conclude adopts the hypothesis about a group if its confidence is at least least, and at
// most one window in share speaks against it.
func (c *codeGroup) conclude(least float64, share int) {
	c.Charge = idv.ChargeUnknown
	if c.Against*share > c.Windows {
		c.Confidence = min(c.Confidence, 0.5)
	}
	if c.Confidence < least {
		return
	}
	c.Charge = idv.NotCharged
	if c.billed {
		c.Charge = idv.Charged
	}
}

// coins returns the maximum confidence of a number of votes.
func coins(votes int) float64 { return 1 - math.Exp2(-float64(max(votes, 0))) }

type vote struct {
	slot   int32
	agrees bool // with the hypothesis
}

// votes returns the slots in which the hypothesis about the code is at least three times
// as likely as its opposite, or the reverse.
func (l *learner) votes(c *codeGroup) []vote {
	var votes []vote
	for _, at := range c.counts {
		x, open := l.x[at.slot], l.open[at.slot]
		ratio := l.noise.log(x, open) - l.noise.log(x+l.step(c, at), open)
		if math.Abs(ratio) > clearVote {
			votes = append(votes, vote{at.slot, ratio > 0})
		}
	}
	return votes
}

const (
	// leastSide is the minimum number of votes on each side of a change.
	leastSide = 5
	// leastProof is the required gain in log-likelihood from a change, in nats. It is high
	// because a change may be at any vote, and one of them always looks best.
	leastProof = 15
)

// findChange returns the index of the vote with the greatest contrast between the votes
// before it and those from it on: the billing of the code may have changed there. It
// returns 0 if there is none.
func findChange(votes []vote) int {
	total := 0
	for _, v := range votes {
		total += signed(v)
	}
	best, at, sum := 0, 0, 0
	for i, v := range votes {
		if i >= leastSide && len(votes)-i >= leastSide {
			if contrast := max(total-2*sum, 2*sum-total); contrast > best {
				best, at = contrast, i
			}
		}
		sum += signed(v)
	}
	return at
}

func signed(v vote) int {
	if v.agrees {
		return 1
	}
	return -1
}

// detectChange looks for a code whose billing changed at some window and adopts that
// hypothesis. It reports whether it found one.
func (l *learner) detectChange() bool {
	for _, c := range l.codes {
		if c.since > 0 {
			continue
		}
		votes := l.votes(c)
		at := findChange(votes)
		if at == 0 {
			continue
		}
		before, billed, slot := l.likelihood(), c.billed, votes[at].slot
		for _, late := range []bool{!billed, billed} {
			l.set(c, slot, late)
			if l.likelihood() > before+leastProof {
				return true
			}
		}
		l.set(c, 0, billed)
	}
	return false
}

// set adopts the hypothesis that a code is billed or not from a slot on, and the opposite
// before it.
func (l *learner) set(c *codeGroup, since int32, billed bool) {
	for _, at := range c.counts {
		was := c.billedIn(at.slot)
		will := billed != (at.slot < since)
		switch {
		case was && !will:
			l.x[at.slot] += int64(at.n)
		case will && !was:
			l.x[at.slot] -= int64(at.n)
		}
	}
	c.since, c.billed = since, billed
}
