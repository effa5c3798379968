package store

import (
	"sync"
	"time"
)

// The limits of a Clock.
const (
	// Tolerance is the difference up to which a clock is followed at once. It is less than
	// Margin, so that no difference that is followed makes a running request look lost.
	Tolerance = Margin / 2
	// SettleTime is how long a clock must run evenly after its start or a jump until it is
	// confirmed. It exceeds the time that a request may take.
	SettleTime = 10 * time.Minute
)

// Clock is the time by which a store decides whether a claim, a hold or a lot is over. It
// compares the clock of the machine or database with the monotonic clock of the process. A
// jump of more than Tolerance is ignored until the clock has run evenly for SettleTime, so
// that a clock that is wrong for some minutes ends no request and deletes nothing. A Clock
// is safe for concurrent use.
type Clock struct {
	wall   func() time.Time
	steady func() time.Duration
	epoch  time.Time

	mu      sync.Mutex
	begun   bool
	start   time.Duration // the steady time of the first reading
	offset  time.Duration // wall time minus steady time, as it is followed
	jumping bool
	jumped  time.Duration // the offset after the jump
	since   time.Duration // the steady time of the jump
}

// NewClock returns a clock that reads the time of day and a time that never jumps, such as
// the time since the start of the process. Nil stands for the clocks of the machine; tests
// pass others.
func NewClock(wall func() time.Time, steady func() time.Duration) *Clock {
	start := time.Now()
	if wall == nil {
		wall = time.Now
	}
	if steady == nil {
		steady = func() time.Duration { return time.Since(start) }
	}
	return &Clock{wall: wall, steady: steady, epoch: start.Round(0).UTC()}
}

// Now returns the time of day and whether it is confirmed; see Check.
func (c *Clock) Now() (now time.Time, confirmed bool) { return c.Check(c.wall()) }

// Check returns the time by which to decide, for a time that a database has reported just
// now. Nothing may be deleted or written off because of its age unless the time is
// confirmed, that is, the clock ran evenly for SettleTime.
func (c *Clock) Check(reported time.Time) (now time.Time, confirmed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	steady := c.steady()
	offset := reported.Round(0).Sub(c.epoch) - steady
	switch {
	case !c.begun:
		c.begun, c.start, c.offset = true, steady, offset
	case near(offset, c.offset):
		c.offset, c.jumping = offset, false
	case !c.jumping || !near(offset, c.jumped):
		c.jumping, c.jumped, c.since = true, offset, steady
	case steady-c.since >= SettleTime:
		c.offset, c.jumping = offset, false
	default:
		c.jumped = offset
	}
	return c.epoch.Add(steady + c.offset), !c.jumping && steady-c.start >= SettleTime
}

// Jump returns by how much the clock jumped if the jump is not confirmed, else 0.
func (c *Clock) Jump() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.jumping {
		return 0
	}
	return c.jumped - c.offset
}

func near(a, b time.Duration) bool { return (a - b).Abs() <= Tolerance }

// Translate returns an instant of a caller's clock on the clock of the store, which shows
// now. Only the time until the instant counts, so the clocks may differ.
func Translate(t, now time.Time) time.Time { return now.Add(time.Until(t)) }
