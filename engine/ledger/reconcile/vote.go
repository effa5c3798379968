package reconcile

import (
	"math"

	"github.com/heyan-id/heyan/engine/idv"
)

// decide counts the windows that decide a code and says what is known of it. Each
// window in which the other codes leave no doubt is a vote; the confidence is that
// of the likelihood, but never more than one gets from tossing a coin once per vote:
// one window gives a half, five give 0.97.
func (l *learner) decide(c *column, least float64) {
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

// conclude states what is held of the column if that is sure enough, and no more than
// one of so many windows speaks against it.
func (c *column) conclude(least float64, share int) {
	c.Charge = idv.ChargeUnknown
	if c.Against*share > c.Windows {
		c.Confidence = min(c.Confidence, 0.5)
	}
	if c.Confidence < least {
		return
	}
	c.Charge = idv.NotCharged
	if c.on {
		c.Charge = idv.Charged
	}
}

// coins is the confidence that so many votes can give.
func coins(votes int) float64 { return 1 - math.Exp2(-float64(max(votes, 0))) }

type vote struct {
	slot   int32
	agrees bool // with what is held of the code
}

// votes returns the slots in which what is held of the code is at least three times
// as likely as the opposite, or the other way round.
func (l *learner) votes(c *column) []vote {
	var votes []vote
	for _, at := range c.cells {
		x, open := l.x[at.slot], l.open[at.slot]
		ratio := l.noise.log(x, open) - l.noise.log(x+l.step(c, at), open)
		if math.Abs(ratio) > clearVote {
			votes = append(votes, vote{at.slot, ratio > 0})
		}
	}
	return votes
}

const (
	// leastSide is how many votes there must be on each side of a change.
	leastSide = 5
	// leastProof is how much likelier the counts must be with the change, in nats:
	// there are as many places for one as votes, and one of them always looks best.
	leastProof = 15
)

// change returns the vote from which on a code seems to be billed in another way: the
// contrast between the votes before and after it is greatest there. It returns 0 if
// there is none.
func change(votes []vote) int {
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

// turn looks for a code whose billing changed at some window, and holds that it did.
// It reports whether it found one.
func (l *learner) turn() bool {
	for _, c := range l.codes {
		if c.since > 0 {
			continue
		}
		votes := l.votes(c)
		at := change(votes)
		if at == 0 {
			continue
		}
		before, on, slot := l.likelihood(), c.on, votes[at].slot
		for _, late := range []bool{!on, on} {
			l.set(c, slot, late)
			if l.likelihood() > before+leastProof {
				return true
			}
		}
		l.set(c, 0, on)
	}
	return false
}

// set holds a code to be billed or not from a slot on, and the opposite before it.
func (l *learner) set(c *column, since int32, on bool) {
	for _, at := range c.cells {
		was := c.billedIn(at.slot)
		will := on != (at.slot < since)
		switch {
		case was && !will:
			l.x[at.slot] += int64(at.n)
		case will && !was:
			l.x[at.slot] -= int64(at.n)
		}
	}
	c.since, c.on = since, on
}
