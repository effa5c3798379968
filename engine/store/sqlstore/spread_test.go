package sqlstore

import (
	"errors"
	"slices"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// spreadLots divides a package that was used on some rows, also one without a package, into
// more rows and fewer. Its balance and money stay, and all units can be used.
func spreadLots(t *testing.T, dsn string) {
	t.Helper()
	first := openNode(t, dsn)
	defer closeStore(t, first)
	if err := first.AddLot(t.Context(), lotOf("l1", 100)); err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		i := call(n)
		if n%2 == 0 {
			i.Provider = "without"
		}
		held, err := first.Hold(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.Settle(t.Context(), outcomeOf(i, held, idv.Charge(n%3))); err != nil {
			t.Fatal(err)
		}
	}
	before, err := first.Lots(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.SpreadLot(t.Context(), "unknown"); !errors.Is(err, ledger.ErrNoLot) {
		t.Errorf("an unknown lot: %v", err)
	}
	for _, rows := range []int{32, 3, 1, 16} {
		s, err := OpenPostgres(t.Context(), dsn, Options{Rows: rows})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"l1", "open:without"} {
			if got, err := s.SpreadLot(t.Context(), id); err != nil || got != rows {
				t.Fatalf("%s: %d rows, %v; want %d", id, got, err, rows)
			}
		}
		after, err := s.Lots(t.Context(), "")
		if err != nil || !slices.Equal(before, after) {
			t.Errorf("over %d rows: %+v, %v\nwant %+v", rows, after, err, before)
		}
		checkSpread(t, s, rows)
		auditLots(t, s)
		closeStore(t, s)
	}
	useTheRest(t, first)
}

// checkSpread: the units of l1 are level over the first rows, and there are 32 rows.
func checkSpread(t *testing.T, s *Store, rows int) {
	t.Helper()
	got, err := list(t.Context(), s.backend, "SELECT available FROM lot_rows WHERE lot = 'l1' ORDER BY n", nil, func(r row) (n int64, err error) {
		err = r.Scan(&n)
		return n, err
	})
	if err != nil || len(got) != 32 {
		t.Fatalf("%v, %v; want 32 rows", got, err)
	}
	level, rest := got[:rows], got[rows:]
	if slices.Max(level)-slices.Min(level) > 1 || slices.Max(append(rest, 0)) > 0 {
		t.Errorf("over %d rows: %v", rows, got)
	}
}
