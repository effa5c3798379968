package sqlstore

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/heyan-id/heyan/engine/store"
)

// limitChild is the environment variable that makes TestWritesFail the child process whose
// files may not grow.
const limitChild = "TEST_LIMIT_CHILD"

// TestWritesFail lets the kernel refuse every write beyond some size of a file, with a part
// of the last write done, wherever a series of requests meets it: in a header, a frame or
// a page. It runs in a process of its own, because the limit applies to all files of a
// process. TEST_LIMITS sets the number of sizes.
func TestWritesFail(t *testing.T) {
	t.Parallel()
	if os.Getenv(limitChild) != "" {
		writeUntilLimits(t)
		return
	}
	args := []string{"-test.run=^TestWritesFail$", "-test.v", fmt.Sprintf("-test.short=%t", testing.Short())}
	child := exec.Command(os.Args[0], args...)
	child.Env = append(os.Environ(), limitChild+"=1")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	t.Logf("%s", out)
}

// writeUntilLimits is the child process.
func writeUntilLimits(t *testing.T) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // so that a write fails instead of the process
	limits, failed, held := fromEnv(t, "TEST_LIMITS", shortOr(6, 12)), 0, 0
	for n := range limits {
		kept, stopped := writeUntil(t, n)
		held += kept
		if stopped {
			failed++
		}
	}
	if failed < limits/2 || held == 0 {
		t.Errorf("only %d of %d limits were met, with %d holds", failed, limits, held)
	}
	copyFails(t)
	t.Logf("%d limits, %d met, %d holds acknowledged, none lost", limits, failed, held)
}

// copyFails: a copy before a migration that finds no space leaves no file.
func copyFails(t *testing.T) {
	t.Helper()
	path := goldenFile(t, "0018")
	limitFiles(t, 16<<10)
	s, err := OpenSQLite(t.Context(), path, Options{Attached: true, Migrate: true})
	limitFiles(t, -1)
	if err == nil {
		closeStore(t, s)
		t.Error("a file was migrated without space for its copy")
	}
	if left, err := filepath.Glob(path + ".v*"); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// limitFiles lets no file grow beyond a size in bytes; -1 lifts the limit.
func limitFiles(t *testing.T, size int64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur = limit.Max; size >= 0 {
		limit.Cur = uint64(size)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

// roomFor returns how much a file may grow in a run, up to two requests or so. The
// step has no factor in common with a page or a frame, so the limit falls anywhere.
func roomFor(run int) int { return run * 9973 % (100 << 10) }

// writeUntil runs requests until a write fails, and returns how many were held.
func writeUntil(t *testing.T, n int) (held int, failed bool) {
	t.Helper()
	path := newPath(t)
	s := openFile(t, path)
	if err := s.AddLot(t.Context(), lotOf("l1", 100)); err != nil {
		t.Fatal(err)
	}
	size := int64(len(readFiles(t, path).wal) + roomFor(n))
	limitFiles(t, size)
	var kept []string
	for c := 0; c < 20 && !failed; c++ {
		i := call(c)
		h, err := s.Hold(t.Context(), i)
		if err == nil {
			kept = append(kept, i.Attempt)
			err = errors.Join(s.Settle(t.Context(), outcomeOf(i, h, 1)), s.Complete(t.Context(), store.Key{}, verificationOf(i)))
		}
		if failed = err != nil; failed && !errors.Is(err, store.ErrUnwritable) {
			t.Errorf("limit %d: %v, want ErrUnwritable", size, err)
		}
	}
	if n%2 == 0 { // the operator frees space
		limitFiles(t, -1)
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("limit %d: with space again Ready says %v", size, err)
		}
		auditLots(t, s)
	}
	_ = s.Close() // at a limit it may not move the WAL into the database
	limitFiles(t, -1)
	reopened(t, path, fmt.Sprint("limit ", size), kept)
	return len(kept), failed
}

// reopened sees that holds are there and that the store goes on.
func reopened(t *testing.T, path, what string, kept []string) {
	t.Helper()
	s, err := OpenSQLite(t.Context(), path, Options{})
	if err != nil {
		t.Fatalf("%s: it does not open: %v", what, err)
	}
	defer closeStore(t, s)
	all, err := look(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range kept {
		if _, ok := all.holds[id]; !ok {
			t.Errorf("%s: the hold of %s was acknowledged and is lost", what, id)
		}
	}
	if _, err := s.Hold(t.Context(), call(999_999)); err != nil {
		t.Errorf("%s: it does not go on: %v", what, err)
	}
	auditLots(t, s)
}
