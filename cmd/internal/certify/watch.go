package certify

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// perCall is the time for one call, which takes far less than a millisecond.
const perCall = 2 * time.Second

// watched is a codec whose calls end with a sentence's time, and which notes when a
// call failed because of the adapter itself: its process died, it did not answer, it
// panicked. After the first such failure nothing more is asked.
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

// Encode asks for a call.
func (w *watched) Encode(q idv.Query) (call providers.Call, err error) {
	if c, ok := w.Codec.(providers.ContextCodec); ok {
		ctx, cancel := context.WithTimeout(w.ctx, perCall)
		defer cancel()
		call, err = c.EncodeContext(ctx, q)
		return call, w.record(err)
	}
	return w.Codec.Encode(q)
}

// Decode asks what a reply means.
func (w *watched) Decode(q idv.Query, r providers.Reply) (answer idv.Answer, err error) {
	if c, ok := w.Codec.(providers.ContextCodec); ok {
		ctx, cancel := context.WithTimeout(w.ctx, perCall)
		defer cancel()
		answer, err = c.DecodeContext(ctx, q, r)
		return answer, w.record(err)
	}
	return w.Codec.Decode(q, r)
}

// noted passes an error on, and notes it if it is the host's word about the adapter.
// A codec that speaks of its vendor names the vendor or the gateway as the origin.
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

// How often an adapter that died is asked whether it is back, and how long in all:
// one that dies of everything must not be waited for before each sentence.
const (
	retryEvery     = 20 * time.Millisecond
	maxRestartWait = 10 * time.Second
)

// pause is the time for which a run may still wait.
type restartBudget struct{ left time.Duration }

// until waits for an adapter that is being started again after the sentence before,
// so that each sentence is told of its own troubles only.
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

// verdict returns what is told of a sentence: trouble counts before what the rule
// made of it, which may even have taken it for a refusal.
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
