package route

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/heyan-id/heyan/engine/idv"
)

// Window is a time in which a provider is not called, since it announced maintenance: one
// that recurs (Cron, Duration, Zone) or one that does not (From, To).
type Window struct {
	ID       string // of a stored window; "" for one of the configuration
	Provider string // its configured name

	Cron     string        // when it begins: minute, hour, day of the month, month, day of the week
	Duration time.Duration // from its beginning, in elapsed time
	Zone     string        // the IANA time zone of Cron

	From, To time.Time // To is the first instant after it

	Reason  string // for operators; it may be empty
	Created time.Time
}

// DefaultZone is the time zone of a window that names none. Most vendors announce their
// maintenance in China time.
const DefaultZone = "Asia/Shanghai"

// The bounds of windows. A provider that is away for longer is drained.
const (
	MaxWindow     = 7 * 24 * time.Hour  // one occurrence of a recurring window
	MaxOnce       = 31 * 24 * time.Hour // a window that does not recur
	MaxReason     = 200                 // characters
	MaxWindows    = 500                 // that a store keeps
	shortest      = time.Minute
	occurrences   = 500 // that are compared to find a window that overlaps itself
	maxExtensions = 64  // windows in a row that count as one
)

// WindowError says which field of a window is wrong and how to correct it.
type WindowError struct{ Field, Message string }

// Error returns "field: message".
func (e *WindowError) Error() string { return e.Field + ": " + e.Message }

// The errors of stores that keep windows.
var (
	ErrNoWindow       = errors.New("no such maintenance window")
	ErrTooManyWindows = fmt.Errorf("there are %d maintenance windows already; remove those that are over", MaxWindows)
)

// Canonical returns the window with its defaults, or a *WindowError.
func (w Window) Canonical() (Window, error) {
	if w.Cron != "" && w.Zone == "" {
		w.Zone = DefaultZone
	}
	w.Cron = strings.Join(strings.Fields(w.Cron), " ")
	w.From, w.To = w.From.UTC().Truncate(time.Microsecond), w.To.UTC().Truncate(time.Microsecond)
	if w.Cron == "" {
		w.Zone = ""
	}
	c, err := compile(w)
	if err == nil && c.schedule != nil {
		err = c.checkGaps()
	}
	return w, err
}

// Next returns the occurrence of a valid window that is running, or that comes next; zero
// times if none is to come.
func (w Window) Next(now time.Time) (from, to time.Time) {
	c, err := compile(w)
	if err != nil {
		return from, to
	}
	if c.schedule == nil {
		if now.Before(w.To) {
			return w.From, w.To
		}
		return from, to
	}
	if end := c.end(now); !end.IsZero() {
		return end.Add(-w.Duration), end
	}
	if from = c.next(now); !from.IsZero() {
		to = from.Add(w.Duration)
	}
	return from, to
}

// ParseInstant reads a time with its offset, such as 2026-12-05T02:00:00+08:00, or one of the
// clock of a zone, such as 2026-12-05 02:00. The zone is DefaultZone if it is "".
func ParseInstant(text, zone string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	location, err := loadZone(zone)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, location)
	if err != nil {
		return time.Time{}, errors.New("must be a time such as 2026-12-05 02:00 or 2026-12-05T02:00:00+08:00")
	}
	return at, nil
}

func loadZone(name string) (*time.Location, error) {
	if name == "" {
		name = DefaultZone
	}
	location, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, errors.New("must be an IANA time zone such as Asia/Shanghai or UTC")
	}
	return location, nil
}

// compiled is a window that can be asked about an instant. It need not be canonical.
type compiled struct {
	Window
	schedule cron.Schedule // of the wall clock, whose readings are written as UTC; nil for a single window
	zone     *time.Location
}

func compile(w Window) (*compiled, error) {
	switch fault := idv.CheckText(w.Reason, MaxReason); {
	case w.Provider == "":
		return nil, &WindowError{"provider", "is missing; name a configured provider"}
	case fault != idv.TextFits && w.Reason != "":
		return nil, &WindowError{"reason", fault.Help()}
	case w.Cron != "" && (!w.From.IsZero() || !w.To.IsZero()):
		return nil, &WindowError{"cron", "cannot be combined with from and to; give cron and duration for a window that recurs, or from and to for a single one"}
	case w.Cron != "":
		return compileCron(w)
	case w.Duration != 0:
		return nil, &WindowError{"duration", "belongs to cron; give from and to for a single window"}
	case w.From.IsZero():
		return nil, &WindowError{"from", "is missing; give from and to for a single window, or cron and duration for one that recurs"}
	case !w.To.After(w.From):
		return nil, &WindowError{"to", "must be after from"}
	case w.To.Sub(w.From) > MaxOnce:
		return nil, &WindowError{"to", "must be at most 31 days after from; drain a provider that is away for longer"}
	}
	return &compiled{Window: w}, nil
}

func compileCron(w Window) (*compiled, error) {
	location, err := loadZone(w.Zone)
	if err != nil {
		return nil, &WindowError{"zone", err.Error()}
	}
	schedule, err := parseCron(w.Cron)
	if err != nil {
		return nil, &WindowError{"cron", err.Error()}
	}
	if w.Duration < shortest || w.Duration > MaxWindow {
		return nil, &WindowError{"duration", "must be from 1m to 168h"}
	}
	return &compiled{Window: w, schedule: schedule, zone: location}, nil
}

// parseCron reads the five fields of cron. The parser's own forms for zones and for @daily are
// not accepted: a window has a zone of its own, and the parser panics on some of the former.
func parseCron(text string) (cron.Schedule, error) {
	wrong := errors.New(`must be five fields (minute, hour, day of the month, month, day of the week), such as "0 2 * * 0" for Sundays at 02:00`)
	if strings.ContainsAny(text, "=@") || len(text) > MaxReason {
		return nil, wrong
	}
	schedule, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(text)
	if err != nil {
		return nil, wrong
	}
	schedule.(*cron.SpecSchedule).Location = time.UTC
	return schedule, nil
}

// checkGaps refuses a schedule that never occurs, and windows that follow each other without
// a pause: the provider would never be called. It takes milliseconds, so it is made when a
// window is declared.
func (c *compiled) checkGaps() error {
	last := c.schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second))
	if last.IsZero() {
		return &WindowError{"cron", "never occurs; correct the day and the month"}
	}
	for range occurrences {
		next := c.schedule.Next(last)
		if next.IsZero() {
			break
		}
		if next.Sub(last) <= c.Duration {
			return &WindowError{"duration", "must be shorter than the time between two beginnings, which is " + next.Sub(last).String() + " at least once"}
		}
		last = next
	}
	return nil
}

// end returns when the last occurrence that covers an instant ends, zero if none does.
func (c *compiled) end(at time.Time) (end time.Time) {
	if c.schedule == nil {
		if !at.Before(c.From) && at.Before(c.To) {
			return c.To
		}
		return end
	}
	before := at.Add(-c.Duration) // the beginning is after this, and not after at
	first, last := c.offset(before), c.offset(at)
	to := at.UTC().Add(max(first, last))
	for s := c.schedule.Next(before.UTC().Add(min(first, last))); !s.IsZero() && !s.After(to); s = c.schedule.Next(s) {
		for _, begin := range c.instants(s) {
			if begin.After(before) && !begin.After(at) && begin.Add(c.Duration).After(end) {
				end = begin.Add(c.Duration)
			}
		}
	}
	return end
}

// foldTime is more than clocks are ever put back.
const foldTime = 3 * time.Hour

// next returns the first beginning after an instant, zero if there is none. Where clocks are
// put back, a reading that comes later may begin earlier.
func (c *compiled) next(now time.Time) (next time.Time) {
	var found time.Time // the first reading that begins after now
	wall := now.UTC().Add(c.offset(now))
	for s := c.schedule.Next(wall.Add(-foldTime)); !s.IsZero() && (found.IsZero() || s.Sub(found) < foldTime); s = c.schedule.Next(s) {
		for _, begin := range c.instants(s) {
			if !begin.After(now) || !next.IsZero() && !begin.Before(next) {
				continue
			}
			if next = begin; found.IsZero() {
				found = s
			}
		}
	}
	return next
}

// instants returns when the zone's clock shows a reading: twice if it is put back over it. A
// reading that the clock leaves out counts as shown when the clock is put forward, so that
// the window is not left out.
func (c *compiled) instants(reading time.Time) (list []time.Time) {
	before, after := c.offset(reading.Add(-24*time.Hour)), c.offset(reading.Add(24*time.Hour))
	for _, o := range []time.Duration{before, after} {
		at := reading.Add(-o)
		if c.offset(at) == o && !slices.Contains(list, at) {
			list = append(list, at)
		}
	}
	if list == nil {
		forward, _ := reading.Add(-before).In(c.zone).ZoneBounds()
		list = []time.Time{forward.UTC()}
	}
	return list
}

func (c *compiled) offset(at time.Time) time.Duration {
	_, seconds := at.In(c.zone).Zone()
	return time.Duration(seconds) * time.Second
}

// Calendar holds the maintenance windows of all providers. It is immutable; a nil one has no
// windows.
type Calendar struct{ windows map[string][]*compiled }

// NewCalendar returns a calendar of windows. The error joins a *WindowError for each window
// that is not valid; the calendar has the others.
func NewCalendar(list []Window) (*Calendar, error) {
	c := &Calendar{windows: map[string][]*compiled{}}
	var faults []error
	for _, w := range list {
		one, err := compile(w)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c.windows[w.Provider] = append(c.windows[w.Provider], one)
	}
	return c, errors.Join(faults...)
}

// Until returns when a provider may be called again, zero if it may be called now. Windows
// that follow each other without a pause count as one.
func (c *Calendar) Until(provider string, now time.Time) (until time.Time) {
	if c == nil {
		return until
	}
	for range maxExtensions {
		end := c.end(provider, now)
		if end.IsZero() {
			break
		}
		until, now = end, end
	}
	return until
}

func (c *Calendar) end(provider string, at time.Time) (end time.Time) {
	for _, w := range c.windows[provider] {
		if e := w.end(at); e.After(end) {
			end = e
		}
	}
	return end
}

// Holds returns Until, and the instant up to which the same answer holds.
func (c *Calendar) Holds(provider string, now time.Time) (until, holds time.Time) {
	if until = c.Until(provider, now); !until.IsZero() {
		return until, until
	}
	holds = now.Truncate(time.Minute).Add(time.Minute) // recurring windows begin at full minutes
	if c != nil {
		for _, w := range c.windows[provider] {
			if w.schedule == nil && w.From.After(now) && w.From.Before(holds) {
				holds = w.From
			}
		}
	}
	return until, holds
}
