package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// centre is a cost centre: what sums are made by. Parts that are not asked for are
// empty.
type centre struct {
	Provider string     `json:"provider,omitempty"`
	Tenant   idv.Tenant `json:"tenant,omitempty"`
	App      string     `json:"app,omitempty"`
	Purpose  string     `json:"purpose,omitempty"`
}

func (c centre) compare(other centre) int {
	return cmp.Or(strings.Compare(c.Provider, other.Provider), cmp.Compare(c.Tenant, other.Tenant),
		strings.Compare(c.App, other.App), strings.Compare(c.Purpose, other.Purpose))
}

// parts are what sums can be made by.
type parts struct{ provider, tenant, app, purpose bool }

func parseBy(words []string) (parts, error) {
	var by parts
	for _, w := range words {
		switch w {
		case "provider":
			by.provider = true
		case "tenant":
			by.tenant = true
		case "app":
			by.app = true
		case "purpose":
			by.purpose = true
		default:
			return by, usage("--by: want provider, tenant, app or purpose, or several with commas between them")
		}
	}
	return by, nil
}

// of returns the cost centre of a call.
func (by parts) of(i *idv.Intent) centre {
	var c centre
	if by.provider {
		c.Provider = i.Provider
	}
	if by.tenant {
		c.Tenant = i.Tenant
	}
	if by.app {
		c.App = i.App
	}
	if by.purpose {
		c.Purpose = i.Purpose
	}
	return c
}

// sum is how many calls of a month and a cost centre ended in one way.
type sum struct {
	centre

	Month   string     `json:"month"` // UTC+8
	Outcome string     `json:"outcome,omitempty"`
	Charge  idv.Charge `json:"charge"`
	Calls   int64      `json:"calls"`
	Amount  api.Cost   `json:"amount"` // spent if charged, at risk if unknown, not spent if not charged
	total   idv.Money
}

func sumOf(c centre, u ledger.Use) sum {
	return sum{
		centre: c, Month: u.Month, Outcome: u.Outcome, Charge: u.Charge, Calls: u.Calls, total: u.Amount,
		Amount: api.CostOf(u.Amount),
	}
}

// sums adds up the calls that are chosen, by month and cost centre.
func (b *book) sums(ctx context.Context, f ledger.Filter, by parts) ([]sum, error) {
	tallies := map[centre]*ledger.Tally{}
	tally := func(c centre) *ledger.Tally {
		if tallies[c] == nil {
			tallies[c] = &ledger.Tally{}
		}
		return tallies[c]
	}
	if by.tenant || by.app || by.purpose {
		err := b.eachHold(ctx, f, func(h *ledger.Hold) error {
			c := by.of(&h.Intent)
			h.Intent.Provider = c.Provider
			tally(c).AddHold(h)
			return nil
		})
		return listSums(tallies), err
	}
	uses, err := b.Usage(ctx, f) // the database adds up faster
	if err != nil {
		return nil, internal(err)
	}
	for _, u := range uses {
		c := by.of(&idv.Intent{Provider: u.Provider})
		u.Provider = c.Provider
		tally(c).Add(u)
	}
	return listSums(tallies), nil
}

// listSums returns the sums by month, then by cost centre, outcome and charge.
func listSums(tallies map[centre]*ledger.Tally) []sum {
	var list []sum
	for c, t := range tallies {
		for _, u := range t.List() {
			list = append(list, sumOf(c, u))
		}
	}
	slices.SortFunc(list, func(x, y sum) int {
		return cmp.Or(strings.Compare(x.Month, y.Month), x.compare(y.centre), strings.Compare(x.Outcome, y.Outcome), cmp.Compare(x.Charge, y.Charge))
	})
	return list
}

// total is what sums add up to.
type total struct {
	Calls      int64    `json:"calls"`
	Verdicts   int64    `json:"verdicts"`
	Unknown    int64    `json:"unknown"`              // calls whose charge is not known
	Free       int64    `json:"not_charged"`          // calls that were not charged
	Cost       api.Cost `json:"cost"`                 // and the most it may turn out to be
	PerVerdict api.Cost `json:"per_verdict,omitzero"` // rounded up to the micro
	Saved      api.Cost `json:"not_spent"`            // what the calls that were not charged would have cost
	known      idv.Money
	possible   idv.Money
	saved      idv.Money
}

func totalOf(list []sum) total {
	var t total
	for _, s := range list {
		t.Calls += s.Calls
		if isVerdict(s.Outcome) {
			t.Verdicts += s.Calls
		}
		switch s.Charge {
		case idv.Charged:
			t.known, t.possible = t.known.Add(s.total), t.possible.Add(s.total)
		case idv.NotCharged:
			t.Free += s.Calls
			t.saved = t.saved.Add(s.total)
		default:
			t.Unknown += s.Calls
			t.possible = t.possible.Add(s.total)
		}
	}
	t.known.Currency, t.saved.Currency = t.possible.Currency, cmp.Or(t.saved.Currency, t.possible.Currency)
	t.Cost = span(t.known, t.possible)
	t.Saved = api.CostOf(t.saved)
	if t.Verdicts > 0 {
		t.PerVerdict = span(t.perVerdict())
	}
	return t
}

// perVerdict returns what a verdict cost, and the most that it may turn out to have
// cost.
func (t *total) perVerdict() (known, possible idv.Money) {
	return idv.Price{Units: t.Verdicts, Total: t.known}.PerCall(), idv.Price{Units: t.Verdicts, Total: t.possible}.PerCall()
}

func span(known, possible idv.Money) api.Cost {
	return api.CostRange(known, possible)
}
