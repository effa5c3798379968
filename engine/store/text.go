package store

import (
	"slices"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// Every store keeps only texts that idv.CheckTexts accepts: an operation that would keep
// another returns its *idv.TextError and changes nothing. A look-up by such a text finds
// nothing, as by any unknown id. ledger.Book checks what it books, and package consent its
// records and events; a store calls the functions below for the rest.

// CanonicalLot returns a lot with its id, provider and currency in canonical form, so that no
// package is booked twice under two ids that look alike. The error is an *idv.TextError for a
// text that has no such form.
func CanonicalLot(l ledger.Lot) (ledger.Lot, error) {
	for _, one := range []struct {
		field string
		text  *string
	}{{"id", &l.ID}, {"provider", &l.Provider}} {
		form, fault := identity.Identifier(*one.text)
		if fault != idv.TextFits {
			return l, &idv.TextError{Field: one.field, Fault: fault}
		}
		*one.text = form
	}
	if code, err := ledger.ParseCurrency(l.Total.Currency); err == nil {
		l.Total.Currency = code
	}
	return l, nil
}

// FindLot returns the id of the lot that is meant by an id: the one that has exactly this id,
// as an earlier version may have booked it, else the one that has its canonical form; "" if
// there is none.
func FindLot(lots []ledger.Balance, id string) string {
	form, _ := identity.Identifier(id)
	found := ""
	for i := range lots {
		switch lots[i].ID {
		case id:
			return id
		case form:
			found = form
		}
	}
	return found
}

// CheckTexts returns an *idv.TextError for a text of a claim that cannot be kept.
func (c *Claim) CheckTexts() error {
	if err := CheckTexts(c.Key.Tenant, "idempotency_key", c.Key.Key); err != nil {
		return err
	}
	return CheckTexts(c.Key.Tenant, "verification", c.Verification)
}

// CheckTexts returns an *idv.TextError for a tenant, or for a field of its data, that
// cannot be kept.
func CheckTexts(t idv.Tenant, field, text string) error {
	return idv.CheckTexts(idv.KeptText{Field: "tenant", Text: string(t)}, idv.KeptText{Field: field, Text: text})
}

// Storable returns the verification as it is kept, or an *idv.TextError. What vendors sent
// is cleaned, since the calls were made: an odd reference must not keep a result that was
// paid for from being stored. It changes no list of v.
func Storable(v idv.Verification) (idv.Verification, error) {
	err := idv.CheckTexts(
		idv.KeptText{Field: "id", Text: v.ID}, idv.KeptText{Field: "tenant", Text: string(v.Tenant)}, idv.KeptText{Field: "app", Text: v.App},
		idv.KeptText{Field: "purpose", Text: v.Purpose}, idv.KeptText{Field: "consent_id", Text: v.ConsentID},
		idv.KeptText{Field: "subject", Text: string(v.Token)}, idv.KeptText{Field: "trace_id", Text: v.TraceID},
	)
	for i, a := range v.Attempts {
		if clean := a.Clean(); clean != a {
			v.Attempts = slices.Clone(v.Attempts)
			v.Attempts[i] = clean
		}
	}
	for i, e := range v.Evidence {
		clean := e
		clean.CheckID, clean.Source = idv.CleanText(e.CheckID, idv.MaxName), idv.CleanText(e.Source, idv.MaxNote)
		clean.Organization = idv.CleanText(e.Organization, idv.MaxNote)
		if clean != e {
			v.Evidence = slices.Clone(v.Evidence)
			v.Evidence[i] = clean
		}
	}
	return v, err
}
