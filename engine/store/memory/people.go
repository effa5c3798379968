package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// person is somebody within a tenant, under one key of the ring.
type person struct {
	tenant idv.Tenant
	token  idv.SubjectToken
}

// people is what is kept of persons. The lists are in the order of keeping.
type people struct {
	consents map[store.Key]*consent.Record
	agreed   map[person][]*consent.Record // consents of the person
	guarded  map[person][]*consent.Record // consents that the person gave for a child
	asked    map[person][]store.Key       // verifications of the person
	keys     map[person][]byte            // wrapped data keys
	erasures map[store.Key]*store.Erasure
	erased   map[person][]*store.Erasure
}

func newPeople() people {
	return people{
		consents: map[store.Key]*consent.Record{}, agreed: map[person][]*consent.Record{}, guarded: map[person][]*consent.Record{},
		asked: map[person][]store.Key{}, keys: map[person][]byte{},
		erasures: map[store.Key]*store.Erasure{}, erased: map[person][]*store.Erasure{},
	}
}

// persons are those of some tokens. An empty token is nobody's.
func persons(tenant idv.Tenant, tokens []idv.SubjectToken) []person {
	var list []person
	for _, t := range tokens {
		if p := (person{tenant, t}); t != "" && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// note adds a value to a person's list.
func note[T any](lists map[person][]T, p person, value T) {
	if p.token != "" {
		lists[p] = append(lists[p], value)
	}
}

// drop removes a value from a person's list. Mostly it is the oldest: what is kept
// longest goes first, and a program may ask about one person for ever.
func drop[T comparable](lists map[person][]T, p person, value T) {
	rest := lists[p]
	if len(rest) > 0 && rest[0] == value {
		clear(rest[:1])
		rest = rest[1:]
	} else {
		rest = slices.DeleteFunc(rest, func(v T) bool { return v == value })
	}
	if len(rest) == 0 {
		delete(lists, p)
		return
	}
	lists[p] = rest
}

// errNobody says that something of a person was asked for without a token.
var errNobody = errors.New("a data key needs the token of a person")

// DataKey returns the person's wrapped data key; the first that is given stands.
func (s *Store) DataKey(_ context.Context, tenant idv.Tenant, token idv.SubjectToken, wrapped []byte) ([]byte, error) {
	if token == "" {
		return nil, errNobody
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := person{tenant, token}
	if s.keys[p] == nil && wrapped != nil {
		s.keys[p] = slices.Clone(wrapped)
	}
	return slices.Clone(s.keys[p]), nil
}

// Verifications returns the verifications of a person that are kept.
func (s *Store) Verifications(
	_ context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
) ([]idv.Verification, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []idv.Verification
	for _, who := range persons(tenant, tokens) {
		for _, id := range s.asked[who] {
			list = append(list, s.results[id])
		}
	}
	slices.SortFunc(list, func(a, b idv.Verification) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return page(list, p)
}

// LostKeys returns the keys that are missing, and by which people are known.
func (s *Store) LostKeys(_ context.Context, have []string) (ids []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.keys {
		id, remembered := strings.CutPrefix(string(p.token), store.KeyringPrefix)
		if remembered && !slices.Contains(have, id) && s.known(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// known reports whether anybody is known by a key.
func (s *Store) known(id string) bool {
	return anybody(s.agreed, id) || anybody(s.guarded, id) || anybody(s.asked, id)
}

func anybody[T any](lists map[person][]T, id string) bool {
	for p := range lists {
		if strings.HasPrefix(string(p.token), id+":") {
			return true
		}
	}
	return false
}

// Erase takes the person out. What was kept in memory is left to the collector.
func (s *Store) Erase(_ context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, id string) (store.Erasure, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.erasure(store.Key{Tenant: tenant, Key: id})
	for _, p := range persons(tenant, tokens) {
		s.eraseConsents(e, p, tokens)
		s.eraseVerifications(e, p)
		if s.keys[p] != nil {
			clear(s.keys[p])
			delete(s.keys, p)
			e.Keys++
		}
		if !slices.Contains(s.erased[p], e) {
			note(s.erased, p, e)
		}
	}
	for _, c := range s.claims {
		if c.Done && c.Key.Tenant == tenant && c.result.Token != "" && slices.Contains(tokens, c.result.Token) {
			e.Verification(&c.result)
		}
	}
	return *e, nil
}

// erasure returns the erasure of an id: one that is asked for again goes on.
func (s *Store) erasure(id store.Key) *store.Erasure {
	e := s.erasures[id]
	if e == nil {
		e = &store.Erasure{ID: id.Key, Tenant: id.Tenant, At: now()}
		s.erasures[id] = e
	}
	return e
}

func (s *Store) eraseConsents(e *store.Erasure, p person, tokens []idv.SubjectToken) {
	for _, r := range slices.Concat(s.agreed[p], s.guarded[p]) {
		guardian := person{p.tenant, r.Guardian.Subject}
		if e.Consent(r, tokens) {
			e.Consents++
			drop(s.guarded, guardian, r)
		}
	}
	delete(s.agreed, p)
	delete(s.guarded, p)
}

func (s *Store) eraseVerifications(e *store.Erasure, p person) {
	for _, id := range s.asked[p] {
		v := s.results[id]
		e.Verification(&v)
		s.results[id] = v
		e.Verifications++
	}
	delete(s.asked, p)
}

// late takes the person out of a verification that began before the person was erased
// and ends after it.
func (s *Store) late(v *idv.Verification) {
	if r := s.consents[store.Key{Tenant: v.Tenant, Key: v.ConsentID}]; r != nil {
		if id, known := store.LateErasure(r, v); known {
			if e := s.erasures[store.Key{Tenant: v.Tenant, Key: id}]; e != nil {
				takeLate(e, v)
			}
			return
		}
	}
	for _, e := range s.erased[person{v.Tenant, v.Token}] {
		if e.IsLate(v) {
			takeLate(e, v)
			return
		}
	}
}

// takeLate counts what an erasure took out after it.
func takeLate(e *store.Erasure, v *idv.Verification) {
	e.Verification(v)
	e.Verifications++
}

// Erasures returns the erasures of a person by their time.
func (s *Store) Erasures(_ context.Context, tenant idv.Tenant, tokens []idv.SubjectToken) ([]store.Erasure, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[*store.Erasure]bool{}
	var list []store.Erasure
	for _, p := range persons(tenant, tokens) {
		for _, e := range s.erased[p] {
			if !seen[e] {
				seen[e] = true
				list = append(list, *e)
			}
		}
	}
	slices.SortFunc(list, func(a, b store.Erasure) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return list, nil
}

// now is the store's time, as a consent is dated: that of the wall, which goes on
// while the machine sleeps.
func now() time.Time { return time.Now().UTC().Round(0) }
