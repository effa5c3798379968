package sqlstore

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// slowEntry: a transaction that takes long commits an entry that is earlier than those that
// another node has committed meanwhile. A reader that reads what is there misses it; one that
// stays before the horizon does not, without any margin of time.
func slowEntry(t *testing.T, dsn string) {
	t.Helper()
	const wait = `SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock_shared(4711)`
	slow, err := OpenPostgres(t.Context(), dsn, Options{last: wait})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, slow)
	quick := openNode(t, dsn)
	defer closeStore(t, quick)
	quick.finalMargin = 0
	if err := quick.AddLot(t.Context(), lotOf("l1", 10)); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock(4711)"); err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 1)
	go func() {
		_, err := slow.Hold(context.Background(), call(1))
		held <- err
	}()
	awaitWaiting(t, conn, 1)
	if _, err := quick.Hold(t.Context(), call(2)); err != nil {
		t.Fatal(err)
	}

	var naive, careful reader
	naive.read(t, func(p ledger.Page) ([]ledger.Entry, string, error) {
		return quick.Entries(t.Context(), ledger.Filter{}, p)
	})
	follow := func(p ledger.Page) ([]ledger.Entry, string, error) {
		list, next, _, err := store.FinalEntries(t.Context(), quick, ledger.Filter{}, p)
		return list, next, err
	}
	careful.read(t, follow)
	if len(naive.got) != 2 || len(careful.got) != 1 {
		t.Fatalf("before the commit: %v and %v, want 2 entries without the horizon and 1 before it", naive.got, careful.got)
	}
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_unlock(4711)"); err != nil {
		t.Fatal(err)
	}
	if err := <-held; err != nil {
		t.Fatal(err)
	}
	naive.read(t, func(p ledger.Page) ([]ledger.Entry, string, error) {
		return quick.Entries(t.Context(), ledger.Filter{}, p)
	})
	careful.read(t, follow)
	if len(naive.got) != 2 || len(careful.got) != 3 {
		t.Errorf("after the commit: %v and %v, want the late entry before the horizon only", naive.got, careful.got)
	}
}

// reader follows a list of entries.
type reader struct {
	cursor string
	got    []string // the calls
}

func (r *reader) read(t *testing.T, list func(ledger.Page) ([]ledger.Entry, string, error)) {
	t.Helper()
	for {
		some, next, err := list(ledger.Page{After: r.cursor, Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return
		}
		for _, e := range some {
			r.got = append(r.got, e.Hold)
		}
		r.cursor = next
	}
}

// awaitWaiting waits until so many sessions of the server wait for a name.
func awaitWaiting(t *testing.T, conn *pgx.Conn, sessions int) {
	t.Helper()
	for waiting := 0; waiting < sessions; {
		err := conn.QueryRow(t.Context(), "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'").Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// hiddenWriter: the begin of a transaction of another role cannot be seen, so the horizon is
// further away.
func hiddenWriter(t *testing.T, dsn string) {
	t.Helper()
	s := openNode(t, dsn)
	defer closeStore(t, s)
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var schema string
	if err := conn.QueryRow(t.Context(), "SELECT current_schema()").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	role := "reader_" + schema
	for _, sql := range []string{
		"CREATE ROLE " + role + " LOGIN", "GRANT USAGE ON SCHEMA " + schema + " TO " + role,
		"GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + role,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	other, err := OpenPostgres(t.Context(), strings.Replace(dsn, "user=postgres", "user="+role, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, other)
	var n needs
	add(&n.lots, "l1")
	defer holdNames(t.Context(), t, s, &n)()
	for _, c := range []struct {
		name     string
		s        *Store
		min, max time.Duration
	}{{"the role of the writer", s, finalMargin, hiddenMargin}, {"another role", other, hiddenMargin, 2 * hiddenMargin}} {
		before := time.Now()
		until, err := c.s.FinalUntil(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if back := before.Sub(until).Round(time.Second); back < c.min || back > c.max {
			t.Errorf("%s: the horizon is %v ago, want %v or more", c.name, back, c.min)
		}
	}
}
