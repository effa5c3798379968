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
		people := map[person]bool{}
		for _, o := range found {
			if o.token != "" {
				people[o.person] = true
			}
		}
		gone := 0
		err = s.pruneOf(ctx, people, func(u *unit) {
			gone = 0
			for _, o := range found {
				u.writes = append(u.writes, counted(deleteOver, []any{o.tenant, o.id, micros(before)}, &gone))
			}
			u.pruneKeys(people, new(int))
		})
		if total += gone; err != nil || len(found) < pruneSize || gone == 0 { // the rest is in other transactions
			return total, err
		}
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

// pruneOf deletes data of some people. It has their names, since a draft that another node is
// just storing may need the data key that seems to be without a consent.
func (s *Store) pruneOf(ctx context.Context, people map[person]bool, do func(*unit)) error {
	return s.admin(ctx, &operation{
		kind: maintenance,
		need: func(n *needs) {
			for p := range people {
				add(&n.dataKeys, p)
			}
		},
		do: func(u *unit) error {
			do(u)
			return nil
		},
	})
}

// counted returns a deletion that counts the rows it returns.
func counted(sql string, args []any, gone *int) statement {
	return statement{sql, args, func(r row) error {
		var one int64
		*gone++
		return r.Scan(&one)
	}}
}

// pruneKeys deletes the data keys of people without a consent.
func (u *unit) pruneKeys(people map[person]bool, gone *int) {
	for p := range people {
		u.writes = append(u.writes, counted(deleteIdleKey, []any{p.tenant, string(p.token)}, gone))
	}
}

// pruneKeys deletes data keys that never had a consent, since earlier versions stored a key
// before its draft.
func (s *Store) pruneKeys(ctx context.Context) error {
	for {
		idle := map[person]bool{}
		err := s.backend.read(ctx, statement{selectIdleKeys, []any{store.KeyringPrefix + "%", int64(pruneSize)}, func(r row) error {
			var p person
			err := r.Scan(&p.tenant, &p.token)
			idle[p] = true
			return err
		}})
		if err != nil || len(idle) == 0 {
			return err
		}
		gone := 0
		err = s.pruneOf(ctx, idle, func(u *unit) {
			gone = 0
			u.pruneKeys(idle, &gone)
		})
		if err != nil || len(idle) < pruneSize || gone == 0 {
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
		gone := 0
		err = s.pruneOf(ctx, nil, func(u *unit) {
			gone = 0
			for _, k := range empty {
				u.writes = append(u.writes, counted(deleteEmptyClaim, []any{k.Tenant, k.Key}, &gone))
			}
		})
		if err != nil || len(empty) < pruneSize || gone == 0 {
			return err
		}
	}
}
