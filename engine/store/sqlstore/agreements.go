package sqlstore

import (
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/consent"
)

// agreement is a consent in a unit.
type agreement struct {
	consent.Record
	stored  bool // the table has it
	touched bool // it is not as the table has it
}

func scanConsent(r row) (consent.Record, error) {
	var text string
	if err := r.Scan(&text); err != nil {
		return consent.Record{}, err
	}
	return decodeConsent(text)
}

// readConsents reads consents, each once.
func (u *unit) readConsents(n *needs) []statement {
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
