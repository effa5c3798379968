package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// The limits of the writer.
const (
	batchSize  = 128              // operations per commit
	queueSize  = 4 * batchSize    // waiting operations
	batchTime  = 30 * time.Second // timeout of a transaction
	maxRetries = 5
)

var (
	errClosed    = errors.New("the store is closed")
	errUncertain = errors.New("the connection broke during the commit; the transaction may be durable")
)

// operation is what one caller does in a transaction.
type operation struct {
	need func(*needs)      // declares what it reads
	do   func(*unit) error // decides; called again if the transaction is repeated

	taken atomic.Bool
	err   error
	done  chan struct{}
}

// writer makes operations durable by group commit: operations that arrive during a commit
// share the next one. Each caller continues after the commit of its own operation, so a
// single operation waits for one commit only.
type writer struct {
	backend backend
	clock   *store.Clock
	log     *slog.Logger
	fail    func(stage string) error // failpoint of tests

	mu     sync.RWMutex
	closed bool
	queue  chan *operation
	ended  chan struct{}
	broken bool // the last batch failed
}

func newWriter(b backend, clock *store.Clock, log *slog.Logger) *writer {
	w := &writer{backend: b, clock: clock, log: log, queue: make(chan *operation, queueSize), ended: make(chan struct{})}
	go w.loop()
	return w
}

// submit waits until an operation is durable or has failed. If ctx is done before the writer
// takes the operation, the operation is dropped. Afterwards submit waits for the result,
// since the operation may succeed.
func (w *writer) submit(ctx context.Context, o *operation) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	o.done = make(chan struct{})
	if err := w.enqueue(ctx, o); err != nil {
		return err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		if o.taken.CompareAndSwap(false, true) {
			return unavailable(ctx.Err())
		}
		<-o.done
		return o.err
	}
}

func (w *writer) enqueue(ctx context.Context, o *operation) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- o:
		return nil
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

// close ends the writer after the queued operations.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) loop() {
	defer close(w.ended)
	for o := range w.queue {
		if batch := w.gather(o); len(batch) > 0 {
			w.write(batch)
		}
	}
}

// gather takes the operations that are waiting.
func (w *writer) gather(first *operation) []*operation {
	var batch []*operation
	take := func(o *operation) {
		if o.taken.CompareAndSwap(false, true) {
			batch = append(batch, o)
		}
	}
	take(first)
	for len(batch) < batchSize {
		select {
		case o, open := <-w.queue:
			if !open {
				return batch
			}
			take(o)
		default:
			return batch
		}
	}
	return batch
}

// write commits a batch. If that fails, each operation is tried alone, so that one that the
// database rejects does not fail the others, and one that needs no space succeeds on a full
// disk.
func (w *writer) write(batch []*operation) {
	err := w.retry(batch)
	if err != nil && len(batch) > 1 && !errors.Is(err, errUncertain) {
		for _, o := range batch {
			if err := w.retry([]*operation{o}); err != nil {
				o.err = unwritable(err)
			}
		}
	} else if err != nil {
		for _, o := range batch {
			o.err = unwritable(err)
		}
	}
	w.logChange(err)
	for _, o := range batch {
		close(o.done)
	}
}

func unwritable(err error) error { return fmt.Errorf("%w: %w", store.ErrUnwritable, err) }

// logChange logs when writing starts to fail and when it works again.
func (w *writer) logChange(err error) {
	switch {
	case err != nil && !w.broken:
		w.log.Error("the store cannot write", "error", err)
	case err == nil && w.broken:
		w.log.Info("the store can write again")
	}
	w.broken = err != nil
}

// retry repeats a transaction that is retryable.
func (w *writer) retry(batch []*operation) error {
	var err error
	for n := range maxRetries {
		if err = w.attempt(batch); err == nil || !w.backend.retryable(err) {
			return err
		}
		time.Sleep(time.Duration(n) * time.Millisecond)
	}
	return err
}

// attempt runs a batch in one transaction.
func (w *writer) attempt(batch []*operation) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTime)
	defer cancel()
	if err := w.point("begin"); err != nil {
		return err
	}
	tx, err := w.backend.begin(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tx.rollback()
		}
	}()
	u, err := load(ctx, tx, w.clock, batch)
	if err != nil {
		return err
	}
	for _, o := range batch {
		o.err = o.do(u)
	}
	list, err := u.changes()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		tx.rollback()
		return nil
	}
	if err := tx.run(ctx, list); err != nil {
		return err
	}
	if err := w.point("commit"); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	return w.point("committed")
}

// point is a place at which a test makes the writer fail.
func (w *writer) point(stage string) error {
	if w.fail == nil {
		return nil
	}
	return w.fail(stage)
}
