package sqlstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// history is what a script wrote, commit after commit, and what it was promised.
type history struct {
	disk     []files // after each commit; the last after Close
	promises []promise
}

// writeHistory runs a script with a small WAL, so that it is often moved into the
// database and begun anew. At most so many requests run at once.
func writeHistory(t *testing.T, seed uint64, commits, burst int) *history {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	path := newPath(t)
	s := openFile(t, path)
	small := fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", 8+r.IntN(60))
	onWriter(t, s, func(c *liteConn) error { return c.exec(small) })
	h := &history{disk: []files{readFiles(t, path)}}
	var done atomic.Int64
	failAt(s, func(stage string) error {
		if stage == "committed" {
			h.disk = append(h.disk, readFiles(t, path))
			done.Add(1)
		}
		return nil
	})
	q := &requests{s: s, commits: &done}
	q.run(t, r, commits, burst)
	closeStore(t, s)
	h.promises = q.promises
	h.disk = append(h.disk, readFiles(t, path))
	return h
}

// listener takes down the errors of a test's helper instead of failing the test.
type listener struct {
	testing.TB
	faults []error
}

func (l *listener) Errorf(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

// examine opens what a power cut left and returns what is wrong with it. What was
// promised until a commit must stand.
func (h *history) examine(t *testing.T, f files, until int) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan.db")
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	if err := f.write(path); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSQLite(t.Context(), path, Options{})
	if err != nil {
		return fmt.Errorf("it does not open: %w", err)
	}
	defer closeStore(t, s)
	var sound string
	if err := s.backend.(*lite).reads.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		return fmt.Errorf("the database is damaged: %s, %w", sound, err)
	}
	all, err := look(t.Context(), s)
	if err != nil {
		return err
	}
	faults := []error{all.wrong(h.promises, until)}
	if _, err := s.Hold(t.Context(), call(999_999)); err != nil {
		faults = append(faults, fmt.Errorf("it does not go on: %w", err))
	}
	ledger := &listener{TB: t}
	auditLots(ledger, s)
	return errors.Join(append(faults, ledger.faults...)...)
}

// wrong returns the promises that were broken, and holds that were entered twice.
func (f *found) wrong(promises []promise, until int) error {
	var faults []error
	for _, p := range promises {
		if p.commit <= until && !p.kept(f) {
			faults = append(faults, fmt.Errorf("lost: %s, promised after commit %d of %d", p.what, p.commit, until))
		}
	}
	for id := range f.holds {
		if f.into[id] != 1 || f.out[id] != 1 { // those without an outcome became unknown
			faults = append(faults, fmt.Errorf("%s was held %d times and ended %d times", id, f.into[id], f.out[id]))
		}
	}
	return errors.Join(faults...)
}

// seedOf returns the seed of a run. TEST_SEED repeats one, but for the times that
// the store writes.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := fromEnv(t, "TEST_SEED", int(time.Now().UnixNano()&0xffffffff)+1)
	t.Logf("TEST_SEED=%d", seed)
	return uint64(seed)
}

// TestPowerCuts lets the power fail between any two commits, and while the database
// is made: what was not synced is lost, torn or put elsewhere. TEST_STATES sets how
// many such disks are opened. Whatever is left opens, holds all that was promised,
// and goes on.
//
// It believes what SQLite believes of a disk: that a sync is one, and that a sector
// which is written in part keeps its other bytes ("powersafe overwrite").
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	const shards = 2
	states := fromEnv(t, "TEST_STATES", shortOr(20, 60))
	for shard := range shards {
		t.Run(fmt.Sprint("script ", shard), func(t *testing.T) {
			t.Parallel()
			h := writeHistory(t, seed+uint64(shard), 100, 12)
			kinds := map[string]int{}
			for n := shard; n < states && !t.Failed(); n += shards {
				kinds[h.cutPower(t, rand.New(rand.NewPCG(seed, uint64(n)+1)), n)]++
			}
			t.Logf("states by what was being written: %v", kinds)
		})
	}
}

// TestPowerCutsOfTheMaking cuts the power while the tables are made. With seed 872192367 the
// tables of the first migration were left alone, and the database looked like one of an earlier
// version.
func TestPowerCutsOfTheMaking(t *testing.T) {
	t.Parallel()
	const seed = 872192367
	path := newPath(t)
	s := openFile(t, path)
	made := readFiles(t, path)
	closeStore(t, s)
	h := &history{disk: []files{made}}
	for n := range fromEnv(t, "TEST_STATES", shortOr(10, 40)) {
		left, kind, how := crash(rand.New(rand.NewPCG(seed, uint64(n)+1)), files{db: made.db}, made)
		if err := h.examine(t, left, -1); err != nil {
			t.Errorf("state %d, %s, %s: %v", n, kind, how, err)
		}
	}
	frames := (walEnd(made.wal) - walHeader) / (frameHeader + int(binary.BigEndian.Uint32(made.wal[8:])))
	if commits := commitsOf(made.wal); commits != 1 || frames < 2 {
		t.Errorf("the tables were made in %d commits of %d frames, want one", commits, frames)
	}
}

// commitsOf counts the commits in a WAL.
func commitsOf(wal []byte) (n int) {
	frame := frameHeader + int(binary.BigEndian.Uint32(wal[8:]))
	for at := walHeader; at+frame <= walEnd(wal); at += frame {
		if binary.BigEndian.Uint32(wal[at+4:]) != 0 {
			n++
		}
	}
	return n
}

// cutPower makes and examines one state.
func (h *history) cutPower(t *testing.T, r *rand.Rand, n int) (kind string) {
	t.Helper()
	const makings = 5 // how much more often the making is taken than a commit
	at := max(r.IntN(len(h.disk)-1+makings)-makings, -1)
	before := files{db: h.disk[0].db} // the first page, which is there before the WAL
	if at >= 0 {
		before = h.disk[at]
	}
	left, kind, how := crash(r, before, h.disk[at+1])
	if at < 0 {
		kind = "making of the " + kind
	}
	if err := h.examine(t, left, at); err != nil {
		keep := filepath.Join(t.ArtifactDir(), "heyan.db")
		t.Errorf("state %d: after commit %d, %s, %s (with -artifacts it is kept as %s, %v):\n%v", n, at, kind, how, keep, left.write(keep), err)
	}
	return kind
}

// TestBrokenPromisesAreNoticed takes the last commit away, in ways a sound disk
// does not: a check that finds nothing here would find nothing above.
func TestBrokenPromisesAreNoticed(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	h := writeHistory(t, seed, 60, 1)
	r := rand.New(rand.NewPCG(seed, 1))
	for _, lie := range []struct {
		name  string
		moved bool // the commit was moved to the database
		left  func(before, after files) files
	}{
		{"the WAL is cut before its end", false, func(before, after files) files {
			begin, end := walEnd(before.wal), walEnd(after.wal)
			if begunAnew(before, after) {
				begin = walHeader
			}
			return files{after.db, after.wal[:begin+r.IntN(end-begin)]}
		}},
		{"one bit of the WAL is turned", false, func(_, after files) files {
			wal := bytes.Clone(after.wal)
			wal[walEnd(wal)-1-r.IntN(frameHeader+8*sector)] ^= 1 << r.IntN(8)
			return files{after.db, wal}
		}},
		{"the WAL is gone before the database is written", true, func(before, _ files) files { return files{db: before.db} }},
	} {
		t.Run(lie.name, func(t *testing.T) {
			tries := 0
			for _, n := range r.Perm(len(h.promises)) {
				at := h.promises[n].commit
				before, after := h.disk[at-1], h.disk[at]
				if tries == 4 || lie.moved == bytes.Equal(before.db, after.db) {
					continue
				}
				tries++
				if err := h.examine(t, lie.left(before, after), at); err == nil {
					t.Errorf("after commit %d: the loss was not detected", at)
				}
			}
			if tries == 0 {
				t.Error("there was no such commit")
			}
		})
	}
}
