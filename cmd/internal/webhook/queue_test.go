package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/alert"
)

var errOver = "alerts not delivered before the deadline: "

func tell(t *testing.T, q *Queue, n int) {
	t.Helper()
	for i := range n {
		if err := q.Tell(t.Context(), lowOf(fmt.Sprintf("provider-%03d", i))); err != nil {
			t.Fatal(err)
		}
	}
}

// within closes a queue and gives it so long.
func within(t *testing.T, q *Queue, d time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return q.Close(ctx)
}

func TestQueueDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, s := acted(t, Generic, turn{status: 200})
		q := NewQueue(nil, h)
		tell(t, q, 3)
		if err := within(t, q, time.Second); err != nil || s.tries() != 3 {
			t.Fatalf("%v after %d tries, want nil after 3", err, s.tries())
		}
		for i, call := range s.calls {
			if !strings.Contains(call.Body.Reveal(), fmt.Sprintf("provider-%03d", i)) {
				t.Errorf("try %d is of another alert", i+1)
			}
		}
		if err := q.Tell(t.Context(), low()); !errors.Is(err, ErrClosed) {
			t.Errorf("%v after the end, want ErrClosed", err)
		}
		if err := within(t, q, time.Second); err != nil {
			t.Errorf("%v at a second close, want nil", err)
		}
	})
}

// A hook that is away delays no other.
func TestQueueLinesAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away, _ := acted(t, Generic, turn{hang: true})
		there, s := acted(t, WeCom, turn{status: 200, body: `{"errcode":0}`})
		q := NewQueue(nil, away, there)
		tell(t, q, 5)
		synctest.Wait()
		if s.tries() != 5 {
			t.Errorf("%d alerts arrived, want 5", s.tries())
		}
		if err := within(t, q, time.Minute); err == nil || err.Error() != errOver+"5" {
			t.Errorf("got %v, want %s5", err, errOver)
		}
	})
}

// When too many wait the oldest go, and the log says so.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		h, s := acted(t, Generic, turn{status: 429, retry: "60"}, turn{status: 200})
		q := NewQueue(slog.New(slog.NewTextHandler(&out, nil)), h)
		tell(t, q, 1)
		synctest.Wait() // the first is being sent
		tell(t, q, queueLength+3)
		if got := strings.Count(out.String(), "oldest alert dropped"); got != 3 {
			t.Errorf("%d lines of dropped alerts, want 3", got)
		}
		if !strings.Contains(out.String(), "hook=ops-generic") || !strings.Contains(out.String(), "alert.provider=provider-002") {
			t.Errorf("the log does not name hook and alert:\n%s", out.String())
		}
		if err := within(t, q, 2*time.Minute); err != nil || s.tries() != queueLength+2 {
			t.Errorf("%v after %d tries, want nil after %d", err, s.tries(), queueLength+2)
		}
		if got := s.calls[2].Body.Reveal(); !strings.Contains(got, "provider-003") {
			t.Errorf("after the first comes %s, want the oldest that is left", got)
		}
	})
}

// Close keeps its time, whatever a hook does, and says how many were given up.
func TestQueueGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		h, _ := acted(t, Generic, turn{status: 200}, turn{status: 500})
		q := NewQueue(slog.New(slog.NewTextHandler(&out, nil)), h)
		tell(t, q, 4)
		begun := time.Now()
		err := within(t, q, 10*time.Second)
		if err == nil || err.Error() != errOver+"3" || time.Since(begun) != 10*time.Second {
			t.Errorf("got %v after %v, want %s3 after 10s", err, time.Since(begun), errOver)
		}
		if got := strings.Count(out.String(), "level=ERROR"); got != 3 {
			t.Errorf("%d lines of alerts not delivered, want 3", got)
		}
	})
}

// What a hook refuses is logged and holds up nothing.
func TestQueueGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		h, s := acted(t, Generic, turn{status: 404}, turn{status: 200})
		q := NewQueue(slog.New(slog.NewTextHandler(&out, nil)), h)
		tell(t, q, 2)
		if err := within(t, q, time.Second); err != nil || s.tries() != 2 {
			t.Errorf("%v after %d tries, want nil after 2", err, s.tries())
		}
		if got := strings.Count(out.String(), "alert not delivered"); got != 1 {
			t.Errorf("%d lines of alerts not delivered, want 1", got)
		}
	})
}

// Alerts are queued concurrently with Close: each is accepted or refused, none is lost.
func TestQueueConcurrently(t *testing.T) {
	h, s := acted(t, Generic, turn{status: 200})
	q := NewQueue(nil, h)
	var mu sync.Mutex
	var running sync.WaitGroup
	taken := 0
	for range 8 {
		running.Go(func() {
			for range 5 {
				if q.Tell(context.Background(), alert.Alert{}) == nil {
					mu.Lock()
					taken++
					mu.Unlock()
				}
			}
		})
	}
	running.Go(func() {
		if err := q.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	running.Wait()
	if s.tries() != taken {
		t.Errorf("%d tries of %d alerts", s.tries(), taken)
	}
}
