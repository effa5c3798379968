// Package ledger holds the accounting rules for prepaid packages of calls: what a
// package is, which one a call draws on, and how a unit moves from available to
// spent. It has no SQL and no clock; callers pass the time.
//
// A [Lot] is a package that was bought from a vendor. Before a call, one unit of a lot
// is held. After the call the unit is posted (charged), voided (not charged) or left
// unknown until reconciliation or an operator settles it. Each move is an [Entry] from
// one [Account] to another, so for every lot and at any instant
//
//	bought = available + held + posted + unknown + written off
//
// which [Balance.Check] verifies. [Book] is the state machine that applies the rules. A
// store loads the part that an operation needs, lets Book decide, and saves the
// changes, so every store shares one implementation of the rules.
package ledger

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The errors that callers act on, with errors.Is. A Book that returned one of them is
// unchanged.
var (
	// ErrDuplicate means that the ledger already has this attempt or lot.
	ErrDuplicate = errors.New("the ledger already has this id")
	// ErrNoHold means that no unit was held for this attempt.
	ErrNoHold = errors.New("the ledger has no hold for this attempt")
	// ErrSettled means that the hold made this transition before; each transition
	// happens at most once.
	ErrSettled = errors.New("this hold is already settled")
	// ErrRunning means that the call of this hold has not ended.
	ErrRunning = errors.New("the call of this hold is still running")
	// ErrNoLot means that no lot has this id.
	ErrNoLot = errors.New("the ledger has no lot with this id")
	// ErrTooFew means that the lot has fewer units available.
	ErrTooFew = errors.New("the lot has fewer units available")
	// ErrNotKnown means that a hold cannot be settled with an unknown charge.
	ErrNotKnown = errors.New("the charge must be charged or not_charged")
	// ErrCanceled means that the lot was canceled before.
	ErrCanceled = errors.New("this lot is canceled already")
	// ErrNoIntent means that an intent names no attempt or no provider.
	ErrNoIntent = errors.New("an intent needs an attempt and a provider")
)

// LotError is ErrDuplicate or ErrCanceled, with the lot as it stands in the ledger.
type LotError struct {
	Err error
	Lot Lot
}

// Error returns the text of Err.
func (e *LotError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *LotError) Unwrap() error { return e.Err }

// Exhausted returns the error of a hold at a provider whose lots are used up. Like a
// guard's rejection it means that nothing was sent and the next provider is tried.
func Exhausted() error { return &idv.Rejection{Reason: idv.SkipQuotaExhausted} }

// Book is the ledger in memory: the state machine of lots and holds. The zero value is
// empty. It is not safe for concurrent use.
type Book struct {
	seq      int64
	partial  bool // of a stored ledger
	currency string
	lots     map[string]*account
	order    map[string][]*account // by provider, the lots in order of use
	packages map[string]int64      // by provider, those that were ever added and not canceled
	holds    map[string]*hold
	entries  []Entry
	touched  struct {
		lots  []*account
		holds []*hold
	}
}

type account struct {
	Balance
	touched bool
}

type hold struct {
	Hold
	touched bool
}

// Snapshot is the part of a stored ledger that some operations need: the holds, their
// lots, and every lot of a provider that is open or has units available.
type Snapshot struct {
	Seq      int64 // of the last entry
	Lots     []Balance
	Packages map[string]int64 // by provider, the packages that were ever added and not canceled
	Currency string           // of the ledger, see CurrencyOf; "" before the first amount
	Holds    []Hold
}

// Open returns a Book that continues a stored ledger.
func Open(p Snapshot) *Book {
	b := &Book{seq: p.Seq, partial: true, currency: p.Currency, packages: maps.Clone(p.Packages)}
	for _, l := range p.Lots {
		b.putLot(l)
	}
	for _, h := range p.Holds {
		b.putHold(h)
	}
	return b
}

func (b *Book) putLot(l Balance) *account {
	if b.lots == nil {
		b.lots, b.order = map[string]*account{}, map[string][]*account{}
	}
	a := &account{Balance: l}
	b.lots[l.ID] = a
	if !l.Open && l.Canceled.IsZero() {
		list := b.order[l.Provider]
		at, _ := slices.BinarySearchFunc(list, a, func(x, y *account) int { return Compare(x.Lot, y.Lot) })
		b.order[l.Provider] = slices.Insert(list, at, a)
	}
	return a
}

// countPackage counts a package of a provider.
func (b *Book) countPackage(provider string, n int64) {
	if b.packages == nil {
		b.packages = map[string]int64{}
	}
	b.packages[provider] += n
}

func (b *Book) putHold(h Hold) *hold {
	if b.holds == nil {
		b.holds = map[string]*hold{}
	}
	held := &hold{Hold: h}
	b.holds[h.Intent.Attempt] = held
	return held
}

// AddLot adds a package that was bought.
func (b *Book) AddLot(l Lot, at time.Time) error {
	if err := l.Validate(); err != nil {
		return err
	}
	if old := b.lots[l.ID]; old != nil {
		return &LotError{ErrDuplicate, old.Lot}
	}
	if err := b.keepCurrency(l.Total); err != nil {
		return err
	}
	l.Booked = at
	b.countPackage(l.Provider, 1)
	a := b.putLot(Balance{Lot: l})
	a.Units, a.Total.Micros = 0, 0 // the entry adds them
	b.move(a, Entry{At: at, From: Bought, To: Available, Units: l.Units, Amount: l.Total, Why: l.Note})
	return nil
}

// CancelLot takes back a lot that was booked by mistake, for the reason why. Its available
// units go back to the vendor's side, and so does each unit that returns to it later. What
// was used of it stays booked at its price. The provider's calls are then booked as if the
// lot had never been added.
func (b *Book) CancelLot(lot, why string, at time.Time) error {
	a := b.lots[lot]
	switch {
	case a == nil || a.Open:
		return ErrNoLot
	case !a.Canceled.IsZero():
		return &LotError{ErrCanceled, a.Lot}
	case a.Available == 0:
		return ErrTooFew
	}
	if err := checkReason(why); err != nil {
		return err
	}
	a.Canceled = at
	b.countPackage(a.Provider, -1)
	b.order[a.Provider] = slices.DeleteFunc(b.order[a.Provider], func(one *account) bool { return one == a })
	if !b.partial {
		b.currency = CurrencyOf(b.Lots(""))
	}
	b.move(a, Entry{At: at, From: Available, To: Bought, Units: a.Available, Amount: a.amount(a.Left), Why: why})
	return nil
}

// WriteOff removes available units of a lot for the reason why.
func (b *Book) WriteOff(lot string, units int64, why string, at time.Time) error {
	a := b.lots[lot]
	switch {
	case a == nil:
		return ErrNoLot
	case units <= 0 || units > a.Available:
		return ErrTooFew
	}
	if err := checkReason(why); err != nil {
		return err
	}
	b.move(a, Entry{At: at, From: Available, To: WrittenOff, Units: units, Amount: a.part(units), Why: why})
	return nil
}

// Expire writes off the available units of every expired lot and returns their number.
func (b *Book) Expire(at time.Time) int64 {
	var lost int64
	for _, provider := range slices.Sorted(maps.Keys(b.order)) {
		for _, a := range b.order[provider] {
			if n := a.Available; n > 0 && a.Expired(at) {
				lost += n
				b.move(a, Entry{At: at, From: Available, To: WrittenOff, Units: n, Amount: a.part(n), Why: "expired"})
			}
		}
	}
	return lost
}

// move appends an entry and moves its units.
func (b *Book) move(a *account, e Entry) {
	b.seq++
	e.Seq, e.Lot, e.Provider = b.seq, a.ID, a.Provider
	a.add(e.From, -e.Units, -e.Amount.Micros)
	a.add(e.To, e.Units, e.Amount.Micros)
	b.entries = append(b.entries, e)
	if !a.touched {
		a.touched = true
		b.touched.lots = append(b.touched.lots, a)
	}
}
