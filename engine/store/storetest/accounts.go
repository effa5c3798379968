package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func accounts() []rule {
	return []rule{
		{"every move of a unit is an entry with its cost centers, without gaps and in order", entries},
		{"entries are selected by time, tenant, app, purpose and provider", chosen},
		{"lists are paged without gaps or duplicates, and a foreign cursor is an error", paged},
		{"a hold is returned with its intent and its outcome", holdKept},
		{"an unknown hold is listed and settled once, with a reason", resolved},
		{"a hold that is not unknown cannot be resolved", notResolved},
		{"usage counts calls and cost by month in China, outcome and charge", usage},
		{"a store that can write is ready", func(ctx context.Context, s store.Store) error { return s.Ready(ctx) }},
	}
}

func entries(ctx context.Context, s store.Store) error {
	err := first(
		func() error { return s.AddLot(ctx, lot("l1", 2)) },
		func() error { _, err := storemodel.Hold(ctx, s, "v1", 1, idv.Charged); return err },
	)
	if err != nil {
		return err
	}
	got, next, err := s.Entries(ctx, ledger.Filter{}, ledger.Page{})
	if err != nil || next != "" {
		return fmt.Errorf("next %q, %w", next, err)
	}
	byCall := ledger.Entry{Lot: "l1", Provider: "p", Hold: "v1-1", Tenant: "t1", App: "app", Purpose: "test", Units: 1, Amount: storemodel.Yuan(50_000)}
	held, posted := byCall, byCall
	held.From, held.To, held.Why = ledger.Available, ledger.Held, "call"
	posted.From, posted.To, posted.Why = ledger.Held, ledger.Posted, "match"
	bought := ledger.Entry{Lot: "l1", Provider: "p", From: ledger.Bought, To: ledger.Available, Units: 2, Amount: storemodel.Yuan(100_000)}
	last := map[int]int64{}
	for i := range got {
		e := &got[i]
		if last[e.Row]++; e.Seq != last[e.Row] {
			return fmt.Errorf("entry %s, want number %d of its row", e.Number(), last[e.Row])
		}
		if e.At.IsZero() || i > 0 && !e.At.After(got[i-1].At) {
			return fmt.Errorf("entry %s has %v, want the times of writing in their order", e.Number(), e.At)
		}
		e.At, e.Row, e.Seq = time.Time{}, 0, 0
	}
	if diff := cmp.Diff([]ledger.Entry{bought, held, posted}, got); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	return nil
}

func chosen(ctx context.Context, s store.Store) error {
	for n, change := range []func(*idv.Intent){
		func(*idv.Intent) {},
		func(i *idv.Intent) { i.Tenant = "t2" },
		func(i *idv.Intent) { i.App = "other" },
		func(i *idv.Intent) { i.Purpose = "other" },
		func(i *idv.Intent) { i.Provider = "q" },
		func(i *idv.Intent) { i.At = storemodel.Then().Add(time.Hour) },
	} {
		i := storemodel.Intent("v1", n+1, storemodel.Then())
		change(&i)
		if _, err := s.Hold(ctx, i); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		f    ledger.Filter
		want int
	}{
		{ledger.Filter{}, 6},
		{ledger.Filter{Tenant: "t2"}, 1},
		{ledger.Filter{App: "other"}, 1},
		{ledger.Filter{Purpose: "other"}, 1},
		{ledger.Filter{Provider: "q"}, 1},
		{ledger.Filter{Tenant: "t1", Provider: "p"}, 4},
	} {
		list, _, err := s.Entries(ctx, c.f, ledger.Page{})
		if err != nil {
			return err
		}
		calls, _, err := s.Holds(ctx, c.f, ledger.Page{}, ledger.StateHeld, ledger.StateUnknown)
		if err != nil || len(list) != c.want || len(calls) != c.want {
			return fmt.Errorf("%+v: %d entries and %d holds, %w; want %d", c.f, len(list), len(calls), err, c.want)
		}
	}
	return chosenByTime(ctx, s)
}

// chosenByTime checks that holds are selected by the time of the call, entries by that of
// writing.
func chosenByTime(ctx context.Context, s store.Store) error {
	all, _, err := s.Entries(ctx, ledger.Filter{}, ledger.Page{})
	if err != nil {
		return err
	}
	at := all[len(all)-1].At
	for _, c := range []struct {
		f              ledger.Filter
		entries, holds int
	}{
		{ledger.Filter{From: storemodel.Then().Add(time.Microsecond)}, 6, 1},
		{ledger.Filter{From: storemodel.Then(), To: storemodel.Then().Add(time.Hour)}, 0, 5},
		{ledger.Filter{To: storemodel.Then()}, 0, 0},
		{ledger.Filter{From: at}, 1, 0},
		{ledger.Filter{To: at}, 5, 6},
	} {
		list, _, err := s.Entries(ctx, c.f, ledger.Page{})
		if err != nil {
			return err
		}
		calls, _, err := s.Holds(ctx, c.f, ledger.Page{})
		if err != nil || len(list) != c.entries || len(calls) != c.holds {
			return fmt.Errorf("%+v: %d entries and %d holds, %w; want %d and %d", c.f, len(list), len(calls), err, c.entries, c.holds)
		}
	}
	return nil
}

func paged(ctx context.Context, s store.Store) error {
	for n := range 7 {
		if _, err := s.Hold(ctx, storemodel.Intent("v1", n+1, storemodel.Then().Add(time.Duration(n/3)*time.Second))); err != nil {
			return err
		}
	}
	var seqs, attempts []string
	for after, more := "", true; more; more = after != "" {
		list, next, err := s.Entries(ctx, ledger.Filter{}, ledger.Page{After: after, Limit: 2})
		if err != nil {
			return err
		}
		for _, e := range list {
			seqs = append(seqs, e.Hold)
		}
		after = next
	}
	for after, more := "", true; more; more = after != "" {
		list, next, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{After: after, Limit: 2})
		if err != nil {
			return err
		}
		for _, h := range list {
			attempts = append(attempts, h.Intent.Attempt)
		}
		after = next
	}
	want7 := []string{"v1-1", "v1-2", "v1-3", "v1-4", "v1-5", "v1-6", "v1-7"}
	if diff := cmp.Diff([][]string{want7, want7}, [][]string{seqs, attempts}); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	_, _, err := s.Entries(ctx, ledger.Filter{}, ledger.Page{After: "x"})
	_, _, err2 := s.Holds(ctx, ledger.Filter{}, ledger.Page{After: "x"})
	return first(func() error { return want(err, store.ErrPage) }, func() error { return want(err2, store.ErrPage) })
}

func holdKept(ctx context.Context, s store.Store) error {
	i := storemodel.Intent("v1", 1, storemodel.Then())
	h, err := s.Hold(ctx, i)
	if err != nil {
		return err
	}
	a := storemodel.Outcome(i, h, idv.ChargeUnknown)
	a.Verdict, a.Failed, a.Failure, a.Delivery = idv.Undetermined, true, idv.Timeout, idv.DeliveryUnknown
	if err := s.Settle(ctx, a); err != nil {
		return err
	}
	list, _, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{}, ledger.StateUnknown)
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d unknown holds, %w", len(list), err)
	}
	got := list[0]
	if got.Intent.Deadline.Sub(i.Deadline).Abs() > time.Second {
		return fmt.Errorf("the deadline is %v, want about %v", got.Intent.Deadline, i.Deadline)
	}
	got.Changed, got.Intent.Deadline = time.Time{}, i.Deadline
	want := ledger.Hold{Intent: i, Lot: "open:p", Open: true, State: ledger.StateUnknown, OutcomeRecorded: true, Outcome: a, Why: "timeout"}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	return nil
}

func resolved(ctx context.Context, s store.Store) error {
	for n := range 2 {
		if _, err := storemodel.Hold(ctx, s, "v1", n+1, idv.ChargeUnknown); err != nil {
			return err
		}
	}
	err := first(
		func() error { return want(s.Resolve(ctx, "v1-1", idv.ChargeUnknown, "x"), ledger.ErrNotKnown) },
		func() error { return s.Resolve(ctx, "v1-1", idv.Charged, "export of March") },
		func() error { return want(s.Resolve(ctx, "v1-1", idv.NotCharged, "x"), ledger.ErrSettled) },
		func() error { return want(s.Resolve(ctx, "v1-9", idv.Charged, "x"), ledger.ErrNoHold) },
		func() error { return s.Resolve(ctx, "v1-2", idv.NotCharged, "export of March") },
		func() error { return balance(ctx, s, "open:p", ledger.Balance{Posted: 1}) },
	)
	if err != nil {
		return err
	}
	list, _, err := s.Holds(ctx, ledger.Filter{}, ledger.Page{}, ledger.StatePosted)
	if err != nil || len(list) != 1 || list[0].Why != "export of March" || !list[0].OutcomeRecorded {
		return fmt.Errorf("got %+v, %w", list, err)
	}
	return nil
}

func notResolved(ctx context.Context, s store.Store) error {
	if _, err := storemodel.Hold(ctx, s, "v1", 1, storemodel.Leave); err != nil {
		return err
	}
	if _, err := storemodel.Hold(ctx, s, "v1", 2, idv.Charged); err != nil {
		return err
	}
	return first(
		func() error { return want(s.Resolve(ctx, "v1-1", idv.Charged, "x"), ledger.ErrRunning) },
		func() error { return want(s.Resolve(ctx, "v1-2", idv.Charged, "x"), ledger.ErrSettled) },
	)
}

func usage(ctx context.Context, s store.Store) error {
	// The last second of October in China; a second later it is November.
	october := time.Date(2026, 10, 31, 15, 59, 59, 0, time.UTC)
	for n, c := range []idv.Charge{idv.Charged, idv.Charged, idv.NotCharged, storemodel.Leave} {
		i := storemodel.Intent("v1", n+1, october)
		h, err := s.Hold(ctx, i)
		if err == nil && c != storemodel.Leave {
			err = s.Settle(ctx, storemodel.Outcome(i, h, c))
		}
		if err != nil {
			return err
		}
	}
	if _, err := s.Hold(ctx, storemodel.Intent("v2", 1, october.Add(time.Second))); err != nil {
		return err
	}
	got, err := s.Usage(ctx, ledger.Filter{Provider: "p", Tenant: "t1"})
	if err != nil {
		return err
	}
	line := ledger.Use{Month: "2026-10", Provider: "p", Outcome: "match", Charge: idv.Charged, Calls: 2, Amount: storemodel.Yuan(138_000)}
	free, running, later := line, line, line
	free.Charge, free.Calls, free.Amount = idv.NotCharged, 1, storemodel.Yuan(69_000)
	running.Outcome, running.Charge, running.Calls, running.Amount = "", idv.ChargeUnknown, 1, storemodel.Yuan(69_000)
	later.Month, later.Outcome, later.Charge, later.Calls, later.Amount = "2026-11", "", idv.ChargeUnknown, 1, storemodel.Yuan(69_000)
	if diff := cmp.Diff([]ledger.Use{running, line, free, later}, got); diff != "" {
		return fmt.Errorf("want -, got +:\n%s", diff)
	}
	return nil
}
