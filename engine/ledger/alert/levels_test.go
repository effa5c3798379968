package alert_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
)

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// has is the balance of "main" with one package of 1000.
func has(available, used int64) alert.Balance {
	return alert.Balance{Provider: "main", Bought: 1000, Available: available, UsedLastWeek: used, Lots: 1}
}

// second is has after another package of 1000 was added.
func second(available, used int64) alert.Balance {
	return alert.Balance{Provider: "main", Bought: 2000, Available: available, UsedLastWeek: used, Lots: 2}
}

func closed(b alert.Balance, why idv.SkipReason) alert.Balance {
	b.Closed = why
	return b
}

// words is the short form of alerts in these tables: "percent 20".
func words(alerts []alert.Alert) []string {
	var list []string
	for _, a := range alerts {
		word := string(a.Kind)
		if a.Level > 0 {
			word += " " + strconv.Itoa(a.Level)
		}
		list = append(list, word)
	}
	return list
}

func TestCheck(t *testing.T) {
	t.Parallel()
	type step struct {
		balance alert.Balance
		want    []string
	}
	tests := map[string][]step{
		"above every level":        {{has(501, 0), nil}},
		"at a level":               {{has(500, 0), []string{"percent 50"}}},
		"a level is raised once":   {{has(500, 0), []string{"percent 50"}}, {has(499, 0), nil}, {has(201, 0), nil}},
		"the next level":           {{has(500, 0), []string{"percent 50"}}, {has(200, 0), []string{"percent 20"}}},
		"three at once, one alert": {{has(50, 0), []string{"percent 5"}}, {has(49, 0), nil}},
		"a unit that comes back does not arm a level again": {
			{has(200, 0), []string{"percent 20"}}, {has(201, 0), nil}, {has(200, 0), nil},
		},
		"used up is raised at once":   {{has(600, 0), nil}, {has(0, 0), []string{"used_up"}}, {has(0, 0), nil}},
		"used up after the last mark": {{has(50, 0), []string{"percent 5"}}, {has(0, 0), []string{"used_up"}}},
		"used up, a unit comes back": {
			{has(0, 0), []string{"used_up"}}, {has(1, 0), nil}, {has(0, 0), nil},
		},
		"negative is used up": {{has(-1, 0), []string{"used_up"}}},
		"a new package arms the levels it lifts above": {
			{has(50, 0), []string{"percent 5"}},
			{second(1050, 0), nil},
			{second(1000, 0), []string{"percent 50"}},
			{second(400, 0), []string{"percent 20"}},
			{second(0, 0), []string{"used_up"}},
		},
		"a new package that lifts above some levels only": {
			{has(0, 0), []string{"used_up"}},
			{alert.Balance{Provider: "main", Bought: 1100, Available: 100, Lots: 2}, nil},
			{alert.Balance{Provider: "main", Bought: 1100, Available: 55, Lots: 2}, []string{"percent 5"}},
		},
		"a new package in the place of an expired one of its size": {
			{has(100, 0), []string{"percent 20"}},
			{alert.Balance{Provider: "main", Bought: 1000, Available: 1000, Lots: 2}, nil},
			{alert.Balance{Provider: "main", Bought: 1000, Available: 200, Lots: 2}, []string{"percent 20"}},
		},
		"a package that expires": {
			{second(900, 0), []string{"percent 50"}},
			{alert.Balance{Provider: "main", Bought: 1000, Available: 900, Lots: 2}, nil},
			{alert.Balance{Provider: "main", Bought: 1000, Available: 500, Lots: 2}, []string{"percent 50"}},
		},
		"every package has expired": {
			{has(900, 0), nil},
			{alert.Balance{Provider: "main", Lots: 1}, []string{"used_up"}},
		},
		"paid by the call": {{alert.Balance{Provider: "main", UsedLastWeek: 100}, nil}},

		"seven days left":          {{has(701, 700), nil}, {has(700, 700), []string{"days 7"}}},
		"two days left at once":    {{has(600, 2100), []string{"days 2"}}, {has(599, 2100), nil}},
		"days and percent at once": {{has(200, 700), []string{"percent 20", "days 2"}}, {has(190, 600), nil}},
		"50 percent and 7 days at once": {
			{has(600, 100), nil}, {has(500, 500), []string{"percent 50", "days 7"}}, {has(200, 500), []string{"percent 20"}},
		},
		"percent after days": {
			{has(600, 700), []string{"days 7"}}, {has(500, 500), []string{"percent 50"}},
		},
		"the rate moves about a level": {
			{has(700, 700), []string{"days 7"}}, {has(699, 690), nil}, {has(698, 700), nil},
		},
		"a burst passes": {
			{has(900, 900), []string{"days 7"}}, {has(899, 449), nil}, {has(800, 800), []string{"days 7"}},
		},
		"nothing was used": {{has(501, 0), nil}},

		"the key is refused":       {{closed(has(900, 0), idv.SkipCredentials), []string{"credentials"}}, {closed(has(900, 0), idv.SkipCredentials), nil}},
		"refused, resumed, again":  {{closed(has(900, 0), idv.SkipCredentials), []string{"credentials"}}, {has(900, 0), nil}, {closed(has(900, 0), idv.SkipCredentials), []string{"credentials"}}},
		"refused and low":          {{closed(has(200, 0), idv.SkipCredentials), []string{"credentials", "percent 20"}}},
		"the vendor says used up":  {{closed(has(900, 0), idv.SkipQuotaExhausted), []string{"quota_exhausted"}}},
		"ledger and vendor agree":  {{closed(has(0, 0), idv.SkipQuotaExhausted), []string{"used_up"}}},
		"closed, paid by the call": {{closed(alert.Balance{Provider: "main"}, idv.SkipQuotaExhausted), []string{"quota_exhausted"}}},
		"what heals by itself":     {{closed(has(900, 0), idv.SkipMaintenance), nil}, {closed(has(900, 0), idv.SkipBreakerOpen), nil}},
		"another reason":           {{closed(has(900, 0), idv.SkipCredentials), []string{"credentials"}}, {closed(has(900, 0), idv.SkipQuotaExhausted), []string{"quota_exhausted"}}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var state alert.State
			for i, s := range steps {
				alerts, next := alert.DefaultLevels().Check(stored(t, state), noon(), []alert.Balance{s.balance})
				if diff := cmp.Diff(s.want, words(alerts)); diff != "" {
					t.Errorf("step %d: -want +got\n%s", i, diff)
				}
				state = next
			}
		})
	}
}

// stored sends a state through JSON, as a restart does.
func stored(t *testing.T, s alert.State) alert.State {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back alert.State
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestCheckKeepsItsArguments(t *testing.T) {
	t.Parallel()
	state := alert.State{"gone": {Percent: 20, Bought: 5}}
	before := maps.Clone(state)
	balances := []alert.Balance{{Provider: "b", Bought: 10}, {Provider: "a", Bought: 10, Available: 5}}
	given := slices.Clone(balances)
	alerts, next := alert.DefaultLevels().Check(state, noon(), balances)
	if diff := cmp.Diff(before, state) + cmp.Diff(given, balances); diff != "" {
		t.Errorf("an argument was changed: %s", diff)
	}
	if len(alerts) != 2 || alerts[0].Provider != "a" || alerts[1].Provider != "b" {
		t.Errorf("got %+v, want one alert of a, then one of b", alerts)
	}
	if next["gone"] != state["gone"] {
		t.Error("a provider without a balance lost its line")
	}
}

// The fields of an alert, among them the days left, rounded down.
func TestAlert(t *testing.T) {
	t.Parallel()
	days := func(n int64) *int64 { return &n }
	shanghai := noon().In(time.FixedZone("", 8*60*60))
	tests := map[string]struct {
		balance alert.Balance
		want    alert.Alert
	}{
		"percent": {has(180, 100), alert.Alert{Kind: alert.Percent, Level: 20, Also: []int{50}, Available: 180, Bought: 1000, DaysLeft: days(12)}},
		"no rate": {has(180, 0), alert.Alert{Kind: alert.Percent, Level: 20, Also: []int{50}, Available: 180, Bought: 1000}},
		"days":    {has(900, 3500), alert.Alert{Kind: alert.Days, Level: 2, Also: []int{7}, Available: 900, Bought: 1000, DaysLeft: days(1)}},
		"less":    {has(900, 7000), alert.Alert{Kind: alert.Days, Level: 2, Also: []int{7}, Available: 900, Bought: 1000, DaysLeft: days(0)}},
		"used up": {has(-1, 0), alert.Alert{Kind: alert.UsedUp, Bought: 1000, DaysLeft: days(0)}},
		"by the call": {
			closed(alert.Balance{Provider: "main", UsedLastWeek: 7}, idv.SkipCredentials),
			alert.Alert{Kind: alert.Credentials},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			alerts, _ := alert.DefaultLevels().Check(nil, shanghai, []alert.Balance{test.balance})
			if len(alerts) != 1 {
				t.Fatalf("got %d alerts, want 1", len(alerts))
			}
			got, want := alerts[0], test.want
			want.Provider, want.At, got.Text = "main", noon(), alert.Text{}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// However a balance wanders within one package, each level is raised at most once,
// and after it is used up nothing more.
func TestEachLevelOnce(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 5))
	for range 300 {
		var state alert.State
		seen := map[string]bool{}
		available := int64(1000)
		for available > 0 {
			available = min(available+random.Int64N(40)-30, 1000)
			alerts, next := alert.Levels{Percent: []int{5, 50, 20, 50}}.Check(state, noon(), []alert.Balance{has(available, 0)})
			for _, word := range words(alerts) {
				if seen[word] {
					t.Fatalf("%q was raised twice", word)
				}
				seen[word] = true
			}
			state = next
		}
		if !seen["used_up"] || !seen["percent 50"] || len(seen) > 4 {
			t.Fatalf("raised %v, want used_up and the levels", seen)
		}
	}
}

func TestZeroLevels(t *testing.T) {
	t.Parallel()
	var none alert.Levels
	for available, want := range map[int64][]string{1: nil, 0: {"used_up"}} {
		alerts, _ := none.Check(nil, noon(), []alert.Balance{has(available, 100)})
		if diff := cmp.Diff(want, words(alerts)); diff != "" {
			t.Errorf("%d left: -want +got\n%s", available, diff)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		levels alert.Levels
		want   string
	}{
		"default":     {alert.DefaultLevels(), ""},
		"none":        {alert.Levels{}, ""},
		"percent 0":   {alert.Levels{Percent: []int{20, 0}}, "percent: each level must be from 1 to 99"},
		"percent 100": {alert.Levels{Percent: []int{100}}, "percent: each level must be from 1 to 99"},
		"days 0":      {alert.Levels{Days: []int{0}}, "days: each level must be from 1 to 365"},
		"both": {
			alert.Levels{Percent: []int{-1}, Days: []int{366}},
			"percent: each level must be from 1 to 99\ndays: each level must be from 1 to 365",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := test.levels.Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
