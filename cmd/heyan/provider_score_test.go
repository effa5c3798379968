package main

import (
	"context"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/score"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

// cmdChanges adds to a ledger what a vendor changed in its replies, and calls that failed by it:
// `changes heyan.db`.
func cmdChanges(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	s, err := sqlstore.OpenSQLite(ctx, ts.MkAbs(args[0]), sqlstore.Options{})
	ts.Check(err)
	begin := time.Date(2026, 3, 21, 9, 0, 0, 0, idv.China())
	b := &seeded{store: s, calls: 5000}
	ts.Check(b.ask(ctx, begin, 3, idv.Attempt{Failed: true, Failure: idv.FailureUnknown, VendorCode: "77", Delivery: idv.Answered}))
	ts.Check(b.ask(ctx, begin.Add(time.Hour), 1, idv.Attempt{Failed: true, Failure: idv.Garbled, Phase: idv.PhaseEcho, Delivery: idv.Answered}))
	finding := idv.Finding{Provider: "main", Version: "1.1.0", Count: 3, First: begin, Last: begin.Add(time.Minute)}
	code, added, seen := finding, finding, finding
	code.Kind, code.Type, code.Code = idv.FindingCode, "vendor", "77"
	added.Kind, added.Path, added.Type = idv.FindingNew, "/result/level", "string"
	seen.Kind, seen.Path, seen.Type = idv.FindingSeen, "/status", "string"
	ts.Check(s.AddFindings(ctx, []idv.Finding{code, added, seen}))
	ts.Check(s.Close())
}

func TestParseSince(t *testing.T) {
	t.Parallel()
	to := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"30d": to.AddDate(0, 0, -30), "12h": to.Add(-12 * time.Hour), "2026-11-08": time.Date(2026, 11, 7, 16, 0, 0, 0, time.UTC),
		"2026-11-08T09:30:00+08:00": time.Date(2026, 11, 8, 1, 30, 0, 0, time.UTC),
	} {
		if got, err := parseSince(text, to); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0d", "-1d", "d", "30", "30m", "1.5d", "99999d", "2147483647h", "9999999999999d", "2026-12-01", "11010519491231002X"} {
		if got, err := parseSince(text, to); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestSparkline(t *testing.T) {
	t.Parallel()
	to := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	card := score.Card{From: to.AddDate(0, 0, -6), To: to, Days: []score.Day{
		{Date: "2026-11-25", Counts: score.Counts{Served: 5, Faults: 95}}, {Date: "2026-11-26", Counts: score.Counts{Served: 95, Faults: 5}},
		{Date: "2026-11-27", Counts: score.Counts{Served: 999, Faults: 1}}, {Date: "2026-11-30", Counts: score.Counts{Served: 1}},
	}}
	if got, want := sparkline(&card), "·▁▄▇··█"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	card.From = to.AddDate(-1, 0, 0)
	if got := []rune(sparkline(&card)); len(got) > maxSteps || len(got) < maxSteps-2 || string(got[len(got)-1]) == noCall {
		t.Errorf("a year is shown as %s", string(got))
	}
	for share, want := range map[float64]string{1: "100.00 %", .999999: "99.99 %", .5: "50.00 %", 0: "0.00 %"} {
		if got := percent(share); got != want {
			t.Errorf("%v is %s, want %s", share, got, want)
		}
	}
}
