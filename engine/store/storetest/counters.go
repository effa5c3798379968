package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

func counters() []rule {
	return []rule{
		{"hits are counted, each member once", counted},
		{"if one hit is over its bound none is counted", allOrNone},
		{"a member that is counted is not over", neverOver},
		{"hits of one call on one counter see each other", sameCall},
		{"a counter is forgotten at its time, which the first hit sets", forgotten},
		{"sixty-four workers count exactly to the bound and lose no hit", countedAtOnce},
	}
}

func mark(n int) policy.BlindIndex { return policy.BlindIndex{byte(n), byte(n >> 8), 7} }

// hit is a hit on a counter, of a member if it is not 0.
func hit(counter, member, most int) policy.Hit {
	h := policy.Hit{Counter: mark(counter), Most: most, Until: time.Now().Add(time.Hour)}
	if member != 0 {
		h.Member = mark(member)
	}
	return h
}

// count counts hits of tenant t1 and compares what comes out.
func count(ctx context.Context, s policy.Counters, over int, totals []int, hits ...policy.Hit) error {
	got, err := s.Count(ctx, "t1", hits)
	if diff := cmp.Diff(policy.Counted{Over: over, Totals: totals}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	return nil
}

func counted(ctx context.Context, s store.Store) error {
	return first(
		func() error { return count(ctx, s, -1, []int{1, 1}, hit(1, 0, 5), hit(2, 1, 5)) },
		func() error { return count(ctx, s, -1, []int{2, 1}, hit(1, 0, 5), hit(2, 1, 5)) },
		func() error { return count(ctx, s, -1, []int{3, 2, 1}, hit(1, 0, 0), hit(2, 2, 0), hit(3, 2, 1)) },
		func() error { return count(ctx, s, -1, []int{}) },
	)
}

func allOrNone(ctx context.Context, s store.Store) error {
	return first(
		func() error { return count(ctx, s, -1, []int{1, 1}, hit(1, 0, 5), hit(2, 1, 1)) },
		func() error {
			return count(ctx, s, 2, []int{1, 0, 1, 0}, hit(1, 0, 5), hit(3, 9, 5), hit(2, 2, 1), hit(4, 0, 1))
		},
		func() error {
			return count(ctx, s, -1, []int{2, 1, 1, 1}, hit(1, 0, 5), hit(3, 8, 1), hit(2, 1, 1), hit(4, 0, 1))
		},
		func() error { return count(ctx, s, 0, []int{1}, hit(4, 0, 1)) },
	)
}

func neverOver(ctx context.Context, s store.Store) error {
	return first(
		func() error { return count(ctx, s, -1, []int{1}, hit(1, 1, 2)) },
		func() error { return count(ctx, s, -1, []int{2}, hit(1, 2, 2)) },
		func() error { return count(ctx, s, 0, []int{2}, hit(1, 3, 2)) },
		func() error { return count(ctx, s, -1, []int{2}, hit(1, 1, 1)) },
	)
}

func sameCall(ctx context.Context, s store.Store) error {
	return first(
		func() error {
			return count(ctx, s, -1, []int{1, 2, 2, 1}, hit(1, 1, 2), hit(1, 2, 2), hit(1, 1, 2), hit(2, 0, 2))
		},
		func() error { return count(ctx, s, 1, []int{1, 1}, hit(2, 0, 2), hit(2, 0, 2)) },
		func() error { return count(ctx, s, -1, []int{2}, hit(2, 0, 2)) },
	)
}

func forgotten(ctx context.Context, s store.Store) error {
	const life = 200 * time.Millisecond
	short, other, later := hit(1, 1, 1), hit(1, 2, 1), hit(1, 1, 1)
	short.Until = time.Now().Add(life)
	if err := count(ctx, s, -1, []int{1}, short); err != nil {
		return err
	}
	if time.Until(short.Until) > 0 { // a slow machine may have passed it
		if err := count(ctx, s, -1, []int{1}, later); err != nil && time.Until(short.Until) > 0 {
			return fmt.Errorf("within its time: %w", err)
		}
	}
	time.Sleep(life)
	return first(
		func() error { return count(ctx, s, -1, []int{1}, other) },
		func() error { return count(ctx, s, 0, []int{1}, short) },
	)
}

func countedAtOnce(ctx context.Context, s store.Store) error { return CountRace(ctx, "t1", s) }

// CountRace lets 64 workers, spread over the nodes of a store, count twenty hits each
// on a counter whose bound is a thousand, each with one on a free counter and a member
// of a third. It returns an error unless exactly a thousand were counted.
func CountRace(ctx context.Context, tenant idv.Tenant, nodes ...policy.Counters) error {
	const workers, each, most = 64, 20, 1000
	var mu sync.Mutex
	seen, over := map[int]bool{}, 0
	var fault error
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range each {
				hits := []policy.Hit{hit(1, 0, most), hit(2, 0, 0), hit(3, w*each+n+1, 0)}
				got, err := nodes[w%len(nodes)].Count(ctx, tenant, hits)
				mu.Lock()
				switch {
				case err != nil:
					fault = err
				case got.Over == 0:
					over++
				case seen[got.Totals[0]]:
					fault = fmt.Errorf("%d was counted twice", got.Totals[0])
				default:
					seen[got.Totals[0]] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if fault != nil || len(seen) != most || over != workers*each-most {
		return fmt.Errorf("%d counted and %d over, %w; want exactly %d", len(seen), over, fault, most)
	}
	got, err := nodes[0].Count(ctx, tenant, []policy.Hit{hit(2, 0, 0), hit(3, workers*each+1, 0)})
	if err != nil || got.Totals[0] != most+1 || got.Totals[1] != most+1 {
		return fmt.Errorf("the others count %v, %w; want %d", got.Totals, err, most+1)
	}
	return nil
}
