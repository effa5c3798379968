package plugins

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The pauses before a start that follows a start that came to nothing.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 30 * time.Second
)

// pause returns how long to wait before the next start, after so many lives in a
// row that came to nothing: a start that failed, or a process that died before it
// answered anything. The first restart is made at once. Half of a pause is chance,
// so that many plugins that fell together do not rise together.
func pause(wasted int) time.Duration {
	if wasted <= 1 {
		return 0
	}
	full := maxPause
	if n := wasted - 2; n < 9 {
		full = min(firstPause<<n, maxPause)
	}
	return full/2 + rand.N(full/2+1)
}

// supervise keeps the plugin running until ctx is done. It alone puts instances into
// use after the first.
func (p *Plugin) supervise(ctx context.Context, i *instance) {
	defer close(p.done)
	for wasted := 0; i != nil; {
		watched, stop := context.WithCancel(ctx)
		i.watch(watched)
		select {
		case next := <-p.swaps:
			p.replace(i, next, stop)
			i, wasted = next, 0
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
			wasted = 0
		} else {
			wasted++
		}
		p.removeFailed(i)
		i = p.restart(ctx, i, &wasted)
	}
}

// lose takes a dead instance out of use, and what is left of it away.
func (p *Plugin) removeFailed(i *instance) {
	p.discard(i)
	p.setState(State{Phase: Restarting, Reason: i.reason()})
	p.retiring.Go(i.end)
}

// revive starts the program again until it runs, or takes a successor. It returns
// nil when ctx is done.
func (p *Plugin) restart(ctx context.Context, dead *instance, wasted *int) *instance {
	s, prog, reason := dead.spec, dead.program, dead.reason()
	for wait := pause(*wasted); ctx.Err() == nil; {
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
			other := difference(p.Descriptor(), next.descriptor)
			if other == "" {
				return p.markReady(next, reason)
			}
			next.end()
			err = s.newError(ReasonChanged, other)
		}
		*wasted++
		wait = pause(*wasted)
		if ctx.Err() == nil {
			p.reportFailedStart(err, wait)
		}
	}
	prog.close()
	return nil
}

// resume puts a new instance into use after there was none.
func (p *Plugin) markReady(i *instance, why Reason) *instance {
	p.install(i)
	p.setState(State{Phase: Ready, Reason: why, Restarts: 1})
	return i
}

func (p *Plugin) reportFailedStart(err error, wait time.Duration) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Reason: ReasonStartExit}
	}
	p.setState(State{Phase: Failed, Reason: e.Reason, Detail: e.Detail, RetryAt: time.Now().Add(wait)})
}
