package store_test

import (
	"testing"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// TestFindLot: a package that an earlier version booked under an odd id can still be named.
func TestFindLot(t *testing.T) {
	t.Parallel()
	lots := []ledger.Balance{{Lot: ledger.Lot{ID: "A1"}}, {Lot: ledger.Lot{ID: "A1\t"}}, {Lot: ledger.Lot{ID: "B2 "}}}
	for id, want := range map[string]string{"A1": "A1", "A1\t": "A1\t", " A1": "A1", "Ａ1": "A1", "B2 ": "B2 ", "B2": "", "": "", "C3": ""} {
		if got := store.FindLot(lots, id); got != want {
			t.Errorf("FindLot(%q) = %q, want %q", id, got, want)
		}
	}
}
