package exchange

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// lateContext ends later than its deadline says, as contexts do if the process paused.
type lateContext struct {
	context.Context //nolint:containedctx // it is a context
	deadline        time.Time
}

func (c lateContext) Deadline() (time.Time, bool) { return c.deadline, true }

// TestDeadlineInAPause: a reply that has come when a pause ends is read, although the deadline
// has passed. A call goes on for a moment only.
func TestDeadlineInAPause(t *testing.T) {
	t.Parallel()
	const deadline, end = time.Second, 2 * time.Second
	tests := []struct {
		name    string
		reply   time.Duration // from the request on
		late    bool
		answers bool
		took    time.Duration
	}{
		{"reply after the pause", end + lateGrace/2, true, true, end + lateGrace/2},
		{"reply later", end + 2*lateGrace, true, false, end + lateGrace},
		{"no pause", end + lateGrace/2, false, false, deadline},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := through(t, plainBase, func(c net.Conn) {
					_, _ = http.ReadRequest(bufio.NewReader(c))
					time.Sleep(tt.reply)
					_, _ = io.WriteString(c, okay)
				})
				defer func() { x.Close(); time.Sleep(time.Minute) }()
				begun, ends := time.Now(), deadline
				if tt.late {
					ends = end
				}
				inner, cancel := context.WithTimeout(t.Context(), ends)
				defer cancel()
				_, err := x.Do(lateContext{inner, begun.Add(deadline)}, get())
				if tt.answers != (err == nil) || err != nil && idv.FailureOf(err) != idv.Timeout {
					t.Errorf("got %v, want an answer: %v", err, tt.answers)
				}
				if took := time.Since(begun); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
			})
		})
	}
}

// TestNothingIsSentAfterTheDeadline: a request is not written when its time is over.
func TestNothingIsSentAfterTheDeadline(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url})
	must(t, x, get()) // leaves a connection
	failsIn(lateContext{t.Context(), time.Now().Add(-time.Second)}, t, x, get(), unsent(idv.Timeout, "write"))
	must(t, x, get())
	if got := v.requests.Load(); got != 2 {
		t.Errorf("%d requests were sent, want 2", got)
	}
}

// twoReads is a connection whose first read ends at the time limit.
type twoReads struct {
	net.Conn

	reads int
	until time.Time
}

func (c *twoReads) SetReadDeadline(t time.Time) error { c.until = t; return nil }

func (c *twoReads) Read(b []byte) (int, error) {
	if c.reads++; c.reads == 1 {
		return 0, os.ErrDeadlineExceeded
	}
	return copy(b, "late"), nil
}

// TestReadInAPause: what has arrived is read once more if the limit of a read is noticed late.
func TestReadInAPause(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		until time.Duration // from the read on; 0 for no limit of the call
		want  int
	}{
		{"noticed late", -time.Second, 4},
		{"noticed at once", -lateLeast / 2, 0},
		{"no limit of the call", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := new(twoReads)
				r := boundedReader{conn: c, remaining: 100}
				if tt.until != 0 {
					r.until = time.Now().Add(tt.until)
				}
				n, err := r.Read(make([]byte, 10))
				if n != tt.want || (err == nil) != (n > 0) {
					t.Errorf("got %d bytes, %v; want %d", n, err, tt.want)
				}
				if n > 0 && time.Until(c.until) != lateGrace {
					t.Errorf("the second read ends in %v, want %v", time.Until(c.until), lateGrace)
				}
			})
		})
	}
}
