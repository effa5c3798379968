package plugins

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The delays between failed starts.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 30 * time.Second
)

// pause returns the delay before the next start after so many failed starts in a row. A
// process that dies before it answers anything counts as a failed start. The first
// restart is immediate. Half of each later delay is random, so that plugins which
// failed together do not restart together.
func pause(failedStarts int) time.Duration {
	if failedStarts <= 1 {
		return 0
	}
	full := maxPause
	if n := failedStarts - 2; n < 9 {
		full = min(firstPause<<n, maxPause)
	}
	return full/2 + rand.N(full/2+1)
}

// supervise keeps the plugin running until ctx is done. After the first instance, only
// supervise installs instances. A process that exits, stops answering or closes its
// connection is restarted: at once, then with growing pauses. Calls that arrive meanwhile
// wait briefly; a call that was lost reports how far it got. Plugins keep no state, so
// nothing else is lost.
func (p *Plugin) supervise(ctx context.Context, i *instance) {
	defer close(p.done)
	for failedStarts := 0; i != nil; {
		watched, stop := context.WithCancel(ctx)
		i.watch(watched)
		select {
		case next := <-p.swaps:
			p.replace(i, next, stop)
			i, failedStarts = next, 0
			continue
		case <-ctx.Done():
			stop()
			i.end()
			i.program.close()
			return
		case <-i.gone():
			stop()
		}
		if i.healthy.Load() {
			failedStarts = 0
		} else {
			failedStarts++
		}
		p.removeFailed(i)
		i = p.restart(ctx, i, &failedStarts)
	}
}

// removeFailed removes a dead instance and cleans up in the background.
func (p *Plugin) removeFailed(i *instance) {
	p.discard(i)
	p.setState(State{Phase: Restarting, Reason: i.reason()})
	p.retiring.Go(i.end)
}

// restart starts the program until it runs, or until a swap provides an instance. It
// returns nil when ctx is done.
func (p *Plugin) restart(ctx context.Context, dead *instance, failedStarts *int) *instance {
	s, prog, reason := dead.spec, dead.program, dead.reason()
	for wait := pause(*failedStarts); ctx.Err() == nil; {
		timer := time.NewTimer(wait)
		select {
		case next := <-p.swaps:
			timer.Stop()
			prog.close()
			return p.markReady(next, reason)
		case <-ctx.Done():
			timer.Stop()
			continue
		case <-timer.C:
		}
		next, err := p.launch(ctx, s, prog)
		if err == nil {
			other := difference(p.Products(), next.products)
			if other == "" {
				return p.markReady(next, reason)
			}
			next.end()
			err = s.newError(ReasonChanged, other)
		}
		*failedStarts++
		wait = pause(*failedStarts)
		if ctx.Err() == nil {
			p.reportFailedStart(err, wait)
		}
	}
	prog.close()
	return nil
}

// markReady installs a new instance after a failure.
func (p *Plugin) markReady(i *instance, cause Reason) *instance {
	p.install(i)
	p.setState(State{Phase: Ready, Reason: cause, Restarts: 1})
	return i
}

func (p *Plugin) reportFailedStart(err error, wait time.Duration) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Reason: ReasonStartExit}
	}
	p.setState(State{Phase: Failed, Reason: e.Reason, Detail: e.Detail, RetryAt: time.Now().Add(wait)})
}

// replace installs a new instance and lets the previous one finish its calls.
func (p *Plugin) replace(before, next *instance, stop context.CancelFunc) {
	p.install(next)
	p.setState(State{Phase: Ready})
	p.retiring.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), before.spec.DrainTimeout)
		defer cancel()
		_ = drained(ctx, before)
		stop()
		before.end()
		before.program.close()
	})
}

// Swap replaces the program without failing a call: the new one is started and checked
// first, then receives all new calls, while the old one finishes those in flight. If it
// returns an error, the old program stays in use. The descriptor's name, kind,
// recipient, source, check and promises must not change, and no product may be missing.
func (p *Plugin) Swap(ctx context.Context, s Spec) error {
	p.swapMu.Lock()
	defer p.swapMu.Unlock()
	if s.Name == "" {
		s.Name = p.Name()
	}
	if err := s.check(); err != nil {
		return err
	}
	s = s.withDefaults()
	switch {
	case p.thread == nil || s.Name != p.Name():
		return s.newError(ReasonChanged, "")
	case p.State().Phase == Stopped:
		return s.newError(ReasonStopped, "")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-p.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	next, err := p.prepare(ctx, s)
	if err != nil {
		return err
	}
	if other := difference(p.Products(), next.products); other == "" {
		select {
		case p.swaps <- next:
			return nil
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-p.done:
			err = s.newError(ReasonStopped, "")
		}
	} else {
		err = s.newError(ReasonChanged, other)
	}
	next.end()
	next.program.close()
	return err
}
