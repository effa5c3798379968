package sqlstore

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

// shortOr returns the size of a random test: quick with -short, else full.
func shortOr(quick, full int) int {
	if testing.Short() {
		return quick
	}
	return full
}

// fromEnv returns the number in an environment variable, or quick if it is not set.
func fromEnv(t testing.TB, name string, quick int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return quick
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a positive number", name, text)
	}
	return n
}

func lotOf(id string, units int64) ledger.Lot {
	return ledger.Lot{ID: id, Provider: "p", Units: units, Total: idv.Money{Micros: 1000*units + units/3, Currency: idv.CNY}, Bought: time.Unix(1_700_000_000, 0)}
}

// racer is what a race needs of one store, or of several nodes.
type racer interface {
	storemodel.Racer
	AddLot(ctx context.Context, l ledger.Lot) error
}

// raceForLastUnits lets 64 workers race for the last hundred units, round after
// round. HEYAN_RACE_ROUNDS sets the rounds.
func raceForLastUnits(t *testing.T, s racer) {
	t.Helper()
	for round := range fromEnv(t, "HEYAN_RACE_ROUNDS", shortOr(4, 20)) {
		id := fmt.Sprintf("l%d", round)
		if err := s.AddLot(t.Context(), lotOf(id, 100)); err != nil {
			t.Fatal(err)
		}
		if err := storemodel.Race(t.Context(), s, id, 100, 64, fmt.Sprintf("r%d-", round)); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

func TestRaceForTheLastUnitsSQLite(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	raceForLastUnits(t, s)
	auditLots(t, s)
}

// auditLots computes every balance anew from the entries, and counts the holds.
func auditLots(t testing.TB, s *Store) {
	t.Helper()
	type sums map[ledger.Account]int64
	byLot, money, held := map[string]sums{}, map[string]sums{}, map[string]map[ledger.State]int64{}
	seq := map[string][]ledger.Entry{} // by row
	for after, more := "", true; more; more = after != "" {
		list, next, err := s.Entries(t.Context(), ledger.Filter{}, ledger.Page{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if byLot[e.Lot] == nil {
				byLot[e.Lot], money[e.Lot] = sums{}, sums{}
			}
			money[e.Lot][e.From] -= e.Amount.Micros
			money[e.Lot][e.To] += e.Amount.Micros
			byLot[e.Lot][e.From] -= e.Units
			byLot[e.Lot][e.To] += e.Units
			row := fmt.Sprint(e.Lot, " ", e.Row)
			if e.Row == ledger.WholeBook {
				row = ""
			}
			seq[row] = append(seq[row], e)
		}
		after = next
	}
	for row, list := range seq {
		slices.SortFunc(list, func(a, b ledger.Entry) int { return int(a.Seq - b.Seq) })
		for n, e := range list {
			if e.Seq != int64(n)+1 || row != "" && n > 0 && !e.At.After(list[n-1].At) {
				t.Errorf("%s of %v is entry %d of %d", e.Number(), e.At, n+1, len(list))
			}
		}
	}
	auditRows(t, s)
	for after, more := "", true; more; more = after != "" {
		list, next, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range list {
			if held[h.Lot] == nil {
				held[h.Lot] = map[ledger.State]int64{}
			}
			held[h.Lot][h.State]++
		}
		after = next
	}
	lots, err := s.Lots(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lots {
		e, h := byLot[l.ID], held[l.ID]
		fromEntries := ledger.Balance{
			Lot: l.Lot, Left: money[l.ID][ledger.Available], Available: e[ledger.Available], Held: e[ledger.Held], Posted: e[ledger.Posted], Unknown: e[ledger.Unknown],
			WrittenOff: e[ledger.WrittenOff],
		}
		if err := l.Check(); err != nil || l != fromEntries {
			t.Errorf("the lot says %+v, its entries %+v, %v", l, fromEntries, err)
		}
		for account, micros := range money[l.ID] {
			if e[account] == 0 && micros != 0 || account == ledger.Bought && l.Total.Micros != -micros {
				t.Errorf("lot %s, which cost %v: %v has %d units and %d micros", l.ID, l.Total, account, e[account], micros)
			}
		}
		if l.Held != h[ledger.StateHeld] || l.Posted != h[ledger.StatePosted] || l.Unknown != h[ledger.StateUnknown] {
			t.Errorf("the lot says %+v, its holds %v", l, h)
		}
	}
}

// auditRows checks that no unit came from nowhere or from another lot.
func auditRows(t testing.TB, s *Store) {
	t.Helper()
	err := s.backend.read(t.Context(), statement{sql: "SELECT lot FROM lot_rows GROUP BY lot HAVING sum(moved) <> 0", each: func(r row) error {
		lot, err := scanText(r)
		t.Errorf("the rows of %s gave other units than they got", lot)
		return err
	}})
	if err != nil {
		t.Error(err)
	}
}
