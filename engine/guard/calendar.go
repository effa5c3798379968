package guard

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Calendar says when the maintenance window of a provider ends, zero without one, and up to
// when the same answer holds. It must be safe for concurrent use.
type Calendar func(provider string, now time.Time) (until, holds time.Time)

// schedule is what a calendar says about one provider. The last answer is kept as long as it
// holds, so that a call costs a comparison.
type schedule struct {
	calendar atomic.Pointer[Calendar] // nil for none
	last     atomic.Pointer[stretch]
	resumed  atomic.Int64 // the end of the window that an operator ended, in Unix nanoseconds
}

// stretch is a time in which a calendar gives one answer.
type stretch struct{ from, holds, until time.Time }

func (s *stretch) covers(now time.Time) bool {
	return s != nil && !now.Before(s.from) && now.Before(s.holds)
}

// scheduled returns when the maintenance window that the provider is in ends, zero if it is in
// none. The first call after a change reports it.
func (g *Guard) scheduled(now time.Time) time.Time {
	s := &g.state.schedule
	calendar := s.calendar.Load()
	if calendar == nil {
		return time.Time{}
	}
	now = now.Round(0) // windows follow the clock on the wall
	was := s.last.Load()
	if was.covers(now) {
		return was.until
	}
	is := &stretch{from: now}
	is.until, is.holds = (*calendar)(g.name, now)
	if !is.until.IsZero() && is.until.UnixNano() <= s.resumed.Load() {
		is.until = time.Time{}
	}
	if s.last.CompareAndSwap(was, is) && (was == nil && !is.until.IsZero() || was != nil && !was.until.Equal(is.until)) {
		g.state.notify()
	}
	return is.until
}

// SetCalendar has the provider follow a calendar from now on; nil for none. Calls in flight
// complete.
func (g *Guard) SetCalendar(c Calendar) {
	s := &g.state.schedule
	if c == nil {
		s.calendar.Store(nil)
		if was := s.last.Swap(nil); was != nil && !was.until.IsZero() {
			g.state.notify()
		}
		return
	}
	s.calendar.Store(&c)
	s.expire()
	g.scheduled(time.Now())
}

// expire has the calendar asked again.
func (s *schedule) expire() {
	if was := s.last.Load(); was != nil {
		s.last.CompareAndSwap(was, &stretch{from: was.from, holds: was.from, until: was.until})
	}
}

// resume ends the current window for an operator.
func (s *schedule) resume(until time.Time) {
	if !until.IsZero() {
		s.resumed.Store(until.UnixNano())
		s.expire()
	}
}

// calendared is a provider that is not called in its maintenance windows. It is outside of the
// other guards, which therefore learn nothing from a window.
type calendared struct {
	idv.Provider
	guard *Guard
}

// Ask calls the provider outside of its windows.
func (c calendared) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	now := time.Now()
	if until := c.guard.scheduled(now); !until.IsZero() {
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipScheduledMaintenance, RetryAfter: until.Sub(now)}
	}
	return c.Provider.Ask(ctx, q)
}

// excused is a provider whose failed calls do not count against it if a maintenance window has
// begun meanwhile. It is inside of the other guards.
type excused struct {
	idv.Provider
	guard *Guard
}

// Ask calls the provider.
func (x excused) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	a, err := x.Provider.Ask(ctx, q)
	if err == nil || x.guard.scheduled(time.Now()).IsZero() {
		return a, err
	}
	if e := *idv.AsError(err); e.Failure == idv.Maintenance || unhealthy(e.Failure) {
		e.HostSide = true
		return a, &e
	}
	return a, err
}
