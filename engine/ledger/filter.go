package ledger

import (
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Filter chooses entries and holds. Fields that are zero choose all.
type Filter struct {
	From, To time.Time // from inclusive, to exclusive
	Tenant   idv.Tenant
	App      string
	Purpose  string
	Provider string
}

// matches reports whether a line of this time and these cost centres is chosen.
func (f *Filter) matches(at time.Time, tenant idv.Tenant, app, purpose, provider string) bool {
	return (f.From.IsZero() || !at.Before(f.From)) && (f.To.IsZero() || at.Before(f.To)) &&
		same(f.Tenant, tenant) && same(f.App, app) && same(f.Purpose, purpose) && same(f.Provider, provider)
}

// Entry reports whether an entry is chosen.
func (f *Filter) Entry(e *Entry) bool { return f.matches(e.At, e.Tenant, e.App, e.Purpose, e.Provider) }

// Hold reports whether a hold is chosen, by the time of its call.
func (f *Filter) Hold(h *Hold) bool {
	i := &h.Intent
	return f.matches(i.At, i.Tenant, i.App, i.Purpose, i.Provider)
}

func same[T ~string](want, got T) bool { return want == "" || want == got }

// Page is which part of a list is wanted.
type Page struct {
	After string // the cursor that came with the part before, "" for the first
	Limit int    // at most so many; MaxPage if not positive or more
}

// MaxPage is how many lines a page holds at most.
const MaxPage = 1000

// Size returns how many lines the page may hold.
func (p Page) Size() int {
	if p.Limit <= 0 || p.Limit > MaxPage {
		return MaxPage
	}
	return p.Limit
}
