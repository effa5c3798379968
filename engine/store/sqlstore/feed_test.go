package sqlstore

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
	"github.com/heyan-id/heyan/policy/access"
)

// reported: every node of a database hears what any of them changes, in order, once, and
// nothing of another schema; a reader that lost its connection hears that it may have missed
// something.
func reported(t *testing.T, s *sqlstoretest.Server, dsn string) {
	a, b, foreign := openNode(t, dsn), openNode(t, dsn), openNode(t, s.DSN(t))
	defer closeStore(t, a)
	defer closeStore(t, b)
	defer closeStore(t, foreign)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	feeds := []<-chan store.Change{a.Changes(ctx), b.Changes(ctx)}
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, " pool_max_conns=8", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	const listeners = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND state = 'idle'"
	for n := 0; n < len(feeds); {
		if err := conn.QueryRow(t.Context(), listeners).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	add := func(node *Store, id string) {
		t.Helper()
		k := access.Key{ID: id, Name: id, Tenant: "bank", Scopes: access.Scopes(), Hash: "h", Created: time.Now()}
		if err := node.AddAPIKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	add(foreign, "elsewhere")
	add(a, "one")
	add(b, "two")
	if _, err := a.RevokeAPIKey(t.Context(), "", "two"); err != nil {
		t.Fatal(err)
	}
	for node, feed := range feeds {
		for i, want := range []string{"one", "two", "two"} {
			if got := <-feed; got != (store.Change{Topic: store.TopicAPIKeys, ID: want}) {
				t.Errorf("node %d, change %d: got %+v, want %s", node, i, got, want)
			}
		}
	}
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"); err != nil {
		t.Fatal(err)
	}
	for node, feed := range feeds {
		if got := <-feed; got != (store.Change{}) {
			t.Errorf("node %d: got %+v after a lost connection, want a change of any topic", node, got)
		}
	}
	stop()
	for _, feed := range feeds {
		for range feed { // ends
		}
	}
}

// TestSlowReader: a reader that is behind hears that anything may have changed, and the feed
// does not wait for it.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	out := make(chan store.Change, 2)
	for range 5 {
		offer(out, store.Change{Topic: store.TopicAPIKeys, ID: "a"})
	}
	all := false
	for range cap(out) {
		all = all || <-out == store.Change{}
	}
	if !all {
		t.Error("what was missed is not reported")
	}
}

// TestNoFeed: a file reports no changes.
func TestNoFeed(t *testing.T) {
	t.Parallel()
	s, err := OpenSQLite(t.Context(), t.TempDir()+"/heyan.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, s)
	if feed := s.Changes(t.Context()); feed != nil {
		t.Error("got a feed")
	}
}
