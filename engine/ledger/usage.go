package ledger

import (
	"cmp"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// VendorTime returns t in China Standard Time, which vendors and their invoices use.
func VendorTime(t time.Time) time.Time { return t.In(idv.China()) }

// Month returns the calendar month of t in China Standard Time, such as "2026-11".
func Month(t time.Time) string { return VendorTime(t).Format("2006-01") }

// Use is the number of calls of a month with the same outcome, charge and currency, and their
// cost. Amounts in two currencies are never added.
type Use struct {
	Month    string
	Provider string
	Outcome  string     // a verdict or a failure; "" if the outcome is unknown
	Charge   idv.Charge // as the ledger has it now
	Calls    int64
	Amount   idv.Money // spent if Charge is Charged; at risk if unknown; not spent if NotCharged
}

// Ending returns the name under which usage counts a hold: the recorded verdict or
// failure, or "" if none is recorded.
func (h *Hold) Ending() string {
	if !h.OutcomeRecorded {
		return ""
	}
	return outcomeName(h.Outcome)
}

// Tally adds up usage. The zero value is empty.
type Tally struct{ uses map[Use]*Use }

// Add adds u.Calls and u.Amount to the sums of the calls that agree in all other
// fields.
func (t *Tally) Add(u Use) {
	key := u
	key.Calls, key.Amount.Micros = 0, 0
	if t.uses == nil {
		t.uses = map[Use]*Use{}
	}
	sum := t.uses[key]
	if sum == nil {
		sum = &key
		t.uses[key] = sum
	}
	sum.Calls += u.Calls
	sum.Amount.Micros += u.Amount.Micros
}

// AddHold adds the call of a hold.
func (t *Tally) AddHold(h *Hold) {
	t.Add(Use{
		Month: Month(h.Intent.At), Provider: h.Intent.Provider, Outcome: h.Ending(), Charge: h.State.Charge(),
		Calls: 1, Amount: h.Intent.Price,
	})
}

// List returns the sums by month, provider, outcome, charge and currency.
func (t *Tally) List() []Use {
	list := make([]Use, 0, len(t.uses))
	for _, u := range t.uses {
		list = append(list, *u)
	}
	slices.SortFunc(list, func(a, b Use) int {
		return cmp.Or(
			cmp.Compare(a.Month, b.Month), cmp.Compare(a.Provider, b.Provider),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Charge, b.Charge),
			cmp.Compare(a.Amount.Currency, b.Amount.Currency),
		)
	})
	return list
}
