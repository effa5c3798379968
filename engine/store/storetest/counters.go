package storetest

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/policy"
)

func counters() []rule {
	return []rule{
		{"hits are counted, each member once", counted},
		{"if one hit exceeds its limit, none is counted", allOrNone},
		{"a counted member does not exceed the limit", neverOver},
		{"hits of one call on one counter see each other", sameCall},
		{"a counter expires at the time that its first hit sets", forgotten},
		{"sixty-four workers count exactly up to the limit and lose no hit", countedAtOnce},
	}
}

// count counts hits of tenant t1 and checks the result.
func count(ctx context.Context, s policy.Counters, over int, totals []int, hits ...policy.Hit) error {
	got, err := s.Count(ctx, "t1", hits)
	if diff := cmp.Diff(policy.Counted{Over: over, Totals: totals}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	return nil
}

func counted(ctx context.Context, s store.Store) error {
	return first(
		func() error { return count(ctx, s, -1, []int{1, 1}, storemodel.Hit(1, 0, 5), storemodel.Hit(2, 1, 5)) },
		func() error { return count(ctx, s, -1, []int{2, 1}, storemodel.Hit(1, 0, 5), storemodel.Hit(2, 1, 5)) },
		func() error {
			return count(ctx, s, -1, []int{3, 2, 1}, storemodel.Hit(1, 0, 0), storemodel.Hit(2, 2, 0), storemodel.Hit(3, 2, 1))
		},
		func() error { return count(ctx, s, -1, []int{}) },
	)
}

func allOrNone(ctx context.Context, s store.Store) error {
	return first(
		func() error { return count(ctx, s, -1, []int{1, 1}, storemodel.Hit(1, 0, 5), storemodel.Hit(2, 1, 1)) },
		func() error {
			return count(ctx, s, 2, []int{1, 0, 1, 0}, storemodel.Hit(1, 0, 5), storemodel.Hit(3, 9, 5), storemodel.Hit(2, 2, 1), storemodel.Hit(4, 0, 1))
		},
		func() error {
			return count(ctx, s, -1, []int{2, 1, 1, 1}, storemodel.Hit(1, 0, 5), storemodel.Hit(3, 8, 1), storemodel.Hit(2, 1, 1), storemodel.Hit(4, 0, 1))
		},
		func() error { return count(ctx, s, 0, []int{1}, storemodel.Hit(4, 0, 1)) },
	)
}

func neverOver(ctx context.Context, s store.Store) error {
	return first(
		func() error { return count(ctx, s, -1, []int{1}, storemodel.Hit(1, 1, 2)) },
		func() error { return count(ctx, s, -1, []int{2}, storemodel.Hit(1, 2, 2)) },
		func() error { return count(ctx, s, 0, []int{2}, storemodel.Hit(1, 3, 2)) },
		func() error { return count(ctx, s, -1, []int{2}, storemodel.Hit(1, 1, 1)) },
	)
}

func sameCall(ctx context.Context, s store.Store) error {
	return first(
		func() error {
			return count(ctx, s, -1, []int{1, 2, 2, 1}, storemodel.Hit(1, 1, 2), storemodel.Hit(1, 2, 2), storemodel.Hit(1, 1, 2), storemodel.Hit(2, 0, 2))
		},
		func() error { return count(ctx, s, 1, []int{1, 1}, storemodel.Hit(2, 0, 2), storemodel.Hit(2, 0, 2)) },
		func() error { return count(ctx, s, -1, []int{2}, storemodel.Hit(2, 0, 2)) },
	)
}

func forgotten(ctx context.Context, s store.Store) error {
	const life = 200 * time.Millisecond
	short, other, later := storemodel.Hit(1, 1, 1), storemodel.Hit(1, 2, 1), storemodel.Hit(1, 1, 1)
	short.Until = time.Now().Add(life)
	if err := count(ctx, s, -1, []int{1}, short); err != nil {
		return err
	}
	err := count(ctx, s, -1, []int{1}, later)
	switch {
	case time.Until(short.Until) <= 0:
		return nil // a slow machine may have begun the counter anew, for longer
	case err != nil:
		return fmt.Errorf("within its time: %w", err)
	}
	time.Sleep(life)
	return first(
		func() error { return count(ctx, s, -1, []int{1}, other) },
		func() error { return count(ctx, s, 0, []int{1}, short) },
	)
}

func countedAtOnce(ctx context.Context, s store.Store) error {
	return storemodel.CountRace(ctx, "t1", s)
}
