package api

import (
	"cmp"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// NewLot is the body that books a prepaid package.
type NewLot struct {
	ID       string    `json:"id" minLength:"1" maxLength:"100" doc:"The vendor's order number, or an id of your own"`
	Provider string    `json:"provider" minLength:"1" maxLength:"40" doc:"The provider's configured name"`
	Units    int64     `json:"units" minimum:"1" maximum:"1000000000" doc:"Calls bought"`
	Amount   string    `json:"amount" maxLength:"20" doc:"Price of the package, a decimal in a string"`
	Currency string    `json:"currency,omitempty" maxLength:"3" doc:"ISO 4217; default CNY. A ledger has one currency"`
	Bought   time.Time `json:"bought,omitzero" doc:"Default now"`
	Expires  time.Time `json:"expires,omitzero" doc:"Default never"`
	Note     string    `json:"note,omitempty" maxLength:"200" doc:"Free text without personal data"`
}

// Lot returns the package for the ledger, in canonical form. The error is a *FieldError.
func (n *NewLot) Lot(now time.Time) (ledger.Lot, error) {
	micros, err := idv.ParseAmount(n.Amount)
	if err != nil {
		return ledger.Lot{}, &FieldError{"amount", err.Error()}
	}
	currency, err := ledger.ParseCurrency(cmp.Or(n.Currency, idv.CNY))
	if err != nil {
		return ledger.Lot{}, &FieldError{"currency", err.Error()}
	}
	l, err := store.CanonicalLot(ledger.Lot{
		ID: n.ID, Provider: n.Provider, Units: n.Units, Note: n.Note,
		Total:  idv.Money{Micros: micros, Currency: currency},
		Bought: n.Bought, Expires: n.Expires,
	})
	var text *idv.TextError
	if errors.As(err, &text) {
		return l, &FieldError{text.Field, text.Fault.Help()}
	}
	if l.Bought.IsZero() {
		l.Bought = now.UTC()
	}
	return l, err
}

// Lot is a prepaid package: units = available + held + posted + unknown + written_off.
type Lot struct {
	ID         string    `json:"id"`
	Provider   string    `json:"provider"`
	Open       bool      `json:"open,omitzero" doc:"No package is booked for the provider; calls are counted at list price"`
	Bought     time.Time `json:"bought" doc:"The time of purchase"`
	Booked     time.Time `json:"booked,omitzero" doc:"When it was added to the ledger"`
	Canceled   time.Time `json:"canceled,omitzero" doc:"When it was canceled; what was used of it stays booked"`
	Expires    time.Time `json:"expires,omitzero"`
	Note       string    `json:"note,omitempty"`
	Price      Cost      `json:"price" doc:"Price of one call, rounded up; the calls of the package cost together what was paid"`
	Total      Cost      `json:"total" doc:"Price of the package"`
	Units      int64     `json:"units" doc:"Calls bought"`
	Available  int64     `json:"available" doc:"Calls left"`
	Held       int64     `json:"held" doc:"Reserved for calls in flight"`
	Posted     int64     `json:"posted" doc:"Charged by the vendor"`
	Unknown    int64     `json:"unknown" doc:"Possibly charged; reconciliation decides"`
	WrittenOff int64     `json:"written_off" doc:"Expired or written off"`
}

// LotOf returns the view of a package.
func LotOf(l *ledger.Balance) Lot {
	return Lot{
		ID: l.ID, Provider: l.Provider, Open: l.Open, Bought: l.Bought, Booked: l.Booked, Canceled: l.Canceled, Expires: l.Expires, Note: l.Note,
		Price: CostOf(l.Price()), Total: CostOf(l.Total), Units: l.Units,
		Available: l.Available, Held: l.Held, Posted: l.Posted, Unknown: l.Unknown, WrittenOff: l.WrittenOff,
	}
}

// Entry is a line of the ledger.
type Entry struct {
	Number   string    `json:"number" doc:"Its name for people: package, row and sequence number"`
	Seq      int64     `json:"seq" doc:"Sequence number without gaps in its row, in the order of writing"`
	At       time.Time `json:"at" doc:"When it was written"`
	Lot      string    `json:"lot"`
	Row      int       `json:"row" doc:"The part of the package that was written; -1 in entries of earlier versions, which are numbered over all packages"`
	Provider string    `json:"provider"`
	Attempt  string    `json:"attempt,omitempty" doc:"The call that the entry belongs to"`
	App      string    `json:"app,omitempty"`
	Purpose  string    `json:"purpose,omitempty"`
	From     string    `json:"from" doc:"The state that the units leave"`
	To       string    `json:"to" doc:"The state that the units enter"`
	Units    int64     `json:"units"`
	Amount   Cost      `json:"amount"`
	Reason   string    `json:"reason,omitempty"`
}

// EntryOf returns the view of a ledger entry.
func EntryOf(e *ledger.Entry) Entry {
	return Entry{
		Number: e.Number(), Seq: e.Seq, At: e.At, Lot: e.Lot, Row: e.Row, Provider: e.Provider, Attempt: e.Hold, App: e.App, Purpose: e.Purpose,
		From: e.From.String(), To: e.To.String(), Units: e.Units, Amount: CostOf(e.Amount), Reason: e.Why,
	}
}

// ProviderBalance sums up the packages of one provider that have not expired, and the calls
// that were made without a package. Packages in two currencies, which only an earlier version
// booked, have a balance each.
type ProviderBalance struct {
	Provider  string `json:"provider"`
	Lots      int    `json:"lots" doc:"Packages that have neither expired nor been canceled"`
	Units     int64  `json:"units" doc:"Calls bought"`
	Available int64  `json:"available" doc:"Calls left"`
	Held      int64  `json:"held" doc:"Reserved for calls in flight"`
	Posted    int64  `json:"posted" doc:"Charged by the vendor"`
	Unknown   int64  `json:"unknown" doc:"Possibly charged; reconciliation decides"`
	Left      Cost   `json:"left" doc:"Value of the calls left"`
	Unbooked  int64  `json:"unbooked,omitzero" doc:"Calls without a package that were or may have been charged; they count at list price"`
	Cost      Cost   `json:"unbooked_cost,omitzero" doc:"List price of the calls without a package"`
}

// BalancesOf sums up packages and calls without a package by provider and currency, in the
// order of the list.
func BalancesOf(lots []ledger.Balance, now time.Time) []ProviderBalance {
	out := []ProviderBalance{}
	type key struct{ provider, currency string }
	index, left := map[key]int{}, []int64(nil)
	own := ledger.CurrencyOf(lots) // also of calls without a price
	for i := range lots {
		l := &lots[i]
		if l.Units == 0 || l.Expired(now) || !l.Canceled.IsZero() {
			continue
		}
		k := key{l.Provider, cmp.Or(l.Total.Currency, own)}
		n, ok := index[k]
		if !ok {
			n = len(out)
			index[k], out, left = n, append(out, ProviderBalance{Provider: l.Provider}), append(left, 0)
		}
		b := &out[n]
		if l.Open {
			b.Unbooked, b.Cost = l.Units, CostOf(l.Total)
		} else {
			b.add(l)
		}
		left[n] += l.Left
		b.Left = CostOf(idv.Money{Micros: left[n], Currency: k.currency})
	}
	return out
}

// add adds a package.
func (b *ProviderBalance) add(l *ledger.Balance) {
	b.Lots++
	b.Units, b.Available, b.Held = b.Units+l.Units, b.Available+l.Available, b.Held+l.Held
	b.Posted, b.Unknown = b.Posted+l.Posted, b.Unknown+l.Unknown
}
