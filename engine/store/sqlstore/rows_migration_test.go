package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/ledger"
)

// leftCase is a lot of 15 units that cost 1,000,000 micros together, as a version before rows
// has it: what is available, what left_micros says, and for how many units.
type leftCase struct {
	name                           string
	available, left, counted, want int64
}

func leftCases() []leftCase {
	return []leftCase{
		{"untouched", 15, 0, 0, 1_000_000},
		{"taken at the rounded price", 5, 0, 0, 1_000_000 - 10*66_667},
		{"used up", 0, 0, 0, 0},
		{"as it was stored", 5, 333_334, 5, 333_334},
		{"two taken meanwhile", 3, 333_334, 5, 333_334 - 2*66_667},
		{"one returned meanwhile", 6, 333_334, 5, 333_334 + 66_667},
		{"one returned to a used-up lot", 1, 0, 0, 66_662},
	}
}

func (c *leftCase) id() string { return strings.ReplaceAll(c.name, " ", "-") }

func (c *leftCase) insert() string {
	return fmt.Sprintf(`INSERT INTO lots (id, provider, open, bought_at, expires_at, note, currency, total_micros, units, available, held, posted,
		unknown, written_off, booked_at, canceled_at, left_micros, left_units) VALUES ('%s', 'p', 0, 1, 0, '', 'CNY', 1000000, 15, %d, 0, %d, 0, 0, 1, 0, %d, %d)`,
		c.id(), c.available, 15-c.available, c.left, c.counted)
}

// leftIsThere expects the money of the available units after the migration, in rows that are
// level.
func leftIsThere(t *testing.T, s *Store) {
	t.Helper()
	lots, err := s.Lots(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]ledger.Balance{}
	for _, l := range lots {
		byName[l.ID] = l
	}
	for _, c := range leftCases() {
		l := byName[c.id()]
		if l.Left != c.want || l.Available != c.available || l.Check() != nil {
			t.Errorf("%s: %d is left for %d units, want %d for %d; %v", c.name, l.Left, l.Available, c.want, c.available, l.Check())
		}
	}
	err = s.backend.read(t.Context(), statement{sql: "SELECT lot, max(available) - min(available) FROM lot_rows GROUP BY lot", each: func(r row) error {
		var lot string
		var apart int64
		err := r.Scan(&lot, &apart)
		if apart > 1 {
			t.Errorf("the rows of %s are %d units apart", lot, apart)
		}
		return err
	}})
	if err != nil {
		t.Error(err)
	}
	auditRows(t, s)
}

func TestMoneyOfEarlierVersionSQLite(t *testing.T) {
	t.Parallel()
	path := goldenFile(t, "0013")
	db, err := openDB(path, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range leftCases() {
		if _, err := db.ExecContext(t.Context(), c.insert()); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openGuest(t, path)
	defer closeStore(t, s)
	leftIsThere(t, s)
}

// moneyOfEarlierVersion migrates the same lots on PostgreSQL, where a program of the earlier
// version that still runs can then neither read nor write.
func moneyOfEarlierVersion(t *testing.T, dsn string) {
	t.Helper()
	loadGolden(t, dsn, "0013")
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, c := range leftCases() {
		if _, err := conn.Exec(t.Context(), c.insert()); err != nil {
			t.Fatal(err)
		}
	}
	s := openNode(t, dsn)
	defer closeStore(t, s)
	leftIsThere(t, s)
	for name, sql := range oldStatements() {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("the old program can still %s", name)
		}
	}
}
