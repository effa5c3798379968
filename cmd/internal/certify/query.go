package certify

import (
	"errors"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/providertest"
)

// query returns the query that the fixtures answer.
func (a Adapter) query() (idv.Query, error) {
	if a.Check != idv.CheckNone && a.Card.Check != idv.CheckNone && a.Check != a.Card.Check {
		return idv.Query{}, errors.New("descriptor: the product answers another check")
	}
	return providertest.Query(a.Card)
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
