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

// person is a subject of a tenant under one key of the keyring.
type person struct {
	tenant idv.Tenant
	token  idv.SubjectToken
}

// people has the data of subjects. The lists are in the order of insertion.
type people struct {
	consents      map[store.Key]*consent.Record
	bySubject     map[person][]*consent.Record
	byGuardian    map[person][]*consent.Record
	verifications map[person][]store.Key
	keys          map[person][]byte // wrapped data keys
	erasures      map[store.Key]*store.Erasure
	erased        map[person][]*store.Erasure
}

func newPeople() people {
	return people{
		consents: map[store.Key]*consent.Record{}, bySubject: map[person][]*consent.Record{}, byGuardian: map[person][]*consent.Record{},
		verifications: map[person][]store.Key{}, keys: map[person][]byte{},
		erasures: map[store.Key]*store.Erasure{}, erased: map[person][]*store.Erasure{},
	}
}

// personsOf returns the persons of the tokens. An empty token, or one that cannot be kept,
// belongs to no person.
func personsOf(tenant idv.Tenant, tokens []idv.SubjectToken) []person {
	var list []person
	for _, t := range tokens {
		if p := (person{tenant, t}); t != "" && idv.CheckText(string(t), idv.MaxName) == idv.TextFits && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// addTo appends a value to the list of a person.
func addTo[T any](lists map[person][]T, p person, value T) {
	if p.token != "" {
		lists[p] = append(lists[p], value)
	}
}

// removeFrom removes a value from the list of a person. The oldest is removed first as a
// rule, so that case is cheap even if a program asks about one person only.
func removeFrom[T comparable](lists map[person][]T, p person, value T) {
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

// errNoToken is the error of DataKey without a token.
var errNoToken = errors.New("a data key needs a subject token")

// DataKey returns the subject's wrapped data key, or stores the given one.
func (s *Store) DataKey(_ context.Context, tenant idv.Tenant, token idv.SubjectToken, wrapped []byte) ([]byte, error) {
	if token == "" {
		return nil, errNoToken
	}
	if err := store.CheckTexts(tenant, "subject", string(token)); err != nil && wrapped != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := person{tenant, token}
	if s.keys[p] == nil && wrapped != nil {
		s.keys[p] = slices.Clone(wrapped)
	}
	return slices.Clone(s.keys[p]), nil
}

// Verifications returns the verifications of a subject that are kept.
func (s *Store) Verifications(
	_ context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
) ([]idv.Verification, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []idv.Verification
	for _, who := range personsOf(tenant, tokens) {
		for _, id := range s.verifications[who] {
			list = append(list, s.results[id])
		}
	}
	slices.SortFunc(list, func(a, b idv.Verification) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return page(list, p)
}

// LostKeys returns the missing keys that stored tokens use.
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

// known reports whether a stored token uses a key of the keyring.
func (s *Store) known(id string) bool {
	return hasTokenOf(s.bySubject, id) || hasTokenOf(s.byGuardian, id) || hasTokenOf(s.verifications, id)
}

func hasTokenOf[T any](lists map[person][]T, id string) bool {
	for p := range lists {
		if strings.HasPrefix(string(p.token), id+":") {
			return true
		}
	}
	return false
}

// Erase erases a subject. The garbage collector frees the memory.
func (s *Store) Erase(ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, id string) (store.Erasure, error) {
	if err := store.CheckTexts(tenant, "erasure", id); err != nil {
		return store.Erasure{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.acting(ctx, s.now(), func() error { return nil }); err != nil {
		return store.Erasure{}, err
	}
	e := s.erasure(store.Key{Tenant: tenant, Key: id})
	for _, p := range personsOf(tenant, tokens) {
		s.eraseConsents(e, p, tokens)
		s.eraseVerifications(e, p)
		if s.keys[p] != nil {
			clear(s.keys[p])
			delete(s.keys, p)
			e.Keys++
		}
		if !slices.Contains(s.erased[p], e) {
			addTo(s.erased, p, e)
		}
	}
	for _, c := range s.claims {
		if c.Done && c.Key.Tenant == tenant && c.result.Token != "" && slices.Contains(tokens, c.result.Token) {
			e.Verification(&c.result)
		}
	}
	return *e, nil
}

// erasure returns the erasure with an id, which a repeated Erase continues.
func (s *Store) erasure(id store.Key) *store.Erasure {
	e := s.erasures[id]
	if e == nil {
		e = &store.Erasure{ID: id.Key, Tenant: id.Tenant, At: s.now()}
		s.erasures[id] = e
	}
	return e
}

func (s *Store) eraseConsents(e *store.Erasure, p person, tokens []idv.SubjectToken) {
	for _, r := range slices.Concat(s.bySubject[p], s.byGuardian[p]) {
		guardian := person{p.tenant, r.Guardian.Subject}
		if e.Consent(r, tokens) {
			e.Consents++
			removeFrom(s.byGuardian, guardian, r)
		}
	}
	delete(s.bySubject, p)
	delete(s.byGuardian, p)
}

func (s *Store) eraseVerifications(e *store.Erasure, p person) {
	for _, id := range s.verifications[p] {
		v := s.results[id]
		e.Verification(&v)
		s.results[id] = v
		e.Verifications++
	}
	delete(s.verifications, p)
}

// eraseLate removes the subject from a verification that began before the subject was
// erased and completes after it.
func (s *Store) eraseLate(v *idv.Verification) {
	if r := s.consents[store.Key{Tenant: v.Tenant, Key: v.ConsentID}]; r != nil {
		if id, known := store.LateErasure(r, v); known {
			if e := s.erasures[store.Key{Tenant: v.Tenant, Key: id}]; e != nil {
				countLate(e, v)
			}
			return
		}
	}
	for _, e := range s.erased[person{v.Tenant, v.Token}] {
		if e.IsLate(v) {
			countLate(e, v)
			return
		}
	}
}

// countLate erases a late verification and adds it to the erasure.
func countLate(e *store.Erasure, v *idv.Verification) {
	e.Verification(v)
	e.Verifications++
}

// Erasures returns the erasures of a subject by time.
func (s *Store) Erasures(_ context.Context, tenant idv.Tenant, tokens []idv.SubjectToken) ([]store.Erasure, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[*store.Erasure]bool{}
	var list []store.Erasure
	for _, p := range personsOf(tenant, tokens) {
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

// now returns the time of the store.
func (s *Store) now() time.Time {
	now, _ := s.Clock.Now()
	return now
}
