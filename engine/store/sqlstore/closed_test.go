package sqlstore

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// earlierStatements are those of a program of before version 18 that would read a row of this
// version wrongly, or write entries before the time up to which they are final.
var earlierStatements = map[string]string{
	"verification":         `SELECT data FROM verifications WHERE tenant = 't' AND id = 'v'`,
	"claim":                `SELECT coalesce(v.data, '') FROM claims c LEFT JOIN verifications v ON v.tenant = c.tenant AND v.id = c.verification`,
	"erased verification":  `UPDATE verifications SET subject = '', data = '{}' WHERE tenant = 't' AND id = 'v'`,
	"subject":              `SELECT data FROM verifications WHERE tenant = 't' AND subject = 's' AND subject <> ''`,
	"replaced":             `UPDATE verifications SET verdict = 'match', data = '{}' WHERE tenant = 't' AND id = 'v'`,
	"entries":              `SELECT e.seq, e.why FROM entries e`,
	"entry of a new call":  `INSERT INTO entries (lot, n, seq, at, hold, from_account, to_account, units, amount_micros, currency, why) VALUES ('l', 0, 1, 1, 'h', 'available', 'held', 1, 0, 'CNY', 'call')`,
	"without a provider":   `SELECT tenant, id, data FROM verifications WHERE provider IS NULL LIMIT 1`,
	"of an unlimited page": `SELECT data FROM verifications WHERE tenant = 't' ORDER BY created_at DESC, id DESC`,
}

// TestEarlierProgramFails: a program of an earlier version that still runs when the tables are
// migrated makes no call and gives no answer, instead of a wrong one.
func TestEarlierProgramFails(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		earlierFails(t, openFile(t, newPath(t)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		earlierFails(t, openNode(t, sqlstoretest.StartPostgres(t).DSN(t)))
	})
}

func earlierFails(t *testing.T, s *Store) {
	t.Helper()
	defer closeStore(t, s)
	for name, sql := range earlierStatements {
		err := s.writer.submit(t.Context(), &operation{kind: maintenance, need: func(*needs) {}, do: func(u *unit) error {
			u.writes = append(u.writes, statement{sql: sql})
			return nil
		}})
		if err == nil || !strings.Contains(err.Error(), "column") {
			t.Errorf("%s: %v; want an error about a column", name, err)
		}
	}
}
