package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// cloneRecord returns a copy that shares no memory with r.
func cloneRecord(r *consent.Record) consent.Record {
	c := *r
	c.Items, c.Recipients, c.Older, c.Sealed = slices.Clone(r.Items), slices.Clone(r.Recipients), slices.Clone(r.Older), slices.Clone(r.Sealed)
	return c
}

// AddConsent stores a draft. It stays until it is pruned.
func (s *Store) AddConsent(_ context.Context, r consent.Record, key store.DataKey, pause time.Duration) error {
	if err := r.Validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := store.Key{Tenant: r.Tenant, Key: r.ID}
	if s.consents[id] != nil {
		return consent.ErrTwice
	}
	who := person{r.Tenant, r.Subject}
	now := s.now()
	for _, p := range personsOf(r.Tenant, r.Tokens()) {
		if slices.ContainsFunc(s.bySubject[p], func(old *consent.Record) bool { return old.Forbids(&r, pause, now) }) {
			return consent.AskedTooSoon
		}
	}
	keep, err := key.AcceptsKey(&r, s.keys[who])
	if err != nil {
		return err
	}
	if keep {
		s.keys[who] = slices.Clone(key.Wrapped)
	}
	if r.DraftedAt.After(now) {
		r.DraftedAt = now
	}
	kept := cloneRecord(&r)
	s.consents[id] = &kept
	addTo(s.bySubject, who, &kept)
	addTo(s.byGuardian, person{r.Tenant, r.Guardian.Subject}, &kept)
	return nil
}

// Consent returns a consent of the tenant.
func (s *Store) Consent(_ context.Context, tenant idv.Tenant, id string) (consent.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.consents[store.Key{Tenant: tenant, Key: id}]
	if r == nil {
		return consent.Record{}, consent.ErrNotFound
	}
	return cloneRecord(r), nil
}

// ChangeConsent applies an event. A consent whose subject was erased accepts only a
// withdrawal, which has no effect, since the erasure withdrew the consent.
func (s *Store) ChangeConsent(ctx context.Context, tenant idv.Tenant, id string, e consent.Event) (consent.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.consents[store.Key{Tenant: tenant, Key: id}]
	switch {
	case r == nil:
		return consent.Record{}, consent.ErrNotFound
	case r.Subject == "" && e.Kind == consent.Withdraw:
		return cloneRecord(r), s.acting(ctx, s.now(), func() error { return nil })
	case r.Subject == "":
		return consent.Record{}, consent.ErrErased
	}
	now := s.now()
	next := *r
	if err := s.acting(ctx, now, func() error { return next.Apply(e, now) }); err != nil {
		return consent.Record{}, err
	}
	*r = next
	for _, p := range personsOf(r.Tenant, r.Tokens()) {
		for _, other := range s.bySubject[p] {
			r.Follow(e.Kind, other, now)
		}
	}
	return cloneRecord(r), nil
}

// UseConsent takes a use without a call.
func (s *Store) UseConsent(_ context.Context, tenant idv.Tenant, use idv.ConsentUse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.used(tenant, use, s.now())
	if err == nil {
		*s.consents[store.Key{Tenant: tenant, Key: use.ID}] = r
	}
	return err
}

// ReturnConsent returns a use.
func (s *Store) ReturnConsent(_ context.Context, tenant idv.Tenant, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.consents[store.Key{Tenant: tenant, Key: id}]
	if r == nil {
		return consent.ErrNotFound
	}
	r.Used = max(r.Used-1, 0)
	return nil
}

// used returns a consent after a use. The caller stores it.
func (s *Store) used(tenant idv.Tenant, use idv.ConsentUse, now time.Time) (consent.Record, error) {
	kept := s.consents[store.Key{Tenant: tenant, Key: use.ID}]
	if kept == nil {
		return consent.Record{}, consent.Missing
	}
	r := *kept
	return r, r.Take(use, now)
}

// Consents returns the consents of a subject by the time of their drafts.
func (s *Store) Consents(
	_ context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
) ([]consent.Record, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []consent.Record
	seen := map[*consent.Record]bool{}
	for _, who := range personsOf(tenant, tokens) {
		for _, r := range slices.Concat(s.bySubject[who], s.byGuardian[who]) {
			if !seen[r] {
				seen[r] = true
				list = append(list, cloneRecord(r))
			}
		}
	}
	return pageOfConsents(list, p)
}

// AllConsents returns all consents of a tenant by the time of their drafts.
func (s *Store) AllConsents(_ context.Context, tenant idv.Tenant, p ledger.Page) ([]consent.Record, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []consent.Record
	for key, r := range s.consents {
		if key.Tenant == tenant {
			list = append(list, cloneRecord(r))
		}
	}
	return pageOfConsents(list, p)
}

func pageOfConsents(list []consent.Record, p ledger.Page) ([]consent.Record, string, error) {
	slices.SortFunc(list, func(a, b consent.Record) int {
		return cmp.Or(a.DraftedAt.Compare(b.DraftedAt), strings.Compare(a.ID, b.ID))
	})
	return page(list, p)
}
