package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

// followed follows the entries of several lots while the clock runs, jumps back and forth, and
// is followed after a jump.
func followed(ctx context.Context, s store.Store, c *Clock) error {
	const hour = time.Hour
	steps := []func() error{
		func() error { return nil },
		func() error { return c.Pass(hour) },
		func() error { return c.Jump(-hour) },
		func() error { return c.Pass(store.SettleTime) },
		func() error { return c.Pass(store.SettleTime) },
		func() error { return c.Jump(2 * hour) },
		func() error { return c.Jump(-hour) },
		func() error { return c.Pass(2 * store.SettleTime) },
		func() error { return c.Pass(3 * hour) },
	}
	var got []string
	var cursor string
	for n, step := range steps {
		if err := errors.Join(step(), observe(ctx, s)); err != nil {
			return err
		}
		i := storemodel.Intent(fmt.Sprint("v", n), 1, storemodel.Then())
		i.Provider = string(rune('z' - n)) // each lot comes before the earlier ones
		if _, err := s.Hold(ctx, i); err != nil {
			return err
		}
		more, err := follow(ctx, s, &cursor)
		if err != nil {
			return fmt.Errorf("step %d: %w", n, err)
		}
		got = append(got, more...)
	}
	if err := c.Pass(hour); err != nil {
		return err
	}
	more, err := follow(ctx, s, &cursor)
	if got = append(got, more...); err != nil {
		return err
	}
	var want []string
	for n := range steps {
		want = append(want, fmt.Sprintf("v%d-1", n))
	}
	slices.Sort(got) // entries of the time at which the clock fell back may have another order
	if !slices.Equal(got, want) {
		return fmt.Errorf("the reader received %v, want %v", got, want)
	}
	return nil
}

// follow returns the calls of the final entries behind a cursor, two a page, and moves it.
func follow(ctx context.Context, s store.Store, cursor *string) (calls []string, err error) {
	for {
		list, next, until, err := store.FinalEntries(ctx, s, ledger.Filter{}, ledger.Page{After: *cursor, Limit: 2})
		if err != nil || len(list) == 0 {
			return calls, err
		}
		for _, e := range list {
			if calls = append(calls, e.Hold); !e.At.Before(until) {
				return nil, fmt.Errorf("entry %s of %v is not before %v", e.Number(), e.At, until)
			}
		}
		*cursor = next
	}
}
