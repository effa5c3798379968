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
	tx, err := s.backend.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rows []statement
	for id, currency := range map[string]string{"l1": "CNY", "l2": "CNY", "l3": "XXX", "l4": "¥¥¥"} {
		l := ledger.Balance{Lot: lotOf(id, 3), Left: 3001, Available: 3}
		l.Total.Currency = currency
		rows = append(rows, insertLot(&l))
	}
	if err := errors.Join(tx.run(t.Context(), rows), tx.commit(t.Context())); err != nil {
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
	tx, err := s.backend.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := ledger.Balance{Lot: lotOf("l1\t", 3), Left: 3001, Available: 3}
	l.Total.Currency = "XXX"
	if err := errors.Join(tx.run(t.Context(), []statement{insertLot(&l)}), tx.commit(t.Context())); err != nil {
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

// TestOldProcessWrites lets a process of the previous version, which does not know the money
// of the available units, take and return units between those of this one.
func TestOldProcessWrites(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	l := lotOf("l1", 15)
	l.Total.Micros = 1_000_000
	if err := s.AddLot(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	old := func(taken int64) {
		t.Helper()
		tx, err := s.backend.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		change := statement{sql: "UPDATE lots SET available = available - $1, posted = posted + $1 WHERE id = 'l1'", args: []any{taken}}
		if err := errors.Join(tx.run(t.Context(), []statement{change}), tx.commit(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	var ours int64
	for n, taken := range []int64{4, 3, -1} {
		h, err := storemodel.Hold(t.Context(), s, "v1", n+1, idv.Charged)
		if err != nil {
			t.Fatal(err)
		}
		ours += h.Price.Micros
		old(taken)
	}
	for n := 4; n <= 9; n++ {
		h, err := storemodel.Hold(t.Context(), s, "v1", n, idv.Charged)
		if err != nil {
			t.Fatal(err)
		}
		if h.Price.Micros < 66_663 || h.Price.Micros > 66_667 {
			t.Errorf("unit %d costs %d", n, h.Price.Micros)
		}
		ours += h.Price.Micros
	}
	if got := ours + 6*66_667; got != 1_000_000 { // what the old process took cost the rounded price
		t.Errorf("the units cost %d", got)
	}
}
