package engine

import (
	"context"
	"sync"

	"github.com/heyan-id/heyan/engine/idv"
)

// CanceledError is the error of a Close whose context ended before every call had. It is the
// error of the context for errors.Is.
type CanceledError struct {
	Calls int // that were canceled; they are recorded and may have been charged
	cause error
}

// Error returns the number of calls.
func (e *CanceledError) Error() string {
	return idv.Count(int64(e.Calls), "call") + " in flight canceled: " + e.cause.Error()
}

// Unwrap returns the error of the context.
func (e *CanceledError) Unwrap() error { return e.cause }

// inflight tracks the open sessions and their calls, so that Close can wait for the
// sessions and cancel the calls.
type inflight struct {
	mu       sync.Mutex
	closed   bool // no session may begin
	canceled bool // no call may go on
	sessions sync.WaitGroup
	calls    map[*call]struct{}
}

// call is one call of a provider that is being made.
type call struct{ cancel context.CancelFunc }

// begin registers a session and reports whether it may go on.
func (f *inflight) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.sessions.Add(1)
	return true
}

func (f *inflight) done() { f.sessions.Done() }

func (f *inflight) add(c *call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.canceled {
		c.cancel()
		return
	}
	if f.calls == nil {
		f.calls = map[*call]struct{}{}
	}
	f.calls[c] = struct{}{}
}

func (f *inflight) release(c *call) {
	f.mu.Lock()
	delete(f.calls, c)
	f.mu.Unlock()
	c.cancel()
}

// cancelCalls cancels every call in flight, and those that begin later. It returns the number
// of the former.
func (f *inflight) cancelCalls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.canceled = true
	for c := range f.calls {
		c.cancel()
	}
	return len(f.calls)
}

func (f *inflight) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

// close refuses new sessions. It reports whether this call was the first.
func (f *inflight) close() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := !f.closed
	f.closed = true
	return first
}

// wait returns when every session has ended. When ctx is done it cancels their calls,
// waits for them all the same and returns a *CanceledError.
func (f *inflight) wait(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		f.sessions.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		calls := f.cancelCalls()
		<-ended
		return &CanceledError{calls, ctx.Err()}
	}
}
