package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

func TestChoice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		month, from, to string
		wantFrom        string // RFC 3339, UTC
		wantTo          string
		fault           string
	}{
		{name: "all"},
		{name: "a month is the vendors'", month: "2026-11", wantFrom: "2026-10-31T16:00:00Z", wantTo: "2026-11-30T16:00:00Z"},
		{name: "December", month: "2026-12", wantFrom: "2026-11-30T16:00:00Z", wantTo: "2026-12-31T16:00:00Z"},
		{name: "one day", from: "2026-11-08", to: "2026-11-08", wantFrom: "2026-11-07T16:00:00Z", wantTo: "2026-11-08T16:00:00Z"},
		{name: "times", from: "2026-11-08T09:00:00+08:00", to: "2026-11-08T02:00:00Z", wantFrom: "2026-11-08T01:00:00Z", wantTo: "2026-11-08T02:00:00Z"},
		{name: "from a day on", from: "2026-11-08", wantFrom: "2026-11-07T16:00:00Z"},
		{name: "no month", month: "2026-13", fault: "--month"},
		{name: "month and day", month: "2026-11", to: "2026-11-08", fault: "--month"},
		{name: "no day", from: "2026-02-30", fault: "--from"},
		{name: "a time without its zone", to: "2026-11-08T09:00:00", fault: "--to"},
		{name: "backwards", from: "2026-11-09", to: "2026-11-08", fault: "--to"},
		{name: "nothing between", from: "2026-11-08T01:00:00Z", to: "2026-11-08T01:00:00Z", fault: "--to"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := (&entryFilter{month: tt.month, from: tt.from, to: tt.to}).parse()
			if tt.fault != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.fault+":") {
					t.Fatalf("got %v, want a fault of %s", err, tt.fault)
				}
				return
			}
			if from, to := rfc3339(f.From), rfc3339(f.To); err != nil || from != tt.wantFrom || to != tt.wantTo {
				t.Errorf("got %s to %s, %v; want %s to %s", from, to, err, tt.wantFrom, tt.wantTo)
			}
		})
	}
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// TestEachPage reads a list of 2,500 numbers.
func TestEachPage(t *testing.T) {
	t.Parallel()
	const n = 2500
	tests := []struct{ most, want, reads int }{{0, n, 3}, {1, 1, 1}, {999, 999, 1}, {1000, 1000, 1}, {1001, 1001, 2}, {9999, n, 3}}
	for _, tt := range tests {
		got, reads := 0, 0
		read := func(p ledger.Page) ([]int, string, error) {
			reads++
			begin := len(p.After)
			end := min(begin+p.Size(), n)
			next := ""
			if end < n {
				next = strings.Repeat("x", end)
			}
			return make([]int, end-begin), next, nil
		}
		err := eachPage(tt.most, read, func(*int) error { got++; return nil })
		if err != nil || got != tt.want || reads != tt.reads {
			t.Errorf("at most %d: %d in %d pages, %v; want %d in %d", tt.most, got, reads, err, tt.want, tt.reads)
		}
	}
	stop := errors.New("stop")
	err := eachPage(0, func(ledger.Page) ([]int, string, error) { return []int{1, 2}, "x", nil }, func(*int) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want it to stop", err)
	}
}

func TestTotalsOf(t *testing.T) {
	t.Parallel()
	use := func(outcome string, c idv.Charge, calls, micros int64) sum {
		return sumOf(costCentre{}, ledger.Use{Outcome: outcome, Charge: c, Calls: calls, Amount: idv.Money{Micros: micros, Currency: idv.CNY}})
	}
	list := totalsOf([]sum{
		use("match", idv.Charged, 10, 690_000), use("no_record", idv.ChargeUnknown, 2, 138_000), use("timeout", idv.ChargeUnknown, 1, 69_000),
		use("maintenance", idv.NotCharged, 4, 276_000), use("", idv.ChargeUnknown, 1, 69_000),
	})
	if len(list) != 1 {
		t.Fatalf("%d totals of one currency", len(list))
	}
	got, want := list[0], total{
		Calls: 18, Verdicts: 12, Unknown: 4, Free: 4,
		Cost:       api.Cost{Amount: "0.69", Currency: "CNY", Maximum: "0.966"},
		PerVerdict: api.Cost{Amount: "0.0575", Currency: "CNY", Maximum: "0.0805"},
		Saved:      api.Cost{Amount: "0.276", Currency: "CNY"},
	}
	got.known, got.possible, got.saved = idv.Money{}, idv.Money{}, idv.Money{}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	free := use("match", idv.Charged, 1, 0)
	free.total.Currency = "" // of a provider without a price
	if list := totalsOf([]sum{free, use("match", idv.Charged, 1, 69_000)}); len(list) != 1 || list[0].Calls != 2 {
		t.Errorf("a call without a price: %+v, want one total", list)
	}
	dollars := use("match", idv.Charged, 1, 1_000_000)
	dollars.total.Currency = "USD"
	list = totalsOf([]sum{use("match", idv.Charged, 1, 69_000), dollars})
	if len(list) != 2 || list[0].Cost.Amount != "0.069" || list[1].Cost != (api.Cost{Amount: "1.00", Currency: "USD", Maximum: "1.00"}) {
		t.Errorf("two currencies: %+v", list)
	}
}

// TestCallOf holds calls of every kind against what a comparison has to know of them.
func TestCallOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 19, 1, 0, 0, 0, time.UTC)
	intent := idv.Intent{Attempt: "a", Provider: "main", At: at, Deadline: at.Add(3 * time.Second)}
	hold := func(s ledger.State, a idv.Attempt) ledger.Hold {
		a.ID, a.Provider, a.StartedAt, a.Duration = "a", "main", at, time.Second
		return ledger.Hold{Intent: intent, State: s, OutcomeRecorded: true, Outcome: a}
	}
	call := func(code string, sent idv.Delivery, c idv.Charge, took time.Duration) reconcile.Call {
		return reconcile.Call{Attempt: "a", Provider: "main", At: at, End: at.Add(took), Code: code, Delivery: sent, Charge: c}
	}
	tests := []struct {
		name string
		hold ledger.Hold
		want reconcile.Call
	}{
		{"answered", hold(ledger.StatePosted, idv.Attempt{Verdict: idv.Match, VendorCode: "01", Delivery: idv.Answered}), call("01", idv.Answered, idv.Charged, time.Second)},
		{"no answer", hold(ledger.StateUnknown, idv.Attempt{Failed: true, Failure: idv.Timeout}), call("timeout", idv.DeliveryUnknown, idv.ChargeUnknown, time.Second)},
		{"settled later", hold(ledger.StateVoided, idv.Attempt{Failed: true, Failure: idv.Timeout}), call("timeout", idv.DeliveryUnknown, idv.NotCharged, time.Second)},
		{"its process died", ledger.Hold{Intent: intent}, call("unknown", idv.DeliveryUnknown, idv.ChargeUnknown, 3*time.Second)},
		{"throttled", hold(ledger.StateVoided, idv.Attempt{Failed: true, Failure: idv.Throttled, VendorCode: "Throttled", Delivery: idv.RefusedByGateway}), call("Throttled", idv.RefusedByGateway, idv.NotCharged, time.Second)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := callOf(&tt.hold); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestUnfinished(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		report reconcile.Report
		want   bool
	}{
		{"nothing", reconcile.Report{}, false},
		{"an edge, which cancels", reconcile.Report{Totals: reconcile.Totals{Different: 2}}, false},
		{"an unexplained window", reconcile.Report{Totals: reconcile.Totals{Alarming: 1}}, true},
		{"a call to settle", reconcile.Report{Proposals: make([]reconcile.Proposal, 1)}, true},
		{"a call left open", reconcile.Report{Unsettled: make([]reconcile.Unsettled, 1)}, true},
		{"a code whose charge is assumed wrongly", reconcile.Report{Codes: []reconcile.Learned{{Assumed: idv.Charged, Charge: idv.NotCharged}}}, true},
		{"a code whose charge is assumed rightly", reconcile.Report{Codes: []reconcile.Learned{{Assumed: idv.Charged, Charge: idv.Charged}}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := needsAction(tt.report); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
