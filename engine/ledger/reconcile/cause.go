package reconcile

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

func instant(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).In(idv.China()) }

// report returns the result of the comparison.
func (m *comparison) report() Report {
	r := m.empty()
	r.From, r.To = instant(m.line.bounds[0]), instant(m.line.bounds[len(m.line.slots)])
	for i := range m.line.slots {
		if d, ok := m.difference(i, &r.Totals); ok {
			r.Differences = append(r.Differences, d)
		}
	}
	r.Totals.Outside = int64(len(m.items)) - r.Totals.Calls
	r.Totals.sum(r.Differences)
	r.Foreign = m.foreign()
	m.settle(&r)
	for _, c := range m.groups {
		r.Codes = append(r.Codes, c.Learned)
	}
	return r
}

// empty returns a report without findings.
func (m *comparison) empty() Report {
	return Report{
		ClockOffset: time.Duration(m.offset).Seconds(), Tolerance: m.Tolerance.Seconds(),
		Totals:      Totals{Windows: len(m.line.slots), Lines: m.line.lines, Skipped: m.line.skipped, Billed: m.line.units, ByCause: []CauseTotal{}},
		Differences: []Difference{}, Proposals: []Proposal{}, Unsettled: []Unsettled{}, Codes: []Learned{},
		Foreign: Foreign{Pattern: PatternNone},
	}
}

// unbilled returns the report on a statement without a line.
func (m *comparison) unbilled() Report {
	r := m.empty()
	r.Totals.Windows = 0
	d := Difference{From: m.From, To: m.To, Serials: []string{}}
	part := Part{Cause: MissingBilling}
	for _, it := range m.items {
		c := &m.calls[it.call]
		if !m.From.IsZero() && c.At.Before(m.From) || !m.To.IsZero() && !c.At.Before(m.To) {
			r.Totals.Outside++
			continue
		}
		if m.From.IsZero() && r.Totals.Calls == 0 {
			d.From = c.At
		}
		if m.To.IsZero() && c.At.After(d.To) {
			d.To = c.At
		}
		r.Totals.Calls++
		switch c.Charge {
		case idv.Charged:
			d.Charged++
			if len(part.Attempts) < MostAttempts {
				part.Attempts = append(part.Attempts, c.Attempt)
			}
		case idv.ChargeUnknown:
			d.Unknown++
		}
	}
	d.From, d.To = inChina(d.From), inChina(d.To)
	r.From, r.To, r.Totals.Charged, r.Totals.Unknown = d.From, d.To, d.Charged, d.Unknown
	if d.Charged > 0 {
		d.Units, part.Units = -d.Charged, -d.Charged
		d.Parts = []Part{part}
		r.Differences = append(r.Differences, d)
	}
	r.Totals.sum(r.Differences)
	return r
}

// inChina returns a time in China Standard Time, and the zero time as it is.
func inChina(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(idv.China())
}

func (t *Totals) sum(list []Difference) {
	t.Different = len(list)
	byCause := map[Cause]CauseTotal{}
	for _, d := range list {
		if d.Alarming() {
			t.Alarming++
		}
		for _, p := range d.Parts {
			c := byCause[p.Cause]
			byCause[p.Cause] = CauseTotal{p.Cause, c.Parts + 1, c.Units + p.Units}
		}
	}
	for _, c := range Causes() {
		if byCause[c].Parts > 0 {
			t.ByCause = append(t.ByCause, byCause[c])
		}
	}
}

// difference returns the explanation of a slot, false if the slot needs none.
func (m *comparison) difference(i int, t *Totals) (Difference, bool) {
	s := m.line.slots[i]
	d := Difference{
		From: instant(s.from), To: instant(s.to), Serials: append([]string{}, s.serials...),
		Billed: s.units, Charged: m.flow.charged[i], Units: s.units - m.flow.charged[i],
	}
	codes := make(map[int32]int64)
	for _, it := range m.in(i) {
		c := &m.calls[it.call]
		if c.Charge == idv.ChargeUnknown {
			d.Unknown++
		}
		if charged := roleOf(c.Charge) == billed; charged != (it.role == billed) && it.role != open {
			codes[it.group] += sign(it.role == billed)
		}
	}
	t.Calls += int64(len(m.in(i)))
	t.Charged += d.Charged
	t.Unknown += d.Unknown
	d.Parts = append(m.edgeParts(i), m.codeParts(i, codes)...)
	d.Parts = append(d.Parts, m.openPart(i)...)
	d.Parts = append(d.Parts, m.restPart(i)...)
	return d, len(d.Parts) > 0
}

func sign(more bool) int64 {
	if more {
		return 1
	}
	return -1
}

// in returns the items of a slot.
func (m *comparison) in(i int) []item { return m.items[m.flow.items[i][0]:m.flow.items[i][1]] }

// edgeParts returns the units that were billed on the other side of the slot's bounds.
func (m *comparison) edgeParts(i int) []Part {
	var parts []Part
	if f := m.flow.moved[i]; f != 0 {
		parts = append(parts, m.edgePart(i, f, i-1))
	}
	if g := m.flow.moved[i+1]; g != 0 {
		parts = append(parts, m.edgePart(i+1, -g, i+1))
	}
	return parts
}

func (m *comparison) edgePart(bound int, units int64, neighbour int) Part {
	p := Part{Cause: ClockEdge, Units: units, Explained: true}
	if neighbour >= 0 && neighbour < len(m.line.slots) {
		p.Neighbour = instant(m.line.slots[neighbour].from)
	}
	movers := m.edges[bound].left
	if m.flow.moved[bound] < 0 {
		movers = m.edges[bound].right
	}
	for _, mv := range movers[:max(units, -units)] {
		p.Attempts = append(p.Attempts, m.calls[m.items[mv.item].call].Attempt)
	}
	return p
}

// codeParts returns the units of codes whose inferred billing differs from the ledger.
func (m *comparison) codeParts(i int, units map[int32]int64) []Part {
	var parts []Part
	for group, c := range m.groups {
		if n := units[int32(group)]; n != 0 {
			parts = append(parts, Part{
				Cause: BilledCode, Units: n, Code: c.Code, Explained: true,
				Attempts: m.attempts(i, func(it item) bool { return it.group == int32(group) }),
			})
		}
	}
	return parts
}

// openPart returns the part for open calls that were billed. Its cause is a code if the
// slot has no unanswered call.
func (m *comparison) openPart(i int) []Part {
	if m.flow.taken[i] == 0 {
		return nil
	}
	p := Part{Cause: BilledCode, Units: m.flow.taken[i], Explained: true}
	for _, it := range m.in(i) {
		c := m.groups[it.group]
		if it.role == open && c.unanswered {
			p.Cause, p.Code = UnknownOutcome, ""
			break
		}
		if it.role == open {
			p.Code = c.Code
		}
	}
	p.Attempts = m.attempts(i, func(it item) bool { return it.role == open })
	return []Part{p}
}

// restPart returns the part for units without a certain explanation.
func (m *comparison) restPart(i int) []Part {
	rest := m.flow.rest[i]
	if rest == 0 {
		return nil
	}
	suspect, want, cause := free, int64(0), ForeignUse
	if rest < 0 {
		suspect, cause = billed, MissingBilling
	}
	for group, c := range m.groups {
		doubtful := func(it item) bool { return it.group == int32(group) && it.role == suspect }
		if c.Charge != idv.ChargeUnknown || c.unanswered {
			continue
		}
		if want = m.countIn(i, doubtful); want >= max(rest, -rest) {
			return []Part{{Cause: BilledCode, Units: rest, Code: c.Code, Attempts: m.attempts(i, doubtful)}}
		}
	}
	return []Part{{Cause: cause, Units: rest}}
}

func (m *comparison) countIn(i int, keep func(item) bool) int64 {
	n := int64(0)
	for _, it := range m.in(i) {
		if keep(it) {
			n++
		}
	}
	return n
}

// attempts returns the attempts of a slot for which keep is true, up to MostAttempts.
func (m *comparison) attempts(i int, keep func(item) bool) []string {
	var list []string
	for _, it := range m.in(i) {
		if keep(it) && len(list) < MostAttempts {
			list = append(list, m.calls[it.call].Attempt)
		}
	}
	return list
}
