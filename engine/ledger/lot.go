package ledger

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// openPrefix begins the ids of open lots; AddLot refuses it.
const openPrefix = "open:"

// Lot is a package of calls bought at a vendor.
type Lot struct {
	ID       string
	Provider string // its configured name
	Units    int64  // calls bought
	Total    idv.Money
	Bought   time.Time
	Expires  time.Time // zero if never, as the first vendor's packages
	Note     string    // an order number, for people

	// Open marks the lot of a provider for which no package was ever booked. It
	// grows by a unit at list price with each hold and shrinks when the hold is
	// voided: what was not charged was never bought.
	Open bool
}

// OpenLot returns the empty open lot of a provider.
func OpenLot(provider string, at time.Time) Lot {
	return Lot{ID: openPrefix + provider, Provider: provider, Bought: at, Open: true}
}

// Price returns what one call costs, rounded up to the micro. For an open lot it
// is the average of what was held; its holds carry their own prices.
func (l Lot) Price() idv.Money { return idv.Price{Units: l.Units, Total: l.Total}.PerCall() }

// Expired reports whether the lot may no longer be drawn on.
func (l Lot) Expired(at time.Time) bool { return !l.Expires.IsZero() && !at.Before(l.Expires) }

// The faults of a lot.
var (
	errLotID       = errors.New(`a lot needs an id that does not begin with "open:"`)
	errLotProvider = errors.New("a lot needs its provider's name")
	errLotUnits    = errors.New("a lot needs a positive number of units")
	errLotTotal    = errors.New("a lot's price is not negative")
	errLotBought   = errors.New("a lot needs the time it was bought, before it expires")
)

// Validate returns every fault of a lot that is to be added.
func (l Lot) Validate() error {
	var faults []error
	if l.ID == "" || strings.HasPrefix(l.ID, openPrefix) || l.Open {
		faults = append(faults, errLotID)
	}
	if l.Provider == "" {
		faults = append(faults, errLotProvider)
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

// Compare orders the lots of a provider by their use: what expires first, before
// it is lost; then what was free; then what is cheapest per call; then the oldest.
func Compare(a, b Lot) int {
	return cmp.Or(
		compareExpiry(a.Expires, b.Expires),
		cmp.Compare(a.Price().Micros, b.Price().Micros),
		a.Bought.Compare(b.Bought),
		strings.Compare(a.ID, b.ID),
	)
}

// compareExpiry puts never last.
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
