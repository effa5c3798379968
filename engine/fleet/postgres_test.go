package fleet_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// TestPostgres: what one node of a database learns arrives at the other, both ways.
func TestPostgres(t *testing.T) {
	t.Parallel()
	dsn, v := sqlstoretest.StartPostgres(t).DSN(t), new(vendor)
	var nodes []node
	var s *sqlstore.Store
	for _, name := range []string{"n1", "n2"} {
		var err error
		s, err = sqlstore.OpenPostgres(t.Context(), dsn, sqlstore.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		n, mine := start(t, s, v, name), s
		nodes = append(nodes, n)
		defer func() {
			n.stop()
			if err := mine.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	arrives := func(at node, want idv.SkipReason) {
		for at.reason() != want && t.Context().Err() == nil {
			if _, err := s.GateFacts(t.Context()); err != nil { // takes a moment
				t.Fatal(err)
			}
		}
	}
	v.fails(idv.QuotaExhausted)
	begun := time.Now()
	_ = nodes[0].ask(t)
	arrives(nodes[1], idv.SkipQuotaExhausted)
	t.Logf("closed after %v", time.Since(begun))
	begun = time.Now()
	nodes[1].Resume()
	arrives(nodes[0], "")
	t.Logf("opened after %v", time.Since(begun))
}
