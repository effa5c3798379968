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
	"cmp"
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
	rows     int       // of a new lot; 0 means 1
	partial  bool      // of a stored ledger
	last     time.Time // see EntriesAfter
	currency string
	lots     map[string][]*account // the rows of a lot, the first for settlements
	order    map[string][]*account // by provider, the rows of its lots in order of use
	packages map[string]int64      // by provider, those that were ever added and not canceled
	holds    map[string]*hold
	entries  []Entry
	touched  struct {
		lots  []*account
		holds []*hold
	}
}

// account is a row in a Book. Its Units and Total are those of the whole lot, which its price
// and its place in the order depend on, changed by what this row bought or returned.
type account struct {
	Row

	before  Balance // as it was put
	touched bool
}

type hold struct {
	Hold
	touched bool
}

// Snapshot is the part of a stored ledger that some operations need: the holds, a row of
// their lots, and rows of every lot of a provider that is open or has units available.
type Snapshot struct {
	Rows     int // into which a new lot is divided; 0 means 1
	Lots     []Row
	Packages map[string]int64 // by provider, the packages that were ever added and not canceled
	Currency string           // of the ledger, see CurrencyOf; "" before the first amount
	Holds    []Hold
}

// Open returns a Book that continues a stored ledger.
func Open(p Snapshot) *Book {
	b := &Book{rows: p.Rows, partial: true, currency: p.Currency, packages: maps.Clone(p.Packages)}
	for _, r := range p.Lots {
		b.PutRow(r)
	}
	for _, h := range p.Holds {
		b.putHold(h)
	}
	return b
}

// EntriesAfter makes new entries later than a time, such as that of the newest entry, so that
// a list by time grows at its end only, also if the clock falls back.
func (b *Book) EntriesAfter(t time.Time) { b.last = t }

// PutRow adds a row of a stored lot.
func (b *Book) PutRow(r Row) { b.put(r) }

func (b *Book) put(r Row) *account {
	if b.lots == nil {
		b.lots, b.order = map[string][]*account{}, map[string][]*account{}
	}
	a := &account{Row: r, before: r.Balance}
	b.lots[r.ID] = append(b.lots[r.ID], a)
	if !r.Open && r.Canceled.IsZero() {
		list := b.order[r.Provider]
		at, _ := slices.BinarySearchFunc(list, a, byRow)
		b.order[r.Provider] = slices.Insert(list, at, a)
	}
	return a
}

// byRow orders the rows of a provider's lots by their use. It compares what was bought, which
// no operation changes.
func byRow(x, y *account) int {
	return cmp.Or(Compare(x.before.Lot, y.before.Lot), cmp.Compare(x.N, y.N))
}

// one returns a row of a lot, nil if the Book has none.
func (b *Book) one(lot string) *account {
	if rows := b.lots[lot]; len(rows) > 0 {
		return rows[0]
	}
	return nil
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
	if old := b.one(l.ID); old != nil {
		return &LotError{ErrDuplicate, old.Lot}
	}
	if err := b.keepCurrency(l.Total); err != nil {
		return err
	}
	l.Booked = at
	b.countPackage(l.Provider, 1)
	rows := b.divide(Balance{Lot: l})
	a := rows[0]
	a.Units, a.Total.Micros = 0, 0 // the entry adds them
	b.move(a, Entry{At: at, From: Bought, To: Available, Units: l.Units, Amount: l.Total, Why: l.Note})
	spread(rows, len(rows))
	return nil
}

// CancelLot takes back a lot that was booked by mistake, for the reason why. Its available
// units go back to the vendor's side, and so does each unit that returns to it later. What
// was used of it stays booked at its price. The provider's calls are then booked as if the
// lot had never been added.
func (b *Book) CancelLot(lot, why string, at time.Time) error {
	a := b.one(lot)
	switch {
	case a == nil || a.Open:
		return ErrNoLot
	case !a.Canceled.IsZero():
		return &LotError{ErrCanceled, a.Lot}
	case b.available(lot) == 0:
		return ErrTooFew
	}
	if err := checkReason(why); err != nil {
		return err
	}
	b.countPackage(a.Provider, -1)
	b.order[a.Provider] = slices.DeleteFunc(b.order[a.Provider], func(one *account) bool { return one.ID == lot })
	for _, row := range b.lots[lot] {
		row.Canceled = at
		b.touchRow(row)
		if row.Available > 0 {
			b.move(row, Entry{At: at, From: Available, To: Bought, Units: row.Available, Amount: row.amount(row.Left), Why: why})
		}
	}
	if !b.partial {
		b.currency = CurrencyOf(b.Lots(""))
	}
	return nil
}

// WriteOff removes available units of a lot for the reason why.
func (b *Book) WriteOff(lot string, units int64, why string, at time.Time) error {
	switch {
	case b.one(lot) == nil:
		return ErrNoLot
	case units <= 0 || units > b.available(lot):
		return ErrTooFew
	}
	if err := checkReason(why); err != nil {
		return err
	}
	for _, a := range b.lots[lot] {
		n := min(units, a.Available)
		units -= n
		b.writeOff(a, n, why, at)
	}
	return nil
}

// Expire writes off the available units of every expired lot and returns their number.
func (b *Book) Expire(at time.Time) int64 {
	var lost int64
	for _, provider := range slices.Sorted(maps.Keys(b.order)) {
		for _, a := range b.order[provider] {
			if a.Expired(at) {
				lost += a.Available
				b.writeOff(a, a.Available, "expired", at)
			}
		}
	}
	return lost
}

func (b *Book) writeOff(a *account, units int64, why string, at time.Time) {
	if units > 0 {
		b.move(a, Entry{At: at, From: Available, To: WrittenOff, Units: units, Amount: a.part(units), Why: why})
	}
}

// available returns the available units of the rows of a lot.
func (b *Book) available(lot string) (units int64) {
	for _, a := range b.lots[lot] {
		units += a.Available
	}
	return units
}

// move appends an entry and moves its units. In a row the times of entries grow with their
// numbers, also if the clock falls back.
func (b *Book) move(a *account, e Entry) {
	a.Seq++
	for _, last := range []time.Time{a.Last, b.last} {
		if !e.At.After(last) {
			e.At = last.Add(time.Microsecond)
		}
	}
	a.Last = e.At
	e.Seq, e.Row, e.Lot, e.Provider = a.Seq, a.N, a.ID, a.Provider
	a.add(e.From, -e.Units, -e.Amount.Micros)
	a.add(e.To, e.Units, e.Amount.Micros)
	b.entries = append(b.entries, e)
	b.touchRow(a)
}

func (b *Book) touchRow(a *account) {
	if !a.touched {
		a.touched = true
		b.touched.lots = append(b.touched.lots, a)
	}
}
