package ledger

import (
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Changes are the effects of operations on a Book.
type Changes struct {
	Entries []Entry
	Lots    []Row  // current values of the changed rows of lots
	Holds   []Hold // current values of the changed holds
}

// Changes appends what changed since the Book was opened or Changes was last called to
// the lists of into.
func (b *Book) Changes(into *Changes) {
	into.Entries = append(into.Entries, b.entries...)
	b.entries = b.entries[:0]
	for _, a := range b.touched.lots {
		a.touched = false
		into.Lots = append(into.Lots, a.Row)
	}
	for _, h := range b.touched.holds {
		h.touched = false
		into.Holds = append(into.Holds, h.Hold)
	}
	b.touched.lots, b.touched.holds = b.touched.lots[:0], b.touched.holds[:0]
}

// Lots returns the lots of a provider, or of all if provider is "": by provider, open
// lots first, then in order of use.
func (b *Book) Lots(provider string) []Balance {
	var list []Balance
	for _, rows := range b.lots {
		if provider == "" || rows[0].Provider == provider {
			list = append(list, whole(rows))
		}
	}
	slices.SortFunc(list, byUse)
	return list
}

// whole returns a lot with the sums of its rows.
func whole(rows []*account) Balance {
	sum := rows[0].Balance
	for _, a := range rows[1:] {
		sum.Units += a.Units - a.before.Units
		sum.Total.Micros += a.Total.Micros - a.before.Total.Micros
		sum.Left += a.Left
		sum.Available += a.Available
		sum.Held += a.Held
		sum.Posted += a.Posted
		sum.Unknown += a.Unknown
		sum.WrittenOff += a.WrittenOff
	}
	return sum
}

// byUse orders lots of several providers as Book.Lots does.
func byUse(a, b Balance) int {
	if c := strings.Compare(a.Provider, b.Provider); c != 0 {
		return c
	}
	if a.Open != b.Open {
		if a.Open {
			return -1
		}
		return 1
	}
	return Compare(a.Lot, b.Lot)
}

// SortLots orders lots as Book.Lots does.
func SortLots(list []Balance) { slices.SortFunc(list, byUse) }

// Find returns the hold of an attempt.
func (b *Book) Find(attempt string) (Hold, bool) {
	h := b.holds[attempt]
	if h == nil {
		return Hold{}, false
	}
	return h.Hold, true
}

// Holds returns the holds for which keep is true, by the time of their calls.
func (b *Book) Holds(keep func(*Hold) bool) []Hold {
	var list []Hold
	for _, h := range b.holds {
		if keep(&h.Hold) {
			list = append(list, h.Hold)
		}
	}
	slices.SortFunc(list, func(x, y Hold) int {
		if c := x.Intent.At.Compare(y.Intent.At); c != 0 {
			return c
		}
		return strings.Compare(x.Intent.Attempt, y.Intent.Attempt)
	})
	return list
}

// Check checks the balance of every lot, see Balance.Check.
func (b *Book) Check() error {
	for _, rows := range b.lots {
		sum := whole(rows)
		if err := sum.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Filter selects entries and holds. A zero field selects all.
type Filter struct {
	From, To time.Time // from inclusive, to exclusive
	Tenant   idv.Tenant
	App      string
	Purpose  string
	Provider string
}

// matches reports whether a time and these cost centres are selected.
func (f *Filter) matches(at time.Time, tenant idv.Tenant, app, purpose, provider string) bool {
	return (f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || at.Before(f.To)) &&
		same(f.Tenant, tenant) && same(f.App, app) && same(f.Purpose, purpose) && same(f.Provider, provider)
}

// Entry reports whether an entry is selected.
func (f *Filter) Entry(e *Entry) bool { return f.matches(e.At, e.Tenant, e.App, e.Purpose, e.Provider) }

// Hold reports whether a hold is selected, by the time of its call.
func (f *Filter) Hold(h *Hold) bool {
	i := &h.Intent
	return f.matches(i.At, i.Tenant, i.App, i.Purpose, i.Provider)
}

func same[T ~string](want, got T) bool { return want == "" || want == got }

// Page selects a part of a list.
type Page struct {
	After string // the cursor of the previous page, "" for the first page
	Limit int    // maximum number of rows; 0 or more than MaxPage means MaxPage

	// Follow asks for the cursor of the last page too, so that a reader of entries goes on
	// when there are more. An empty page has none. Other lists ignore it.
	Follow bool
}

// MaxPage is the maximum number of rows of a page.
const MaxPage = 1000

// Size returns the maximum number of rows of this page.
func (p Page) Size() int {
	if p.Limit <= 0 || p.Limit > MaxPage {
		return MaxPage
	}
	return p.Limit
}
