package ledger

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The errors that callers act on, with errors.Is. After any of them the book is
// as it was.
var (
	// ErrDuplicate says that this attempt or lot stands in the book already.
	ErrDuplicate = errors.New("this stands in the book already")
	// ErrNoHold says that no unit was held for this attempt.
	ErrNoHold = errors.New("there is no hold of this attempt")
	// ErrSettled says that the hold has gone this way before: each transition is made
	// at most once.
	ErrSettled = errors.New("this hold was settled before")
	// ErrRunning says that the call of this hold is still being made.
	ErrRunning = errors.New("the call of this hold is still being made")
	// ErrNoLot says that there is no lot of this id.
	ErrNoLot = errors.New("there is no such lot")
	// ErrTooFew says that the lot has fewer units available.
	ErrTooFew = errors.New("the lot has fewer units available")
	// ErrNotKnown says that a hold is to be settled without a word on its charge.
	ErrNotKnown = errors.New("say whether it was charged or not")
	// ErrNoIntent says that an intent names no attempt or no provider.
	ErrNoIntent = errors.New("an intent needs an attempt and a provider")
)

// Exhausted returns the error of a hold at a provider whose lots are used up. It
// turns the call away as a guard does: nothing was sent, others may be asked.
func Exhausted() error { return idv.Turned(idv.QuotaExhausted, idv.SkipQuotaExhausted, 0) }

// Book is the state machine of lots and holds. Its zero value is an empty book.
// It is not safe for concurrent use.
type Book struct {
	seq     int64
	lots    map[string]*account
	order   map[string][]*account // the lots of a provider in their order of use
	metered map[string]bool       // providers for which a package was ever booked
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

// Snapshot is the part of a stored book that some operations need: every lot of a
// provider that has units available or open, each lot of the holds, the holds.
type Snapshot struct {
	Seq        int64 // of the last entry
	Lots       []Balance
	HasPackage []string // providers for which a package was ever booked
	Holds      []Hold
}

// Open returns a book of a stored part.
func Open(p Snapshot) *Book {
	b := &Book{seq: p.Seq}
	for _, l := range p.Lots {
		b.place(l)
	}
	for _, name := range p.HasPackage {
		b.meter(name)
	}
	for _, h := range p.Holds {
		b.keep(h)
	}
	return b
}

func (b *Book) place(l Balance) *account {
	if b.lots == nil {
		b.lots, b.order = map[string]*account{}, map[string][]*account{}
	}
	a := &account{Balance: l}
	b.lots[l.ID] = a
	if !l.Open {
		b.meter(l.Provider)
		list := b.order[l.Provider]
		at, _ := slices.BinarySearchFunc(list, a, func(x, y *account) int { return Compare(x.Lot, y.Lot) })
		b.order[l.Provider] = slices.Insert(list, at, a)
	}
	return a
}

func (b *Book) meter(provider string) {
	if b.metered == nil {
		b.metered = map[string]bool{}
	}
	b.metered[provider] = true
}

func (b *Book) keep(h Hold) *hold {
	if b.holds == nil {
		b.holds = map[string]*hold{}
	}
	kept := &hold{Hold: h}
	b.holds[h.Intent.Attempt] = kept
	return kept
}

// AddLot books a package.
func (b *Book) AddLot(l Lot, at time.Time) error {
	if err := l.Validate(); err != nil {
		return err
	}
	if b.lots[l.ID] != nil {
		return ErrDuplicate
	}
	a := b.place(Balance{Lot: l})
	a.Units = 0 // the line brings them
	b.move(a, Entry{At: at, From: Bought, To: Available, Units: l.Units, Amount: l.Total, Why: l.Note})
	return nil
}

// WriteOff gives up units of a lot that are available.
func (b *Book) WriteOff(lot string, units int64, why string, at time.Time) error {
	a := b.lots[lot]
	switch {
	case a == nil:
		return ErrNoLot
	case units <= 0 || units > a.Available:
		return ErrTooFew
	}
	b.move(a, Entry{At: at, From: Available, To: WrittenOff, Units: units, Amount: times(a.Price(), units), Why: why})
	return nil
}

// Expire writes off what is left of every expired lot and returns the units.
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

// move writes a line and moves its units.
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
