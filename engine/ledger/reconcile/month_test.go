package reconcile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// scene describes a synthetic month. The zero value is a month of 4,464 windows with some
// 90,000 calls and a vendor that bills only matches and mismatches.
type scene struct {
	seed    uint64
	span    int           // of ten minutes; a month of 31 days if 0
	rate    float64       // calls per window at noon; 40 if 0
	offset  time.Duration // of the vendor's clock
	jitter  time.Duration // of the vendor's clock, to both sides
	bills   map[string]bool
	unknown float64 // share of calls without an answer
	paid    float64 // share of these that is billed
	change  int     // the window from which the billing of 202 is inverted; never if 0
}

// month is a synthetic month with its true outcomes.
type month struct {
	scene
	rng     *rand.Rand
	begin   time.Time
	calls   []Call
	windows []Window
	counts  []int64           // what a vendor without faults bills, per window
	asked   []int64           // calls per window, by our clock
	tricky  []bool            // windows with a call that was billed in the neighbour, or an unknown outcome
	truth   map[string]bool   // of unknown outcomes: billed
	codes   map[string]string // attempt to code, of unknown charge
}

// guideBegin is the start of a window. As in the vendor's guide, windows start a second
// after full ten minutes.
func guideBegin() time.Time { return time.Date(2018, 3, 1, 0, 0, 1, 0, idv.China()) }

const step = 10 * time.Minute

func newMonth(s scene) *month {
	if s.span == 0 {
		s.span = 31 * 144
	}
	if s.rate == 0 {
		s.rate = 40
	}
	m := &month{
		scene: s, rng: rand.New(rand.NewPCG(s.seed, 1)), begin: guideBegin(),
		counts: make([]int64, s.span), asked: make([]int64, s.span), tricky: make([]bool, s.span),
		truth: map[string]bool{}, codes: map[string]string{},
	}
	for w := range s.span {
		for range m.poisson(m.load(w)) {
			m.call(w)
		}
	}
	m.export()
	return m
}

// load returns the mean number of calls in a window, which is low at night.
func (m *month) load(w int) float64 {
	hour := float64(w%144) / 6
	return m.rate * (0.05 + 0.95*max(0, math.Sin((hour-7)/16*math.Pi)))
}

func (m *month) poisson(mean float64) int {
	n, p := 0, m.rng.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= m.rng.Float64()
	}
	return n
}

// outcome draws a code by its share.
func (m *month) outcome(w int) (code string, charge idv.Charge) {
	if w%200 > 190 && m.rng.Float64() < 0.7 { // now and then the vendor is in maintenance
		return "9999", idv.ChargeUnknown
	}
	switch p := m.rng.Float64(); {
	case p < 0.80:
		return "01", idv.Charged
	case p < 0.94:
		return "02", idv.Charged
	case p < 0.975:
		return "202", idv.ChargeUnknown
	case p < 0.99:
		return "203", idv.ChargeUnknown
	case p < 0.995:
		return "204", idv.ChargeUnknown
	}
	return "205", idv.ChargeUnknown
}

func (m *month) call(w int) {
	at := m.begin.Add(time.Duration(w)*step + time.Duration(m.rng.Int64N(int64(step))))
	took := 50*time.Millisecond + time.Duration(m.rng.ExpFloat64()*float64(200*time.Millisecond))
	c := Call{Attempt: fmt.Sprintf("at-%07d", len(m.calls)), Provider: "idcert-main", At: at, Delivery: idv.Answered}
	c.Code, c.Charge = m.outcome(w)
	pays := c.Charge == idv.Charged || m.bills[c.Code] != (c.Code == "202" && m.change > 0 && w >= m.change)
	if m.rng.Float64() < m.unknown {
		c.Code, c.Charge, c.Delivery, took = "timeout", idv.ChargeUnknown, idv.DeliveryUnknown, 3*time.Second
		pays = m.rng.Float64() < m.paid
		m.truth[c.Attempt] = pays
		m.mark(at)
	} else if c.Charge == idv.ChargeUnknown {
		m.codes[c.Attempt] = c.Code
	}
	c.End = at.Add(took)
	if m.window(at) != m.window(c.End) {
		m.mark(at)
		m.mark(c.End)
	}
	m.calls = append(m.calls, c)
	m.asked[w]++
	if pays {
		m.bill(at, at.Add(time.Duration(m.rng.Float64()*float64(took))))
	}
}

// bill counts a call in the window of the vendor's clock at the time of billing.
func (m *month) bill(sent, at time.Time) {
	if m.jitter > 0 {
		at = at.Add(time.Duration(m.rng.Int64N(2*int64(m.jitter))) - m.jitter)
	}
	in := m.window(at)
	if in >= 0 && in < m.span {
		m.counts[in]++
	}
	if in != m.window(sent) {
		m.mark(at)
		m.mark(sent)
	}
}

// window returns the window of an instant by the vendor's clock.
func (m *month) window(at time.Time) int {
	return int(math.Floor(float64(at.Add(m.offset).Sub(m.begin)) / float64(step)))
}

func (m *month) mark(at time.Time) {
	if w := m.window(at); w >= 0 && w < m.span {
		m.tricky[w] = true
	}
}

// export makes the lines of the statement; a window without a bill has none.
func (m *month) export() {
	m.windows = m.windows[:0]
	for w, n := range m.counts {
		if n > 0 {
			m.windows = append(m.windows, Window{
				Serial: fmt.Sprintf("4557%08d", w), Units: n, Note: "套餐包消耗",
				From: m.from(w), To: m.from(w + 1),
			})
		}
	}
}

func (m *month) from(w int) time.Time { return m.begin.Add(time.Duration(w) * step) }

// options returns options with the exported period.
func (m *month) options() Options { return Options{From: m.begin, To: m.from(m.span)} }

func (m *month) match() Report { return Match(m.windows, m.calls, m.options()) }
