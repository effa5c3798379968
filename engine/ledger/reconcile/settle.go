package reconcile

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// clearMargin is the required extra cost of the opposite explanation, almost a whole
	// unexplained unit. If a call of a neighboring window near the edge explains the count
	// for less, the evidence is not clear.
	clearMargin = 0.9
	// nearby is the number of windows on each side that show how reliable counts are: a day.
	nearby = 144
)

// settle proposes how to settle the calls of unknown charge.
func (m *comparison) settle(r *Report) {
	quality := newQuality(&m.flow)
	for i := range m.line.slots {
		charge, confidence, doubt := idv.ChargeUnknown, 0.0, Doubt("")
		if m.flow.open[i] > 0 {
			m.countOutcomes(i)
			charge, confidence, doubt = m.judge(i, quality)
		}
		left := m.proposals(r, i, charge, confidence)
		if len(left) > 0 {
			s := m.line.slots[i]
			r.Unsettled = append(r.Unsettled, Unsettled{
				From: instant(s.from), To: instant(s.to), Attempts: left, Billed: m.flow.taken[i], Reason: doubt,
			})
		}
	}
	m.outcomes()
}

// judge decides whether all open calls of a slot were billed, or none, or that it is in
// doubt.
func (m *comparison) judge(i int, q quality) (idv.Charge, float64, Doubt) {
	c, open, taken := m.flow.chain, m.flow.open[i], m.flow.taken[i]
	if taken != 0 && taken != open {
		return idv.ChargeUnknown, 0, DoubtBetween
	}
	if m.flow.rest[i] != 0 {
		return idv.ChargeUnknown, 0, DoubtNoise
	}
	opposite, charge, confidence := c.totalCost(i, 1, open), idv.NotCharged, 1-q.share(i, q.less)
	if taken == open {
		opposite, charge, confidence = c.totalCost(i, 0, open-1), idv.Charged, 1-q.share(i, q.more)
	}
	switch {
	case opposite-c.totalCost(i, taken, taken) < clearMargin:
		return idv.ChargeUnknown, 0, DoubtEdge
	case confidence < m.MinConfidence:
		return idv.ChargeUnknown, 0, DoubtNoise
	}
	return charge, min(confidence, mostConfidence), ""
}

// proposals adds proposals for the calls of a slot, by their code or by the slot as a
// whole, and returns the attempts that remain unsettled.
func (m *comparison) proposals(r *Report, i int, charge idv.Charge, confidence float64) (left []string) {
	for _, it := range m.in(i) {
		call, group := &m.calls[it.call], m.groups[it.group]
		if call.Charge != idv.ChargeUnknown {
			continue
		}
		p := Proposal{Attempt: call.Attempt, Provider: call.Provider, Code: call.Code, From: instant(m.line.slots[i].from), To: instant(m.line.slots[i].to)}
		switch {
		case it.role != open:
			p.byCode(group, it.role)
		case charge == idv.ChargeUnknown:
			left = append(left, call.Attempt)
			continue
		default:
			p.byWindow(charge, confidence, m.flow.open[i])
		}
		r.Proposals = append(r.Proposals, p)
	}
	return left
}

func (p *Proposal) byCode(c *codeGroup, r role) {
	p.Basis, p.Charge, p.Confidence = BasisCode, idv.NotCharged, c.Confidence
	word := "is not billed"
	if r == billed {
		p.Charge, word = idv.Charged, "is billed"
	}
	p.Reason = fmt.Sprintf("reconciled: code %s %s; supporting windows: %d", c.Code, word, c.Windows)
}

func (p *Proposal) byWindow(charge idv.Charge, confidence float64, open int64) {
	p.Basis, p.Charge, p.Confidence = BasisWindow, charge, confidence
	word := "none"
	if charge == idv.Charged {
		word = "all"
	}
	p.Reason = fmt.Sprintf("reconciled: %s of the %d unknown calls in the window %s billed", word, open, zoned(p.From))
}

// quality has running sums over the windows without open calls: all, those with too many
// units and those with too few.
type quality struct{ clean, more, less []int }

func newQuality(s *solution) quality {
	n := len(s.rest)
	q := quality{make([]int, n+1), make([]int, n+1), make([]int, n+1)}
	for i, rest := range s.rest {
		q.clean[i+1], q.more[i+1], q.less[i+1] = q.clean[i], q.more[i], q.less[i]
		if s.open[i] > 0 {
			continue
		}
		q.clean[i+1]++
		switch {
		case rest > 0:
			q.more[i+1]++
		case rest < 0:
			q.less[i+1]++
		}
	}
	return q
}

// share returns the share of windows near slot i that are off. It adds half a case, since
// a fault that was not seen in few windows is still possible.
func (q quality) share(i int, off []int) float64 {
	from, to := max(i-nearby, 0), min(i+nearby+1, len(q.clean)-1)
	return (float64(off[to]-off[from]) + 0.5) / (float64(q.clean[to]-q.clean[from]) + 1)
}

// countOutcomes counts a slot for and against the groups of its unanswered calls, by its
// most likely explanation. It counts unsettled slots too; leaving them out would bias the
// result, since doubt is more frequent for one of the two outcomes.
func (m *comparison) countOutcomes(i int) {
	for _, it := range m.in(i) {
		c := m.groups[it.group]
		if it.role != open || !c.unanswered || c.counted == i+1 {
			continue
		}
		c.counted = i + 1
		if m.flow.taken[i] > 0 {
			c.posted++
		}
		if m.flow.taken[i] < m.flow.open[i] {
			c.voided++
		}
	}
}

// outcomes concludes how unanswered calls were billed. The result only describes; it
// settles no call.
func (m *comparison) outcomes() {
	for _, c := range m.groups {
		if !c.unanswered {
			if c.since > 0 {
				c.Since = instant(m.line.slots[c.since].from)
			}
			continue
		}
		c.Windows, c.Against, c.billed = c.posted, c.voided, true
		if c.voided > c.posted {
			c.Windows, c.Against, c.billed = c.voided, c.posted, false
		}
		c.Confidence = min(coins(c.Windows-c.Against), mostConfidence)
		c.conclude(m.MinConfidence, mixedOutcomes)
	}
}

// foreign sums up the units billed beyond the calls by heyan.
func (m *comparison) foreign() Foreign {
	f, less := Foreign{Pattern: PatternNone}, 0
	first, last := -1, -1
	for i, rest := range m.flow.rest {
		if rest < 0 {
			less++
		}
		parts := m.restPart(i)
		if len(parts) == 0 || parts[0].Cause != ForeignUse {
			continue
		}
		f.Units += rest
		f.Windows++
		if len(m.in(i)) == 0 {
			f.IdleWindows++
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	if f.Windows == 0 {
		return f
	}
	f.First, f.Last = instant(m.line.slots[first].from), instant(m.line.slots[last].to)
	f.PerDay = float64(f.Units) / (f.Last.Sub(f.First).Hours() / 24)
	f.Pattern = pattern(f, less, last-first+1)
	return f
}

func pattern(f Foreign, less, span int) Pattern {
	switch {
	case f.Windows < 3:
		return PatternIsolated
	case less*2 >= f.Windows && f.Units < 2*int64(f.Windows):
		return PatternBalanced
	case f.Windows*2 >= span && f.Windows >= 6:
		return PatternSteady
	}
	return PatternRepeated
}
