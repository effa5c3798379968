package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// recoverySize is the number of holds or claims recovered in one transaction.
const recoverySize = 500

// Recover completes what crashed nodes left, and fills columns after an upgrade, see
// fillFilters.
func (s *Store) Recover(ctx context.Context) (store.Recovery, error) {
	s.clean(ctx)
	now, _, err := s.now(ctx)
	if err != nil {
		return store.Recovery{}, err
	}
	if jump := s.clock.Jump(); jump != 0 {
		s.log.Warn("the clock of the store jumped; it is not followed until it has run evenly for some minutes",
			"jump", jump.Round(time.Second).String())
	}
	r, err := s.recover(ctx, now.Add(-store.Margin))
	if err != nil {
		return r, err
	}
	if _, err := s.prune(ctx, deleteExpired, 0); err != nil {
		return r, err
	}
	return r, s.fillFilters(ctx)
}

// recover handles holds and claims with a deadline before a time. Several nodes may do so at
// once, since each transaction checks again what is left to do.
func (s *Store) recover(ctx context.Context, before time.Time) (r store.Recovery, err error) {
	steps := []func(context.Context, time.Time, *store.Recovery) error{s.markUnknown, s.concludeClaims, s.expire}
	for _, step := range steps {
		if err := step(ctx, before, &r); err != nil {
			return r, err
		}
	}
	if !r.Empty() {
		s.log.Warn("recovered what a stopped process left", "unknown_holds", len(r.Unknown), "concluded_requests", len(r.Concluded),
			"freed_keys", len(r.Freed), "expired_units", r.Expired)
	}
	return r, nil
}

// markUnknown marks holds without an outcome as unknown.
func (s *Store) markUnknown(ctx context.Context, before time.Time, r *store.Recovery) error {
	for {
		lost, err := list(ctx, s.backend, selectLost, []any{micros(before), int64(recoverySize)}, scanText)
		if err != nil || len(lost) == 0 {
			return err
		}
		done := make([]*ledger.Hold, len(lost))
		list := make([]*operation, len(lost))
		for n, id := range lost {
			list[n] = &operation{
				need: func(n *needs) { add(&n.attempts, id) },
				do: func(u *unit) error {
					if done[n] = nil; u.book.MarkUnknown(id, u.now) == nil { // else settled meanwhile
						h, _ := u.book.Find(id)
						done[n] = &h
					}
					return nil
				},
			}
		}
		if err := s.writer.submitAll(ctx, list); err != nil {
			return err
		}
		for _, h := range done {
			if h != nil {
				r.Unknown = append(r.Unknown, *h)
			}
		}
	}
}

func scanText(r row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

// concludeClaims ends the claims of lost requests.
func (s *Store) concludeClaims(ctx context.Context, before time.Time, r *store.Recovery) error {
	lost, err := list(ctx, s.backend, selectLostClaims, []any{micros(before), int64(recoverySize)}, func(r row) (c lostClaim, err error) {
		err = r.Scan(&c.Key.Tenant, &c.Key.Key, &c.Verification, &c.consent)
		return c, err
	})
	if err != nil {
		return err
	}
	actions := make([]store.RecoveryAction, len(lost))
	each := make([]*operation, len(lost))
	for i, c := range lost {
		each[i] = &operation{
			need: func(n *needs) {
				add(&n.keys, c.Key)
				add(&n.verifications, c.Verification)
				add(&n.results, store.Key{Tenant: c.Key.Tenant, Key: c.Verification})
				add(&n.consents, c.consentKey())
			},
			do: func(u *unit) (err error) {
				actions[i], err = u.conclude(c)
				return err
			},
		}
	}
	if err := s.writer.submitAll(ctx, each); err != nil {
		return err
	}
	ended := 0
	for i, c := range lost {
		switch actions[i] {
		case store.Free:
			r.Freed = append(r.Freed, c.Key)
			ended++
		case store.Conclude:
			r.Concluded = append(r.Concluded, c.Key)
			ended++
		}
	}
	if len(lost) == recoverySize && ended > 0 {
		return s.concludeClaims(ctx, before, r)
	}
	return nil
}

// lostClaim is the claim of a lost request with the consent of its calls, "" if none.
type lostClaim struct {
	store.Claim

	consent string
}

func (c *lostClaim) consentKey() store.Key { return store.Key{Tenant: c.Key.Tenant, Key: c.consent} }

// conclude ends a claim if the same request still has it.
func (u *unit) conclude(c lostClaim) (store.RecoveryAction, error) {
	held := u.claims[c.Key]
	switch {
	case held == nil || held.Done || held.Verification != c.Verification:
		return store.Wait, nil
	case u.isStored(store.Key{Tenant: c.Key.Tenant, Key: c.Verification}):
		u.end(c.Key)
		return store.Conclude, nil
	}
	holds := u.book.Holds(func(h *ledger.Hold) bool { return h.Intent.Verification == c.Verification })
	record := u.consents[c.consentKey()]
	v, action := store.RecoveredClaim(held.Claim, holds, u.now)
	switch action {
	case store.Free:
		u.free(c.Key)
		if record != nil && record.Used > 0 && idv.Unsent(v.Attempts) {
			record.Used--
			record.touched = true
		}
	case store.Conclude:
		if record != nil {
			v.Token = record.Subject
		}
		data, err := encode(&v)
		if err != nil {
			return store.Wait, err
		}
		if err := u.finish(c.Key, &v, data, kindRecovered); err != nil {
			return store.Wait, err
		}
	}
	return action, nil
}

// expire writes off the available units of expired lots.
func (s *Store) expire(ctx context.Context, _ time.Time, r *store.Recovery) error {
	now, confirmed, err := s.now(ctx)
	if err != nil || !confirmed {
		return err
	}
	providers, err := list(ctx, s.backend, selectExpired, []any{micros(now)}, scanText)
	if err != nil || len(providers) == 0 {
		return err
	}
	var units int64
	err = s.admin(ctx, &operation{
		kind: maintenance,
		need: func(n *needs) {
			for _, name := range providers {
				add(&n.expiring, name)
			}
		},
		do: func(u *unit) error {
			units = u.book.Expire(u.now)
			return nil
		},
	})
	r.Expired += units
	return err
}
