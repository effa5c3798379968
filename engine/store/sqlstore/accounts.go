package sqlstore

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// list reads the rows of a statement.
func list[T any](ctx context.Context, b backend, sql string, args []any, scan func(row) (T, error)) ([]T, error) {
	var all []T
	err := b.read(ctx, statement{sql, args, func(r row) error {
		one, err := scan(r)
		all = append(all, one)
		return err
	}})
	return all, err
}

// Lots returns the lots of a provider with their balances, of all if it is "".
func (s *Store) Lots(ctx context.Context, provider string) ([]ledger.Balance, error) {
	all, err := list(ctx, s.backend, selectLots, []any{provider}, scanBalance)
	ledger.SortLots(all)
	return all, err
}

// Usage returns calls and their cost.
func (s *Store) Usage(ctx context.Context, f ledger.Filter) ([]ledger.Use, error) {
	args := []any{from(f.From), to(f.To), f.Tenant, f.App, f.Purpose, f.Provider}
	uses, err := list(ctx, s.backend, selectUsage, args, scanUse)
	if err != nil {
		return nil, err
	}
	var t ledger.Tally
	for _, u := range uses {
		t.Add(u)
	}
	return t.List(), nil
}

// Entries returns entries by time.
func (s *Store) Entries(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Entry, string, error) {
	after, err := entryCursor(f, p)
	if err != nil {
		return nil, "", err
	}
	args := []any{after.At.UnixMicro(), after.Lot, int64(after.Row), after.Seq, to(f.To), f.Tenant, f.App, f.Purpose, f.Provider, int64(p.Size() + 1)}
	all, err := list(ctx, s.backend, selectEntries, args, scanEntry)
	if err != nil || len(all) == 0 || len(all) <= p.Size() && !p.Follow {
		return all, "", err
	}
	all = all[:min(len(all), p.Size())]
	last := &all[len(all)-1]
	return all, cursor(last.At.UnixMicro(), fmt.Sprintf("%d.%d.%s", last.Row, last.Seq, last.Lot)), nil
}

// Holds returns holds by the time of their calls.
func (s *Store) Holds(ctx context.Context, f ledger.Filter, p ledger.Page, states ...ledger.State) ([]ledger.Hold, string, error) {
	at, attempt := from(f.From), ""
	if p.After != "" {
		var err error
		if at, attempt, err = parseCursor(p.After); err != nil {
			return nil, "", err
		}
	}
	args := []any{at, attempt, to(f.To), f.Tenant, f.App, f.Purpose, f.Provider, int64(p.Size() + 1)}
	all, err := list(ctx, s.backend, selectHolds+inStates(states)+orderHolds, args, scanHold)
	if err != nil || len(all) <= p.Size() {
		return all, "", err
	}
	all = all[:p.Size()]
	last := &all[len(all)-1].Intent
	return all, cursor(last.At.UnixMicro(), last.Attempt), nil
}

// inStates returns the condition on states. The states are in the text instead of the
// arguments, so that the planner can use the index of waiting holds.
func inStates(states []ledger.State) string {
	if len(states) == 0 {
		return ""
	}
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = "'" + s.String() + "'"
	}
	text := " AND state IN (" + strings.Join(words, ", ") + ")"
	if slices.ContainsFunc(states, ledger.State.Final) {
		return text
	}
	return text + waiting
}

// cursor returns the cursor of a row in a list that is ordered by time and name.
func cursor(at int64, name string) string { return strconv.FormatInt(at, 10) + "." + name }

func parseCursor(text string) (int64, string, error) {
	first, name, ok := strings.Cut(text, ".")
	at, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || idv.CheckText(name, idv.MaxName) != idv.TextFits {
		return 0, "", store.ErrPage
	}
	return at, name, nil
}

// entryCursor returns the entry after which a page begins.
func entryCursor(f ledger.Filter, p ledger.Page) (after ledger.Entry, err error) {
	if p.After == "" {
		return ledger.Entry{At: time.UnixMicro(from(f.From)), Row: math.MinInt16}, nil
	}
	at, name, err := parseCursor(p.After)
	if err != nil {
		return after, err
	}
	words := strings.SplitN(name, ".", 3)
	if len(words) < 3 {
		return after, store.ErrPage
	}
	n, err := strconv.ParseInt(words[0], 10, 16)
	seq, err2 := strconv.ParseInt(words[1], 10, 64)
	if err != nil || err2 != nil {
		return after, store.ErrPage
	}
	return ledger.Entry{At: time.UnixMicro(at), Lot: words[2], Row: int(n), Seq: seq}, nil
}
