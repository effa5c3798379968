package exchange

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// pool bounds the connections and keeps those at rest.
type pool struct {
	slots   chan struct{} // one per call in flight
	mu      sync.Mutex
	resting []*link // the last one rested is taken first
	closed  bool
}

func newPool(size int) *pool { return &pool{slots: make(chan struct{}, size)} }

var errClosed = errors.New("closed")

// enter waits for a slot. Connections are at most as many as slots, since one is
// made only when none rests.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.leave()
		return errClosed
	}
	return nil
}

// leave gives the slot back.
func (p *pool) leave() { <-p.slots }

// take returns a live connection that was at rest, or nil.
func (p *pool) take() *link {
	for {
		l := p.pop()
		if l == nil || l.rouse() {
			return l
		}
		l.close()
	}
}

func (p *pool) pop() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.resting) - 1
	if last < 0 {
		return nil
	}
	l := p.resting[last]
	p.resting = slices.Delete(p.resting, last, last+1)
	return l
}

// put lays a connection to rest. It closes by itself when its rest is disturbed.
func (p *pool) put(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		l.close()
		return
	}
	l.rest(func() { p.drop(l) })
	p.resting = append(p.resting, l)
}

// drop closes a connection unless a call has taken it.
func (p *pool) drop(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.resting, l); i >= 0 {
		p.resting = slices.Delete(p.resting, i, i+1)
		l.close()
	}
}

// close closes what rests and lets nothing rest any more.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.resting {
		l.close()
	}
	p.resting = nil
}
