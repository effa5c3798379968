package abuse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/policy"
)

// Per selects whose requests a limit counts together.
type Per string

// The selections. Requests without an app or an API key count together.
const (
	PerTenant  Per = "tenant"
	PerApp     Per = "app"
	PerCaller  Per = "caller"
	PerSubject Per = "subject" // the person, by ID number
)

// Window is the period of a limit: a calendar minute, hour or day in China (UTC+8). It
// does not begin with the first request. A daily limit resets at midnight, so at most
// twice the limit passes within the length of one window.
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

// at returns the number of the window that contains t, and its end.
func (w Window) at(t time.Time) (number uint32, end time.Time) { return windowAt(t, w.seconds()) }

// windowAt is at for windows of any length that divides a day.
func windowAt(t time.Time, seconds int64) (number uint32, end time.Time) {
	n := (t.Unix() + chinaOffset) / seconds
	return uint32(n), time.Unix((n+1)*seconds-chinaOffset, 0)
}

// Limit is the number of requests allowed in a window. The first request above it is
// denied and not counted.
type Limit struct {
	Per    Per
	Window Window
	Most   int // 0 means that requests are only counted
}

// Name returns the limit's name, such as subject_day, which is also the name of its count
// in [policy.Counts].
func (l Limit) Name() string { return string(l.Per) + "_" + string(l.Window) }

// Names lists the names of limits and counts.
func Names() []string {
	var list []string
	for _, p := range []Per{PerSubject, PerCaller, PerApp, PerTenant} {
		for _, w := range []Window{Minute, Hour, Day} {
			list = append(list, Limit{Per: p, Window: w}.Name())
		}
	}
	return list
}

// Limits are the limits of one detector. Each name occurs once; an empty list is valid.
type Limits []Limit

// Validate returns an error for the first unknown, negative or repeated limit.
func (ls Limits) Validate() error {
	seen := map[string]bool{}
	for i, l := range ls {
		name := l.Name()
		switch {
		case !slices.Contains(Names(), name):
			return fmt.Errorf("limit %d: unknown limit %q; must be one of %s", i+1, name, strings.Join(Names(), ", "))
		case l.Most < 0:
			return fmt.Errorf("limit %d: %s must not be negative", i+1, name)
		case seen[name]:
			return fmt.Errorf("limit %d: %s is repeated; remove one", i+1, name)
		}
		seen[name] = true
	}
	return nil
}

// With returns the limits and, for every name that has no limit, a count without a bound.
// Rules refer to counts by these names.
func (ls Limits) With(names ...string) (Limits, error) {
	out := slices.Clone(ls)
	for _, name := range names {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("unknown count %q; must be one of %s", name, strings.Join(Names(), ", "))
		}
		if slices.ContainsFunc(out, func(l Limit) bool { return l.Name() == name }) {
			continue
		}
		per, window, _ := strings.Cut(name, "_")
		out = append(out, Limit{Per: Per(per), Window: Window(window)})
	}
	return out, nil
}

// count returns the member of policy.Counts for a name, or nil.
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
