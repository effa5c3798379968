package storetest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func performance() []rule {
	return []rule{
		{"the performance of providers is the sum of their calls", performanceOfCalls},
		{"two verdicts of a verification agree or not, also for the card of one of the providers", agreementOfCalls},
		{"findings are added up, bounded by provider", findingsAddUp},
		{"a finding whose texts cannot be kept is dropped", findingsKept},
	}
}

// madeCalls holds and settles calls of every outcome, on both sides of midnight in China.
func madeCalls(ctx context.Context, s store.Store) error {
	midnight := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)
	for n, c := range []struct {
		at       time.Duration
		provider string
		end      func(*idv.Attempt)
	}{
		{-time.Microsecond, "p", func(a *idv.Attempt) { a.Duration = 99 * time.Millisecond }},
		{0, "p", func(a *idv.Attempt) { a.Verdict, a.Duration = idv.Mismatch, 1239*time.Millisecond }},
		{0, "q", func(a *idv.Attempt) { a.Verdict, a.Duration = idv.NoRecord, 12_999*time.Millisecond }},
		{time.Minute, "p", fails(idv.Garbled, "", idv.PhaseEcho)},
		{time.Minute, "p", fails(idv.FailureUnknown, "0/77", "")},
		{time.Minute + time.Second, "p", fails(idv.FailureUnknown, "0/77", "")},
		{2 * time.Minute, "p", fails(idv.InvalidInput, "204", "")},
		{2 * time.Minute, "p", fails(idv.Timeout, "", "first_byte")},
		{3 * time.Minute, "q", fails(idv.BadCredentials, "401", "")},
		{4 * time.Minute, "q", nil},
	} {
		i := storemodel.Intent("v"+strconv.Itoa(n), 1, midnight.Add(c.at))
		i.Provider = c.provider
		h, err := s.Hold(ctx, i)
		if err != nil {
			return err
		}
		if c.end == nil {
			continue
		}
		a := storemodel.Outcome(i, h, idv.Charged)
		c.end(&a)
		if err := s.Settle(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func fails(f idv.Failure, code, phase string) func(*idv.Attempt) {
	return func(a *idv.Attempt) {
		a.Verdict, a.Failed, a.Failure, a.VendorCode, a.Phase = idv.Undetermined, true, f, code, phase
	}
}

// agreementOfCalls makes verifications with two answers: equal ones, different ones, one after a
// failover, one without a second answer, and one across the end of the period.
func agreementOfCalls(ctx context.Context, s store.Store) error {
	begin := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)
	for n, c := range []struct {
		first, second idv.Verdict // Undetermined for a failed call
		late          time.Duration
	}{
		{idv.NoRecord, idv.NoRecord, 0}, {idv.NoRecord, idv.Match, 0}, {idv.Undetermined, idv.Match, 0}, {idv.NoRecord, idv.Undetermined, 0},
		{idv.NoRecord, idv.NoRecord, time.Hour},
	} {
		for k, verdict := range []idv.Verdict{c.first, c.second} {
			i := storemodel.Intent("v"+strconv.Itoa(n), k+1, begin.Add(time.Duration(k)*c.late))
			i.Provider = []string{"p", "q"}[k]
			h, err := s.Hold(ctx, i)
			if err != nil {
				return err
			}
			a := storemodel.Outcome(i, h, idv.Charged)
			if a.Verdict = verdict; verdict == idv.Undetermined {
				fails(idv.Unavailable, "", "")(&a)
			}
			if err := s.Settle(ctx, a); err != nil {
				return err
			}
		}
	}
	p, q := ledger.Agreement{Provider: "p", Both: 2, Agreed: 1}, ledger.Agreement{Provider: "q", Both: 2, Agreed: 1}
	for _, tt := range []struct {
		filter ledger.Filter
		want   []ledger.Agreement
	}{
		{ledger.Filter{}, []ledger.Agreement{p, q}}, {ledger.Filter{Provider: "p"}, []ledger.Agreement{p}},
		{ledger.Filter{Provider: "q", Tenant: "t1"}, []ledger.Agreement{q}}, {ledger.Filter{Tenant: "other"}, nil}, {ledger.Filter{Provider: "x"}, nil},
	} {
		tt.filter.To = begin.Add(time.Minute)
		got, err := s.Performance(ctx, tt.filter)
		if diff := cmp.Diff(tt.want, got.Agreed); err != nil || diff != "" {
			return fmt.Errorf("%+v: %w, want -, got +:\n%s", tt.filter, err, diff)
		}
	}
	return nil
}

func performanceOfCalls(ctx context.Context, s store.Store) error {
	if err := madeCalls(ctx, s); err != nil {
		return err
	}
	for _, f := range []ledger.Filter{
		{}, {Provider: "p"}, {Provider: "q", Tenant: "t1"}, {Tenant: "other"}, {From: time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)},
	} {
		holds, _, err := s.Holds(ctx, f, ledger.Page{})
		if err != nil {
			return err
		}
		var g ledger.Gauge
		for i := range holds {
			g.Add(&holds[i])
		}
		everyProvider := f
		everyProvider.Provider = ""
		if holds, _, err = s.Holds(ctx, everyProvider, ledger.Page{}); err != nil {
			return err
		}
		want := g.Sums()
		want.Agreed = ledger.AgreementsOf(holds, f.Provider)
		got, err := s.Performance(ctx, f)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			return fmt.Errorf("%+v: %w, of the calls -, got +:\n%s", f, err, diff)
		}
	}
	all, err := s.Performance(ctx, ledger.Filter{})
	minute := time.Date(2026, 11, 30, 16, 1, 0, 0, time.UTC)
	want := ledger.Performance{
		Latency: []ledger.LatencySum{
			{Provider: "p", Least: 99 * time.Millisecond, Calls: 1}, {Provider: "p", Least: 1200 * time.Millisecond, Calls: 1},
			{Provider: "q", Least: 12 * time.Second, Calls: 1},
		},
		Down:  []ledger.DownMinute{{Provider: "p", At: minute, Failed: 3}},
		Codes: []ledger.CodeSum{{Provider: "p", Code: "0/77", Calls: 2, First: minute, Last: minute.Add(time.Second)}},
	}
	days := map[string]int64{}
	for _, c := range all.Calls {
		days[c.Provider+" "+c.Day] += c.Calls
	}
	all.Calls = nil
	if diff := cmp.Diff(want, all); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	if diff := cmp.Diff(map[string]int64{"p 2026-11-30": 1, "p 2026-12-01": 6, "q 2026-12-01": 3}, days); diff != "" {
		return fmt.Errorf("the days, want -, got +:\n%s", diff)
	}
	return nil
}

func findingsAddUp(ctx context.Context, s store.Store) error {
	then := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)
	f := idv.Finding{Provider: "p", Kind: idv.FindingNew, Version: "1.0.0", Path: "/result/级别", Type: "number", Count: 2, First: then, Last: then.Add(time.Hour)}
	earlier, other := f, f
	earlier.Count, earlier.First, earlier.Last = 3, then.Add(-time.Hour), then
	other.Provider, other.Kind, other.Code = "q", idv.FindingCode, "77"
	many := make([]idv.Finding, store.MaxFindings+10)
	for i := range many {
		many[i] = f
		many[i].Path = "/" + strconv.Itoa(i)
	}
	err := first(
		func() error { return s.AddFindings(ctx, []idv.Finding{f, other}) },
		func() error { return s.AddFindings(ctx, many) },
		func() error { return s.AddFindings(ctx, []idv.Finding{earlier}) },
		func() error { return s.AddFindings(ctx, nil) },
	)
	if err != nil {
		return err
	}
	of, err := s.Findings(ctx, "p")
	if err != nil || len(of) != store.MaxFindings {
		return fmt.Errorf("%d findings of p, %w", len(of), err)
	}
	f.Count, f.First = 5, earlier.First
	if diff := cmp.Diff(f, of[len(of)-1]); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	all, err := s.Findings(ctx, "")
	if err != nil || len(all) != store.MaxFindings+1 {
		return fmt.Errorf("%d findings of all, %w", len(all), err)
	}
	if diff := cmp.Diff(other, all[len(all)-1]); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	return nil
}

func findingsKept(ctx context.Context, s store.Store) error {
	var list []idv.Finding
	for _, text := range illegible() {
		list = append(list, idv.Finding{Provider: "p", Kind: idv.FindingNew, Path: text, Count: 1}, idv.Finding{Provider: text, Kind: idv.FindingNew, Count: 1})
	}
	if err := s.AddFindings(ctx, list); err != nil {
		return err
	}
	for _, provider := range append(illegible(), "") {
		if got, err := s.Findings(ctx, provider); err != nil || len(got) != 0 {
			return fmt.Errorf("%.20q: %d findings, %w", provider, len(got), err)
		}
	}
	return nil
}
