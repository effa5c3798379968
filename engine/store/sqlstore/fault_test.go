package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
)

// failAt sets the failpoint of a store's writer.
func failAt(s *Store, fail func(stage string) error) { s.writer.fail.Store(&fail) }

// call is one call of a script: an intent.
func call(n int) idv.Intent {
	at := time.Date(2026, 3, 1, 12, 0, 0, n*1000, time.UTC)
	v := fmt.Sprintf("v%06d", n)
	return idv.Intent{
		Attempt: v + "-1", Verification: v, Provider: "p", Check: idv.CheckIDName, Tenant: "t", App: "app", At: at, Deadline: time.Now().Add(time.Minute),
		Price: idv.Money{Micros: 1000, Currency: idv.CNY},
	}
}

func outcomeOf(i idv.Intent, h idv.Reservation, c idv.Charge) idv.Attempt {
	return idv.Attempt{
		ID: i.Attempt, Provider: i.Provider, Check: i.Check, Verdict: idv.Match, Delivery: idv.Answered, Charge: c, StartedAt: i.At,
		Lot: h.Lot, Price: h.Price, VendorCode: "01",
	}
}

func verificationOf(i idv.Intent) idv.Verification {
	return idv.Verification{ID: i.Verification, Tenant: i.Tenant, Check: i.Check, Verdict: idv.Match, CreatedAt: i.At}
}

// copyOf copies a database as it lies on the disk now: what a power cut would leave.
func copyOf(t testing.TB, path string) string {
	t.Helper()
	dir := t.TempDir()
	for _, end := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "copy.db"+end), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "copy.db")
}

// lieOn is a failpoint that fails the n-th time a stage is reached.
type lieOn struct {
	stage string
	n     int
	err   error
}

func (l *lieOn) point(stage string) error {
	if stage != l.stage {
		return nil
	}
	if l.n--; l.n == 0 {
		return l.err
	}
	return nil
}

// TestEveryCommitMayFail runs a script of holds, settlements and verifications
// again and again; the n-th time, its n-th commit fails: before it began, before it
// was durable, or after. Whatever fails, a hold that returned without an error
// stands in a copy of the files taken at that moment, and the store goes on.
func TestEveryCommitMayFail(t *testing.T) {
	t.Parallel()
	for _, l := range []lieOn{
		{stage: "begin", err: errors.New("no connection")},
		{stage: "commit", err: errors.New("disk full")},
		{stage: "committed", err: errUncertain},
	} {
		t.Run(l.stage, func(t *testing.T) {
			for n := 1; n <= 3*scriptCalls; n++ {
				path := newPath(t)
				s := openFile(t, path)
				if err := s.AddLot(t.Context(), lotOf("l1", scriptCalls)); err != nil {
					t.Fatal(err)
				}
				point := l
				point.n = n
				failAt(s, point.point)
				failed := runScript(t, s, path)
				if failed != 1 {
					t.Errorf("commit %d: %d operations failed, want one", n, failed)
				}
				s.writer.fail.Store(nil)
				settled(t, s) // a hold whose commit was uncertain is undone first
				auditLots(t, s)
				closeStore(t, s)
				s = openFile(t, path)
				auditLots(t, s)
				if list, _, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{}, ledger.StateHeld); err != nil || len(list) != 0 {
					t.Errorf("commit %d: after a restart %d holds are held, %v", n, len(list), err)
				}
				closeStore(t, s)
			}
		})
	}
}

const scriptCalls = 4

// runScript makes calls and returns how many operations failed.
func runScript(t *testing.T, s *Store, path string) (failed int) {
	t.Helper()
	for n := range scriptCalls {
		i := call(n)
		held, err := s.Hold(t.Context(), i)
		if err != nil {
			if !errors.Is(err, store.ErrUnwritable) {
				t.Errorf("Hold: %v", err)
			}
			failed++
			continue
		}
		if !durable(t, path, i.Attempt) {
			t.Errorf("the hold of %s was acknowledged and is not on the disk", i.Attempt)
		}
		if s.Settle(t.Context(), outcomeOf(i, held, idv.Charged)) != nil {
			failed++
		}
		if s.Complete(t.Context(), store.Key{}, verificationOf(i)) != nil {
			failed++
		}
	}
	return failed
}

// durable reports whether a hold stands in a copy of the files.
func durable(t testing.TB, path, attempt string) bool {
	t.Helper()
	db, err := openDB(copyOf(t, path), pragmas)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM holds WHERE attempt = $1", attempt).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n == 1
}

// setPages lets the database grow to so many pages, as a disk would.
func setPages(t testing.TB, s *Store, more int) {
	t.Helper()
	limit := "PRAGMA max_page_count = " + fmt.Sprint(pages(t, s)+more)
	onWriter(t, s, func(c *liteConn) error { return c.exec(limit) })
}

func pages(t testing.TB, s *Store) (n int) {
	t.Helper()
	if err := s.backend.(*lite).reads.QueryRow("PRAGMA page_count").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFullDisk fills the disk, for every amount of free space from none to some pages.
// What was acknowledged is there, the store says that it is not ready, and it goes
// on without a restart when there is space.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for space := range 12 {
		t.Run(fmt.Sprintf("%d pages of space", space), func(t *testing.T) {
			path := newPath(t)
			s := openFile(t, path)
			defer func() { closeStore(t, s) }()
			if err := s.AddLot(t.Context(), lotOf("l1", 10_000)); err != nil {
				t.Fatal(err)
			}
			setPages(t, s, space)
			var kept []idv.Intent
			var full error
			for n := 0; n < 5000 && full == nil; n++ {
				i := call(n)
				var held idv.Reservation
				if held, full = s.Hold(t.Context(), i); full != nil {
					break
				}
				kept = append(kept, i)
				if s.Settle(t.Context(), outcomeOf(i, held, idv.Charged)) == nil {
					full = s.Complete(t.Context(), store.Key{}, verificationOf(i))
				}
			}
			if !errors.Is(full, store.ErrUnwritable) {
				t.Fatalf("the disk never was full: %v", full)
			}
			if err := s.Ready(t.Context()); !errors.Is(err, store.ErrUnwritable) {
				t.Errorf("on a full disk Ready says %v", err)
			}
			for _, i := range kept[max(0, len(kept)-3):] {
				if !durable(t, path, i.Attempt) {
					t.Errorf("the hold of %s was acknowledged and is not on the disk", i.Attempt)
				}
			}
			setPages(t, s, 1000)
			if err := s.Ready(t.Context()); err != nil {
				t.Errorf("with space again Ready says %v", err)
			}
			if _, err := s.Hold(t.Context(), call(9999)); err != nil {
				t.Errorf("with space again Hold says %v", err)
			}
			auditLots(t, s)
		})
	}
}

// TestNeighboursAreServed puts an operation that the database refuses among others
// of one batch.
func TestNeighboursAreServed(t *testing.T) {
	t.Parallel()
	s := openFile(t, newPath(t))
	defer closeStore(t, s)
	begun, gate := make(chan struct{}, 100), make(chan struct{})
	failAt(s, func(stage string) error {
		if stage == "begin" {
			begun <- struct{}{}
			<-gate // until all are queued
		}
		return nil
	})
	first := make(chan error)
	go func() { first <- s.Ready(t.Context()) }()
	<-begun
	bad := &operation{need: func(*needs) {}, do: func(u *unit) error {
		u.writes = append(u.writes, statement{sql: "INSERT INTO nowhere VALUES (1)"})
		return nil
	}}
	faults := make(chan error, 20)
	for n := range cap(faults) {
		go func() {
			if n == 10 {
				if s.writer.submit(t.Context(), bad) == nil {
					faults <- errors.New("the bad operation was taken")
					return
				}
				faults <- nil
				return
			}
			_, err := s.Hold(t.Context(), call(n))
			faults <- err
		}()
	}
	for len(s.writer.queue) < cap(faults) {
		runtime.Gosched()
	}
	close(gate)
	if err := <-first; err != nil {
		t.Error(err)
	}
	for range cap(faults) {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
	auditLots(t, s)
}
