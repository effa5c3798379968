package plugins

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/engine/idv"
)

// take returns the current instance with the call registered, or waits up to
// restartWait for the next one.
func (p *Plugin) take(ctx context.Context) (*instance, error) {
	var timeout <-chan time.Time
	for {
		p.mu.RLock()
		i, ready, closed := p.current, p.ready, p.closed
		if i != nil {
			i.calls.Add(1)
		}
		p.mu.RUnlock()
		switch {
		case i != nil:
			return i, nil
		case closed:
			return nil, notRunning("the plugin is closed")
		}
		if timeout == nil {
			timer := time.NewTimer(restartWait)
			defer timer.Stop()
			timeout = timer.C
		}
		select {
		case <-ready:
		case <-timeout:
			return nil, notRunning("the plugin is restarting")
		case <-ctx.Done():
			e := idv.AsError(ctx.Err())
			e.Delivery, e.Charge, e.HostSide = idv.NotSent, idv.NotCharged, true
			return nil, e
		}
	}
}

// await waits up to Spec.CallTimeout for a restarting plugin and reports whether it is
// running. DecodeContext uses it, since a received reply must not be lost.
func (p *Plugin) await(ctx context.Context) bool {
	p.mu.RLock()
	limit := p.spec.CallTimeout
	p.mu.RUnlock()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		p.mu.RLock()
		there, ready, closed := p.current != nil, p.ready, p.closed
		p.mu.RUnlock()
		if there || closed {
			return there
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return false
		}
	}
}

// notRunning returns the failure of a call that reached no plugin.
func notRunning(detail string) *idv.Error {
	return &idv.Error{
		Failure: idv.Unavailable, Origin: idv.OriginEngine, Delivery: idv.NotSent, Charge: idv.NotCharged, Detail: detail, HostSide: true,
	}
}

// call runs one exchange with the plugin. Its error is an *idv.Error; the caller sets
// how far the call to the vendor got.
func (p *Plugin) call(ctx context.Context, about idv.Subject, exchange func(context.Context, *instance) error) error {
	i, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer i.calls.Done()
	defer p.relay.leave(p.relay.enter(about))
	if err := exchange(ctx, i); err != nil {
		if i.process != nil && i.disconnected() {
			p.discard(i)
		}
		e := callError(ctx, err)
		// All calls in flight are lost with a process. That counts once, so that one crash
		// does not open the vendor's breaker but a plugin that crashes on each call does. A
		// status of a plugin that goes on is its answer and always counts.
		e.HostSide = e.Failure == idv.Unavailable && !i.serves(ctx) && i.lost.Swap(true)
		return e
	}
	i.healthy.Store(true)
	return nil
}

// discard removes a dead instance before its exit is seen, so that calls wait for the
// next one instead of failing.
func (p *Plugin) discard(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == i {
		p.withdraw()
	}
}

// slowCalls is how many consecutive slow calls fail an instance, which may be stuck and
// still answer health checks.
const slowCalls = 3

// quickCall is call for operations that take no time. If the caller sets no deadline,
// it ends after Spec.CallTimeout. A call that takes longer counts as slow, whatever the
// deadline of the caller.
func (p *Plugin) quickCall(ctx context.Context, about idv.Subject, exchange func(context.Context, *instance) error) error {
	return p.call(ctx, about, func(ctx context.Context, i *instance) error {
		started := time.Now() // before the limit below is set, so that a call which reaches it took as long
		_, limited := ctx.Deadline()
		if !limited {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, i.spec.CallTimeout)
			defer cancel()
		}
		err := exchange(ctx, i)
		// The plugin's end of the connection may report our own limit a moment early.
		slow := !endedLate(ctx) && (time.Since(started) >= i.spec.CallTimeout || !limited && status.Code(err) == codes.DeadlineExceeded)
		switch {
		case err == nil:
			i.slow.Store(0)
		case slow && i.slow.Add(1) == slowCalls:
			i.markFailed(ReasonHung)
		}
		return err
	})
}

// endedLate reports whether the deadline of ctx passed long ago. The timer of the deadline was
// late then, since this process did not run, and the plugin may have answered in time.
func endedLate(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Since(deadline) > 100*time.Millisecond
}

// callError classifies a gRPC error. The plugin's text is discarded, since it may hold
// a claim.
func callError(ctx context.Context, err error) *idv.Error {
	if ctx.Err() != nil {
		return idv.AsError(ctx.Err())
	}
	e := &idv.Error{Failure: idv.Internal, Origin: idv.OriginEngine, Detail: "the plugin failed on this call"}
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled, codes.Aborted:
		e.Failure, e.Detail = idv.Unavailable, "the plugin ended during the call"
	case codes.DeadlineExceeded:
		e.Failure, e.Detail = idv.Timeout, "the plugin did not answer in time"
	case codes.ResourceExhausted:
		e.Failure, e.Detail = idv.Garbled, "the plugin's message is too large"
	case codes.Unimplemented:
		e.Failure, e.Detail = idv.Unsupported, "the plugin does not know this call"
	}
	return e
}
