package sqlstore

import (
	"context"
	"database/sql"
	"io/fs"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// fill1 fills a database of version 1: a package with a posted call, its verification
// and the key that replays it.
func fill1(t *testing.T, db *sql.DB, dialect goose.Dialect, folder string) {
	t.Helper()
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	i := call(1)
	v := verificationOf(i)
	v.Subject.Name = "测*"
	data, err := encode(&v)
	if err != nil {
		t.Fatal(err)
	}
	fingerprint := store.Fingerprint{1}
	for _, s := range []statement{
		{sql: `INSERT INTO lots VALUES ('l1', 'p', 0, 1, 0, '', 'CNY', 2000, 2, 1, 0, 1, 0, 0)`},
		{sql: `INSERT INTO holds VALUES ('v000001-1', 'v000001', 'p', 'id_name', 't', 'app', '', 'l1', 0, 1000, 'CNY', 5, 202603, 6, 'posted', 7, '',
			1, 0, 'match', 'vendor', 'answered', 'charged', '01', '', 9)`},
		{sql: `INSERT INTO entries VALUES (1, 1, 'l1', '', 'bought', 'available', 2, 2000, 'CNY', ''),
			(2, 5, 'l1', 'v000001-1', 'available', 'held', 1, 1000, 'CNY', 'call'), (3, 7, 'l1', 'v000001-1', 'held', 'posted', 1, 1000, 'CNY', 'match')`},
		{sql: `INSERT INTO verifications VALUES ('t', 'v000001', $1, 'id_name', 'match', '', $2)`, args: []any{micros(i.At), data}},
		{sql: `INSERT INTO claims VALUES ('t', 'k', $1, 'v000001', 1, $2, 1)`, args: []any{fingerprint[:], micros(time.Now().Add(time.Hour))}},
	} {
		if _, err := db.ExecContext(t.Context(), s.sql, s.args...); err != nil {
			t.Fatalf("%s: %v", s.sql, err)
		}
	}
}

// upgraded sees that everything of before is there and that the new tables are.
func upgraded(t *testing.T, s *Store) {
	t.Helper()
	defer closeStore(t, s)
	audit(t, s)
	v, err := s.Verification(t.Context(), "t", "v000001")
	if err != nil || v.Verdict != idv.Match || v.Subject.Name != "测*" || v.Token != "" {
		t.Errorf("the verification is %+v, %v", v, err)
	}
	_, replays, err := s.Claim(t.Context(), store.Claim{Key: store.Key{Tenant: "t", Key: "k"}, Print: store.Fingerprint{1}})
	if err != nil || !replays {
		t.Errorf("the key replays: %v, %v", replays, err)
	}
	c := canaryOf(1)
	c.keep(t, s, 1)
	if e, err := s.Erase(t.Context(), "t", []idv.SubjectToken{c.token, ""}, "e"); err != nil || e.Verifications != 1 {
		t.Errorf("erased %+v, %v; want the new verification alone", e, err)
	}
	if holds, _, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{}, ledger.StatePosted); err != nil || len(holds) != 1 {
		t.Errorf("%d posted holds, %v", len(holds), err)
	}
	gone, err := s.Prune(t.Context(), store.Retention{Verifications: time.Now().Add(-time.Hour)})
	if err != nil || gone != (store.Pruned{Verifications: 1}) {
		t.Errorf("pruned %+v, %v; want the old verification", gone, err)
	}
}

func TestUpgradeSQLite(t *testing.T) {
	path := newPath(t)
	db, err := openDB(path, pragmas)
	if err != nil {
		t.Fatal(err)
	}
	fill1(t, db, goose.DialectSQLite3, "sqlite")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	upgraded(t, openFile(t, path))
}

func upgradePostgres(t *testing.T, dsn string) {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDBFromPool(pool)
	fill1(t, db, goose.DialectPostgres, "postgres")
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	pool.Close()
	upgraded(t, openNode(t, dsn))
}
