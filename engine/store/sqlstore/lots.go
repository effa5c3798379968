package sqlstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
)

// rowID identifies a row of a lot.
type rowID struct {
	lot string
	n   int
}

// lotNeeds are the lots that a batch reads, and of which it needs rows.
type lotNeeds struct {
	providers map[string]bool // a row of each lot that can be drawn on
	attempts  map[string]bool // any row of the lot of the hold
	lots      map[string]bool // any row
	whole     map[string]bool // all rows
	expiring  map[string]bool // all rows of the provider's lots
	adds      bool            // a lot is added
}

func (n *lotNeeds) empty() bool {
	return len(n.providers)+len(n.attempts)+len(n.lots)+len(n.whole)+len(n.expiring) == 0
}

// lotStatements returns the statements that read rows and then lots. The lots come second:
// what changes a lot, such as its cancellation, waits for the rows.
func (u *unit) lotStatements(tx transaction, n *needs) []statement {
	if n.empty() {
		return nil
	}
	list := tx.rows(&n.lotNeeds, func(r row) error {
		l, err := scanRow(r)
		u.rows[rowID{l.ID, l.N}] = l
		return err
	})
	lot := func(r row) error {
		l, err := scanLot(r)
		u.lots[l.ID] = l
		return err
	}
	for _, part := range []struct {
		sql  string
		sets []map[string]bool
	}{
		{selectLotsOf, []map[string]bool{n.providers, n.expiring}},
		{selectLot, []map[string]bool{n.lots, n.whole}},
		{selectLotOfHold, []map[string]bool{n.attempts}},
	} {
		for _, set := range part.sets {
			for id := range set {
				list = append(list, statement{part.sql, []any{id}, lot})
			}
		}
	}
	if tx.divides() { // on a server a statement more is cheaper than a round trip
		list = append(list, u.readCurrency())
	}
	return append(list, statement{sql: selectLastEntry, each: func(r row) error {
		var last int64
		err := r.Scan(&last)
		u.last = timeOf(last)
		return err
	}})
}

func (u *unit) readCurrency() statement {
	return statement{sql: selectCurrency, each: func(r row) error { return r.Scan(&u.part.Currency) }}
}

// needsCurrency reports whether the batch may have an amount whose currency is compared with
// that of the ledger: of a new package, or of a call that no package pays for, be it because
// the batch cancels the last one.
func (u *unit) needsCurrency(n *lotNeeds) bool {
	return n.adds || len(n.whole) > 0 || slices.ContainsFunc(slices.Collect(maps.Keys(n.providers)), func(p string) bool { return !u.hasPackage(p) })
}

// openBook makes the book of what was read.
func (u *unit) openBook(rows int) {
	u.part.Rows, u.part.Packages = rows, map[string]int64{}
	for _, l := range u.lots {
		if !l.Open && l.Canceled.IsZero() {
			u.part.Packages[l.Provider]++
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(u.rows), func(a, b rowID) int { return cmp.Or(cmp.Compare(a.lot, b.lot), cmp.Compare(a.n, b.n)) }) {
		r := u.rows[id]
		r.Lot = u.lots[id.lot]
		u.rows[id] = r
		u.part.Lots = append(u.part.Lots, r)
	}
	u.book = ledger.Open(u.part)
	if clock := u.latest.Add(-time.Microsecond); u.last.Before(clock) { // no entry is earlier than the clock that all nodes share
		u.last = clock
	}
	u.book.EntriesAfter(u.last)
}

// enough reads more rows of the lots that the calls of the batch draw on, as long as the rows
// that were read have too few units and others are free. So a lot is used up before the next
// one, except for what other nodes have in their hands.
func (u *unit) enough(ctx context.Context, tx transaction, calls map[string]int64) error {
	for _, provider := range slices.Sorted(maps.Keys(calls)) {
		need := calls[provider]
		for _, l := range u.usable(provider) {
			for {
				got, best, have := u.units(l.ID)
				if got >= need || best == 0 {
					need -= got
					break
				}
				more := tx.moreRows(l.ID, have, (need-got+best-1)/best, func(r row) error {
					l, err := scanRow(r)
					u.rows[rowID{l.ID, l.N}] = l
					return err
				})
				if err := tx.run(ctx, more); err != nil {
					return err
				}
				if _, _, now := u.units(l.ID); len(now) == len(have) {
					need -= got
					break
				}
			}
			if need <= 0 {
				break
			}
		}
	}
	return nil
}

// usable returns the packages of a provider that have not expired, in order of use.
func (u *unit) usable(provider string) (list []ledger.Lot) {
	for _, l := range u.lots {
		if l.Provider == provider && !l.Open && l.Canceled.IsZero() && !l.Expired(u.now) {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, ledger.Compare)
	return list
}

// units returns what is available in the rows of a lot that were read, in the best of them, and
// their numbers.
func (u *unit) units(lot string) (sum, best int64, rows []int64) {
	for id, r := range u.rows {
		if id.lot == lot {
			sum, best, rows = sum+r.Available, max(best, r.Available), append(rows, int64(id.n))
		}
	}
	return sum, best, rows
}

// lacksRow reports whether another node has all rows of a lot that an operation needs.
func (u *unit) lacksRow(n *needs) bool {
	has := map[string]bool{}
	for id := range u.rows {
		has[id.lot] = true
	}
	lacks := func(lot string) bool {
		_, known := u.lots[lot]
		return known && !has[lot]
	}
	for id := range n.lots {
		if lacks(id) {
			return true
		}
	}
	for id := range n.attempts {
		if lacks(u.lotOf[id]) {
			return true
		}
	}
	for id, l := range u.lots { // a call without a package
		if l.Open && n.providers[l.Provider] && !u.hasPackage(l.Provider) && lacks(id) {
			return true
		}
	}
	return false
}

func (u *unit) hasPackage(provider string) bool {
	for _, l := range u.lots {
		if l.Provider == provider && !l.Open && l.Canceled.IsZero() {
			return true
		}
	}
	return false
}

// elsewhere returns the providers of which a usable lot has units in rows that this
// transaction does not have, at one instant.
func (u *unit) elsewhere(ctx context.Context, tx transaction, providers map[string]bool) (found map[string]bool, err error) {
	found = map[string]bool{}
	err = tx.run(ctx, tx.unitsElsewhere(slices.Sorted(maps.Keys(providers)), micros(u.now), slices.Collect(maps.Keys(u.rows)), func(r row) error {
		provider, err := scanText(r)
		found[provider] = true
		return err
	}))
	return found, err
}

func (u *unit) saveLedger() []statement {
	var c ledger.Changes
	u.book.Changes(&c)
	slices.SortFunc(c.Lots, func(a, b ledger.Row) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.N, b.N)) })
	list := make([]statement, 0, len(c.Lots)+len(c.Holds)+len(c.Entries))
	for i := range c.Lots {
		r := &c.Lots[i]
		list = append(list, u.saveRow(r)...)
	}
	for i := range c.Holds {
		h := &c.Holds[i]
		if u.holds[h.Intent.Attempt] {
			list = append(list, updateHold(h))
		} else {
			list = append(list, insertHold(h))
		}
	}
	for i := range c.Entries {
		list = append(list, insertEntry(&c.Entries[i]))
	}
	return list
}

// saveRow saves a row and, if it is new or changed, its lot.
func (u *unit) saveRow(r *ledger.Row) (list []statement) {
	lot, known := u.lots[r.ID]
	switch {
	case !known && r.N == 0:
		list = append(list, insertLot(u.bought(r)))
	case known && (lot.Total.Currency != r.Total.Currency || !lot.Canceled.Equal(r.Canceled)):
		list = append(list, statement{sql: updateLotSQL, args: []any{r.ID, r.Total.Currency, micros(r.Canceled)}})
		lot.Total.Currency, lot.Canceled = r.Total.Currency, r.Canceled
		u.lots[r.ID] = lot
	}
	if before, ok := u.rows[rowID{r.ID, r.N}]; ok {
		return append(list, updateRow(r, &before))
	}
	return append(list, insertRow(r))
}

// bought returns a new lot as lots has it: an open one begins with nothing.
func (u *unit) bought(r *ledger.Row) *ledger.Lot {
	l := r.Lot
	if l.Open {
		l.Units, l.Total.Micros = 0, 0
	}
	return &l
}
