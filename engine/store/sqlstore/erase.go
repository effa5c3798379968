package sqlstore

import (
	"context"
	"crypto/sha256"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// mark is the hash of a token that remains after an erasure. With the token, the erasure can
// be found; from a copy of the database, the subject cannot.
func (p person) mark() []byte {
	sum := sha256.Sum256([]byte("erased " + string(p.token)))
	return sum[:]
}

// Erase erases a subject and then cleans the files of the database; see backend.clean for
// what may remain. If cleaning fails, Recover tries again.
func (s *Store) Erase(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, id string) (done store.Erasure, err error) {
	if err := store.CheckTexts(tenant, "erasure", id); err != nil {
		return store.Erasure{}, err
	}
	people := persons(tenant, tokens)
	key := store.Key{Tenant: tenant, Key: id}
	remains, err := s.remains(ctx, people)
	if err != nil {
		return store.Erasure{}, err
	}
	err = s.act(ctx, s.admin, &operation{
		kind: maintenance, // a subject may have many records
		need: func(n *needs) {
			add(&n.erasures, key)
			for _, p := range people {
				add(&n.people, p)
				add(&n.dataKeys, p)
			}
		},
		do: func(u *unit) (err error) {
			done, err = u.erase(key, people, tokens)
			return err
		},
	})
	if err == nil || mayBeDurable(err) {
		s.dirt.add(remains...)
	}
	if err != nil {
		return store.Erasure{}, err
	}
	cleaning, cancel := halfOf(ctx) // the caller still needs time to sign the proof
	defer cancel()
	s.clean(cleaning)
	return done, nil
}

// remains returns the bytes that must not be in any file after an erasure: the tokens, and
// the wrapped keys, without which sealed text is unreadable.
func (s *Store) remains(ctx context.Context, people []person) (list [][]byte, err error) {
	for _, p := range people {
		list = append(list, []byte(p.token))
		wrapped, err := s.dataKey(ctx, p)
		if err != nil {
			return nil, err
		}
		if wrapped != nil {
			list = append(list, wrapped)
		}
	}
	return list, nil
}

// erase erases a subject from all loaded data, including that of earlier operations of the
// batch.
func (u *unit) erase(key store.Key, people []person, tokens []idv.SubjectToken) (store.Erasure, error) {
	e := u.erasures[key]
	if e == nil {
		e = &store.Erasure{ID: key.Key, Tenant: key.Tenant, At: u.now}
	}
	next := *e // an error leaves the stored erasure unchanged
	for _, p := range people {
		if err := u.eraseVerifications(&next, p); err != nil {
			return store.Erasure{}, err
		}
	}
	for _, a := range u.consents {
		if a.Tenant == key.Tenant && next.Consent(&a.Record, tokens) {
			a.touched = true
			next.Consents++
		}
	}
	for _, p := range people {
		if u.dataKeys[p] != nil {
			delete(u.dataKeys, p)
			u.writes = append(u.writes, statement{sql: deleteDataKey, args: []any{p.tenant, string(p.token)}})
			next.Keys++
		}
		u.erased[p] = append(u.erased[p], key)
		u.writes = append(u.writes, statement{sql: insertErased, args: []any{p.tenant, p.mark(), key.Key}})
	}
	u.erasures[key] = &next
	u.writes = append(u.writes, upsertErasure(&next))
	return next, nil
}

func upsertErasure(e *store.Erasure) statement {
	return statement{sql: upsertErasureSQL, args: []any{
		e.Tenant, e.ID, micros(e.At), int64(e.Verifications), int64(e.Consents), int64(e.Keys),
	}}
}

func (u *unit) eraseVerifications(e *store.Erasure, p person) error {
	for _, v := range u.asked[p] {
		e.Verification(v)
		data, err := encode(v)
		if err != nil {
			return err
		}
		u.writes = append(u.writes, statement{sql: eraseVerification, args: []any{v.Tenant, v.ID, data}})
		e.Verifications++
	}
	delete(u.asked, p)
	return nil
}

// readPeople reads the data of subjects except their consents.
func (u *unit) readPeople(n *needs) []statement {
	var list []statement
	for p := range n.people {
		list = append(list, statement{selectVerificationsOf, []any{p.tenant, string(p.token)}, func(r row) error {
			v, err := scanVerification(r)
			u.asked[p] = append(u.asked[p], &v)
			return err
		}})
	}
	for p := range n.dataKeys {
		list = append(list, statement{selectDataKey, []any{p.tenant, string(p.token)}, func(r row) (err error) {
			u.dataKeys[p], err = scanBytes(r)
			return err
		}})
	}
	for k := range n.erasures {
		list = append(list, statement{selectErasure, []any{k.Tenant, k.Key}, func(r row) error {
			e, err := scanErasure(r)
			u.erasures[k] = &e
			return err
		}})
	}
	marks := map[string]person{}
	for p := range n.erased {
		marks[string(p.tenant)+"\x00"+string(p.mark())] = p
		list = append(list, statement{selectErased, []any{p.tenant, p.mark()}, func(r row) error {
			mark, e, err := scanErased(r)
			key := store.Key{Tenant: e.Tenant, Key: e.ID}
			p := marks[string(e.Tenant)+"\x00"+string(mark)]
			u.erased[p] = append(u.erased[p], key)
			if u.erasures[key] == nil {
				u.erasures[key] = &e
			}
			return err
		}})
	}
	return list
}

func scanErasure(r row) (e store.Erasure, err error) {
	var at int64
	err = r.Scan(&e.Tenant, &e.ID, &at, &e.Verifications, &e.Consents, &e.Keys)
	e.At = timeOf(at)
	return e, err
}

func scanErased(r row) (mark []byte, e store.Erasure, err error) {
	var at int64
	err = r.Scan(&mark, &e.Tenant, &e.ID, &at, &e.Verifications, &e.Consents, &e.Keys)
	e.At = timeOf(at)
	return mark, e, err
}

// withoutErased returns a verification without its subject if the subject was erased after
// the verification began.
func (u *unit) withoutErased(v *idv.Verification) (*idv.Verification, bool) {
	id := u.lateBy(v)
	if id == "" {
		return nil, false
	}
	key := store.Key{Tenant: v.Tenant, Key: id}
	e := u.erasures[key]
	if e == nil { // of another token, since the keyring has a new key
		e = &store.Erasure{ID: id}
		u.writes = append(u.writes, statement{sql: countLateSQL, args: []any{v.Tenant, id}})
	} else {
		e.Verifications++
		u.writes = append(u.writes, upsertErasure(e))
	}
	kept := *v
	e.Verification(&kept)
	return &kept, true
}

// lateBy returns the erasure after which a verification completes, "" if there is none.
func (u *unit) lateBy(v *idv.Verification) string {
	if a := u.consents[store.Key{Tenant: v.Tenant, Key: v.ConsentID}]; a != nil {
		if id, known := store.LateErasure(&a.Record, v); known {
			return id
		}
	}
	for _, key := range u.erased[person{v.Tenant, v.Token}] {
		if u.erasures[key].IsLate(v) {
			return key.Key
		}
	}
	return ""
}

// Erasures returns the erasures of a subject by time.
func (s *Store) Erasures(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken) ([]store.Erasure, error) {
	people := persons(tenant, tokens)
	if len(people) == 0 {
		return nil, nil
	}
	marks := make([][]byte, len(people))
	for i, p := range people {
		marks[i] = p.mark()
	}
	text, args := places([]any{tenant}, marks)
	return list(ctx, s.backend, selectErasuresOf+text+orderErasures, args, scanErasure)
}
