package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/limits"
)

// pruneSize is how many lines are deleted in one transaction.
const pruneSize = 500

// Prune deletes what was kept long enough, and the keys that replay it. It works in
// small pieces, between which holds are written.
func (s *Store) Prune(ctx context.Context, before store.Retention) (gone store.Pruned, err error) {
	if gone.Verifications, err = s.prune(ctx, pruneVerifications, before.Verifications, nil); err != nil {
		return gone, err
	}
	if err := s.pruneClaims(ctx); err != nil {
		return gone, err
	}
	if gone.Consents, err = s.prune(ctx, pruneConsents, before.Consents, nil); err != nil {
		return gone, err
	}
	var count limits.Mark // the member of the line that stands for its counter
	gone.Counters, err = s.prune(ctx, pruneCounters, time.Now(), []any{count[:]})
	s.dirty()
	s.clean(ctx)
	return gone, err
}

// prune deletes lines until none is left, and adds the numbers that they return.
func (s *Store) prune(ctx context.Context, sql string, before time.Time, more []any) (total int, err error) {
	if before.IsZero() {
		return 0, nil
	}
	for {
		lines, sum := 0, 0
		err := s.writer.submit(ctx, &operation{need: func(*needs) {}, do: func(u *unit) error {
			lines, sum = 0, 0
			u.writes = append(u.writes, statement{sql, append([]any{before.UnixMicro(), int64(pruneSize)}, more...), func(r row) error {
				var n int
				err := r.Scan(&n)
				lines++
				sum += n
				return err
			}})
			return nil
		}})
		if err != nil {
			return total, err
		}
		total += sum
		if lines < pruneSize {
			return total, nil
		}
	}
}

// pruneClaims deletes the keys whose result is gone.
func (s *Store) pruneClaims(ctx context.Context) error {
	for {
		empty, err := list(ctx, s.backend, selectEmptyClaims, []any{int64(pruneSize)}, func(r row) (k store.Key, err error) {
			err = r.Scan(&k.Tenant, &k.Key)
			return k, err
		})
		if err != nil || len(empty) == 0 {
			return err
		}
		err = s.writer.submit(ctx, &operation{need: func(*needs) {}, do: func(u *unit) error {
			for _, k := range empty {
				u.writes = append(u.writes, statement{sql: deleteEmptyClaim, args: []any{k.Tenant, k.Key}})
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
}
