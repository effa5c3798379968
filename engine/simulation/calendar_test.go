package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

// calendar is what operators have declared, as the laws read it.
type calendar struct {
	windows []window
	changed time.Time
}

// window is one occurrence of a maintenance window.
type window struct {
	vendor   int
	from, to time.Time
}

// calendar returns the calendar of the engines, nil without windows.
func (w *world) calendar() *route.Calendar {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.windows) == 0 {
		return nil
	}
	c, err := route.NewCalendar(w.windows)
	if err != nil {
		panic(err)
	}
	return c
}

// declare declares a window on all nodes. A daily one begins with a minute of the clock.
func (w *world) declare(e *event) {
	from := time.Now().Add(e.jump)
	one := route.Window{Provider: vendorName(e.vendor), From: from, To: from.Add(e.length), Reason: "test"}
	if e.daily {
		from = from.Truncate(time.Minute).Add(time.Minute)
		zone := []string{"", "UTC", "Asia/Kolkata", "America/St_Johns"}[e.id%4]
		location, err := time.LoadLocation(zone)
		if zone == "" {
			location, err = time.LoadLocation(route.DefaultZone)
		}
		if err != nil {
			panic(err)
		}
		local := from.In(location)
		one = route.Window{
			Provider: vendorName(e.vendor), Cron: fmt.Sprintf("%d %d * * *", local.Minute(), local.Hour()), Zone: zone, Duration: max(e.length.Truncate(time.Second), time.Minute),
		}
	}
	one, err := one.Canonical()
	if err != nil {
		panic(err)
	}
	if e.daily {
		w.declared(e.vendor, from, from.Add(one.Duration), 3)
	} else {
		w.declared(e.vendor, one.From, one.To, 1)
	}
	w.mu.Lock()
	w.windows = append(w.windows, one)
	w.mu.Unlock()
	w.followCalendar()
}

// retract deletes the windows of a vendor on all nodes.
func (w *world) retract(vendor int) {
	w.mu.Lock()
	w.windows = slices.DeleteFunc(slices.Clone(w.windows), func(one route.Window) bool { return vendorOf(one.Provider) == vendor })
	w.mu.Unlock()
	w.retracted(vendor)
	w.followCalendar()
}

func (w *world) followCalendar() {
	c := w.calendar()
	w.eachNode(func(n *node) { n.current().SetCalendar(c) })
}

// declared records a window that occurs on so many days.
func (l *laws) declared(vendor int, from, to time.Time, days int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range days {
		after := time.Duration(i) * day
		l.plan.windows = append(l.plan.windows, window{vendor, from.Add(after), to.Add(after)})
	}
	l.plan.changed = time.Now()
}

func (l *laws) retracted(vendor int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.plan.windows = slices.DeleteFunc(l.plan.windows, func(w window) bool { return w.vendor == vendor })
	l.plan.changed = time.Now()
}

// windowEnd returns when the windows of a vendor end that an instant is in, zero if it is in none.
func (c *calendar) windowEnd(vendor int, at time.Time) (end time.Time) {
	for more := true; more; {
		more = false
		for _, w := range c.windows {
			if w.vendor == vendor && !at.Before(w.from) && at.Before(w.to) {
				end, at, more = later(end, w.to), w.to, true
			}
		}
	}
	return end
}

// inWindow returns when the window ends in which a node must not call the vendor, zero if it may. An
// operator may have ended the window.
func (r *reference) inWindow(at time.Time) time.Time {
	if end := r.node.plan.windowEnd(r.vendor, at); end.After(r.lifted) {
		return end
	}
	return time.Time{}
}

// checkInWindow: a vendor is skipped for a window only in one, and it is said when it ends.
func (l *laws) checkInWindow(r *reference, v *idv.Verification, s *idv.Skipped) string {
	if !l.plan.changed.Before(v.CreatedAt) || !r.freed.Before(v.CreatedAt) {
		return ""
	}
	l.count.windows++
	first, last := r.inWindow(v.CreatedAt), r.inWindow(time.Now())
	for _, w := range l.plan.windows {
		if w.vendor == r.vendor && w.from.After(v.CreatedAt) && !w.from.After(time.Now()) {
			return "" // it began meanwhile
		}
	}
	switch {
	case first.IsZero() && last.IsZero():
		return "though it is in no window"
	case !s.Until.Equal(first) && !s.Until.Equal(last):
		return fmt.Sprintf("until %v; its window ends at %v", s.Until, later(first, last))
	}
	return ""
}
