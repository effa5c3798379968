package plugins

import (
	"context"
)

// replace puts a successor into use and lets the predecessor finish its calls.
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

// Swap replaces the program by another one, as a new version, without a call that
// fails for it: the new one is started and checked first, then takes every new call,
// while the old one finishes those it has. On an error the old one goes on as if
// nothing had happened. Only the name of the service and its kind have to stay.
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
	if other := difference(p.Descriptor(), next.descriptor); other == "" {
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
