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
	// ErrNoIntent means that an intent names no attempt or no provider.
	ErrNoIntent = errors.New("an intent needs an attempt and a provider")
)

// Exhausted returns the error of a hold at a provider whose lots are used up. Like a
// guard's rejection it means that nothing was sent and the next provider is tried.
func Exhausted() error { return &idv.Rejection{Reason: idv.SkipQuotaExhausted} }

// Book is the ledger in memory: the state machine of lots and holds. The zero value is
// empty. It is not safe for concurrent use.
type Book struct {
	seq     int64
	lots    map[string]*account
	order   map[string][]*account // by provider, the lots in order of use
	prepaid map[string]bool       // providers for which a package was ever added
	holds   map[string]*hold
	entries []Entry
	touched struct {
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
	Seq        int64 // of the last entry
	Lots       []Balance
	HasPackage []string // providers for which a package was ever added
	Holds      []Hold
}

// Open returns a Book that continues a stored ledger.
func Open(p Snapshot) *Book {
	b := &Book{seq: p.Seq}
	for _, l := range p.Lots {
		b.putLot(l)
	}
	for _, name := range p.HasPackage {
		b.markPrepaid(name)
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
	if !l.Open {
		b.markPrepaid(l.Provider)
		list := b.order[l.Provider]
		at, _ := slices.BinarySearchFunc(list, a, func(x, y *account) int { return Compare(x.Lot, y.Lot) })
		b.order[l.Provider] = slices.Insert(list, at, a)
	}
	return a
}

func (b *Book) markPrepaid(provider string) {
	if b.prepaid == nil {
		b.prepaid = map[string]bool{}
	}
	b.prepaid[provider] = true
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
	if b.lots[l.ID] != nil {
		return ErrDuplicate
	}
	a := b.putLot(Balance{Lot: l})
	a.Units = 0 // the entry adds them
	b.move(a, Entry{At: at, From: Bought, To: Available, Units: l.Units, Amount: l.Total, Why: l.Note})
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
	b.move(a, Entry{At: at, From: Available, To: WrittenOff, Units: units, Amount: times(a.Price(), units), Why: why})
	return nil
}

// Expire writes off the available units of every expired lot and returns their number.
func (b *Book) Expire(at time.Time) int64 {
	var lost int64
	for _, provider := range slices.Sorted(maps.Keys(b.order)) {
		for _, a := range b.order[provider] {
			if n := a.Available; n > 0 && a.Expired(at) {
				lost += n
				b.move(a, Entry{At: at, From: Available, To: WrittenOff, Units: n, Amount: times(a.Price(), n), Why: "expired"})
			}
		}
	}
	return lost
}

// move appends an entry and moves its units.
func (b *Book) move(a *account, e Entry) {
	b.seq++
	e.Seq, e.Lot, e.Provider = b.seq, a.ID, a.Provider
	from, sign := a.account(e.From)
	*from -= sign * e.Units
	to, sign := a.account(e.To)
	*to += sign * e.Units
	b.entries = append(b.entries, e)
	if !a.touched {
		a.touched = true
		b.touched.lots = append(b.touched.lots, a)
	}
}

func times(price idv.Money, units int64) idv.Money {
	return idv.Money{Micros: price.Micros * units, Currency: price.Currency}
}
