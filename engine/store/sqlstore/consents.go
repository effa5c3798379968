package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// AddConsent keeps a draft.
func (s *Store) AddConsent(ctx context.Context, r consent.Record, key store.DataKey, pause time.Duration) error {
	if err := r.Validate(); err != nil {
		return err
	}
	r.DraftedAt = r.DraftedAt.UTC().Truncate(time.Microsecond)
	who := person{r.Tenant, r.Subject}
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) {
			n.dated = true
			add(&n.consents, store.Key{Tenant: r.Tenant, Key: r.ID})
			add(&n.dataKeys, who)
			for _, p := range persons(r.Tenant, r.Tokens()) {
				add(&n.refusals, p)
			}
		},
		do: func(u *unit) error { return u.addConsent(r, key, pause) },
	})
}

func (u *unit) addConsent(r consent.Record, key store.DataKey, pause time.Duration) error {
	id, who := store.Key{Tenant: r.Tenant, Key: r.ID}, person{r.Tenant, r.Subject}
	if u.consents[id] != nil {
		return consent.ErrTwice
	}
	for _, old := range u.consents {
		if old.Forbids(&r, pause, u.now) {
			return consent.AskedTooSoon
		}
	}
	keep, err := key.AcceptsKey(&r, u.dataKeys[who])
	if err != nil {
		return err
	}
	if keep {
		u.keepDataKey(who, key.Wrapped)
	}
	if r.DraftedAt.After(u.now) {
		r.DraftedAt = u.now
	}
	u.consents[id] = &agreement{Record: r, touched: true}
	return nil
}

// Consent returns a consent of the tenant.
func (s *Store) Consent(ctx context.Context, tenant idv.Tenant, id string) (consent.Record, error) {
	found, err := list(ctx, s.backend, selectConsent, []any{tenant, id}, scanConsent)
	switch {
	case err != nil:
		return consent.Record{}, err
	case len(found) == 0:
		return consent.Record{}, consent.ErrNotFound
	}
	return found[0], nil
}

// ChangeConsent applies an event. A consent whose person was erased takes none: its
// withdrawal, which the erasure was, is confirmed.
func (s *Store) ChangeConsent(ctx context.Context, tenant idv.Tenant, id string, e consent.Event) (changed consent.Record, err error) {
	key := store.Key{Tenant: tenant, Key: id}
	people, err := s.deciding(ctx, key, e.Kind)
	if err != nil {
		return consent.Record{}, err
	}
	err = s.writer.submit(ctx, &operation{
		need: func(n *needs) {
			n.dated = true
			add(&n.consents, key)
			for _, p := range people {
				add(&n.deciders, p)
			}
		},
		do: func(u *unit) (err error) {
			changed, err = u.changeConsent(key, e)
			return err
		},
	})
	if err != nil {
		return consent.Record{}, err
	}
	return changed, nil
}

// deciding returns the person of a consent, if the event is a decision, on which other
// consents of the person follow. Of whom a consent is changes by an erasure alone, after
// which there is no decision.
func (s *Store) deciding(ctx context.Context, key store.Key, k consent.Kind) ([]person, error) {
	if k != consent.Give && k != consent.Refuse {
		return nil, nil
	}
	r, err := s.Consent(ctx, key.Tenant, key.Key)
	return persons(key.Tenant, r.Tokens()), err
}

func (u *unit) changeConsent(key store.Key, e consent.Event) (consent.Record, error) {
	a := u.consents[key]
	switch {
	case a == nil:
		return consent.Record{}, consent.ErrNotFound
	case a.Subject == "" && e.Kind == consent.Withdraw:
		return a.Record, nil
	case a.Subject == "":
		return consent.Record{}, consent.ErrErased
	}
	if err := a.Apply(e, u.now); err != nil {
		return consent.Record{}, err
	}
	a.touched = true
	for _, other := range u.consents {
		if a.Follow(e.Kind, &other.Record, u.now) {
			other.touched = true
		}
	}
	return a.Record, nil
}

// UseConsent takes a use without a call.
func (s *Store) UseConsent(ctx context.Context, tenant idv.Tenant, use idv.ConsentUse) error {
	key := store.Key{Tenant: tenant, Key: use.ID}
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { n.use(key) },
		do: func(u *unit) error {
			r, err := u.used(key, use)
			if err == nil {
				u.keepUse(key, r)
			}
			return err
		},
	})
}

// use adds what the use of a consent reads.
func (n *needs) use(key store.Key) {
	n.dated = true
	add(&n.consents, key)
}

// used returns a consent as it is after a use, which is not kept yet.
func (u *unit) used(key store.Key, use idv.ConsentUse) (consent.Record, error) {
	a := u.consents[key]
	if a == nil {
		return consent.Record{}, consent.Missing
	}
	r := a.Record
	return r, r.Take(use, u.now)
}

// keepUse keeps a consent if its use was counted: of a call that takes none nothing
// is written.
func (u *unit) keepUse(key store.Key, r consent.Record) {
	if a := u.consents[key]; a.Used != r.Used {
		a.Record, a.touched = r, true
	}
}

// ReturnConsent gives a use back.
func (s *Store) ReturnConsent(ctx context.Context, tenant idv.Tenant, id string) error {
	key := store.Key{Tenant: tenant, Key: id}
	return s.writer.submit(ctx, &operation{
		need: func(n *needs) { add(&n.consents, key) },
		do: func(u *unit) error {
			a := u.consents[key]
			if a == nil {
				return consent.ErrNotFound
			}
			if a.Used > 0 {
				a.Used--
				a.touched = true
			}
			return nil
		},
	})
}

// Consents returns the consents of a person by the time of their draft.
func (s *Store) Consents(
	ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
) ([]consent.Record, string, error) {
	return personal(ctx, s, selectConsents, tenant, tokens, p, scanConsent, placeOfConsent)
}

// AllConsents returns the consents of everybody by the time of their draft.
func (s *Store) AllConsents(ctx context.Context, tenant idv.Tenant, p ledger.Page) ([]consent.Record, string, error) {
	return paged(tenant, p, placeOfConsent, func(args []any) ([]consent.Record, error) {
		return list(ctx, s.backend, selectAllConsents, args, scanConsent)
	})
}

func placeOfConsent(r *consent.Record) string { return cursor(micros(r.DraftedAt), r.ID) }
