package sqlstore

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
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
	// A server removes deleted rows from the pages by itself; see migration 00020. Of a big table
	// that takes longer than clean may.
	if !s.backend.overlaps() {
		defer func() { // also if a later part fails
			s.dirt.add()
			s.clean(ctx)
		}()
	}
	for _, old := range []struct {
		tenants, sql string
		age          time.Duration
		gone         *int
	}{
		{tenantsWith(oldOnes), pruneVerifications, keep.Verifications, &gone.Verifications},
		{tenantsWith(oldUncalled), pruneUncalled, keep.Uncalled, &gone.Verifications},
		{tenantsOfOutbox, pruneOutbox, keep.Verifications, new(int)},
	} {
		n, err := s.pruneTenants(ctx, &keep, old.tenants, old.sql, now, old.age)
		*old.gone += n
		if err != nil {
			return gone, err
		}
	}
	gone.Consents, err = s.pruneConsents(ctx, &keep, store.Cutoff(now, keep.Consents))
	if err != nil || keep.Tenant != "" { // the others' Prune deletes what has no age of a tenant
		return gone, err
	}
	if err := s.pruneKeys(ctx); err != nil {
		return gone, err
	}
	var count policy.BlindIndex // the member of a counter's own row
	gone.Counters, err = s.prune(ctx, pruneCounters, 0, count[:])
	return gone, err
}

// The conditions of tenantsWith.
const (
	oldOnes     = `v.created_at < $1`
	oldUncalled = `v.kind = 'uncalled' AND v.created_at < $1`
)

// pruneTenants deletes what is older than an age, tenant by tenant: the rows of one that keeps
// them for longer are not read. selected selects the tenants that have old rows.
func (s *Store) pruneTenants(ctx context.Context, keep *store.Retention, selected, sql string, now time.Time, age time.Duration) (total int, err error) {
	if age <= 0 {
		return 0, nil
	}
	tenants := []string{string(keep.Tenant)}
	if keep.Tenant == "" {
		if tenants, err = list(ctx, s.backend, selected, []any{micros(now.Add(-age))}, scanText); err != nil {
			return 0, err
		}
	}
	for _, t := range tenants {
		if !keep.Concerns(idv.Tenant(t)) {
			continue
		}
		n, err := s.prune(ctx, sql, age, t)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// prune deletes rows older than an age, in pieces, until none is left or the clock is no
// longer confirmed. It returns the sum of the returned numbers. Each piece begins at the time
// where the one before ended, since the database reads deleted rows again while a snapshot of
// before is open.
func (s *Store) prune(ctx context.Context, sql string, age time.Duration, more ...any) (total int, err error) {
	begin := int64(math.MinInt64)
	for {
		lines, sum, last := 0, 0, begin
		err := s.admin(ctx, &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
			lines, sum, last = 0, 0, begin
			if !u.confirmed {
				return nil
			}
			u.writes = append(u.writes, statement{sql, append([]any{micros(u.now.Add(-age)), int64(pruneSize), begin}, more...), func(r row) error {
				var at int64
				var n int
				err := r.Scan(&at, &n)
				lines++
				sum += n
				last = max(last, at)
				return err
			}})
			return nil
		}})
		if err != nil {
			return total, err
		}
		total, begin = total+sum, last
		if lines < pruneSize {
			return total, nil
		}
	}
}

// pruneConsents deletes the consents that ended before a time and, in the same transaction, the
// data keys of subjects without a consent.
func (s *Store) pruneConsents(ctx context.Context, keep *store.Retention, before time.Time) (total int, err error) {
	if before.IsZero() {
		return 0, nil
	}
	after := endedConsent{over: math.MinInt64}
	for {
		found, err := list(ctx, s.backend, selectOver, []any{micros(before), int64(pruneSize), after.over, after.tenant, after.id}, scanEnded)
		if err != nil || len(found) == 0 {
			return total, err
		}
		after = found[len(found)-1]
		found = slices.DeleteFunc(found, func(o endedConsent) bool { return !keep.Concerns(o.tenant) })
		if len(found) == 0 {
			continue
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
				u.writes = append(u.writes, statement{deleteOver, []any{o.tenant, o.id, micros(before)}, func(r row) error {
					var one int64
					gone++
					return r.Scan(&one)
				}})
			}
			u.pruneKeys(people)
		})
		if err != nil {
			return total, err
		}
		total += gone
	}
}

// endedConsent is a consent to delete, with its subject.
type endedConsent struct {
	id   string
	over int64
	person
}

func scanEnded(r row) (o endedConsent, err error) {
	err = r.Scan(&o.tenant, &o.id, &o.token, &o.over)
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

// pruneKeys deletes the data keys of people without a consent.
func (u *unit) pruneKeys(people map[person]bool) {
	for p := range people {
		u.writes = append(u.writes, statement{sql: deleteIdleKey, args: []any{p.tenant, string(p.token)}})
	}
}

// pruneKeys deletes data keys that never had a consent. It looks through the keys in pages.
func (s *Store) pruneKeys(ctx context.Context) error {
	var after person
	for {
		idle := map[person]bool{}
		keys, err := list(ctx, s.backend, selectIdleKeys, []any{after.tenant, string(after.token), int64(pruneSize)}, func(r row) (p person, err error) {
			var used int64
			err = r.Scan(&p.tenant, &p.token, &used)
			// The tokens of the keyring's own keys belong to no subject.
			if used == 0 && !strings.HasPrefix(string(p.token), store.KeyringPrefix) {
				idle[p] = true
			}
			return p, err
		})
		if err != nil {
			return err
		}
		if len(idle) > 0 {
			if err := s.pruneOf(ctx, idle, func(u *unit) { u.pruneKeys(idle) }); err != nil {
				return err
			}
		}
		if len(keys) < pruneSize {
			return nil
		}
		after = keys[len(keys)-1]
	}
}
