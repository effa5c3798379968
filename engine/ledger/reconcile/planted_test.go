package reconcile

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// plant adds faults to the statement of a month: too many or too few units in a window. It
// keeps a distance from other faults and from windows with a call that was billed in the
// neighboring window, since those cannot be told apart.
func (m *month) plant(n int, planted map[int]int64, fault func(w int) int64) {
	for tries := 0; n > 0 && tries < 100_000; tries++ {
		w := 2 + m.rng.IntN(m.span-4)
		if !m.lonely(w, planted) {
			continue
		}
		if by := fault(w); by != 0 {
			planted[w] = by
			m.counts[w] += by
			n--
		}
	}
	m.export()
}

func (m *month) lonely(w int, planted map[int]int64) bool {
	for near := w - 2; near <= w+2; near++ {
		if planted[near] != 0 || near >= w-1 && near <= w+1 && m.tricky[near] {
			return false
		}
	}
	return true
}

func (m *month) off(w int) int64 {
	if m.rng.IntN(2) == 0 {
		return 1
	}
	return -min(1, m.counts[w])
}

func (m *month) lost(w int) int64 { return -m.counts[w] }

func (m *month) others(int) int64 { return 3 + m.rng.Int64N(20) }

// alarms returns the unexplained units of each window that the report names, and
// fails for one whose cause is not that of the sign.
func (m *month) alarms(t *testing.T, r Report) map[int]int64 {
	t.Helper()
	found := map[int]int64{}
	for _, d := range r.Differences {
		sum := int64(0)
		for _, p := range d.Parts {
			sum += p.Units
			if p.Explained {
				continue
			}
			found[int(d.From.Sub(m.begin)/step)] += p.Units
			if want := map[bool]Cause{true: ForeignUse, false: MissingBilling}[p.Units > 0]; p.Cause != want {
				t.Errorf("window %s: %d units are %s, want %s", d.From.Format(time.DateTime), p.Units, p.Cause, want)
			}
		}
		if sum != d.Units || d.Units != d.Billed-d.Charged {
			t.Errorf("window %s: the parts add up to %d, billed - charged is %d, want %d", d.From.Format(time.DateTime), sum, d.Billed-d.Charged, d.Units)
		}
	}
	return found
}

// proposals checks what is proposed against the truth, but for windows whose counts
// were planted, and returns how many of the unknown outcomes were settled.
func (m *month) proposals(t *testing.T, r Report) int {
	t.Helper()
	settled := 0
	for _, p := range r.Proposals {
		want := m.truth[p.Attempt]
		switch code := m.codes[p.Attempt]; {
		case code == "202" && m.change > 0:
			want = m.bills[code] != !p.From.Before(m.from(m.change))
		case code != "":
			want = m.bills[code]
		default:
			settled++
		}
		if (p.Charge == idv.Charged) != want {
			t.Errorf("%s is proposed to be %s (%s); billed: %t", p.Attempt, p.Charge, p.Reason, want)
		}
	}
	return settled
}

func (m *month) vector(t *testing.T, r Report) {
	t.Helper()
	for _, c := range r.Codes {
		switch {
		case c.Delivery != idv.Answered:
			if got := c.Charge; got != idv.ChargeUnknown && (m.paid == 0.5 || (got == idv.Charged) != (m.paid == 1)) {
				t.Errorf("seed %d: %s is learned to be %s, paid %g (%d:%d)", m.seed, c.Code, got, m.paid, c.Windows, c.Against)
			}
		case c.Charge == idv.ChargeUnknown && c.Windows >= 8:
			t.Errorf("code %s is undecided after %d windows, %d against", c.Code, c.Windows, c.Against)
		case c.Charge != idv.ChargeUnknown && (c.Charge == idv.Charged) != (c.Assumed == idv.Charged || m.bills[c.Code]):
			t.Errorf("code %s is learned to be %s", c.Code, c.Charge)
		}
	}
}

// scenes are months of many kinds: quiet and busy, with clocks that differ, with
// codes that are billed or not in every combination as the seeds go on.
func scenes(n int) []scene {
	list := make([]scene, n)
	for i := range list {
		seed := uint64(i)
		s := scene{seed: seed, span: 1008, rate: [...]float64{8, 25, 60}[i%3], bills: map[string]bool{}}
		for bit, code := range []string{"202", "203", "204", "205", "9999"} {
			s.bills[code] = seed>>bit&1 == 1
		}
		s.offset = [...]time.Duration{0, 8 * time.Second, -45 * time.Second, 150 * time.Second}[i%4]
		if i%2 == 1 {
			s.unknown, s.paid = 0.003, [...]float64{0, 0.5, 1}[i%3]
		}
		list[i] = s
	}
	return list
}

// TestPlantedDifferences plants faults of every kind in synthetic exports: each is
// found, in its window, with its number of units; and nothing else is alarming.
func TestPlantedDifferences(t *testing.T) {
	t.Parallel()
	var planted, found, falsely, settled, asked int
	for _, s := range scenes(30) {
		m := newMonth(s)
		want := map[int]int64{}
		m.plant(22, want, m.off)
		m.plant(6, want, m.lost)
		m.plant(6, want, m.others)
		r := m.match()
		got := m.alarms(t, r)
		for w, by := range want {
			planted++
			if got[w] == by {
				found++
			} else {
				t.Errorf("seed %d, window %d: found %d, planted %d (offset %gs)", s.seed, w, got[w], by, r.ClockOffset)
			}
			delete(got, w)
		}
		falsely += len(got)
		for w, by := range got {
			t.Errorf("seed %d, window %d: false alarm of %d", s.seed, w, by)
		}
		m.vector(t, r)
		settled += m.proposals(t, r)
		asked += len(m.truth)
	}
	t.Logf("planted %d, found and placed %d, false alarms %d; %d of %d unknown outcomes settled", planted, found, falsely, settled, asked)
	if planted < 1000 {
		t.Errorf("only %d differences were planted", planted)
	}
}

// TestPlantedDensely plants a thousand faults of one unit in one month.
func TestPlantedDensely(t *testing.T) {
	t.Parallel()
	m := newMonth(scene{seed: 7, offset: 20 * time.Second, bills: map[string]bool{"202": true}})
	want := map[int]int64{}
	m.plant(1000, want, m.off)
	r := m.match()
	got := m.alarms(t, r)
	hit := 0
	for w, by := range want {
		if got[w] == by {
			hit++
		}
	}
	if len(want) != 1000 || hit != 1000 || len(got) != 1000 {
		t.Errorf("planted %d, found and placed %d, alarms %d; want 1000 each", len(want), hit, len(got))
	}
	if r.Foreign.Pattern != PatternBalanced {
		t.Errorf("pattern %s, want %s", r.Foreign.Pattern, PatternBalanced)
	}
	m.vector(t, r)
	m.proposals(t, r)
}

// TestCleanMonths has no faults but latency and clocks, and so no alarm.
func TestCleanMonths(t *testing.T) {
	t.Parallel()
	settled, asked := 0, 0
	for _, s := range scenes(24) {
		s.jitter = time.Duration(s.seed%3) * time.Second / 2
		m := newMonth(s)
		r := m.match()
		for w, by := range m.alarms(t, r) {
			t.Errorf("seed %d, window %d: false alarm of %d", s.seed, w, by)
		}
		m.vector(t, r)
		settled += m.proposals(t, r)
		asked += len(m.truth)
		if off := time.Duration(r.ClockOffset * float64(time.Second)); (off - s.offset).Abs() > 15*time.Second {
			t.Errorf("seed %d: offset %s, want %s", s.seed, off, s.offset)
		}
	}
	t.Logf("%d of %d unknown outcomes settled", settled, asked)
}
