//go:build unix

package plugins

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/heyan-id/heyan/engine/idv"
)

// Nothing is left of plugins that were opened, killed, swapped and closed: no
// goroutine, no descriptor, no file, no process.
func TestNothingLeaks(t *testing.T) {
	closed(t, mustOpen(t, spec(t, "good"))) // what is made once, is made
	before := descriptors(t)
	ignore := goleak.IgnoreCurrent()
	dir := shortDir(t)
	for range 3 {
		s := spec(t, "good")
		s.TempDir = dir
		seen := states(&s)
		p := mustOpen(t, s)
		p.Kill()
		next(seen, Restarting)
		next(seen, Ready)
		if err := p.Swap(t.Context(), spec(t, "next")); err != nil {
			t.Fatal(err)
		}
		closed(t, p)
		bad := spec(t, "garbage")
		bad.TempDir = dir
		if _, err := Open(t.Context(), bad); err == nil {
			t.Fatal("garbage opened")
		}
	}
	goleak.VerifyNone(t, ignore)
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
	if n := children(t); n > 0 {
		t.Errorf("%d processes are left", n)
	}
}

func mustOpen(t *testing.T, s Spec) *Plugin {
	t.Helper()
	p, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not list open files")
	}
	return len(list)
}

// children counts the processes whose parent this one is, zombies
// included.
func children(t *testing.T) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		var state string
		var parent int
		if _, err := fmt.Sscan(rest, &state, &parent); err == nil && parent == os.Getpid() {
			n++
		}
	}
	return n
}

func TestClose(t *testing.T) {
	t.Parallel()
	p := mustOpen(t, spec(t, "good"))
	codec := codecOf(t, p)
	closed(t, p)
	closed(t, p)
	if s := p.State(); s.Phase != Stopped || s.Reason != ReasonStopped || s.PID != 0 {
		t.Errorf("state %+v, want stopped", s)
	}
	if _, err := codec.Encode(person(1)); idv.FailureOf(err) != idv.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
	if err := p.Swap(t.Context(), spec(t, "good")); !errors.Is(err, &Error{Reason: ReasonStopped}) {
		t.Errorf("got %v, want a refusal", err)
	}
	if p.Kill() {
		t.Error("there is something to kill")
	}
}

// Close waits for calls, but not longer than it is told to.
func TestCloseCutsOff(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	s := spec(t, "stuck")
	s.LogMessages = []string{stuckNow}
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	p := mustOpen(t, s)
	codec := codecOf(t, p)
	lost := make(chan error)
	go func() {
		q := person(1)
		_, err := codec.Decode(q, toyReply(q))
		lost <- err
	}()
	log.waitFor(stuckNow)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that calls were cut off", err)
	}
	if err := <-lost; idv.FailureOf(err) != idv.Unavailable || idv.AsError(err).Delivery != idv.DeliveryUnknown {
		t.Errorf("got %v, want unavailable with sent unknown", err)
	}
}

func TestCatalogue(t *testing.T) {
	one, two := spec(t, "good"), spec(t, "own")
	two.Name = "two"
	c, err := OpenAll(t.Context(), []Spec{one, two})
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := c.Find("two"); !ok || !p.Products()[0].CustomTransport || len(c.Plugins()) != 2 {
		t.Errorf("found %v", ok)
	}
	if _, ok := c.Find("three"); ok {
		t.Error("it finds what is not there")
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := OpenAll(t.Context(), []Spec{one, one}); !errors.Is(err, &Error{Reason: ReasonName, Plugin: "toy"}) {
		t.Errorf("two with one name: got %v, want a refusal", err)
	}
	bad := spec(t, "exit")
	bad.Name = "bad"
	if _, err := OpenAll(t.Context(), []Spec{one, bad}); !errors.Is(err, &Error{Reason: ReasonStartExit, Plugin: "bad"}) {
		t.Errorf("one that does not start: got %v", err)
	}
	if n := children(t); n > 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	place := func(name string, age time.Duration) string {
		path := filepath.Join(dir, dirPattern+name)
		lock := filepath.Join(path, lockName)
		then := time.Now().Add(-age)
		if err := errors.Join(os.Mkdir(path, 0o700), os.WriteFile(lock, nil, 0o600), os.Chtimes(lock, then, then)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dead, young, held := place("dead", time.Hour), place("young", 0), place("held", time.Hour)
	lock, err := lockFile(filepath.Join(held, lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	sweep(dir)
	for path, want := range map[string]bool{dead: false, young: true, held: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
}
