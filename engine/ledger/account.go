package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Account says where units of a lot are. Bought is the vendor's side: the units that
// came from there are the lot.
type Account uint8

// The accounts of a lot.
const (
	Bought     Account = iota // the vendor's side; its balance is minus the lot's units
	Available                 // free to be held
	Held                      // reserved by a running call
	Posted                    // charged
	Unknown                   // may have been charged
	WrittenOff                // lost: expired, or written off by an operator
)

func accountWords() [6]string {
	return [...]string{"bought", "available", "held", "posted", "unknown", "written_off"}
}

// String returns the account's name in JSON and exports.
func (a Account) String() string {
	if words := accountWords(); int(a) < len(words) {
		return words[a]
	}
	return "invalid"
}

// MarshalText returns the account's name.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText parses an account's name. An unlisted name is an error.
func (a *Account) UnmarshalText(b []byte) error {
	for i, w := range accountWords() {
		if w == string(b) {
			*a = Account(i)
			return nil
		}
	}
	return errors.New("unknown account in the ledger")
}

// Balance is a lot with the number of units in each account.
type Balance struct {
	Lot

	Left       int64 // the money of the available units, in millionths of Total's unit
	Available  int64
	Held       int64
	Posted     int64
	Unknown    int64
	WrittenOff int64
}

// Check returns an error if the accounts do not add up to the units bought, if an account is
// negative, or if money is left without units. Each means that the ledger is corrupt.
func (b *Balance) Check() error {
	if b.Left < 0 || b.Available == 0 && b.Left != 0 {
		return fmt.Errorf("lot %s: %v is left for %d units", b.ID, idv.Money{Micros: b.Left, Currency: b.Total.Currency}, b.Available)
	}
	if b.Available < 0 || b.Held < 0 || b.Posted < 0 || b.Unknown < 0 || b.WrittenOff < 0 {
		return fmt.Errorf("lot %s: an account is negative: %+v", b.ID, *b)
	}
	if sum := b.Available + b.Held + b.Posted + b.Unknown + b.WrittenOff; sum != b.Units {
		return fmt.Errorf("lot %s: %d units were bought, the accounts add up to %d", b.ID, b.Units, sum)
	}
	return nil
}

// add adds units and their money to an account; negative ones are taken from it. What leaves
// the vendor's side is bought, so it is part of the lot.
func (b *Balance) add(a Account, units, micros int64) {
	switch a {
	case Available:
		b.Available += units
		b.Left += micros
	case Held:
		b.Held += units
	case Posted:
		b.Posted += units
	case Unknown:
		b.Unknown += units
	case WrittenOff:
		b.WrittenOff += units
	case Bought:
		b.Units -= units
		b.Total.Micros -= micros
	}
}

// Entry is one movement of units of a lot from one account to another. Entries are
// never changed or deleted.
type Entry struct {
	Seq      int64     // without gaps in its row, in the order of writing
	At       time.Time // by the clock of the store; in a row it grows with Seq
	Lot      string
	Row      int // of the lot; WholeBook in entries of earlier versions
	Provider string
	Hold     string // the attempt; "" if no call caused the entry
	Tenant   idv.Tenant
	App      string
	Purpose  string
	From, To Account
	Units    int64
	Amount   idv.Money // of these units, at the lot's price per call
	Why      string    // the reason, from the engine or an operator
}

// WholeBook is the Row of entries that an earlier version wrote: it numbered them without gaps
// over all lots.
const WholeBook = -1

// Number returns the name of an entry for people: L1-3-000123 is entry 123 of row 3 of lot L1,
// 000123 the entry 123 that an earlier version wrote.
func (e *Entry) Number() string {
	if e.Row == WholeBook {
		return fmt.Sprintf("%06d", e.Seq)
	}
	return fmt.Sprintf("%s-%d-%06d", e.Lot, e.Row, e.Seq)
}

// CompareEntries orders entries by time, and those of one time by lot, row and number.
func CompareEntries(a, b Entry) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Lot, b.Lot), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Seq, b.Seq))
}
