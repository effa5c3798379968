package reconcile

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// clearMargin is how much more than the best explanation the opposite has to cost,
	// almost a whole unexplained unit. A call of the neighbour that lay near the edge
	// costs less, and then nothing is clear.
	clearMargin = 0.9
	// nearby is how many windows to each side show how reliable counts are: a day.
	nearby = 144
)

// settle proposes what to do with the calls whose charge is unknown.
func (m *match) settle(r *Report) {
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
				From: instant(s.from), To: instant(s.to), Attempts: left, Billed: m.flow.taken[i], Why: doubt,
			})
		}
	}
	m.outcomes()
}

// judge says whether all of a slot's open calls were billed, or none.
func (m *match) judge(i int, q quality) (idv.Charge, float64, Doubt) {
	c, open, taken := m.flow.chain, m.flow.open[i], m.flow.taken[i]
	if taken != 0 && taken != open {
		return idv.ChargeUnknown, 0, DoubtBetween
	}
	if m.flow.rest[i] != 0 {
		return idv.ChargeUnknown, 0, DoubtNoise
	}
	opposite, charge, confidence := c.with(i, 1, open), idv.NotCharged, 1-q.share(i, q.less)
	if taken == open {
		opposite, charge, confidence = c.with(i, 0, open-1), idv.Charged, 1-q.share(i, q.more)
	}
	switch {
	case opposite-c.with(i, taken, taken) < clearMargin:
		return idv.ChargeUnknown, 0, DoubtEdge
	case confidence < m.MinConfidence:
		return idv.ChargeUnknown, 0, DoubtNoise
	}
	return charge, min(confidence, mostConfidence), ""
}

// proposals settles the calls of a slot by their code, or by the slot as a whole, and
// returns those it cannot settle.
func (m *match) proposals(r *Report, i int, charge idv.Charge, confidence float64) (left []string) {
	for _, it := range m.in(i) {
		call, col := &m.calls[it.call], m.cols[it.col]
		if call.Charge != idv.ChargeUnknown {
			continue
		}
		p := Proposal{Attempt: call.Attempt, Provider: call.Provider, Code: call.Code, From: instant(m.line.slots[i].from), To: instant(m.line.slots[i].to)}
		switch {
		case it.role != open:
			p.byCode(col, it.role)
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

func (p *Proposal) byCode(c *column, r role) {
	p.Basis, p.Charge, p.Confidence = BasisCode, idv.NotCharged, c.Confidence
	word := "is not billed"
	if r == billed {
		p.Charge, word = idv.Charged, "is billed"
	}
	p.Why = fmt.Sprintf("reconciled: code %s %s, %d windows decide it", c.Code, word, c.Windows)
}

func (p *Proposal) byWindow(charge idv.Charge, confidence float64, open int64) {
	p.Basis, p.Charge, p.Confidence = BasisWindow, charge, confidence
	word := "none"
	if charge == idv.Charged {
		word = "all"
	}
	p.Why = fmt.Sprintf("reconciled: %s of the %d open calls of the window %s were billed", word, open, p.From.Format(time.DateTime))
}

// quality is how many windows are off without anything open in them, as running sums.
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

// share returns how often a window near slot i is off, half a case added: what was
// not seen in few windows may yet be.
func (q quality) share(i int, off []int) float64 {
	from, to := max(i-nearby, 0), min(i+nearby+1, len(q.clean)-1)
	return (float64(off[to]-off[from]) + 0.5) / (float64(q.clean[to]-q.clean[from]) + 1)
}

// countOutcomes counts a slot for and against the kinds of unknown outcome that it
// holds, by its likeliest explanation. It does so whether the slot is settled or not:
// doubt falls on one of the two more often than on the other.
func (m *match) countOutcomes(i int) {
	for _, it := range m.in(i) {
		c := m.cols[it.col]
		if it.role != open || !c.outcome || c.counted == i+1 {
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

// outcomes says how calls without an answer were billed. It describes; no call is
// settled by it.
func (m *match) outcomes() {
	for _, c := range m.cols {
		if !c.outcome {
			if c.since > 0 {
				c.Since = instant(m.line.slots[c.since].from)
			}
			continue
		}
		c.Windows, c.Against, c.on = c.posted, c.voided, true
		if c.voided > c.posted {
			c.Windows, c.Against, c.on = c.voided, c.posted, false
		}
		c.Confidence = min(coins(c.Windows-c.Against), mostConfidence)
		c.conclude(m.MinConfidence, mixedOutcomes)
	}
}

// foreign adds up what was billed beyond our calls.
func (m *match) foreign() Foreign {
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
