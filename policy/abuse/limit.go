package abuse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/policy"
)

// Per is whose questions a limit counts together.
type Per string

// Whose questions. Those without an app or a caller's key count as those of one.
const (
	PerTenant  Per = "tenant"
	PerApp     Per = "app"
	PerCaller  Per = "caller"
	PerSubject Per = "subject" // the person asked about, by the ID number
)

// Window is the time that a limit counts in: a minute, hour or day of the calendar
// in China (UTC+8), not one that begins with the first question. A day's limit is
// fresh at midnight there; two windows that meet let through twice the limit within
// one window's length at most.
type Window string

// The windows.
const (
	Minute Window = "minute"
	Hour   Window = "hour"
	Day    Window = "day"
)

// chinaOffset is UTC+8 in seconds, the only offset since 1991.
const chinaOffset = 8 * 60 * 60

func (w Window) seconds() int64 {
	switch w {
	case Minute:
		return 60
	case Hour:
		return 60 * 60
	case Day:
	}
	return 24 * 60 * 60
}

// at returns the number of the window that a time falls into, and its end.
func (w Window) at(t time.Time) (number uint32, end time.Time) { return windowAt(t, w.seconds()) }

// windowAt does it for windows of any length that divides a day.
func windowAt(t time.Time, seconds int64) (number uint32, end time.Time) {
	n := (t.Unix() + chinaOffset) / seconds
	return uint32(n), time.Unix((n+1)*seconds-chinaOffset, 0)
}

// Limit is how many questions may be put. The limit is reached by the question after
// the last allowed one, which is denied and not counted.
type Limit struct {
	Per    Per
	Window Window
	Most   int // 0 for no bound, only to know the count
}

// Name returns the limit's name, which is that of its count in policy.Counts:
// subject_day.
func (l Limit) Name() string { return string(l.Per) + "_" + string(l.Window) }

// Names lists the names that a limit or a count can have.
func Names() []string {
	var list []string
	for _, p := range []Per{PerSubject, PerCaller, PerApp, PerTenant} {
		for _, w := range []Window{Minute, Hour, Day} {
			list = append(list, Limit{Per: p, Window: w}.Name())
		}
	}
	return list
}

// Limits are the limits of one guard, each name once. None is a valid set.
type Limits []Limit

// Validate returns the first limit that is none, or that stands there twice.
func (ls Limits) Validate() error {
	seen := map[string]bool{}
	for i, l := range ls {
		name := l.Name()
		switch {
		case !slices.Contains(Names(), name):
			return fmt.Errorf("limit %d: there is no limit %q; want one of %s", i+1, name, strings.Join(Names(), ", "))
		case l.Most < 0:
			return fmt.Errorf("limit %d: %s is negative", i+1, name)
		case seen[name]:
			return fmt.Errorf("limit %d: %s stands there twice", i+1, name)
		}
		seen[name] = true
	}
	return nil
}

// With returns the limits, and beside them a count without a bound for every name
// that no limit has. Rules that ask for a count name it so.
func (ls Limits) With(names ...string) (Limits, error) {
	out := slices.Clone(ls)
	for _, name := range names {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("there is no count %q; want one of %s", name, strings.Join(Names(), ", "))
		}
		if slices.ContainsFunc(out, func(l Limit) bool { return l.Name() == name }) {
			continue
		}
		per, window, _ := strings.Cut(name, "_")
		out = append(out, Limit{Per: Per(per), Window: Window(window)})
	}
	return out, nil
}

// count returns where policy.Counts keeps the count of a name; nil if there is none.
func count(c *policy.Counts, name string) *int {
	switch name {
	case "subject_minute":
		return &c.SubjectMinute
	case "subject_hour":
		return &c.SubjectHour
	case "subject_day":
		return &c.SubjectDay
	case "caller_minute":
		return &c.CallerMinute
	case "caller_hour":
		return &c.CallerHour
	case "caller_day":
		return &c.CallerDay
	case "app_minute":
		return &c.AppMinute
	case "app_hour":
		return &c.AppHour
	case "app_day":
		return &c.AppDay
	case "tenant_minute":
		return &c.TenantMinute
	case "tenant_hour":
		return &c.TenantHour
	case "tenant_day":
		return &c.TenantDay
	}
	return nil
}
