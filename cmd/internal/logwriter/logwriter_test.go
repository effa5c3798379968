package logwriter

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func gap(n int64) []byte { return fmt.Appendf(nil, "dropped %d\n", n) }

// fill writes n numbered lines of 100 bytes.
func fill(w io.Writer, n int) {
	for i := range n {
		_, _ = fmt.Fprintf(w, "%099d\n", i)
	}
}

// TestStalledReader: writers do not wait for a pipe that is never read. Once it is read,
// whole lines come in order, and lines in between tell how many are missing.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	w := New(in, gap)
	const n = 3 * maxPending / 100
	fill(w, n) // would wait for ever after the 64 KiB of a pipe
	if w.Dropped() == 0 {
		t.Error("nothing dropped, want a bounded buffer")
	}
	go func() {
		_ = w.Close(context.Background())
		_ = in.Close()
	}()
	next, told := 0, 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if count, ok := strings.CutPrefix(lines.Text(), "dropped "); ok {
			missing, err := strconv.Atoi(count)
			if err != nil {
				t.Fatal(err)
			}
			next, told = next+missing, told+missing
			continue
		}
		if want := fmt.Sprintf("%099d", next); lines.Text() != want {
			t.Fatalf("line %d: %q, want %q", next, lines.Text(), want)
		}
		next++
	}
	if next != n || int64(told) != w.Dropped() {
		t.Errorf("%d lines, of which %d were told to be missing; want %d and %d", next, told, n, w.Dropped())
	}
}

// TestCloseEndsWithItsContext although the stream never accepts a line.
func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		w := New(in, gap)
		fill(w, 10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Close(ctx); err == nil {
			t.Error("no error, want that of the context")
		}
		_ = out.Close()
	})
}

// TestClosedReader: the reader of a pipe ends. Each line is counted, and the process lives:
// for stderr itself, cmd/heyan tests the signal as well.
func TestClosedReader(t *testing.T) {
	t.Parallel()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	w := New(in, gap)
	fill(w, 10)
	if err := w.Close(t.Context()); err != nil || w.Dropped() != 10 {
		t.Errorf("%d dropped (%v), want 10", w.Dropped(), err)
	}
	fill(w, 1)
	if w.Dropped() != 11 {
		t.Errorf("%d dropped, want those after Close too", w.Dropped())
	}
}

// full is a stream that accepts so many bytes and then fails until it is grown.
type full struct {
	mu   sync.Mutex
	free int
	text bytes.Buffer
	hit  chan struct{}
}

func (f *full) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, _ := f.text.Write(p[:min(len(p), f.free)])
	f.free -= n
	if n < len(p) {
		f.hit <- struct{}{}
		return n, syscall.ENOSPC
	}
	return n, nil
}

// TestTornLine: a full disk accepts half a line. The next line does not continue it.
func TestTornLine(t *testing.T) {
	t.Parallel()
	disk := &full{free: 8, hit: make(chan struct{}, 1)}
	w := New(disk, gap)
	_, _ = io.WriteString(w, "first\nsecond\nthird\n")
	<-disk.hit
	disk.mu.Lock()
	disk.free = 1000
	disk.mu.Unlock()
	_, _ = io.WriteString(w, "fourth\n")
	if err := w.Close(t.Context()); err != nil || w.Dropped() != 2 {
		t.Errorf("%d dropped (%v), want 2", w.Dropped(), err)
	}
	if got, want := disk.text.String(), "first\nse\ndropped 2\nfourth\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestConcurrentWriters: no line is mixed with another.
func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	w := New(&out, gap)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { fill(w, 100) })
	}
	all.Wait()
	if err := w.Close(t.Context()); err != nil || w.Dropped() != 0 {
		t.Fatalf("%d dropped (%v), want none", w.Dropped(), err)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) != 100 {
			t.Errorf("line %q", line)
		}
	}
	if got := strings.Count(out.String(), "\n"); got != 800 {
		t.Errorf("%d lines, want 800", got)
	}
}
