package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
	"github.com/heyan-id/heyan/engine/store/storetest"
)

func openFleet(ctx context.Context, dsn string) (*Store, error) {
	return OpenPostgres(ctx, dsn, Options{Migrate: true})
}

func openNode(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := OpenPostgres(t.Context(), dsn, Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openTurning opens nodes of one database of which each operation uses the next.
func openTurning(t *testing.T, dsn string, clock *store.Clock, nodes int) *Store {
	t.Helper()
	all := make([]*Store, nodes)
	for n := range all {
		var err error
		if all[n], err = OpenPostgres(t.Context(), dsn, Options{Clock: clock}); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			t.Cleanup(func() { closeStore(t, all[n]) })
		}
	}
	var next atomic.Int64
	turn := func(w *writer) *writer {
		node := all[int(next.Add(1))%nodes]
		node.writer.tells.Store(all[0].writer.tells.Load()) // as every node has
		return map[workload]*writer{calls: node.writer, counts: node.counts, admin: node.admins}[w.workload]
	}
	all[0].writer.turn.Store(&turn)
	return all[0]
}

// fleet is several nodes of one database that take turns at calls.
type fleet []*Store

// turn chooses a node by an attempt, so that often another one settles than held.
func (f fleet) turn(attempt string, more int) *Store {
	return f[(len(attempt)+int(attempt[len(attempt)-1])+more)%len(f)]
}

func (f fleet) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	return f.turn(i.Attempt, 0).Hold(ctx, i)
}

func (f fleet) Settle(ctx context.Context, a idv.Attempt) error {
	return f.turn(a.ID, 1).Settle(ctx, a)
}

func (f fleet) AddLot(ctx context.Context, l ledger.Lot) error { return f[0].AddLot(ctx, l) }

func (f fleet) Lots(ctx context.Context, p string) ([]ledger.Balance, error) {
	return f[1].Lots(ctx, p)
}

// TestPostgres holds the fleet's store to everything at one server, whose start
// takes longest.
func TestPostgres(t *testing.T) {
	t.Parallel()
	s := sqlstoretest.StartPostgres(t)
	t.Run("contract of one node", func(t *testing.T) {
		if testing.Short() {
			t.Skip("that of four nodes says the same")
		}
		storetest.Run(t, func(t *testing.T, c *storetest.Clock) store.Store {
			var dsn string
			dsn, c.Server = s.Clock(t)
			node, err := OpenPostgres(t.Context(), dsn, Options{Clock: c.Checked()})
			if err != nil {
				t.Fatal(err)
			}
			return node
		})
	})
	t.Run("contract of four nodes", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, c *storetest.Clock) store.Store {
			var dsn string
			dsn, c.Server = s.Clock(t)
			return openTurning(t, dsn, c.Checked(), 4)
		})
	})
	t.Run("nodes that start at once migrate once", func(t *testing.T) {
		dsn, opened := s.DSN(t), make(chan *Store, 4)
		for range cap(opened) {
			go func() {
				n, err := OpenPostgres(context.Background(), dsn, Options{})
				if err != nil {
					t.Error(err)
				}
				opened <- n
			}()
		}
		for range cap(opened) {
			if n := <-opened; n != nil {
				closeStore(t, n)
			}
		}
	})
	t.Run("three nodes race for the last units", func(t *testing.T) {
		dsn := s.DSN(t)
		nodes := fleet{openNode(t, dsn), openNode(t, dsn), openNode(t, dsn)}
		raceForLastUnits(t, nodes)
		auditLots(t, nodes[0])
		for _, n := range nodes {
			closeStore(t, n)
		}
	})
	t.Run("two nodes count exactly, and none holds after a withdrawal at the other", func(t *testing.T) {
		dsn := s.DSN(t)
		a, b := openNode(t, dsn), openNode(t, dsn)
		if err := storemodel.CountRace(t.Context(), "t", a, b); err != nil {
			t.Error(err)
		}
		for n := range 5 {
			if err := storemodel.WithdrawRace(t.Context(), a, b, fmt.Sprint("c", n)); err != nil {
				t.Errorf("race %d: %v", n, err)
			}
		}
		auditLots(t, a)
		closeStore(t, a)
		closeStore(t, b)
	})
	t.Run("64 workers on four nodes take the last 100 units", func(t *testing.T) { lastUnits(t, s.DSN(t)) })
	t.Run("an operation that needs what another node has waits alone", func(t *testing.T) { busyNames(t, s.DSN(t)) })
	t.Run("a call waits for rows that other nodes have", func(t *testing.T) { busyRows(t, s.DSN(t)) })
	t.Run("a node that stands still stops no other", func(t *testing.T) { standStill(t, s.DSN(t)) })
	t.Run("a new database reads no more rows the more it has", func(t *testing.T) { freshPlans(t, s.DSN(t)) })
	t.Run("hot statements use indexes", func(t *testing.T) { hotPlans(t, s.DSN(t)) })
	t.Run("the server looks whether its clients are there", func(t *testing.T) { checkedClients(t, s.DSN(t)) })
	t.Run("what is deleted by age waits for no transaction", func(t *testing.T) { freePruning(t, s.DSN(t)) })
	t.Run("a package is spread over more rows and fewer", func(t *testing.T) { spreadLots(t, s.DSN(t)) })
	t.Run("a slow entry is not missed before the horizon", func(t *testing.T) { slowEntry(t, s.DSN(t)) })
	t.Run("the horizon of a role that does not see the others", func(t *testing.T) { hiddenWriter(t, s.DSN(t)) })
	t.Run("what is deleted by age is read once", func(t *testing.T) { pruningReadsOnce(t, s.DSN(t)) })
	t.Run("a data key stays with a draft that another node is storing", func(t *testing.T) { keyOfDraft(t, s.DSN(t)) })
	t.Run("what may have been committed is not done again", func(t *testing.T) { uncertainOnce(t, s.DSN(t)) })
	t.Run("a database of version 1 is brought to this one", func(t *testing.T) { upgradePostgres(t, s.DSN(t)) })
	for _, folder := range goldenFolders() {
		t.Run("a database of release "+folder+" loses nothing", func(t *testing.T) { goldenPostgres(t, s.DSN(t), folder) })
	}
	t.Run("the money of a database before rows stays", func(t *testing.T) { moneyOfEarlierVersion(t, s.DSN(t)) })
	t.Run("killed again and again", func(t *testing.T) { killAgainAndAgain(t, s.DSN(t)) })
	t.Run("killed again and again among four nodes", func(t *testing.T) { killAmongFour(t, s.DSN(t)) })
	t.Run("a change at one node is reported to the others", func(t *testing.T) { reported(t, s, s.DSN(t)) })
	t.Run("the source is not repeated in an error", func(t *testing.T) {
		_, err := OpenPostgres(t.Context(), "postgres://u:secret@host:x/db", Options{})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	})
}
