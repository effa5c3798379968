package forecast

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

func now() time.Time { return time.Date(2026, 11, 15, 9, 0, 0, 0, time.UTC) }

// days returns the last n days with the same use.
func days(n int, charged, verdicts int64) []Day {
	list := make([]Day, n)
	for i := range list {
		list[i] = Day{Day: now().Add(-time.Duration(i) * day), Charged: charged, Verdicts: verdicts}
	}
	return list
}

// guide is a part of the price list of the first vendor's guide.
func guide() []idv.Price {
	var list []idv.Price
	for _, p := range [][2]int64{{20, 0}, {15, 1}, {1_000, 69}, {2_000, 135}, {5_000, 320}, {10_000, 600}, {20_000, 1_100}, {50_000, 2_500}, {100_000, 4_000}, {200_000, 8_000}} {
		list = append(list, idv.Price{Units: p[0], Total: idv.Money{Micros: p[1] * 1_000_000, Currency: idv.CNY}})
	}
	return list
}

func TestBuy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		days    []Day
		prices  []idv.Price
		horizon time.Duration
		units   int64 // of the step advised; 0 for none
		reason  Reason
	}{
		{"nothing used", nil, guide(), 0, 0, ReasonUnused},
		{"used long ago", []Day{{Day: now().Add(-8 * day), Charged: 100}}, guide(), 0, 0, ReasonUnused},
		{"nothing for sale but a trial", days(7, 100, 90), guide()[:1], 0, 0, ReasonNothing},
		{"100 a day for a year", days(7, 100, 90), guide(), 0, 20_000, ReasonCheapest},
		{"100 a day for a month", days(7, 100, 90), guide(), 30 * day, 2_000, ReasonCheapest},
		{"one price for two sizes, the smaller", days(7, 1_000, 900), guide(), 0, 100_000, ReasonCheapest},
		{"more than any package holds for a week", days(7, 100_000, 90_000), guide(), 0, 200_000, ReasonLargest},
		{"hardly any", days(1, 1, 1), guide(), 30 * day, 15, ReasonSmallest},
		{"a taster is cheaper per call than the next step", days(7, 1, 1), guide()[:3], 30 * day, 15, ReasonCheapest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Make(now(), tt.days, tt.prices, nil, Options{Horizon: tt.horizon})
			units := int64(0)
			if a.Buy >= 0 {
				units = a.Steps[a.Buy].Units
			}
			if units != tt.units || a.Reason != tt.reason {
				t.Errorf("buy %d (%s), want %d (%s)", units, a.Reason, tt.units, tt.reason)
			}
		})
	}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	in := func(n int) time.Time { return now().Add(time.Duration(n) * day) }
	tests := []struct {
		name   string
		lots   []Lot
		left   int64
		wasted int64
		days   float64
	}{
		{"none", nil, 0, 0, 0},
		{"one", []Lot{{Left: 1_000}}, 1_000, 0, 10},
		{"expired or empty", []Lot{{Left: 500, Expires: in(-1)}, {Left: 0}, {Left: 100}}, 100, 0, 1},
		{"a part expires unused", []Lot{{Left: 1_000, Expires: in(4)}}, 1_000, 600, 4},
		{"what expires first is used first", []Lot{{Left: 300}, {Left: 200, Expires: in(5)}, {Left: 400, Expires: in(5)}}, 900, 100, 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Make(now(), days(7, 100, 80), guide(), tt.lots, Options{})
			if a.Left != tt.left || a.Wasted != tt.wasted || a.DaysLeft != tt.days || !a.RunsOut.Equal(now().Add(span(tt.days))) {
				t.Errorf("left %d, wasted %d, %g days, until %s; want %d, %d, %g", a.Left, a.Wasted, a.DaysLeft, a.RunsOut, tt.left, tt.wasted, tt.days)
			}
		})
	}
}

// TestBuyWhatRunsOut: nothing is bought while what is left lasts.
func TestBuyWhatRunsOut(t *testing.T) {
	t.Parallel()
	soon := now().Add(10 * day)
	tests := []struct {
		name    string
		lot     Lot
		reorder time.Duration
		want    Reason
	}{
		{"years are left", Lot{Left: 100_000}, 0, ReasonEnough},
		{"a month and a day", Lot{Left: 3_100}, 0, ReasonEnough},
		{"a month", Lot{Left: 3_000}, 0, ReasonCheapest},
		{"nothing", Lot{}, 0, ReasonCheapest},
		{"years are left, but they expire", Lot{Left: 100_000, Expires: soon}, 0, ReasonCheapest},
		{"a longer time to order", Lot{Left: 3_100}, 60 * day, ReasonCheapest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := Make(now(), days(7, 100, 80), guide(), []Lot{tt.lot}, Options{Reorder: tt.reorder})
			if a.Reason != tt.want || (a.Buy < 0) != (tt.want == ReasonEnough) {
				t.Errorf("%s, buy %d; want %s", a.Reason, a.Buy, tt.want)
			}
		})
	}
}

// TestOneCurrency: packages in two currencies are not compared.
func TestOneCurrency(t *testing.T) {
	t.Parallel()
	dollars := idv.Price{Units: 1_000, Total: idv.Money{Micros: 1, Currency: "USD"}}
	a := Make(now(), days(7, 100, 80), append(guide(), dollars), nil, Options{})
	for _, s := range a.Steps {
		if s.Currency != "CNY" {
			t.Errorf("a step in %s", s.Currency)
		}
	}
	if len(a.Steps) == 0 || a.Buy < 0 {
		t.Errorf("%d steps, buy %d", len(a.Steps), a.Buy)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	a := Make(now(), days(7, 100, 80), guide(), nil, Options{})
	for _, tt := range []struct {
		units      int64
		perCall    string
		perVerdict string
		even       int64
	}{
		{15, "0.066667", "0.083334", 0}, // 1,000 for 69 are dearer per call
		{1_000, "0.069", "0.08625", 1_957},
		{20_000, "0.055", "0.06875", 45_455},
		{100_000, "0.04", "0.05", 0}, // 200,000 cost the same per call
		{200_000, "0.04", "0.05", 0},
	} {
		for _, s := range a.Steps {
			if s.Units == tt.units && (s.PerCall != tt.perCall || s.PerVerdict != tt.perVerdict || s.BreakEven != tt.even) {
				t.Errorf("%d calls: %s per call, %s per verdict, break-even %d; want %s, %s, %d", s.Units, s.PerCall, s.PerVerdict, s.BreakEven, tt.perCall, tt.perVerdict, tt.even)
			}
		}
	}
	if len(a.Steps) != len(guide())-1 || a.PerDay != 100 || a.Verdicts != 0.8 {
		t.Errorf("%d steps, %g a day, %g verdicts", len(a.Steps), a.PerDay, a.Verdicts)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	a := Make(now(), days(7, 100, 80), guide(), []Lot{{Left: 1_000, Expires: now().Add(4 * day)}}, Options{})
	for lang, want := range map[string][]string{
		"en": {"100.0 calls per day", "enough for 4.0 days, until 2026-11-19", "600 will expire unused", ">      20000 calls", "0.06875 per verdict", "cheaper from 1957 calls", "Buy the marked package"},
		"zh": {"日均用量：100.0 次", "可用 4.0 天，至 2026-11-19", "600 次将在用完前过期", ">      20000 次", "每个结论 0.06875", "用量达 1957 次", "建议购买标记的套餐包"},
	} {
		text := a.Text(lang)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: no %q in\n%s", lang, part, text)
			}
		}
		for _, r := range []Reason{ReasonNothing, ReasonUnused, ReasonCheapest, ReasonLargest, ReasonSmallest} {
			if text := (Advice{Reason: r, DaysLeft: -1}).Text(lang); !strings.Contains(text, r.words().In(lang)) || strings.Contains(text, "%!") {
				t.Errorf("%s: %q", r, text)
			}
		}
	}
	if text, err := json.Marshal(Make(now(), nil, nil, nil, Options{})); err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}
