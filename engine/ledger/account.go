package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Account is where the units of a lot are. Bought is the outside: what came from
// there is the lot.
type Account uint8

// The accounts of a lot.
const (
	Bought     Account = iota // the vendor's side: its units are the lot's, with the sign turned
	Available                 // can be held
	Held                      // a call is being made
	Posted                    // charged
	Unknown                   // may have been charged
	WrittenOff                // lost: expired, or given up by a person
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

// UnmarshalText takes an account's name and refuses an unlisted one.
func (a *Account) UnmarshalText(b []byte) error {
	for i, w := range accountWords() {
		if w == string(b) {
			*a = Account(i)
			return nil
		}
	}
	return errors.New("unknown account")
}

// Balance is a lot and where its units are.
type Balance struct {
	Lot

	Available  int64
	Held       int64
	Posted     int64
	Unknown    int64
	WrittenOff int64
}

// Check returns an error if the units do not add up to what was bought, or any
// account is below nothing. A book where that happens must not be believed.
func (b *Balance) Check() error {
	if b.Available < 0 || b.Held < 0 || b.Posted < 0 || b.Unknown < 0 || b.WrittenOff < 0 {
		return fmt.Errorf("lot %s: an account is below nothing: %+v", b.ID, *b)
	}
	if sum := b.Available + b.Held + b.Posted + b.Unknown + b.WrittenOff; sum != b.Units {
		return fmt.Errorf("lot %s: bought %d, accounts hold %d", b.ID, b.Units, sum)
	}
	return nil
}

// account returns the counter of an account and the sign with which it counts.
func (b *Balance) account(a Account) (*int64, int64) {
	switch a {
	case Available:
		return &b.Available, 1
	case Held:
		return &b.Held, 1
	case Posted:
		return &b.Posted, 1
	case Unknown:
		return &b.Unknown, 1
	case WrittenOff:
		return &b.WrittenOff, 1
	}
	return &b.Units, -1
}

// Entry is a line of the book: units of a lot moved from one account to another.
// Lines are never changed and never deleted.
type Entry struct {
	Seq      int64 // gapless, in the order in which the lines were written
	At       time.Time
	Lot      string
	Provider string
	Hold     string // the attempt, "" if none
	Tenant   idv.Tenant
	App      string
	Purpose  string
	From, To Account
	Units    int64
	Amount   idv.Money // of these units, at the lot's price per call
	Why      string    // a word of the engine, or a person's
}
