package ledger

import (
	"slices"
	"strings"
)

// Changes are what operations did to a book since it was opened or last asked.
type Changes struct {
	Entries []Entry
	Lots    []Balance // as they are now
	Holds   []Hold    // as they are now
}

// Changes appends what changed to the lists of into, and forgets it.
func (b *Book) Changes(into *Changes) {
	into.Entries = append(into.Entries, b.entries...)
	b.entries = b.entries[:0]
	for _, a := range b.touched.lots {
		a.touched = false
		into.Lots = append(into.Lots, a.Balance)
	}
	for _, h := range b.touched.holds {
		h.touched = false
		into.Holds = append(into.Holds, h.Hold)
	}
	b.touched.lots, b.touched.holds = b.touched.lots[:0], b.touched.holds[:0]
}

// Seq returns the sequence of the last entry.
func (b *Book) Seq() int64 { return b.seq }

// Lots returns the lots of a provider, of all if it is "": open ones first, then
// in their order of use.
func (b *Book) Lots(provider string) []Balance {
	var list []Balance
	for _, a := range b.lots {
		if provider == "" || a.Provider == provider {
			list = append(list, a.Balance)
		}
	}
	slices.SortFunc(list, byUse)
	return list
}

// byUse orders lots of several providers.
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

// Find returns a hold by its attempt.
func (b *Book) Find(attempt string) (Hold, bool) {
	h := b.holds[attempt]
	if h == nil {
		return Hold{}, false
	}
	return h.Hold, true
}

// Holds returns the holds for which keep is true, in the order of their times.
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

// Check tests the equation of every lot that the book holds.
func (b *Book) Check() error {
	for _, a := range b.lots {
		if err := a.Check(); err != nil {
			return err
		}
	}
	return nil
}
