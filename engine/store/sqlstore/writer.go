package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// The limits of the writer.
const (
	batchSize    = 128           // operations per commit, beside those that wait
	queueSize    = 4 * batchSize // waiting operations
	maxRetries   = 5
	longestPause = time.Second     // before waiting operations are tried again
	closeTime    = 2 * time.Second // in which close writes what is queued
)

// errStuck means that the database did not answer while the store was closed.
var errStuck = errors.New("the database does not answer; the next start of the store recovers the calls whose outcome was not written")

// writer makes operations durable by group commit: operations that arrive during a commit
// share the next one. Each caller continues after the commit of its own operation, so a
// single operation waits for one commit only.
//
// A caller waits no longer than its context allows, whatever the database does. The outcome
// of a call stays with the writer and goes into each transaction until one is durable.
//
// An operation that needs what another node has leaves the transaction and is tried again in
// one of the next.
type writer struct {
	backend  backend
	workload workload
	clock    *store.Clock
	log      *slog.Logger
	// committed is called after each transaction; it may be nil.
	committed func(time.Duration, error)

	*hooks

	ctx    context.Context //nolint:containedctx // of all transactions; canceled by close
	cancel context.CancelFunc

	mu      sync.RWMutex
	closed  bool
	once    sync.Once
	closing chan struct{} // closed when close begins
	queue   chan *operation
	late    []*operation // outcomes for which the queue had no place
	ended   chan struct{}

	// Of the goroutine that writes.
	waiting []*operation // of failed transactions, to be tried again
	busy    []*operation // that need what another node has
	failed  int          // transactions that failed since the last durable one
	broken  bool         // the last batch failed
}

// hooks are what the writers of a store share.
type hooks struct {
	fail  atomic.Pointer[func(stage string) error] // failpoint of tests
	tells atomic.Pointer[store.Subscriber]         // who gets messages about verifications
	turn  atomic.Pointer[func(*writer) *writer]    // the writer of another node, in tests of a fleet
}

func newWriter(b backend, clock *store.Clock, o Options, l workload, h *hooks) *writer {
	w := &writer{
		backend: b, workload: l, hooks: h, clock: clock, log: o.logger(), committed: o.Committed, queue: make(chan *operation, queueSize), ended: make(chan struct{}), closing: make(chan struct{}),
	}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	go w.loop()
	return w
}

// submit waits until an operation is durable or has failed, or until ctx is done. In the
// last case the operation is dropped if it is not yet part of a transaction. Otherwise the
// error says that it may become durable; see mayBeDurable. An outcome is never dropped.
func (w *writer) submit(ctx context.Context, o *operation) error {
	return w.submitAll(ctx, []*operation{o})
}

// submitAll submits operations in their order, waits for all, and returns their errors.
func (w *writer) submitAll(ctx context.Context, list []*operation) error {
	if turn := w.turn.Load(); turn != nil {
		w = (*turn)(w)
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	var faults []error
	for n, o := range list {
		o.done = make(chan struct{})
		if err := w.enqueue(ctx, o); err != nil {
			faults, list = append(faults, err), list[:n]
			break
		}
	}
	for _, o := range list {
		faults = append(faults, o.wait(ctx))
	}
	if len(faults) == 1 {
		return faults[0]
	}
	return errors.Join(faults...)
}

// wait waits until an operation is durable or has failed, or until ctx is done.
func (o *operation) wait(ctx context.Context) error {
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		return o.leave(ctx.Err())
	}
}

func (w *writer) enqueue(ctx context.Context, o *operation) error {
	if o.kind == outcome {
		return w.enqueueOutcome(o)
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- o:
		return nil
	case <-w.closing:
		return errClosed
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

// enqueueOutcome does not wait. There are no more outcomes than calls in flight.
func (w *writer) enqueueOutcome(o *operation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- o:
	default:
		w.late = append(w.late, o)
	}
	return nil
}

// close ends the writer after the queued operations, or with errStuck after about twice
// closeTime.
func (w *writer) close() error {
	w.stop()
	select {
	case <-w.ended:
		return nil
	case <-time.After(closeTime):
	}
	w.cancel()
	select {
	case <-w.ended:
		return nil
	case <-time.After(closeTime):
		return errStuck
	}
}

// stop makes the writer accept nothing more.
func (w *writer) stop() {
	w.once.Do(func() { close(w.closing) }) // those who wait for a place in the queue give up
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
}

func (w *writer) loop() {
	defer close(w.ended)
	defer w.cancel()
	for open := true; open; {
		var batch []*operation
		if batch, open = w.gather(); len(batch) > 0 {
			w.write(batch)
		}
	}
	w.finish()
}

// finish tries to write what still waits when the store is closed, until close cancels the
// context.
func (w *writer) finish() {
	for len(w.waiting)+len(w.busy) > 0 && w.ctx.Err() == nil {
		select {
		case <-w.wake():
		case <-w.ctx.Done():
		}
		w.write(append(w.retake(), w.due(time.Now())...))
	}
	w.waiting = append(w.waiting, w.busy...)
	outcomes := 0
	for _, o := range w.waiting {
		if o.kind == outcome {
			outcomes++
		}
		o.finish(unwritable(errStuck))
	}
	if outcomes > 0 {
		w.log.Error("outcomes of calls were not written before the store was closed; the next start recovers the calls", "calls", outcomes)
	}
}

// pause returns how long to wait before the waiting operations are tried again.
func (w *writer) pause() time.Duration {
	return min(longestPause, 10*time.Millisecond<<min(w.failed, 10))
}

// retake takes what waits after failed transactions.
func (w *writer) retake() []*operation {
	list := w.waiting
	w.waiting = nil
	return list
}

// due takes the busy operations whose time has come.
func (w *writer) due(now time.Time) (list []*operation) {
	var rest []*operation
	for _, o := range w.busy {
		if o.due.After(now) {
			rest = append(rest, o)
		} else {
			list = append(list, o)
		}
	}
	w.busy = rest
	return list
}

// wake returns a channel that tells when something that waits is to be tried again.
func (w *writer) wake() <-chan time.Time {
	var wait time.Duration
	switch {
	case len(w.waiting) > 0:
		wait = w.pause()
	case len(w.busy) == 0:
		return nil
	default:
		wait = time.Until(slices.MinFunc(w.busy, func(a, b *operation) int { return a.due.Compare(b.due) }).due)
	}
	return time.After(wait)
}

// gather returns the operations that wait, outcomes of failed transactions first. It waits
// until there is one. open is false when the queue is closed.
func (w *writer) gather() (batch []*operation, open bool) {
	select {
	case o, open := <-w.queue:
		if !open {
			return w.withLate(w.retake()), false
		}
		batch = append(batch, o)
	case <-w.wake():
	}
	batch = append(append(w.retake(), w.due(time.Now())...), batch...)
	batch, open = w.fill(batch)
	return w.withLate(batch), open
}

// fill adds what is queued. When the queue is empty, it lets other goroutines run once: the
// callers of the last batch, and those that the processors have not got to yet, so that they
// share this commit. It goes on as long as that brings one, and costs nothing while there are none.
func (w *writer) fill(batch []*operation) (all []*operation, open bool) {
	yielded := false
	for most := len(batch) + batchSize; len(batch) < most; {
		select {
		case o, open := <-w.queue:
			if !open {
				return batch, false
			}
			batch, yielded = append(batch, o), false
		default:
			if yielded {
				return batch, true
			}
			runtime.Gosched()
			yielded = true
		}
	}
	return batch, true
}

// withLate appends the outcomes for which the queue had no place and removes what was
// dropped.
func (w *writer) withLate(batch []*operation) []*operation {
	w.mu.Lock()
	batch, w.late = append(batch, w.late...), nil
	w.mu.Unlock()
	kept := batch[:0]
	for _, o := range batch {
		if !o.dropped() {
			kept = append(kept, o)
		}
	}
	return kept
}

// write commits a batch. If the database rejects it, each operation is tried alone, so that
// the one that was rejected does not fail the others, and one that needs no space succeeds
// on a full disk.
func (w *writer) write(batch []*operation) {
	if len(batch) == 0 {
		return
	}
	busy, err := w.retry(batch)
	if err != nil && len(batch) > 1 && w.rejected(err) {
		for _, o := range batch {
			busy, err := w.retry([]*operation{o})
			w.endAll([]*operation{o}, busy, err)
		}
	} else {
		w.endAll(batch, busy, err)
	}
	w.logChange(err)
}

// endAll ends the operations of a batch, except those that were busy.
func (w *writer) endAll(batch, busy []*operation, err error) {
	for _, o := range batch {
		switch {
		case err != nil || !slices.Contains(busy, o):
			w.end(o, err)
		case o.later(time.Now()):
			w.busy = append(w.busy, o)
		default:
			o.finish(unwritable(errBusy))
		}
	}
}

// rejected reports whether the database refused a batch, rather than not to answer or to be
// busy: then a single operation would fail alike.
func (w *writer) rejected(err error) bool {
	return !errors.Is(err, errUncertain) && !w.backend.retryable(err) && !errors.Is(err, context.DeadlineExceeded) && w.ctx.Err() == nil
}

// end ends an operation after its transaction, or keeps it for the next one.
func (w *writer) end(o *operation, err error) {
	switch {
	case err == nil:
		o.succeed()
		return
	case o.dropped():
		return
	case !w.backend.retryable(err): // those whose transaction did nothing wait on
		o.finish(unwritable(err))
		if o.kind != outcome {
			return
		}
	}
	o.tries++
	w.waiting = append(w.waiting, o)
}

func unwritable(err error) error { return fmt.Errorf("%w: %w", store.ErrUnwritable, err) }

// logChange logs when writing starts to fail and when it works again.
func (w *writer) logChange(err error) {
	w.failed++
	switch {
	case err != nil && !w.broken:
		w.log.Error("the store cannot write", "error", err)
	case err == nil && w.broken:
		w.log.Info("the store can write again")
	}
	if w.broken = err != nil; !w.broken {
		w.failed = 0
	}
}

// retry repeats a transaction that is retryable.
func (w *writer) retry(batch []*operation) (busy []*operation, err error) {
	for n := range maxRetries {
		busy, err = w.timed(batch)
		if err = w.backend.damage().see(err); err == nil || !w.backend.retryable(err) {
			return busy, err
		}
		time.Sleep(time.Duration(n) * time.Millisecond)
	}
	return busy, err
}

// timed runs a batch and reports how long it took.
func (w *writer) timed(batch []*operation) ([]*operation, error) {
	begun := time.Now()
	busy, err := w.attempt(batch)
	if w.committed != nil {
		w.committed(time.Since(begun), err)
	}
	return busy, err
}

// attempt runs a batch in one transaction. It returns the operations that were left out.
func (w *writer) attempt(batch []*operation) (busy []*operation, err error) {
	ctx, cancel := context.WithTimeout(w.ctx, limit(batch))
	defer cancel()
	if err := errors.Join(ctx.Err(), w.point("begin")); err != nil {
		return nil, err
	}
	tx, err := w.backend.begin(ctx, w.workload)
	if err != nil {
		return nil, err
	}
	done := false
	defer func() {
		if !done {
			tx.rollback()
		}
	}()
	u, err := load(ctx, tx, w.clock, batch)
	if err != nil {
		return nil, err
	}
	u.subscriber = w.tells.Load()
	if busy, err = u.decide(ctx, tx, batch); err != nil {
		return nil, err
	}
	list, err := u.changes()
	if err != nil || len(list) == 0 {
		return busy, err
	}
	if err := w.point("commit"); err != nil {
		return nil, err
	}
	if err := tx.commit(ctx, list); err != nil {
		return nil, err
	}
	done = true
	return busy, w.point("committed")
}

// point is a place at which a test makes the writer fail.
func (w *writer) point(stage string) error {
	if fail := w.fail.Load(); fail != nil {
		return (*fail)(stage)
	}
	return nil
}
