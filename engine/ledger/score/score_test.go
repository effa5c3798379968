package score

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

func at(minute int) time.Time { return time.Date(2026, 11, 30, 2, minute, 0, 0, time.UTC) }

func yuan(micros int64) idv.Money { return idv.Money{Micros: micros, Currency: "CNY"} }

func sums() ledger.Performance {
	call := func(day, outcome string, failed bool, phase string, c idv.Charge, n, micros int64) ledger.CallSum {
		return ledger.CallSum{Provider: "p", Day: day, Outcome: outcome, Failed: failed, Phase: phase, Charge: c, Calls: n, Amount: yuan(micros)}
	}
	return ledger.Performance{
		Calls: []ledger.CallSum{
			call("2026-11-29", "match", false, "", idv.Charged, 80, 80_000_000),
			call("2026-11-29", "no_record", false, "", idv.ChargeUnknown, 10, 10_000_000),
			call("2026-11-29", "credentials", true, "", idv.NotCharged, 7, 7_000_000),
			call("2026-11-30", "", false, "", idv.ChargeUnknown, 1, 1_000_000),
			call("2026-11-30", "garbled", true, idv.PhaseEcho, idv.ChargeUnknown, 3, 3_000_000),
			call("2026-11-30", "invalid_input", true, "", idv.NotCharged, 5, 5_000_000),
			call("2026-11-30", "maintenance", true, "", idv.NotCharged, 2, 2_000_000),
			{Provider: "other", Day: "2026-11-30", Outcome: "match", Calls: 1},
		},
		Latency: []ledger.LatencySum{
			{Provider: "other", Least: time.Second, Calls: 1000},
			{Provider: "p", Least: 40 * time.Millisecond, Calls: 50}, {Provider: "p", Least: 90 * time.Millisecond, Calls: 40},
			{Provider: "p", Least: time.Second, Calls: 8}, {Provider: "p", Least: 3 * time.Second, Calls: 2},
		},
		Down: []ledger.DownMinute{
			{Provider: "p", At: at(1), Failed: 1}, {Provider: "p", At: at(2), Failed: 2},
			{Provider: "p", At: at(4), Failed: 2}, {Provider: "other", At: at(5), Failed: 9},
		},
		Codes: []ledger.CodeSum{{Provider: "other", Code: "9"}, {Provider: "p", Code: "77", Calls: 2}},
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	performance := sums()
	performance.Agreed = []ledger.Agreement{{Provider: "other", Both: 12, Agreed: 11}, {Provider: "p", Both: 12, Agreed: 11}}
	got := Cards(performance, at(0), at(30), "p")
	want := []Card{{
		Provider: "p", From: at(0), To: at(30), Calls: 108, Counts: Counts{Served: 95, Faults: 5, Unknown: 1},
		Outages:  []Outage{{at(1), at(3), 3}},
		Latency:  Latency{40 * time.Millisecond, 90 * time.Millisecond, 3 * time.Second},
		Verdicts: map[string]int64{"match": 80, "no_record": 10},
		Failures: map[string]int64{"": 1, "credentials": 7, "garbled": 3, "invalid_input": 5, "maintenance": 2},
		Phases:   map[string]int64{"echo": 3}, Echo: 3,
		Codes: []ledger.CodeSum{{Provider: "p", Code: "77", Calls: 2}}, Agreed: &performance.Agreed[1],
		Price: &Price{yuan(80_000_000), yuan(94_000_000), 90},
		Days:  []Day{{"2026-11-29", Counts{Served: 90}}, {"2026-11-30", Counts{Served: 5, Faults: 5, Unknown: 1}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if share, ok := got[0].Counts.Availability(); !ok || share != .95 {
		t.Errorf("availability %v, %v", share, ok)
	}
	if known, most := got[0].Price.PerVerdict(); known != yuan(888_888) || most != yuan(1_044_444) {
		t.Errorf("a verdict costs %v to %v", known, most)
	}
}

func TestCardsOfAll(t *testing.T) {
	t.Parallel()
	got := Cards(sums(), at(0), at(30))
	if len(got) != 2 || got[0].Provider != "other" || got[1].Agreed != nil {
		t.Errorf("got %+v", got)
	}
	empty := Cards(ledger.Performance{}, at(0), at(30), "idle")
	if _, ok := empty[0].Counts.Availability(); ok || empty[0].Price != nil || empty[0].Calls != 0 {
		t.Errorf("a provider without calls has %+v", empty[0])
	}
	two := sums()
	two.Calls[1].Amount.Currency = "USD"
	if c := Cards(two, at(0), at(30), "p")[0]; c.Price != nil {
		t.Errorf("amounts of two currencies are added: %+v", c.Price)
	}
}
