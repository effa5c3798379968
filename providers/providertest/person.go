package providertest

import (
	"errors"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
)

// Person returns the fictitious person of all fixtures: the name 测试 and an ID number with
// a birth date in 2099. docs/plugins.md names the claims to authors.
func Person() idv.Subject {
	return idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
		Mobile: idv.NewSensitive("19900000000"), BankCard: idv.NewSensitive("6228480000000000000"),
	}
}

// Query returns the query about [Person] that the fixtures of a product answer. Its
// document is a resident ID card, or the first that the product supports.
func Query(d idv.Descriptor) (idv.Query, error) {
	document := idv.Resident18
	switch {
	case d.Check == idv.CheckNone:
		return idv.Query{}, errors.New("descriptor: names no check")
	case slices.Contains(d.Documents, document):
	case len(d.Documents) > 0:
		document = d.Documents[0]
	case d.Check.Claims().Has(idv.ClaimIDNumber):
		return idv.Query{}, errors.New("descriptor: lists no document")
	default:
		document = idv.DocumentUnknown
	}
	return idv.Query{ID: "heyan-test", Check: d.Check, Document: document, Subject: Person().Only(d.Check.Claims())}, nil
}
