package ledger

import (
	"cmp"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Hold reserves one unit for a call, from the next lot in order of use. The store's time at
// decides which lots have expired, and is that of the entry. Hold returns [Exhausted] if the
// provider's lots are used up or expired. A provider for which no package was ever added, or only
// ones that were canceled, draws on its open lot, in the currency of the ledger.
func (b *Book) Hold(i idv.Intent, at time.Time) (idv.Reservation, error) {
	switch {
	case i.Attempt == "" || i.Provider == "":
		return idv.Reservation{}, ErrNoIntent
	case b.holds[i.Attempt] != nil:
		return idv.Reservation{}, ErrDuplicate
	}
	if err := checkIntent(&i); err != nil {
		return idv.Reservation{}, err
	}
	a := b.next(i.Provider, at)
	if a == nil {
		if b.packages[i.Provider] > 0 {
			return idv.Reservation{}, Exhausted()
		}
		if err := b.keepCurrency(i.Price); err != nil {
			return idv.Reservation{}, err
		}
		a = b.openLot(i.Provider, i.At)
	}
	if a.Open && a.Total.Currency != "" && i.Price.Currency != "" && i.Price.Currency != a.Total.Currency {
		return idv.Reservation{}, &CurrencyError{Ledger: a.Total.Currency, Given: i.Price.Currency}
	}
	if a.Open {
		a.Total.Currency = cmp.Or(a.Total.Currency, i.Price.Currency)
	} else {
		i.Price = a.part(1)
	}
	h := b.putHold(Hold{Intent: i, Lot: a.ID, Open: a.Open, State: StateVoided})
	b.shift(a, h, StateHeld, at, "call")
	return idv.Reservation{Lot: a.ID, Price: i.Price}, nil
}

// next returns the lot that the next call draws on, or nil.
func (b *Book) next(provider string, at time.Time) *account {
	for _, a := range b.order[provider] {
		if a.Available > 0 && !a.Expired(at) {
			return a
		}
	}
	return nil
}

func (b *Book) openLot(provider string, at time.Time) *account {
	if a := b.one(openPrefix + provider); a != nil {
		return a
	}
	return b.divide(Balance{Lot: OpenLot(provider, at)})[0]
}

// shift moves a hold to another state and appends the entry, on whatever row the Book has. The
// entries of a hold have the order in which it changed.
func (b *Book) shift(a *account, h *hold, to State, at time.Time, why string) {
	i := &h.Intent
	if !at.After(h.Changed) {
		at = h.Changed.Add(time.Microsecond)
	}
	b.move(a, Entry{
		At: at, Hold: i.Attempt, Tenant: i.Tenant, App: i.App, Purpose: i.Purpose,
		From: a.of(h, h.State), To: a.of(h, to), Units: 1, Amount: i.Price, Why: why,
	})
	h.State, h.Changed, h.Why = to, a.Last, why
	b.touch(h)
}

// of returns the account of a hold's unit in a state. A unit that returns to a canceled lot
// goes on to the vendor's side.
func (a *account) of(h *hold, s State) Account {
	if account := h.account(s); account != Available || a.Canceled.IsZero() {
		return account
	}
	return Bought
}

func (b *Book) touch(h *hold) {
	if !h.touched {
		h.touched = true
		b.touched.holds = append(b.touched.holds, h)
	}
}

// Settle records the outcome of a call, once. A late outcome also settles a hold that
// was marked unknown meanwhile.
func (b *Book) Settle(a idv.Attempt, at time.Time) error {
	h := b.holds[a.ID]
	switch {
	case h == nil || h.Intent.Provider != a.Provider:
		return ErrNoHold
	case h.OutcomeRecorded || h.State.Final():
		return ErrSettled
	case b.one(h.Lot) == nil:
		return ErrNoLot // the attempt names a different lot than its hold
	}
	if to := stateOf(a.Charge); to != h.State {
		b.shift(b.one(h.Lot), h, to, at, outcomeName(a))
	}
	h.OutcomeRecorded, h.Outcome = true, a.Clean()
	b.touch(h)
	return nil
}

// ResolvedBefore reports whether an operator or reconciliation resolved a hold whose outcome
// had not arrived. The outcome that arrives then changes no charge, but it may hold the
// answer that was paid for.
func (b *Book) ResolvedBefore(attempt string) bool {
	h := b.holds[attempt]
	return h != nil && h.State.Final() && !h.OutcomeRecorded
}

// MarkUnknown ends the wait for an outcome: the held unit becomes unknown.
func (b *Book) MarkUnknown(attempt string, at time.Time) error {
	h := b.holds[attempt]
	switch {
	case h == nil:
		return ErrNoHold
	case h.State != StateHeld:
		return ErrSettled
	}
	b.shift(b.one(h.Lot), h, StateUnknown, at, "no outcome")
	return nil
}

// Resolve settles an unknown hold with what reconciliation or an operator found, for
// the reason why.
func (b *Book) Resolve(attempt string, charge idv.Charge, why string, at time.Time) error {
	h := b.holds[attempt]
	switch {
	case h == nil:
		return ErrNoHold
	case h.State == StateHeld:
		return ErrRunning
	case h.State.Final():
		return ErrSettled
	case charge != idv.Charged && charge != idv.NotCharged:
		return ErrNotKnown
	}
	if err := checkReason(why); err != nil {
		return err
	}
	b.shift(b.one(h.Lot), h, stateOf(charge), at, why)
	return nil
}

// Forget drops a hold whose call has ended, for stores of bounded size. The balance of
// its lot is unchanged.
func (b *Book) Forget(attempt string) {
	if h := b.holds[attempt]; h != nil && h.State != StateHeld {
		delete(b.holds, attempt)
	}
}
