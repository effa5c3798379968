package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
)

// pruneSize is the number of rows deleted in one transaction.
const pruneSize = 500

// Prune deletes data that is older than its retention time. It uses small transactions, so
// that holds can be written in between.
func (s *Store) Prune(ctx context.Context, keep store.Retention) (gone store.Pruned, err error) {
	now, confirmed, err := s.now(ctx)
	if err != nil || !confirmed {
		return gone, err
	}
	defer func() { // also if a later part fails
		s.dirt.add()
		s.clean(ctx)
	}()
	where, tenants := scope(&keep)
	for _, old := range []struct {
		sql string
		age time.Duration
	}{{pruneVerifications, keep.Verifications}, {pruneUncalled, keep.Uncalled}} {
		if old.age <= 0 {
			continue
		}
		n, err := s.prune(ctx, old.sql+where+pruneEnd, old.age, tenants)
		gone.Verifications += n
		if err != nil {
			return gone, err
		}
	}
	if keep.Verifications > 0 {
		if _, err := s.prune(ctx, pruneOutbox, keep.Verifications, nil); err != nil {
			return gone, err
		}
	}
	if err := s.pruneClaims(ctx); err != nil {
		return gone, err
	}
	if gone.Consents, err = s.pruneConsents(ctx, store.Cutoff(now, keep.Consents), selectOver+where+overEnd, tenants); err != nil {
		return gone, err
	}
	if err := s.pruneKeys(ctx); err != nil {
		return gone, err
	}
	var count policy.BlindIndex // the member of a counter's own row
	gone.Counters, err = s.prune(ctx, pruneCounters, 0, []any{count[:]})
	return gone, err
}

// scope returns the condition on the tenants whose data a retention concerns, and its
// arguments, which begin with the third.
func scope(keep *store.Retention) (where string, args []any) {
	if keep.Tenant != "" {
		return " AND tenant = $3", []any{keep.Tenant}
	}
	for _, t := range keep.Except {
		args = append(args, t)
		where += fmt.Sprintf(" AND tenant <> $%d", len(args)+2)
	}
	return where, args
}

// prune deletes rows older than an age, in pieces, until none is left or the clock is no
// longer confirmed. It returns the sum of the returned numbers.
func (s *Store) prune(ctx context.Context, sql string, age time.Duration, more []any) (total int, err error) {
	for {
		lines, sum := 0, 0
		err := s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
			lines, sum = 0, 0
			if !u.confirmed {
				return nil
			}
			u.writes = append(u.writes, statement{sql, append([]any{micros(u.now.Add(-age)), int64(pruneSize)}, more...), func(r row) error {
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
// subjects without a consent.
func (s *Store) pruneConsents(ctx context.Context, before time.Time, ended string, tenants []any) (total int, err error) {
	if before.IsZero() {
		return 0, nil
	}
	for {
		found, err := list(ctx, s.backend, ended, append([]any{micros(before), int64(pruneSize)}, tenants...), scanEnded)
		if err != nil || len(found) == 0 {
			return total, err
		}
		gone := 0
		err = s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
			gone = 0
			u.pruneConsents(found, before, &gone)
			return nil
		}})
		if err != nil {
			return total, err
		}
		total += gone
	}
}

// endedConsent is a consent to delete, with its subject.
type endedConsent struct {
	id string
	person
}

func scanEnded(r row) (o endedConsent, err error) {
	err = r.Scan(&o.tenant, &o.id, &o.token)
	return o, err
}

func (u *unit) pruneConsents(ended []endedConsent, before time.Time, gone *int) {
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

// pruneKeys deletes data keys that never had a consent, since earlier versions stored a key
// before its draft.
func (s *Store) pruneKeys(ctx context.Context) error {
	for {
		idle, err := list(ctx, s.backend, selectIdleKeys, []any{store.KeyringPrefix + "%", int64(pruneSize)}, func(r row) (p person, err error) {
			err = r.Scan(&p.tenant, &p.token)
			return p, err
		})
		if err != nil || len(idle) == 0 {
			return err
		}
		err = s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
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

// pruneClaims deletes idempotency keys without a result.
func (s *Store) pruneClaims(ctx context.Context) error {
	for {
		empty, err := list(ctx, s.backend, selectEmptyClaims, []any{int64(pruneSize)}, func(r row) (k store.Key, err error) {
			err = r.Scan(&k.Tenant, &k.Key)
			return k, err
		})
		if err != nil || len(empty) == 0 {
			return err
		}
		err = s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
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
