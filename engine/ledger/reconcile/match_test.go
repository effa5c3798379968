package reconcile

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
)

// row returns a line of the statement: window w of the day in the guide.
func row(w int, units int64) Window {
	from := guideBegin().Add(time.Duration(w) * step)
	return Window{Serial: fmt.Sprint("45577", w), From: from, To: from.Add(step), Units: units}
}

// asked returns calls in window w, a second apart, from five minutes after its start.
func asked(w, n int, code string, sent idv.Delivery, charge idv.Charge) []Call {
	var calls []Call
	for i := range n {
		at := guideBegin().Add(time.Duration(w)*step + 5*time.Minute + time.Duration(i)*time.Second)
		calls = append(calls, Call{
			Attempt: fmt.Sprintf("%s-%d-%d", code, w, i), Provider: "idcert-main",
			At: at, End: at.Add(200 * time.Millisecond), Code: code, Delivery: sent, Charge: charge,
		})
	}
	return calls
}

// quiet returns forty windows with three matches each that agree with the ledger.
func quiet() (windows []Window, calls []Call) {
	for w := range 40 {
		windows = append(windows, row(w, 3))
		calls = append(calls, asked(w, 3, "01", idv.Answered, idv.Charged)...)
	}
	return windows, calls
}

func TestMatch(t *testing.T) {
	t.Parallel()
	edge := func(after time.Duration) []Call {
		c := asked(10, 1, "01", idv.Answered, idv.Charged)
		c[0].Attempt, c[0].At = "edge", guideBegin().Add(11*step+after)
		c[0].End = c[0].At.Add(100 * time.Millisecond)
		return c
	}
	lost := func(w, n int) []Call { return asked(w, n, "timeout", idv.DeliveryUnknown, idv.ChargeUnknown) }
	tests := []struct {
		name  string
		calls []Call
		units map[int]int64 // of windows that are not 3; -1 for no line
		want  []string
	}{
		{"nothing", nil, nil, nil},
		{"a call at the edge was billed in the window before", edge(2 * time.Second), map[int]int64{10: 4}, []string{"10 clock_edge 1", "11 clock_edge -1"}},
		{"a call far from the edge was not", edge(2 * time.Minute), map[int]int64{10: 4}, []string{"10 foreign_use 1", "11 missing_billing -1"}},
		{"all unknown calls were billed", lost(20, 2), map[int]int64{20: 5}, []string{"20 unknown_outcome 2", "timeout-20-0 charged", "timeout-20-1 charged"}},
		{"none was", lost(20, 2), nil, []string{"timeout-20-0 not_charged", "timeout-20-1 not_charged"}},
		{"one of two was", lost(20, 2), map[int]int64{20: 4}, []string{"20 unknown_outcome 1", "left 2 between"}},
		{"more than all", lost(20, 1), map[int]int64{20: 6}, []string{"20 unknown_outcome 1", "20 foreign_use 2", "left 1 noise"}},
		{"foreign use at night", nil, map[int]int64{60: 5}, []string{"60 foreign_use 5"}},
		{"a line is missing", nil, map[int]int64{30: -1}, []string{"30 missing_billing -3"}},
		{"a rare code assumed free was billed", asked(20, 1, "9999", idv.Answered, idv.NotCharged), map[int]int64{20: 4}, []string{"20 billed_code 1 9999?"}},
		{"a rare code of unknown charge was billed", asked(20, 1, "203", idv.Answered, idv.ChargeUnknown), map[int]int64{20: 4}, []string{"20 billed_code 1 203", "203-20-0 charged"}},
		{"a call that was not sent is none", asked(20, 1, "", idv.NotSent, idv.NotCharged), nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			windows, calls := quiet()
			for w, n := range tt.units {
				if w >= len(windows) {
					windows = append(windows, row(w, n))
				} else if windows[w] = row(w, n); n < 0 {
					windows = slices.Delete(windows, w, w+1)
				}
			}
			r := Match(windows, append(calls, tt.calls...), Options{})
			if diff := cmp.Diff(tt.want, summary(r)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// summary returns the findings of a report in a few words.
func summary(r Report) (list []string) {
	for _, d := range r.Differences {
		for _, p := range d.Parts {
			line := fmt.Sprint(int(d.From.Sub(guideBegin())/step), " ", p.Cause, " ", p.Units)
			if p.Code != "" {
				line += " " + p.Code
				if !p.Explained {
					line += "?"
				}
			}
			list = append(list, line)
		}
	}
	for _, p := range r.Proposals {
		list = append(list, fmt.Sprint(p.Attempt, " ", p.Charge))
	}
	for _, u := range r.Unsettled {
		list = append(list, fmt.Sprint("left ", len(u.Attempts), " ", u.Reason))
	}
	return list
}

// TestMatchIsSure checks that one window never decides the billing of a code, and that no
// hold is settled from a statement that is too short to show how reliable it is.
func TestMatchIsSure(t *testing.T) {
	t.Parallel()
	windows := []Window{row(0, 3), row(1, 4), row(2, 3)}
	calls := append(asked(1, 1, "202", idv.Answered, idv.ChargeUnknown), asked(2, 1, "timeout", idv.DeliveryUnknown, idv.ChargeUnknown)...)
	for w := range 3 {
		calls = append(calls, asked(w, 3, "01", idv.Answered, idv.Charged)...)
	}
	r := Match(windows, calls, Options{MinConfidence: 0.1})
	for _, c := range r.Codes {
		if c.Code == "202" && (c.Charge != idv.ChargeUnknown || c.Confidence > 0.5) {
			t.Errorf("code 202 is %s with confidence %g after one window", c.Charge, c.Confidence)
		}
	}
	if r := Match(windows, calls, Options{}); len(r.Proposals) != 0 {
		t.Errorf("proposals from three windows: %v", r.Proposals)
	}
}

func TestMatchNothing(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]Report{
		"no calls":  Match([]Window{row(0, 0)}, nil, Options{}),
		"bad lines": Match([]Window{{Units: 3}, {From: guideBegin(), To: guideBegin().Add(-step)}}, nil, Options{}),
	} {
		if len(r.Differences) != 0 || r.Totals.Alarming != 0 {
			t.Errorf("%s: %+v", name, r.Differences)
		}
		if text, err := json.Marshal(r); err != nil || slices.Contains([]string{"null"}, string(text)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMatchLines checks duplicate windows, gaps and shifted windows.
func TestMatchLines(t *testing.T) {
	t.Parallel()
	windows, calls := quiet()
	second := row(5, 1) // the next package was drawn on in the same window
	second.Serial = "second"
	windows[5].Units = 2
	shifted := &windows[9]
	shifted.From, shifted.To = shifted.From.Add(20*time.Second), shifted.To.Add(20*time.Second)
	r := Match(append(windows, second), calls, Options{From: guideBegin().Add(-step), To: guideBegin().Add(41 * step)})
	if len(r.Differences) != 0 || r.Totals.Windows != 42 || r.Totals.Lines != 41 || r.Totals.Billed != 120 {
		t.Errorf("%+v %+v", r.Totals, r.Differences)
	}
	r = Match(windows, calls, Options{From: guideBegin().Add(30 * step)})
	if r.Totals.Windows != 10 || r.Totals.Skipped != 30 || r.Totals.Outside != 90 || len(r.Differences) != 0 {
		t.Errorf("a later beginning: %+v", r.Totals)
	}
}

// TestMatchOrder checks that the report does not depend on the order of the arguments.
func TestMatchOrder(t *testing.T) {
	t.Parallel()
	m := newMonth(scene{seed: 3, span: 288, unknown: 0.01, paid: 0.5, bills: map[string]bool{"202": true}})
	m.plant(10, map[int]int64{}, m.off)
	want := m.match()
	rng := rand.New(rand.NewPCG(1, 1))
	rng.Shuffle(len(m.calls), func(i, j int) { m.calls[i], m.calls[j] = m.calls[j], m.calls[i] })
	rng.Shuffle(len(m.windows), func(i, j int) { m.windows[i], m.windows[j] = m.windows[j], m.windows[i] })
	if diff := cmp.Diff(want, m.match()); diff != "" {
		t.Errorf("(-sorted +shuffled)\n%s", diff)
	}
}

// TestChange checks that a change of a code's billing is detected, with its time.
func TestChange(t *testing.T) {
	t.Parallel()
	m := newMonth(scene{seed: 11, change: 2000, bills: map[string]bool{"204": true}})
	r := m.match()
	for w, by := range m.alarms(t, r) {
		t.Errorf("window %d: false alarm of %d", w, by)
	}
	m.proposals(t, r)
	for _, c := range r.Codes {
		switch since := c.Since.Sub(m.from(2000)).Abs(); {
		case c.Code == "202" && (c.Charge != idv.Charged || c.Since.IsZero() || since > time.Hour):
			t.Errorf("202 is %s since %s, want charged since %s", c.Charge, c.Since, m.from(2000))
		case c.Code != "202" && !c.Since.IsZero():
			t.Errorf("%s changed at %s", c.Code, c.Since)
		}
	}
}

// TestForeign checks that foreign use of the app code is detected, with its extent.
func TestForeign(t *testing.T) {
	t.Parallel()
	m := newMonth(scene{seed: 5, span: 1008})
	for w := 300; w < 900; w += 2 {
		m.counts[w] += 2
	}
	m.export()
	f := m.match().Foreign
	if f.Units != 600 || f.Windows < 295 || f.Windows > 305 || f.Pattern != PatternSteady || !f.First.Equal(m.from(300)) || !f.Last.Equal(m.from(899)) {
		t.Errorf("%+v", f)
	}
	if f.PerDay < 140 || f.PerDay > 148 {
		t.Errorf("%g a day, want 144", f.PerDay)
	}
}

// TestContradiction checks a code that is billed although the ledger assumes it is free.
func TestContradiction(t *testing.T) {
	t.Parallel()
	m := newMonth(scene{seed: 6, span: 1008, bills: map[string]bool{"202": true}})
	for i := range m.calls {
		if m.calls[i].Code == "202" {
			m.calls[i].Charge = idv.NotCharged
		}
	}
	r := m.match()
	for _, c := range r.Codes {
		if c.Contradicts() != (c.Code == "202") {
			t.Errorf("code %s: assumed %s, learned %s", c.Code, c.Assumed, c.Charge)
		}
	}
	if r.Totals.Alarming != 0 {
		t.Errorf("%d windows alarm, want the code only", r.Totals.Alarming)
	}
}

func BenchmarkMatch(b *testing.B) {
	m := newMonth(scene{seed: 4, rate: 500, unknown: 0.002, paid: 1, bills: map[string]bool{"202": true}})
	m.plant(100, map[int]int64{}, m.off)
	b.ReportAllocs()
	for b.Loop() {
		m.match()
	}
	b.ReportMetric(float64(len(m.calls)), "calls")
	b.ReportMetric(float64(len(m.windows)), "windows")
}

// TestStatementWithoutLines: calls without any line are one finding, and nothing is proposed.
func TestStatementWithoutLines(t *testing.T) {
	t.Parallel()
	calls := append(asked(1, 3, "01", idv.Answered, idv.Charged), asked(3, 2, "202", idv.Answered, idv.ChargeUnknown)...)
	first, last := calls[0].At, calls[len(calls)-1].At
	tests := []struct {
		name                          string
		calls                         []Call
		options                       Options
		from, to                      time.Time
		charged, unknown, out, alarms int64
	}{
		{"no period", calls, Options{}, first, last, 3, 2, 0, 1},
		{"a period", calls, Options{From: guideBegin(), To: guideBegin().Add(2 * step)}, guideBegin(), guideBegin().Add(2 * step), 3, 0, 2, 1},
		{"from a time", calls, Options{From: guideBegin().Add(2 * step)}, guideBegin().Add(2 * step), last, 0, 2, 3, 0},
		{"no calls", nil, Options{}, time.Time{}, time.Time{}, 0, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Match(nil, tt.calls, tt.options)
			got := []int64{r.Totals.Charged, r.Totals.Unknown, r.Totals.Outside, int64(r.Totals.Alarming), r.Totals.Calls, int64(len(r.Proposals))}
			want := []int64{tt.charged, tt.unknown, tt.out, tt.alarms, tt.charged + tt.unknown, 0}
			if !slices.Equal(got, want) || !r.From.Equal(tt.from) || !r.To.Equal(tt.to) {
				t.Errorf("got %v from %v to %v, want %v from %v to %v", got, r.From, r.To, want, tt.from, tt.to)
			}
			text, err := json.Marshal(r)
			if err != nil || strings.Contains(string(text), "0001-01-01") {
				t.Errorf("%s, %v", text, err)
			}
			if says := r.Text("en"); strings.Contains(says, "the ledger has calls") != (len(tt.calls) > 0) {
				t.Errorf("says %s", says)
			}
		})
	}
}
