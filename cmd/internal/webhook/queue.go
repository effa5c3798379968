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

// queueLength bounds the alerts that wait for one hook. They are few by nature: one
// for each provider and level.
const queueLength = 64

// ErrClosed says that the queue takes no more alerts.
var ErrClosed = errors.New("the queue of alerts is closed")

// Queue sends alerts in the background, to every hook in a line of its own. It is
// safe for concurrent use. Make it with [NewQueue] and end it with [Queue.Close].
// What waits in it is lost in a crash: the log is the record, a hook is a courtesy.
type Queue struct {
	log    *slog.Logger
	lines  []*queueLine
	cancel context.CancelFunc
	ended  chan struct{} // closed when all lines have ended
	lost   atomic.Int64  // alerts that Close gave up

	mu     sync.Mutex // guards closed, and the sending side of the lines
	closed bool
}

// line is what waits for one hook.
type queueLine struct {
	hook    *Hook
	waiting chan alert.Alert
}

// NewQueue starts a queue for the hooks, which it owns from then on. A nil log
// means none.
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

// Tell puts an alert into every line and returns at once. Where a line is full its
// oldest alert is dropped, and the log says so. The error is ErrClosed or nil.
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

// put makes room and puts the alert there. Nobody else puts, so there is room at
// the second turn.
func (q *Queue) put(l *queueLine, a alert.Alert) {
	for {
		select {
		case l.waiting <- a:
			return
		default:
		}
		select {
		case oldest := <-l.waiting:
			q.log.Warn("too many alerts wait for a webhook; the oldest is dropped",
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
		q.log.Error("an alert was not delivered", slog.Any("hook", l.hook), slog.Any("alert", a), slog.Any("error", err))
	}
}

// Close takes no more alerts, sends those that wait, and returns when that is done
// or ctx is over. What is left then is given up and logged, and the error says how
// many these were. A second call waits for the same end.
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
		return fmt.Errorf("alerts not delivered when the time was over: %d", n)
	}
	return nil
}
