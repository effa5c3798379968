package sqlstore

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/engine/store/storetest"
)

// newPath returns the path of a new database.
func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "heyan.db") }

// openFile opens a database file, for a test that closes it itself.
func openFile(t testing.TB, path string) *Store {
	t.Helper()
	s, err := OpenSQLite(t.Context(), path, Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// onWriter calls f with the writing connection, on the only goroutine that may use it.
func onWriter(t testing.TB, s *Store, f func(*liteConn) error) {
	t.Helper()
	err := s.writer.submit(t.Context(), &operation{need: func(*needs) {}, do: func(*unit) error { return f(s.backend.(*lite).conn) }})
	if err != nil {
		t.Fatal(err)
	}
}

// settle gives a store a clock that has run evenly for long enough to delete records.
func settle(s *Store) {
	start, passed := time.Now(), time.Duration(0)
	clock := store.NewClock(nil, func() time.Duration { return time.Since(start) + passed })
	clock.Check(start.Add(-store.SettleTime))
	passed = store.SettleTime
	s.clock, s.writer.clock, s.counts.clock, s.admins.clock = clock, clock, clock, clock
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestContractSQLite(t *testing.T) {
	t.Parallel()
	var texts sync.Map
	t.Run("rules", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, c *storetest.Clock) store.Store {
			s, err := OpenSQLite(t.Context(), newPath(t), Options{Clock: c.Checked()})
			if err != nil {
				t.Fatal(err)
			}
			record(s, &texts)
			return s
		})
	})
	t.Run("plans", func(t *testing.T) { testRecordedPlans(t, &texts) })
}

// TestModelOfTenants does with a file what the memory store does longer. TEST_OPS sets
// the operations of each of the hundred tenants.
func TestModelOfTenants(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	storemodel.Model(t, s, 100, fromEnv(t, "TEST_OPS", shortOr(20, 150)), seedOf(t))
	auditLots(t, s)
}

func TestPathOfASource(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "file:", ":memory:", "file::memory:", "file:a.db?mode=ro", "a#b", "a%20b"} {
		if _, err := sqlitePath(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for _, good := range []string{"file:heyan.db", "heyan.db", "/a b/核验.db"} {
		path, err := sqlitePath(good)
		if err != nil || !filepath.IsAbs(path) || !strings.HasSuffix(path, ".db") {
			t.Errorf("%q: %q, %v", good, path, err)
		}
	}
}

func TestOneProcessOwnsAFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	if _, err := OpenSQLite(t.Context(), path, Options{}); !errors.Is(err, ErrOwned) {
		t.Errorf("the second opener got %v, want ErrOwned", err)
	}
	closeStore(t, s)
	closeStore(t, openFile(t, path))
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	closeStore(t, s)
	db, err := openDB(path, pragmas)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLite(t.Context(), path, Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, want ErrNewer", err)
	}
}

// TestCommitsAreSynced sees that the writing connection waits for the disk: a kill
// test cannot, for the kernel keeps what a dead process wrote.
func TestCommitsAreSynced(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "secure_delete": "1", "wal_autocheckpoint": "1000", "journal_size_limit": "16777216"} {
		var got any
		onWriter(t, s, func(c *liteConn) error {
			return c.run(t.Context(), []statement{{sql: "PRAGMA " + pragma, each: func(r row) error {
				got = r.(liteRow)[0]
				return nil
			}}})
		})
		if fmt.Sprint(got) != want {
			t.Errorf("%s is %q, want %q", pragma, got, want)
		}
	}
}

// The page caches of all connections together bound the memory beside Go's heap.
func TestPageCachesAreBounded(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	l := s.backend.(*lite)
	const pragma = "PRAGMA cache_size" // negative if it is in KiB
	var writer, reader int
	onWriter(t, s, func(c *liteConn) error {
		return c.run(t.Context(), []statement{{sql: pragma, each: func(r row) error { return r.Scan(&writer) }}})
	})
	if err := l.reads.QueryRowContext(t.Context(), pragma).Scan(&reader); err != nil {
		t.Fatal(err)
	}
	if total := -writer - readers*reader; writer >= 0 || reader >= 0 || total > 16<<10 {
		t.Errorf("%d KiB, want 16 MiB at most", total)
	}
}
