package ledger

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// openPrefix begins the ids of open lots; AddLot rejects other lots that use it.
const openPrefix = "open:"

// Lot is a package of calls that was bought from a vendor.
type Lot struct {
	ID       string
	Provider string // its configured name
	Units    int64  // calls bought
	Total    idv.Money
	Bought   time.Time
	Expires  time.Time // zero if it never expires, as with idcert
	Note     string    // free text, such as an order number
	Booked   time.Time // when AddLot booked it; zero for a lot of an earlier version
	Canceled time.Time // when CancelLot took back what was left of it; zero if it did not

	// Open marks the lot of a provider for which no package was ever added. Each hold
	// adds a unit at list price, and voiding the hold removes it, since a call that was
	// not charged was never bought.
	Open bool
}

// OpenLot returns the empty open lot of a provider.
func OpenLot(provider string, at time.Time) Lot {
	return Lot{ID: openPrefix + provider, Provider: provider, Bought: at, Open: true}
}

// Price returns the price of one call, rounded up to the micro. For an open lot it is
// the average over its holds, each of which has its own price.
func (l Lot) Price() idv.Money { return idv.Price{Units: l.Units, Total: l.Total}.PerCall() }

// Expired reports whether the lot has expired at an instant and can no longer be used.
func (l Lot) Expired(at time.Time) bool { return !l.Expires.IsZero() && !at.Before(l.Expires) }

// The faults that Validate returns.
var (
	errLotID       = errors.New(`a lot needs an id, and the id must not begin with "open:"`)
	errLotCurrency = errors.New("a lot's currency must be a code of ISO 4217 in capital letters, such as CNY")
	errLotProvider = errors.New("a lot needs its provider's name")
	errLotUnits    = errors.New("a lot needs a positive number of units")
	errLotTotal    = errors.New("a lot's price must not be negative")
	errLotBought   = errors.New("a lot needs the time of purchase, and that must be before it expires")
)

// Validate returns all faults of a lot that is about to be added.
func (l Lot) Validate() error {
	var faults []error
	if err := idv.CheckTexts(idv.KeptText{Field: "id", Text: l.ID}, idv.KeptText{Field: "provider", Text: l.Provider},
		idv.KeptText{Field: "note", Text: l.Note, Most: idv.MaxNote}); err != nil {
		faults = append(faults, err)
	}
	if l.ID == "" || strings.HasPrefix(l.ID, openPrefix) || l.Open {
		faults = append(faults, errLotID)
	}
	if l.Provider == "" {
		faults = append(faults, errLotProvider)
	}
	if code, err := ParseCurrency(l.Total.Currency); l.Total != (idv.Money{}) && (err != nil || code != l.Total.Currency) {
		faults = append(faults, errLotCurrency)
	}
	if l.Units <= 0 {
		faults = append(faults, errLotUnits)
	}
	if l.Total.Micros < 0 {
		faults = append(faults, errLotTotal)
	}
	if l.Bought.IsZero() || l.Expired(l.Bought) {
		faults = append(faults, errLotBought)
	}
	return errors.Join(faults...)
}

// Compare orders the lots of a provider by their use: the one that expires first, then
// the cheapest per call (free ones before all others), then the oldest, then by id.
func Compare(a, b Lot) int {
	return cmp.Or(
		compareExpiry(a.Expires, b.Expires),
		cmp.Compare(a.Price().Micros, b.Price().Micros),
		a.Bought.Compare(b.Bought),
		strings.Compare(a.ID, b.ID),
	)
}

// compareExpiry orders lots that never expire last.
func compareExpiry(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
