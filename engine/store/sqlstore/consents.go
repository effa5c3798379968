package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// AddConsent stores a draft.
func (s *Store) AddConsent(ctx context.Context, r consent.Record, key store.DataKey, pause time.Duration) error {
	if err := r.Validate(); err != nil {
		return err
	}
	r.DraftedAt = r.DraftedAt.UTC().Truncate(time.Microsecond)
	who := person{r.Tenant, r.Subject}
	return s.personal(ctx, &operation{
		need: func(n *needs) {
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

// ChangeConsent applies an event. A consent whose subject was erased accepts only a
// withdrawal, which has no effect, since the erasure withdrew the consent.
func (s *Store) ChangeConsent(ctx context.Context, tenant idv.Tenant, id string, e consent.Event) (changed consent.Record, err error) {
	key := store.Key{Tenant: tenant, Key: id}
	people, err := s.deciding(ctx, key, e.Kind)
	if err != nil {
		return consent.Record{}, err
	}
	err = s.act(ctx, s.personal, &operation{
		need: func(n *needs) {
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

// deciding returns the subject of a consent if the event is a decision, which also changes
// other consents of the subject. Only an erasure changes the subject of a consent, and after
// it there is no decision.
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
		need: func(n *needs) { add(&n.consents, key) },
		do: func(u *unit) error {
			r, err := u.used(key, use)
			if err == nil {
				u.keepUse(key, r)
			}
			return err
		},
	})
}

// used returns a consent after a use. The caller stores it with keepUse.
func (u *unit) used(key store.Key, use idv.ConsentUse) (consent.Record, error) {
	a := u.consents[key]
	if a == nil {
		return consent.Record{}, consent.Missing
	}
	r := a.Record
	return r, r.Take(use, u.now)
}

// keepUse stores a consent if its use was counted. A later call of a verification takes no
// use, so nothing is written.
func (u *unit) keepUse(key store.Key, r consent.Record) {
	if a := u.consents[key]; a.Used != r.Used {
		a.Record, a.touched = r, true
	}
}

// ReturnConsent returns a use.
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

// Consents returns the consents of a subject by the time of their drafts.
func (s *Store) Consents(
	ctx context.Context, tenant idv.Tenant, tokens []idv.SubjectToken, p ledger.Page,
) ([]consent.Record, string, error) {
	return personal(ctx, s, selectConsents, tenant, tokens, p, scanConsent, placeOfConsent)
}

// AllConsents returns all consents of a tenant by the time of their drafts.
func (s *Store) AllConsents(ctx context.Context, tenant idv.Tenant, p ledger.Page) ([]consent.Record, string, error) {
	return paged(tenant, p, placeOfConsent, func(args []any) ([]consent.Record, error) {
		return list(ctx, s.backend, selectAllConsents, args, scanConsent)
	})
}

func placeOfConsent(r *consent.Record) string { return cursor(micros(r.DraftedAt), r.ID) }

// agreement is a consent in a unit.
type agreement struct {
	consent.Record
	stored  bool // it is in the table
	touched bool // it differs from the table
}

func scanConsent(r row) (consent.Record, error) {
	var text string
	if err := r.Scan(&text); err != nil {
		return consent.Record{}, err
	}
	return decodeConsent(text)
}

// readConsents reads consents, each once.
func (u *unit) readConsents(tx transaction, n *needs) []statement {
	each := func(r row) error {
		c, err := scanConsent(r)
		if id := (store.Key{Tenant: c.Tenant, Key: c.ID}); err == nil && u.consents[id] == nil {
			u.consents[id] = &agreement{Record: c, stored: true}
		}
		return err
	}
	var list []statement
	for k := range n.consents {
		list = append(list, statement{selectConsent, []any{k.Tenant, k.Key}, each})
	}
	if tx.divides() {
		for k := range n.consents {
			list = append(list, statement{selectConsentThere, []any{k.Tenant, k.Key}, func(r row) error {
				var id store.Key
				err := r.Scan(&id.Tenant, &id.Key)
				u.there[id] = true
				return err
			}})
		}
	}
	for p := range n.deciders {
		list = append(list, statement{selectOpen, []any{p.tenant, string(p.token)}, each})
	}
	for p := range n.refusals {
		list = append(list, statement{selectRefused, []any{p.tenant, string(p.token)}, each})
	}
	for p := range n.people {
		args := []any{p.tenant, string(p.token)}
		list = append(list, statement{selectConsentsOfSubject, args, each}, statement{selectConsentsOfGuardian, args, each})
	}
	return list
}

// saveConsents returns the statements that save the consents that changed.
func (u *unit) saveConsents() ([]statement, error) {
	var list []statement
	for _, a := range u.consents {
		if !a.touched {
			continue
		}
		text, err := encodeConsent(&a.Record)
		if err != nil {
			return nil, err
		}
		sql := insertConsent
		if a.stored {
			sql = updateConsent
		}
		list = append(list, statement{sql: sql, args: []any{
			a.Tenant, a.ID, string(a.Subject), string(a.Guardian.Subject), string(a.State), micros(a.DraftedAt), micros(store.ExpiresAt(&a.Record)), text,
		}})
	}
	return list, nil
}
