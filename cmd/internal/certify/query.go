package certify

import (
	"errors"
	"slices"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Person returns the fictitious person of all fixtures: the name 测试 and a number with a
// birth date in 2099. docs/plugins.md names it to authors.
func Person() idv.Subject {
	return idv.Subject{
		Name: idv.NewSensitive("测试"), IDNumber: idv.NewSensitive("11010120990101005X"),
		Mobile: idv.NewSensitive("19900000000"), BankCard: idv.NewSensitive("6200000000000000003"),
	}
}

// query returns the query that the fixtures answer.
func (a Adapter) query() (idv.Query, error) {
	check, document := a.Check, idv.Resident18
	if check == idv.CheckNone {
		check = a.Card.Check
	}
	if a.Card.Check == idv.CheckNone {
		return idv.Query{}, errors.New("descriptor: names no check")
	}
	if check != a.Card.Check {
		return idv.Query{}, errors.New("descriptor: the product answers another check")
	}
	switch {
	case slices.Contains(a.Card.Documents, document):
	case len(a.Card.Documents) > 0:
		document = a.Card.Documents[0]
	case check.Claims().Has(idv.ClaimIDNumber):
		return idv.Query{}, errors.New("descriptor: lists no document")
	default:
		document = idv.DocumentUnknown
	}
	return idv.Query{ID: "provider-check", Check: check, Document: document, Subject: Person().Only(check.Claims())}, nil
}

// matchFixture returns the fixture of a match.
func (a Adapter) matchFixture() (providers.Reply, bool) {
	table := providers.Table(a.Card.Codes)
	for _, f := range a.Fixtures {
		if row, ok := table.Row(f.Layer, f.Code); ok && row.Verdict == idv.Match {
			return f.Reply, true
		}
	}
	return providers.Reply{}, false
}
