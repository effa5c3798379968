package certify

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// perCall limits one call, which normally takes less than a millisecond.
const perCall = 2 * time.Second

// watched is a codec that records a failure of the adapter itself: its process died, it
// did not answer, or it panicked. After the first such failure no further call is made.
type watched struct {
	providers.Codec
	ctx  context.Context
	stop context.CancelFunc

	mu      sync.Mutex
	failure *idv.Error
}

func watch(ctx context.Context, c providers.Codec) *watched {
	ctx, stop := context.WithCancel(ctx)
	return &watched{Codec: c, ctx: ctx, stop: stop}
}

// Encode calls the codec within perCall.
func (w *watched) Encode(q idv.Query) (call providers.Call, err error) {
	if c, ok := w.Codec.(providers.ContextCodec); ok {
		ctx, cancel := context.WithTimeout(w.ctx, perCall)
		defer cancel()
		call, err = c.EncodeContext(ctx, q)
		return call, w.record(err)
	}
	return w.Codec.Encode(q)
}

// Decode calls the codec within perCall.
func (w *watched) Decode(q idv.Query, r providers.Reply) (answer idv.Answer, err error) {
	if c, ok := w.Codec.(providers.ContextCodec); ok {
		ctx, cancel := context.WithTimeout(w.ctx, perCall)
		defer cancel()
		answer, err = c.DecodeContext(ctx, q, r)
		return answer, w.record(err)
	}
	return w.Codec.Decode(q, r)
}

// record returns err unchanged and records it if the host reports a failure of the
// adapter. A codec's failures of its vendor have the vendor or gateway as origin.
func (w *watched) record(err error) error {
	if err == nil {
		return nil
	}
	e := idv.AsError(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failure == nil && w.ctx.Err() == nil && e.Origin == idv.OriginEngine && isAdapterFailure(e.Failure) {
		w.failure = e
		w.stop()
	}
	return err
}

func isAdapterFailure(f idv.Failure) bool {
	return f == idv.Unavailable || f == idv.Timeout || f == idv.Internal
}

// The interval of attempts to reach a restarting adapter, and the total wait of a run:
// an adapter that dies on every rule must not be waited for before each.
const (
	retryEvery     = 20 * time.Millisecond
	maxRestartWait = 10 * time.Second
)

// restartBudget is the remaining time that a run may wait for restarts.
type restartBudget struct{ left time.Duration }

// wait waits for an adapter that restarts after the previous rule, so that each rule is
// judged by itself.
func (p *restartBudget) wait(ctx context.Context, c providers.Codec, q idv.Query) {
	remote, ok := c.(providers.ContextCodec)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, p.left)
	defer cancel()
	begun := time.Now()
	defer func() { p.left -= time.Since(begun) }()
	for {
		_, err := remote.EncodeContext(ctx, q)
		if err == nil || idv.FailureOf(err) != idv.Unavailable {
			return
		}
		select {
		case <-time.After(retryEvery):
		case <-ctx.Done():
			return
		}
	}
}

// result returns the outcome of a rule. A failure of the adapter takes precedence,
// since the rule may have accepted it as a refusal.
func (w *watched) result(err error) error {
	w.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.failure == nil:
		return err
	case w.failure.Failure == idv.Timeout:
		return fmt.Errorf("a call was not answered within %v", perCall)
	}
	return fmt.Errorf("a call ended in %v: %s", w.failure.Failure, w.failure.Detail)
}
