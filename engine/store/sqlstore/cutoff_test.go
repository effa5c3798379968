package sqlstore

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// hangAt makes the writer hang at a stage until the returned function is called. reached
// is called when it hangs.
func hangAt(s *Store, stage string, reached func()) (goOn func()) {
	gate := make(chan struct{})
	var once sync.Once
	failAt(s, func(at string) error {
		if at == stage {
			once.Do(reached)
			<-gate
		}
		return nil
	})
	return sync.OnceFunc(func() { close(gate) })
}

// settled waits until the writer has written what was queued before.
func settled(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func stateOfCall(t *testing.T, s *Store, i idv.Intent) ledger.State {
	t.Helper()
	list, _, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range list {
		if list[n].Intent.Attempt == i.Attempt {
			return list[n].State
		}
	}
	t.Fatalf("no hold of %s", i.Attempt)
	return 0
}

// TestCallerLeavesAHangingDatabase: the caller's time ends before its operation is part of
// a transaction, so nothing is written; or during the commit, which then becomes durable
// and is undone.
func TestCallerLeavesAHangingDatabase(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"begin", "commit"} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			s := openFile(t, newPath(t))
			defer closeStore(t, s)
			if err := s.AddLot(t.Context(), lotOf("l1", 10)); err != nil {
				t.Fatal(err)
			}
			ctx, leave := context.WithCancel(t.Context())
			goOn := hangAt(s, stage, leave)
			defer goOn()
			_, err := s.Hold(ctx, call(1))
			if !errors.Is(err, context.Canceled) || errors.Is(err, errCutOff) != (stage == "commit") {
				t.Errorf("Hold: %v", err)
			}
			goOn()
			settled(t, s)
			if stage == "commit" {
				if got := stateOfCall(t, s, call(1)); got != ledger.StateVoided {
					t.Errorf("the hold for which no call was made is %s", got)
				}
			}
			if lots, err := s.Lots(t.Context(), ""); err != nil || lots[0].Available != 10 {
				t.Errorf("%+v, %v; want ten available units", lots, err)
			}
			auditLots(t, s)
		})
	}
}

// TestKeyOfACutOffClaimIsFree: the same request can be repeated at once.
func TestKeyOfACutOffClaimIsFree(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	ctx, leave := context.WithCancel(t.Context())
	goOn := hangAt(s, "commit", leave)
	defer goOn()
	c := store.Claim{Key: store.Key{Tenant: "t", Key: "k"}, Verification: "v1", Deadline: time.Now().Add(time.Hour), Expiry: time.Now().Add(time.Hour)}
	if _, _, err := s.Claim(ctx, c); !mayBeDurable(err) {
		t.Fatalf("Claim: %v", err)
	}
	goOn()
	settled(t, s)
	c.Verification = "v2"
	if _, done, err := s.Claim(t.Context(), c); done || err != nil {
		t.Errorf("the second claim: %v, %v", done, err)
	}
	// The claim of another request is not freed, however late.
	first := c
	first.Verification = "v1"
	s.undoClaim(first)
	settled(t, s)
	if _, _, err := s.Claim(t.Context(), c); !errors.Is(err, store.ErrInProgress) {
		t.Errorf("the third claim: %v, want ErrInProgress", err)
	}
}

// TestOutcomeOutlivesItsCaller: whoever waits for it leaves, the queue is full, or the
// database fails; the outcome of a paid call is written when the database works again.
func TestOutcomeOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		lose func(t *testing.T, s *Store, complete func(context.Context) error)
	}{
		{"the caller leaves before the transaction", func(t *testing.T, s *Store, complete func(context.Context) error) {
			ctx, leave := context.WithCancel(t.Context())
			goOn := hangAt(s, "begin", leave)
			defer goOn()
			if err := complete(ctx); !errors.Is(err, store.ErrUnwritable) || !errors.Is(err, errQueued) {
				t.Errorf("got %v", err)
			}
		}},
		{"the queue is full", func(t *testing.T, s *Store, complete func(context.Context) error) {
			hangs := make(chan struct{})
			goOn := hangAt(s, "begin", func() { close(hangs) })
			defer goOn()
			var ready sync.WaitGroup
			ask := func() { ready.Go(func() { _ = s.Ready(t.Context()) }) }
			ask()
			<-hangs
			for range queueSize {
				ask()
			}
			for len(s.writer.queue) < queueSize {
				runtime.Gosched()
			}
			ctx, leave := context.WithCancel(t.Context())
			leave()
			if err := complete(ctx); !errors.Is(err, errQueued) {
				t.Errorf("got %v", err)
			}
			goOn()
			ready.Wait()
		}},
		{"the disk fails", func(t *testing.T, s *Store, complete func(context.Context) error) {
			failAt(s, (&lieOn{"commit", 1, errors.New("disk full")}).point)
			if err := complete(t.Context()); !errors.Is(err, store.ErrUnwritable) {
				t.Errorf("got %v", err)
			}
		}},
		{"the outcome of the commit is unknown", func(t *testing.T, s *Store, complete func(context.Context) error) {
			failAt(s, (&lieOn{"committed", 1, errUncertain}).point)
			if err := complete(t.Context()); !errors.Is(err, store.ErrUnwritable) {
				t.Errorf("got %v", err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i := call(1) // here, since its deadline is a minute away
			v := verificationOf(i)
			k := store.Key{Tenant: i.Tenant, Key: "k"}
			claim := store.Claim{Key: k, Verification: v.ID, Deadline: i.Deadline, Expiry: time.Now().Add(time.Hour)}
			s := openFile(t, newPath(t))
			defer closeStore(t, s)
			if _, _, err := s.Claim(t.Context(), claim); err != nil {
				t.Fatal(err)
			}
			held, err := s.Hold(t.Context(), i)
			if err != nil {
				t.Fatal(err)
			}
			test.lose(t, s, func(ctx context.Context) error {
				return s.CompleteWithCall(ctx, outcomeOf(i, held, idv.Charged), k, v)
			})
			settled(t, s)
			if got := stateOfCall(t, s, i); got != ledger.StatePosted {
				t.Errorf("the call is %s, want posted", got)
			}
			again := claim
			again.Verification = "v-again"
			if got, done, err := s.Claim(t.Context(), again); err != nil || !done || got.ID != v.ID {
				t.Errorf("the same key: %v, %v, %v; want the result", got.ID, done, err)
			}
			auditLots(t, s)
		})
	}
}

// TestOutcomeAfterTheRecovery: another node concludes the request while the outcome cannot
// be written. The ledger learns the outcome nevertheless.
func TestOutcomeAfterTheRecovery(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	i := call(1)
	v, k := verificationOf(i), store.Key{Tenant: i.Tenant, Key: "k"}
	if _, _, err := s.Claim(t.Context(), store.Claim{Key: k, Verification: v.ID, Deadline: i.Deadline, Expiry: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	held, err := s.Hold(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	var mu sync.Mutex
	fault := errors.New("unreachable")
	failAt(s, func(string) error {
		leave()
		mu.Lock()
		defer mu.Unlock()
		return fault
	})
	if err := s.CompleteWithCall(ctx, outcomeOf(i, held, idv.Charged), k, v); !errors.Is(err, store.ErrUnwritable) {
		t.Fatal(err)
	}
	other, err := OpenSQLite(t.Context(), path, Options{Attached: true})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := other.recover(t.Context(), forever()); err != nil || len(r.Unknown) != 1 || len(r.Concluded) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	closeStore(t, other)
	mu.Lock()
	fault = nil
	mu.Unlock()
	settled(t, s)
	if got := stateOfCall(t, s, i); got != ledger.StatePosted {
		t.Errorf("the call is %s, want posted", got)
	}
	auditLots(t, s)
}

// TestCloseGivesUp: a database that does not answer does not keep the process.
func TestCloseGivesUp(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	hangs := make(chan struct{})
	goOn := hangAt(s, "begin", func() { close(hangs) })
	defer goOn()
	go func() { _ = s.Ready(context.Background()) }()
	<-hangs
	if err := s.Close(); !errors.Is(err, errStuck) {
		t.Errorf("Close: %v, want errStuck", err)
	}
	goOn()
	<-s.writer.ended
	if err := s.backend.close(); err != nil {
		t.Error(err)
	}
}

// TestReadEndsWithItsContext: a statement that does not end returns to its caller.
func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	ctx, leave := context.WithCancel(t.Context())
	rows := 0
	err := s.backend.read(ctx, statement{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", nil, func(row) error {
		if rows++; rows == 10 {
			leave()
		}
		return nil
	}})
	if !errors.Is(err, context.Canceled) || rows < 10 {
		t.Errorf("%v after %d rows", err, rows)
	}
}

// TestProcessesDisagreeAboutAJump: the clock jumps ahead. A process that runs ignores that at
// first; one that starts follows it at once, and still must not take the running request of
// the first one for lost.
func TestProcessesDisagreeAboutAJump(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	wall := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	path := newPath(t)
	first, err := OpenSQLite(t.Context(), path, Options{Clock: store.NewClock(wall, nil)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, first)
	settled(t, first)
	ahead.Store(int64(5 * time.Minute))
	i := call(1)
	k := store.Key{Tenant: i.Tenant, Key: "k"}
	claim := store.Claim{Key: k, Verification: i.Verification, Deadline: i.Deadline, Expiry: time.Now().Add(time.Hour)}
	if _, _, err := first.Claim(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Hold(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	second, err := OpenSQLite(t.Context(), path, Options{Attached: true, Clock: store.NewClock(wall, nil)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, second)
	if r, err := second.Recover(t.Context()); err != nil || !r.Empty() {
		t.Errorf("recovered %+v, %v; want nothing, since the request runs", r, err)
	}
}
