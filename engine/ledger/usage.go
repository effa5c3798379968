package ledger

import (
	"cmp"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// VendorTime returns a time by the clock of the vendors and their invoices, China
// Standard Time. It is eight hours ahead of UTC and has no summer time.
func VendorTime(t time.Time) time.Time { return t.In(time.FixedZone("CST", 8*60*60)) }

// Month returns the calendar month of a time by the vendors' clock, "2026-11".
func Month(t time.Time) string { return VendorTime(t).Format("2006-01") }

// Use is how many calls of a month ended in one way, and what they cost.
type Use struct {
	Month    string
	Provider string
	Outcome  string     // a verdict or a failure; "" if the outcome is not known
	Charge   idv.Charge // as it stands in the book now
	Calls    int64
	Amount   idv.Money // spent if Charge is Charged; at risk if unknown; not spent if NotCharged
}

// Ending returns the word under which a hold is counted in usage: the verdict or
// the failure that its walk told, "" if none was told.
func (h *Hold) Ending() string {
	if !h.OutcomeRecorded {
		return ""
	}
	return outcomeWord(h.Outcome)
}

// Tally adds up usage.
type Tally struct{ uses map[Use]*Use }

// Add counts calls of one kind; u.Calls and u.Amount are added to those counted
// under its other fields.
func (t *Tally) Add(u Use) {
	key := u
	key.Calls, key.Amount = 0, idv.Money{}
	if t.uses == nil {
		t.uses = map[Use]*Use{}
	}
	sum := t.uses[key]
	if sum == nil {
		sum = &key
		t.uses[key] = sum
	}
	sum.Calls += u.Calls
	sum.Amount = sum.Amount.Add(u.Amount)
}

// AddHold counts the call of a hold.
func (t *Tally) AddHold(h *Hold) {
	t.Add(Use{
		Month: Month(h.Intent.At), Provider: h.Intent.Provider, Outcome: h.Ending(), Charge: h.State.Charge(),
		Calls: 1, Amount: h.Intent.Price,
	})
}

// List returns what was counted, by month, provider, outcome and charge.
func (t *Tally) List() []Use {
	list := make([]Use, 0, len(t.uses))
	for _, u := range t.uses {
		list = append(list, *u)
	}
	slices.SortFunc(list, func(a, b Use) int {
		return cmp.Or(
			cmp.Compare(a.Month, b.Month), cmp.Compare(a.Provider, b.Provider),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Charge, b.Charge),
		)
	})
	return list
}
