package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// Complete stores a verification and completes its claim.
func (s *Store) Complete(ctx context.Context, k store.Key, v idv.Verification) error {
	v, err := store.Storable(v)
	if err != nil {
		return err
	}
	data, err := encode(&v)
	if err != nil {
		return err
	}
	return s.writer.submit(ctx, &operation{
		kind: outcome,
		need: func(n *needs) { n.finish(k, &v) },
		do:   func(u *unit) error { return u.finish(k, &v, data, kindRequest) },
	})
}

// CompleteWithCall settles a call and completes its verification in one operation.
func (s *Store) CompleteWithCall(ctx context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	v, err := store.Storable(v)
	if err != nil {
		return err
	}
	data, err := encode(&v)
	if err != nil {
		return err
	}
	return s.writer.submit(ctx, &operation{
		kind: outcome,
		need: func(n *needs) {
			n.settle(a)
			n.finish(k, &v)
		},
		do: func(u *unit) error {
			// This check comes first, since an operation must do all or nothing.
			if u.isStored(store.Key{Tenant: v.Tenant, Key: v.ID}) {
				return store.ErrStored
			}
			if err := u.book.Settle(a, u.now); err != nil && !u.book.ResolvedBefore(a.ID) {
				return err
			}
			return u.finish(k, &v, data, kindRequest)
		},
	})
}

// finish declares what the completion of a verification reads.
func (n *needs) finish(k store.Key, v *idv.Verification) {
	add(&n.results, store.Key{Tenant: v.Tenant, Key: v.ID})
	if k.Key != "" {
		add(&n.keys, k)
	}
	if v.Token != "" {
		add(&n.erased, person{v.Tenant, v.Token})
	}
	if v.ConsentID != "" {
		add(&n.consents, store.Key{Tenant: v.Tenant, Key: v.ConsentID})
	}
	if store.ReturnsUse(v) {
		add(&n.verifications, v.ID)
	}
}

// isStored reports whether a verification is stored, unless Recover wrote it in place of its
// request.
func (u *unit) isStored(id store.Key) bool {
	kind, ok := u.stored[id]
	return ok && kind != kindRecovered
}

// finish stores a verification and completes its claim. It replaces what Recover stored in
// place of the request.
func (u *unit) finish(k store.Key, v *idv.Verification, data, kind string) error {
	id := store.Key{Tenant: v.Tenant, Key: v.ID}
	_, recovered := u.stored[id]
	if u.isStored(id) {
		return store.ErrStored
	}
	if late, ok := u.withoutErased(v); ok {
		var err error
		if data, err = encode(late); err != nil {
			return err
		}
		v = late
	}
	u.stored[id] = kind
	row := insertVerification(v, data, kind)
	if recovered {
		row.sql = replaceVerificationSQL
		u.forgetAsked(id)
	}
	u.writes = append(u.writes, row)
	if err := u.tell(v); err != nil {
		return err
	}
	if v.Token != "" {
		kept := *v
		p := person{v.Tenant, v.Token}
		u.asked[p] = append(u.asked[p], &kept)
	}
	c := u.claims[k]
	own := c != nil && c.Verification == v.ID
	if kind == kindRequest && (k.Key == "" || own) {
		u.returnUse(v)
	}
	if k.Key != "" && own {
		u.end(k)
	}
	return nil
}

// returnUse returns the use of a consent that the calls of a verification took, if they sent
// no data.
func (u *unit) returnUse(v *idv.Verification) {
	if !store.ReturnsUse(v) {
		return
	}
	holds := u.book.Holds(func(h *ledger.Hold) bool { return h.Intent.Verification == v.ID })
	record := u.consents[store.Key{Tenant: v.Tenant, Key: store.ConsentOf(holds)}]
	if record != nil && record.Used > 0 {
		record.Used--
		record.touched = true
	}
}

// forgetAsked drops a loaded verification that is replaced.
func (u *unit) forgetAsked(id store.Key) {
	for p, list := range u.asked {
		u.asked[p] = slices.DeleteFunc(list, func(v *idv.Verification) bool { return v.Tenant == id.Tenant && v.ID == id.Key })
	}
}

// end marks a claim as completed.
func (u *unit) end(k store.Key) {
	u.claims[k].Done, u.claims[k].empty = true, false
	u.ended[k] = u.claims[k]
}

// Verification returns a stored verification of the tenant.
func (s *Store) Verification(ctx context.Context, tenant idv.Tenant, id string) (idv.Verification, error) {
	found, err := list(ctx, s.backend, selectVerification, []any{tenant, id}, scanVerification)
	switch {
	case err != nil:
		return idv.Verification{}, err
	case len(found) == 0:
		return idv.Verification{}, store.ErrNotFound
	}
	return found[0], nil
}

// Claim claims a key. The result of a completed claim is read after the transaction; if it was
// deleted in between, the key is free and is claimed.
func (s *Store) Claim(ctx context.Context, c store.Claim) (idv.Verification, bool, error) {
	if err := c.CheckTexts(); err != nil {
		return idv.Verification{}, false, err
	}
	for {
		before, err := s.claim(ctx, c)
		if err != nil || before == "" {
			return idv.Verification{}, false, err
		}
		v, err := s.Verification(ctx, c.Key.Tenant, before)
		if !errors.Is(err, store.ErrNotFound) {
			return v, err == nil, err
		}
	}
}

// claim claims a key, or returns the verification that completed it before.
func (s *Store) claim(ctx context.Context, c store.Claim) (before string, err error) {
	err = s.writer.submit(ctx, &operation{
		need: func(n *needs) { add(&n.keys, c.Key) },
		do: func(u *unit) error {
			before = ""
			if held := u.claims[c.Key]; held != nil && !held.empty {
				replay, err := held.Resolve(c.Print, u.now, u.confirmed)
				if replay {
					before = held.Verification
				}
				if replay || err != nil {
					return err
				}
			}
			u.claim(c.On(u.latest))
			return nil
		},
	})
	if mayBeDurable(err) {
		s.undoClaim(c)
	}
	if err != nil {
		return "", err
	}
	return before, nil
}

func (u *unit) claim(c store.Claim) {
	u.claims[c.Key] = &claimed{Claimed: store.Claimed{Claim: c}}
	u.ended[c.Key] = u.claims[c.Key]
}

// Release frees the key of a verification.
func (s *Store) Release(ctx context.Context, k store.Key, verification string) error {
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { add(&n.keys, k) },
		do:   func(u *unit) error { return u.release(k, verification) },
	})
}

// ReleaseUncalled frees the key of a verification and stores its short form.
func (s *Store) ReleaseUncalled(ctx context.Context, k store.Key, v idv.Verification) error {
	brief := v.Brief()
	data, err := encode(&brief)
	if err != nil {
		return err
	}
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { n.finish(k, &brief) },
		do: func(u *unit) error {
			if err := u.release(k, v.ID); err != nil {
				return err
			}
			return u.finish(k, &brief, data, kindUncalled)
		},
	})
}

// release frees the key of a verification that still has it.
func (u *unit) release(k store.Key, verification string) error {
	if c := u.claims[k]; c == nil || c.Done || c.Verification != verification {
		return store.ErrOverdue
	}
	u.free(k)
	return nil
}

// free deletes a running claim.
func (u *unit) free(k store.Key) {
	delete(u.claims, k)
	u.ended[k] = nil
}

// fillPieces is the maximum number of transactions, of recoverySize rows each, in which one
// Recover fills the filter columns, so that it does not delay the next recovery.
const fillPieces = 40

// fillFilters fills the columns provider, app and purpose of verifications from a version
// without these columns, which ran before an upgrade or still runs on another node. Holds
// can be written between its transactions. It skips rows that were filled or deleted
// meanwhile.
func (s *Store) fillFilters(ctx context.Context) error {
	for range fillPieces {
		rows, err := list(ctx, s.backend, selectUnfilled, []any{int64(recoverySize)}, s.scanUnfilled)
		if err != nil || len(rows) == 0 {
			return err
		}
		filled := func(n *needs) { // by name, since a late outcome may replace the verification
			for _, r := range rows {
				add(&n.results, store.Key{Tenant: r.args[0].(idv.Tenant), Key: r.args[1].(string)}) //nolint:forcetypeassert // see scanUnfilled
			}
		}
		err = s.admin(ctx, &operation{kind: maintenance, need: filled, do: func(u *unit) error {
			u.writes = append(u.writes, rows...)
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// scanUnfilled returns the statement that fills a row. An unreadable row gets empty columns,
// so that it does not block the others.
func (s *Store) scanUnfilled(r row) (statement, error) {
	var key store.Key
	var data string
	if err := r.Scan(&key.Tenant, &key.Key, &data); err != nil {
		return statement{}, err
	}
	v, err := decode(storedColumns{}, data) // which has everything in data
	if err != nil {
		s.log.Warn("stored verification is unreadable", "verification", key.Key)
	}
	return statement{sql: fillVerification, args: []any{key.Tenant, key.Key, store.FilterProvider(&v), v.App, v.Purpose}}, nil
}
