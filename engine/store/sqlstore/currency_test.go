package sqlstore

import (
	"errors"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

// TestMixOfEarlierVersion reads a database in which an earlier version booked two
// currencies: everything is readable and nothing is added up, new amounts are in the currency
// of most lots, and the rest can be canceled.
func TestMixOfEarlierVersion(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	tx, err := s.backend.begin(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	var rows []statement
	for id, currency := range map[string]string{"l1": "CNY", "l2": "CNY", "l3": "XXX", "l4": "¥¥¥"} {
		l := ledger.Balance{Lot: lotOf(id, 3), Left: 3001, Available: 3}
		l.Total.Currency = currency
		rows = append(rows, insertWhole(&l, 0)...)
	}
	if err := errors.Join(tx.run(t.Context(), rows), tx.commit(t.Context(), nil)); err != nil {
		t.Fatal(err)
	}
	for n := range 12 {
		if _, err := storemodel.Hold(t.Context(), s, "v1", n+1, idv.Charged); err != nil {
			t.Fatal(err)
		}
	}
	uses, err := s.Usage(t.Context(), ledger.Filter{})
	var sums []string
	for _, u := range uses {
		sums = append(sums, u.Amount.String())
	}
	if want := []string{"0.006002 CNY", "0.003001 XXX", "0.003001 ¥¥¥"}; err != nil || len(sums) != 3 || sums[0] != want[0] || sums[1] != want[1] || sums[2] != want[2] {
		t.Errorf("usage %v, %v; want %v", sums, err, want)
	}
	yuan, dollars := lotOf("l5", 1), lotOf("l6", 1)
	dollars.Total.Currency = "USD"
	var refused *ledger.CurrencyError
	if err := s.AddLot(t.Context(), dollars); !errors.As(err, &refused) || refused.Ledger != "CNY" {
		t.Errorf("a third currency: %v", err)
	}
	if err := s.AddLot(t.Context(), yuan); err != nil {
		t.Errorf("the currency of most lots: %v", err)
	}
}

// TestCancelLotOfEarlierVersion: a lot in the wrong currency and with an id that is not
// canonical can be taken back.
func TestCancelLotOfEarlierVersion(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	tx, err := s.backend.begin(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	l := ledger.Balance{Lot: lotOf("l1\t", 3), Left: 3001, Available: 3}
	l.Total.Currency = "XXX"
	if err := errors.Join(tx.run(t.Context(), insertWhole(&l, 0)), tx.commit(t.Context(), nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.CancelLot(t.Context(), "l1\t", "no currency"); err != nil {
		t.Fatal(err)
	}
	if err := s.AddLot(t.Context(), lotOf("l1", 3)); err != nil {
		t.Errorf("the right lot: %v", err)
	}
	lots, err := s.Lots(t.Context(), "")
	if err != nil || ledger.CurrencyOf(lots) != "CNY" {
		t.Errorf("the ledger is kept in %q, %v", ledger.CurrencyOf(lots), err)
	}
}

// insertWhole inserts a lot of one row.
func insertWhole(b *ledger.Balance, seq int64) []statement {
	l := b.Lot
	if l.Open {
		l.Units, l.Total.Micros = 0, 0
	}
	return []statement{insertLot(&l), insertRow(&ledger.Row{Balance: *b, Seq: seq})}
}

// TestOldProcessFailsClosed lets a process of the version before rows draw on a lot: its
// statement is refused, so it cannot spend a unit of which the rows know nothing.
func TestOldProcessFailsClosed(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	if err := s.AddLot(t.Context(), lotOf("l1", 15)); err != nil {
		t.Fatal(err)
	}
	for name, sql := range oldStatements() {
		tx, err := s.backend.begin(t.Context(), calls)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.run(t.Context(), []statement{{sql: sql}}); err == nil {
			t.Errorf("the old process can still %s", name)
		}
		tx.rollback()
	}
	auditLots(t, s)
}

// oldStatements are how the version before rows took a unit and wrote an entry.
func oldStatements() map[string]string {
	return map[string]string{
		"read lots":  "SELECT available FROM lots WHERE id = 'l1'",
		"draw on":    "UPDATE lots SET available = available - 1, held = held + 1 WHERE id = 'l1'",
		"add a line": "INSERT INTO entries (seq, at, lot, hold, from_account, to_account, units, amount_micros, currency, reason) VALUES (9, 1, 'l1', '', 'bought', 'available', 1, 0, '', '')",
	}
}
