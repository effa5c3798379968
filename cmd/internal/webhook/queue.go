package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/heyan-id/heyan/engine/ledger/alert"
)

// queueLength bounds the alerts that wait for one webhook. Alerts are few: one per
// provider and level.
const queueLength = 64

// ErrClosed says that the queue takes no more alerts.
var ErrClosed = errors.New("alert queue is closed")

// Queue sends alerts in the background, with one queue per webhook. It is safe for
// concurrent use. Create it with [NewQueue] and end it with [Queue.Close]. A crash
// loses waiting alerts; the log keeps a record of every alert.
type Queue struct {
	log    *slog.Logger
	lines  []*queueLine
	cancel context.CancelFunc
	ended  chan struct{} // closed when all lines have ended
	lost   atomic.Int64  // alerts that Close gave up

	mu     sync.Mutex // guards closed, and the sending side of the lines
	closed bool
}

// queueLine holds the alerts that wait for one webhook.
type queueLine struct {
	hook    *Hook
	waiting chan alert.Alert
}

// NewQueue starts a queue for the webhooks, which it closes at its end. A nil log
// discards log messages.
func NewQueue(log *slog.Logger, hooks ...*Hook) *Queue {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{log: log, cancel: cancel, ended: make(chan struct{})}
	var running sync.WaitGroup
	for _, h := range hooks {
		l := &queueLine{hook: h, waiting: make(chan alert.Alert, queueLength)}
		q.lines = append(q.lines, l)
		running.Go(func() { q.serve(ctx, l) })
	}
	go func() {
		running.Wait()
		close(q.ended)
	}()
	return q
}

// Tell queues an alert for every webhook and returns at once. A full queue drops and
// logs its oldest alert. The error is ErrClosed or nil.
func (q *Queue) Tell(_ context.Context, a alert.Alert) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	for _, l := range q.lines {
		q.put(l, a)
	}
	return nil
}

// put queues an alert, dropping the oldest if the queue is full. The caller holds q.mu,
// so that one drop makes space.
func (q *Queue) put(l *queueLine, a alert.Alert) {
	for {
		select {
		case l.waiting <- a:
			return
		default:
		}
		select {
		case oldest := <-l.waiting:
			q.log.Warn("webhook queue full; oldest alert dropped",
				slog.Any("hook", l.hook), slog.Any("alert", oldest))
		default:
		}
	}
}

func (q *Queue) serve(ctx context.Context, l *queueLine) {
	defer l.hook.Close()
	for a := range l.waiting {
		err := l.hook.Send(ctx, a)
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			q.lost.Add(1)
		}
		q.log.Error("alert not delivered", slog.Any("hook", l.hook), slog.Any("alert", a), slog.Any("error", err))
	}
}

// Close accepts no more alerts, sends the waiting ones, and returns when this is done
// or ctx is done. Alerts that are left then are dropped and logged, and the error holds
// their number. A second call waits for the same end.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		for _, l := range q.lines {
			close(l.waiting)
		}
	}
	q.mu.Unlock()
	select {
	case <-q.ended:
	case <-ctx.Done():
	}
	q.cancel()
	<-q.ended
	if n := q.lost.Load(); n > 0 {
		return fmt.Errorf("alerts not delivered before the deadline: %d", n)
	}
	return nil
}
