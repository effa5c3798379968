package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
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
	if gone.Consents, err = s.pruneConsents(ctx, before.Consents); err != nil {
		return gone, err
	}
	if err := s.pruneKeys(ctx); err != nil {
		return gone, err
	}
	var count policy.BlindIndex // the member of the line that stands for its counter
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

// pruneConsents deletes ended consents and, in the same transaction, the data keys of
// those of whom no consent is left.
func (s *Store) pruneConsents(ctx context.Context, before time.Time) (total int, err error) {
	if before.IsZero() {
		return 0, nil
	}
	for {
		ended, err := list(ctx, s.backend, selectOver, []any{micros(before), int64(pruneSize)}, scanOver)
		if err != nil || len(ended) == 0 {
			return total, err
		}
		gone := 0
		err = s.writer.submit(ctx, &operation{need: func(*needs) {}, do: func(u *unit) error {
			gone = 0
			u.pruneConsents(ended, before, &gone)
			return nil
		}})
		if err != nil {
			return total, err
		}
		total += gone
	}
}

// over is a consent that was kept long enough, and whose it is.
type over struct {
	id string
	person
}

func scanOver(r row) (o over, err error) {
	err = r.Scan(&o.tenant, &o.id, &o.token)
	return o, err
}

func (u *unit) pruneConsents(ended []over, before time.Time, gone *int) {
	people := map[person]bool{}
	for _, o := range ended {
		u.writes = append(u.writes, statement{deleteOver, []any{o.tenant, o.id, micros(before)}, func(r row) error {
			var one int64
			*gone++
			return r.Scan(&one)
		}})
		people[o.person] = o.token != ""
	}
	for p, known := range people {
		if known {
			u.writes = append(u.writes, statement{sql: deleteIdleKey, args: []any{p.tenant, string(p.token)}})
		}
	}
}

// pruneKeys deletes the data keys that open nothing and went with no consent: an earlier
// version kept one before its draft was.
func (s *Store) pruneKeys(ctx context.Context) error {
	for {
		idle, err := list(ctx, s.backend, selectIdleKeys, []any{store.KeyringPrefix + "%", int64(pruneSize)}, func(r row) (p person, err error) {
			err = r.Scan(&p.tenant, &p.token)
			return p, err
		})
		if err != nil || len(idle) == 0 {
			return err
		}
		err = s.writer.submit(ctx, &operation{need: func(*needs) {}, do: func(u *unit) error {
			for _, p := range idle {
				u.writes = append(u.writes, statement{sql: deleteIdleKey, args: []any{p.tenant, string(p.token)}})
			}
			return nil
		}})
		if err != nil {
			return err
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
