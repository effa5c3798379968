package guard

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// beat is how often a process with calls in flight notes that it runs.
	beat = 10 * time.Millisecond
	// beatMost is the longest time from one note to the next in which the process counts as
	// running. The rest was a pause.
	beatMost = 20 * time.Millisecond
)

// pulse is a clock that stands still while the process does not run: it gets no processor, it
// is stopped, the machine is paused. Vendors are judged by it, because they cannot answer a
// process that does not listen. The clock runs while calls are in flight. It is safe for
// concurrent use.
type pulse struct {
	calls atomic.Int64 // in flight
	last  atomic.Pointer[note]

	mu    sync.Mutex
	going bool // the timer is set
	timer *time.Timer
}

// note says how long the process had not run by an instant at which it ran.
type note struct {
	at   time.Time
	lost time.Duration
}

// now returns the time of the clock. It differs from other clocks; only differences count.
func (p *pulse) now() time.Time {
	now := time.Now()
	return now.Add(-p.lost(now))
}

// lost returns how long the process has not run. The next beat may itself be late.
func (p *pulse) lost(now time.Time) time.Duration {
	n := p.last.Load()
	if n == nil {
		return 0
	}
	return n.lost + max(now.Sub(n.at)-beatMost, 0)
}

// enter is called when a call begins.
func (p *pulse) enter() {
	if p.calls.Add(1) > 1 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.going {
		p.beat()
	}
}

// leave is called when a call has ended.
func (p *pulse) leave() { p.calls.Add(-1) }

// beat notes that the process runs, and sets the timer. p.mu must be locked.
func (p *pulse) beat() {
	now := time.Now()
	p.last.Store(&note{now, p.lost(now)})
	p.going = p.calls.Load() > 0
	switch {
	case !p.going:
	case p.timer == nil:
		p.timer = time.AfterFunc(beat, p.next)
	default:
		p.timer.Reset(beat)
	}
}

func (p *pulse) next() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beat()
}
