package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// lastUnits lets 64 workers on four nodes take the last 100 units of a package, some of which
// return: all 100 are taken, and none is left when the last worker was refused.
// HEYAN_PROVE makes it 200 rounds.
func lastUnits(t *testing.T, dsn string) {
	t.Helper()
	rounds := shortOr(2, 10)
	if os.Getenv("HEYAN_PROVE") != "" {
		rounds = 200
	}
	nodes := make([]*Store, 4)
	for n := range nodes {
		nodes[n] = openNode(t, dsn)
		defer closeStore(t, nodes[n])
	}
	var longest time.Duration
	for round := range rounds {
		begun := time.Now()
		lastUnitsOnce(t, nodes, round)
		longest = max(longest, time.Since(begun))
	}
	auditLots(t, nodes[0])
	t.Logf("%d rounds, the longest took %v", rounds, longest.Round(time.Millisecond))
}

func lastUnitsOnce(t *testing.T, nodes []*Store, round int) {
	t.Helper()
	l := lotOf(fmt.Sprint("last", round), 100)
	l.Provider = l.ID
	if err := nodes[0].AddLot(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	var posted atomic.Int64
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for n := 0; ; n++ {
				i := call(1)
				i.Provider, i.Verification = l.Provider, fmt.Sprintf("%s-%d-%d", l.ID, w, n)
				i.Attempt = i.Verification + "-1"
				held, err := nodes[w%4].Hold(t.Context(), i)
				if isExhausted(err) {
					return
				}
				if err != nil {
					t.Errorf("hold: %v", err)
					return
				}
				charge := idv.Charged
				if n == 0 && w%10 == 0 { // returned, so it is taken again
					charge = idv.NotCharged
				} else {
					posted.Add(1)
				}
				if err := nodes[(w+1)%4].Settle(t.Context(), outcomeOf(i, held, charge)); err != nil {
					t.Errorf("settle: %v", err)
				}
			}
		})
	}
	wg.Wait()
	lots, err := nodes[3].Lots(t.Context(), l.Provider)
	if err != nil || len(lots) != 1 || posted.Load() != 100 || lots[0].Posted != 100 || lots[0].Available != 0 || lots[0].Held != 0 {
		t.Fatalf("round %d: %+v, %v; %d were posted, want all 100", round, lots, err, posted.Load())
	}
}

func isExhausted(err error) bool {
	var r *idv.Rejection
	return errors.As(err, &r) && r.Reason == idv.SkipQuotaExhausted
}

// holdNames locks names in a session of its own, as a node does that stands still.
func holdNames(ctx context.Context, t *testing.T, s *Store, n *needs) (release func()) {
	t.Helper()
	tx, err := s.backend.begin(ctx, calls)
	if err != nil {
		t.Fatal(err)
	}
	taken := map[int64]bool{}
	if err := tx.run(ctx, tx.lock(n, taken)); err != nil || len(taken) > 0 {
		t.Fatal(err, taken)
	}
	return tx.rollback
}

// busyNames: an operation that needs a name that another node has is tried again until it gets
// it, and the others of its batch do not wait. A request whose key stays taken fails, and
// nothing was done.
func busyNames(t *testing.T, dsn string) {
	t.Helper()
	a, b := openNode(t, dsn), openNode(t, dsn)
	defer closeStore(t, a)
	defer closeStore(t, b)
	if err := a.AddLot(t.Context(), lotOf("l1", 10)); err != nil {
		t.Fatal(err)
	}
	k := store.Key{Tenant: "t", Key: "k"}
	claim := func(ctx context.Context, key string) error {
		end := time.Now().Add(time.Minute)
		_, _, err := a.Claim(ctx, store.Claim{Key: store.Key{Tenant: "t", Key: key}, Verification: "v" + key, Deadline: end, Expiry: end})
		return err
	}
	var n needs
	add(&n.keys, k)
	release := holdNames(t.Context(), t, b, &n)
	waits := make(chan error, 1)
	go func() { waits <- claim(t.Context(), "k") }()
	if err := claim(t.Context(), "other"); err != nil {
		t.Errorf("another key: %v", err)
	}
	select {
	case err := <-waits:
		t.Errorf("the claim of a key that another node has: %v", err)
	default:
	}
	release()
	if err := <-waits; err != nil {
		t.Errorf("the claim after the key was free: %v", err)
	}
}

// busyRows: a call without a package waits while other nodes have all rows of the open lot, and
// makes no second one.
func busyRows(t *testing.T, dsn string) {
	t.Helper()
	a, b := openNode(t, dsn), openNode(t, dsn)
	defer closeStore(t, a)
	defer closeStore(t, b)
	if _, err := a.Hold(t.Context(), call(1)); err != nil {
		t.Fatal(err)
	}
	tx, err := b.backend.begin(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	whole := lotNeeds{whole: map[string]bool{"open:p": true}}
	if err := tx.run(t.Context(), tx.rows(&whole, func(row) error { rows++; return nil })); err != nil || rows != DefaultRows {
		t.Fatal(err, rows)
	}
	held := make(chan error, 1)
	go func() {
		_, err := a.Hold(t.Context(), call(2))
		held <- err
	}()
	if err := a.Ready(t.Context()); err != nil { // the others of its node go on
		t.Error(err)
	}
	tx.rollback()
	if err := <-held; err != nil {
		t.Errorf("the call after the rows were free: %v", err)
	}
	auditLots(t, a)
}
