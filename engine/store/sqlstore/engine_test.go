package sqlstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

func openSQLite(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.OpenSQLite(t.Context(), path, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newEngine(t *testing.T, s store.Store, p ...*enginetest.Provider) *engine.Engine {
	t.Helper()
	o := enginetest.Options(p...)
	o.Store, o.FingerprintKey = s, []byte("shared by all of this test")
	e, err := engine.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// end closes an engine and its store.
func end(t *testing.T, e *engine.Engine, s store.Store) {
	t.Helper()
	if err := errors.Join(e.Close(context.Background()), s.Close()); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// TestOneKeyIsPaidOnce asks a hundred times at once, and again after a restart.
func TestOneKeyIsPaidOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	a := enginetest.New("a", enginetest.Slow(5*time.Millisecond, enginetest.Answer(idv.Mismatch)))
	s := openSQLite(t, path)
	e := newEngine(t, s, a)
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, err := e.Verify(context.Background(), r); err != nil && !errors.Is(err, store.ErrInProgress) {
				t.Errorf("Verify: %v", err)
			}
		})
	}
	wg.Wait()
	first, err := e.Verify(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	end(t, e, s)
	s = openSQLite(t, path)
	e = newEngine(t, s, a)
	defer end(t, e, s)
	again, err := e.Verify(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := json.Marshal(first)
	two, _ := json.Marshal(again)
	if string(one) != string(two) {
		t.Errorf("the replay after a restart is\n%s, want\n%s", two, one)
	}
	if a.Calls() != 1 {
		t.Errorf("%d calls for one key, want 1", a.Calls())
	}
}

// TestCrashDuringACallIsNotPaidTwice ends a process while its vendor works: the
// store is dropped with the hold in it. The next process finds it and says so.
func TestCrashDuringACallIsNotPaidTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	a := enginetest.New("a")
	s := openSQLite(t, path)
	e := newEngine(t, crashing{s}, a)
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	if _, err := e.Verify(t.Context(), r); err == nil {
		t.Fatal("the verification ended though its outcome could not be written")
	}
	end(t, e, s)
	s = openSQLite(t, path)
	found := s.Recovered()
	if len(found.Unknown) != 1 || len(found.Concluded) != 1 {
		t.Fatalf("recovered %+v", found)
	}
	e = newEngine(t, s, a)
	defer end(t, e, s)
	v, err := e.Verify(t.Context(), r)
	if err != nil || v.Verdict != idv.Undetermined || v.Reason != "unknown" || a.Calls() != 1 {
		t.Errorf("got %v %q, %v after %d calls; want what is known of the first", v.Verdict, v.Reason, err, a.Calls())
	}
	if _, possible := v.Cost(); possible.Micros != 50_000 {
		t.Errorf("it may have cost %v", possible)
	}
	if err := s.Resolve(t.Context(), found.Unknown[0].Intent.Attempt, idv.Charged, "export"); err != nil {
		t.Error(err)
	}
}

// crashing fails every write after a hold, like a process that crashes.
type crashing struct{ store.Store }

var errDied = errors.New("died")

func (crashing) Settle(context.Context, idv.Attempt) error { return errDied }

func (crashing) Complete(context.Context, store.Key, idv.Verification) error { return errDied }

func (crashing) CompleteWithCall(context.Context, idv.Attempt, store.Key, idv.Verification) error {
	return errDied
}

// TestUsedUpPackageIsLeftOut asks the next vendor when the first one's package is
// empty, and says so.
func TestUsedUpPackageIsLeftOut(t *testing.T) {
	t.Parallel()
	s := openSQLite(t, filepath.Join(t.TempDir(), "heyan.db"))
	if err := s.AddLot(t.Context(), ledger.Lot{ID: "l", Provider: "a", Units: 1, Bought: time.Now()}); err != nil {
		t.Fatal(err)
	}
	e := newEngine(t, s, enginetest.New("a"), enginetest.New("b"))
	defer end(t, e, s)
	for n, want := range []string{"a", "b"} {
		v, err := e.Verify(t.Context(), enginetest.Request())
		if err != nil || v.Evidence[0].Provider != want {
			t.Fatalf("verification %d: %+v, %v; want it answered by %s", n, v.Evidence, err, want)
		}
		if n == 1 && (len(v.Skipped) != 1 || v.Skipped[0].Reason != idv.SkipQuotaExhausted) {
			t.Errorf("skipped %+v", v.Skipped)
		}
	}
}
