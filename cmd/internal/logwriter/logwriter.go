// Package logwriter buffers log lines for a stream that may stall or fail, such as stderr.
package logwriter

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// maxPending is how much waits for the stream, in bytes. As much again may be in a write
// that stalls.
const maxPending = 1 << 20

// Writer passes lines to a stream in a goroutine of its own, so that Write never waits for
// the stream. Lines stay whole and in order. Lines that do not fit into the buffer or that
// the stream rejects are dropped and counted. Its methods are safe for concurrent use.
type Writer struct {
	out     io.Writer
	gap     func(dropped int64) []byte
	dropped atomic.Int64
	done    chan struct{} // closed when everything accepted was passed on

	mu      sync.Mutex
	changed *sync.Cond // on mu
	pending []byte
	lost    int64 // lines dropped after those in pending
	closed  bool

	// The goroutine alone uses these.
	unreported int64 // dropped lines that the stream does not show yet
	torn       bool  // the stream ends within a line
}

// New returns a Writer to out. After lines were dropped, and as soon as out accepts data
// again, gap returns the line that tells how many; it may be empty. Close must be called.
func New(out io.Writer, gap func(dropped int64) []byte) *Writer {
	w := &Writer{out: out, gap: gap, done: make(chan struct{})}
	w.changed = sync.NewCond(&w.mu)
	go w.pass()
	return w
}

// Write accepts whole lines, as the handlers of log/slog write them. It returns no error,
// since a caller must not fail because of its log.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// After the first dropped line, the others are dropped until pending is taken: a line
	// accepted in between would hide the gap.
	if w.closed || w.lost > 0 || len(w.pending)+len(p) > maxPending {
		w.lost += lines(p)
		w.dropped.Add(lines(p))
	} else {
		w.pending = append(w.pending, p...)
	}
	w.changed.Signal()
	return len(p), nil
}

// Dropped returns the number of lines dropped so far.
func (w *Writer) Dropped() int64 { return w.dropped.Load() }

// Close waits until the accepted lines are passed on, or until ctx is done, and then
// returns its error. Later lines are dropped.
func (w *Writer) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	w.changed.Signal()
	w.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pass writes what is pending until the Writer is closed and empty.
func (w *Writer) pass() {
	defer close(w.done)
	var batch []byte
	for {
		w.mu.Lock()
		for len(w.pending) == 0 && w.lost == 0 && !w.closed {
			w.changed.Wait()
		}
		batch, w.pending = w.pending, batch[:0]
		lost, last := w.lost, w.closed
		w.lost = 0
		w.mu.Unlock()

		w.report()
		n := w.write(batch)
		w.dropped.Add(n)
		w.unreported += n + lost
		if n == 0 {
			w.report()
		}
		if last {
			return
		}
	}
}

// report writes the line about dropped lines, if there are any.
func (w *Writer) report() {
	if w.unreported > 0 && w.write(w.gap(w.unreported)) == 0 {
		w.unreported = 0
	}
}

// write passes lines on and returns how many of them the stream did not accept. After a
// line that the stream accepted in part, the next one starts on a line of its own.
func (w *Writer) write(text []byte) int64 {
	if len(text) == 0 {
		return 0
	}
	if w.torn {
		if n, _ := w.out.Write([]byte("\n")); n == 0 {
			return lines(text)
		}
		w.torn = false
	}
	n, _ := w.out.Write(text) // n tells enough of an error
	if n > 0 {
		w.torn = text[n-1] != '\n'
	}
	return lines(text[n:])
}

func lines(p []byte) int64 { return int64(bytes.Count(p, []byte("\n"))) }
