package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/policy/audit"
)

// The sources of a window.
const (
	WindowOfConfig = "config"
	WindowOfStore  = "store"
)

// Window is a maintenance window, in which its provider is not called.
type Window struct {
	ID        string    `json:"id,omitempty" doc:"Absent for a window of the configuration"`
	Provider  string    `json:"provider"`
	Cron      string    `json:"cron,omitempty" doc:"When a window that recurs begins: minute, hour, day of the month, month, day of the week"`
	Duration  string    `json:"duration,omitempty" doc:"How long an occurrence lasts, such as 2h30m"`
	Zone      string    `json:"zone,omitempty" doc:"The IANA time zone of cron"`
	From      time.Time `json:"from,omitzero" doc:"When a single window begins"`
	To        time.Time `json:"to,omitzero" doc:"When a single window ends"`
	Reason    string    `json:"reason,omitempty"`
	Source    string    `json:"source" enum:"config,store" doc:"Where the window is declared"`
	State     string    `json:"state" enum:"active,upcoming,over"`
	NextFrom  time.Time `json:"next_from,omitzero" doc:"The beginning of the occurrence that is active or comes next"`
	NextTo    time.Time `json:"next_to,omitzero" doc:"The end of this occurrence"`
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// WindowOf returns the view of a window.
func WindowOf(w *route.Window, source string, now time.Time) Window {
	view := Window{
		ID: w.ID, Provider: w.Provider, Cron: w.Cron, Zone: w.Zone, From: w.From, To: w.To, Reason: w.Reason, Source: source, State: "upcoming", CreatedAt: w.Created,
	}
	if w.Cron != "" {
		view.Duration = durationText(w.Duration)
	}
	view.NextFrom, view.NextTo = w.Next(now)
	view.NextFrom, view.NextTo = view.NextFrom.UTC(), view.NextTo.UTC()
	switch {
	case view.NextTo.IsZero():
		view.State = "over"
	case !now.Before(view.NextFrom):
		view.State = "active"
	}
	return view
}

// WindowsOf returns the views of the configured and the stored windows.
func WindowsOf(configured, stored []route.Window, now time.Time) []Window {
	list := []Window{}
	for i := range configured {
		list = append(list, WindowOf(&configured[i], WindowOfConfig, now))
	}
	for i := range stored {
		list = append(list, WindowOf(&stored[i], WindowOfStore, now))
	}
	return list
}

// durationText returns a duration without parts that are zero at its end.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// NewWindow is the body that declares a window.
type NewWindow struct {
	Provider string `json:"provider" minLength:"1" maxLength:"100" doc:"A configured provider"`
	Cron     string `json:"cron,omitempty" maxLength:"200" doc:"When a window that recurs begins, such as 0 2 * * 0 for Sundays at 02:00"`
	Duration string `json:"duration,omitempty" maxLength:"40" doc:"How long an occurrence lasts, from 1m to 168h"`
	Zone     string `json:"zone,omitempty" maxLength:"100" doc:"The IANA time zone of cron, and of from and to without an offset; Asia/Shanghai by default"`
	From     string `json:"from,omitempty" maxLength:"40" doc:"When a single window begins, such as 2026-12-05T02:00:00+08:00 or 2026-12-05 02:00"`
	To       string `json:"to,omitempty" maxLength:"40" doc:"When it ends, at most 31 days after from"`
	Reason   string `json:"reason,omitempty" maxLength:"200" doc:"For operators"`
}

// Window returns the window to add. providers are those that are configured. The error is a
// *FieldError.
func (b *NewWindow) Window(providers []string, now time.Time) (route.Window, error) {
	w := route.Window{
		ID: "cal_" + strings.ToLower(rand.Text()[:12]), Provider: b.Provider, Cron: b.Cron, Zone: b.Zone, Reason: b.Reason,
		Created: now.UTC().Truncate(time.Microsecond),
	}
	if !slices.Contains(providers, w.Provider) {
		return w, &FieldError{"provider", "is not configured; the configured providers are " + strings.Join(providers, ", ")}
	}
	var err error
	if b.Duration != "" {
		if w.Duration, err = time.ParseDuration(b.Duration); err != nil {
			return w, &FieldError{"duration", "must be a duration such as 2h or 90m"}
		}
	}
	for _, one := range []struct {
		field, text string
		into        *time.Time
	}{{"from", b.From, &w.From}, {"to", b.To, &w.To}} {
		if one.text == "" {
			continue
		}
		if *one.into, err = route.ParseInstant(one.text, b.Zone); err != nil {
			return w, &FieldError{one.field, err.Error()}
		}
	}
	w, err = w.Canonical()
	return w, WindowFault(err)
}

// WindowTarget names a window in the audit log, by its provider and its id.
func WindowTarget(w *route.Window) string { return w.Provider + "/" + w.ID }

// WindowReason returns the note of a window for the audit log, "" if the log cannot keep it: it
// takes two dates for a number of a person.
func WindowReason(w *route.Window) string {
	act := audit.Act{Reason: w.Reason}
	if act.Check() != nil {
		return ""
	}
	return w.Reason
}

// WindowFault returns a *route.WindowError as a *FieldError, and other errors as they are.
func WindowFault(err error) error {
	var fault *route.WindowError
	if errors.As(err, &fault) {
		return &FieldError{fault.Field, fault.Message}
	}
	return err
}

// Suggestion is a window that the record of maintenance codes proposes. It has no effect.
type Suggestion struct {
	Provider string    `json:"provider"`
	Cron     string    `json:"cron"`
	Duration string    `json:"duration"`
	Zone     string    `json:"zone"`
	Weeks    int       `json:"weeks" doc:"In which maintenance codes were seen"`
	OfWeeks  int       `json:"of_weeks" doc:"Since the first of them"`
	Calls    int64     `json:"calls" doc:"How many calls met a maintenance code"`
	First    time.Time `json:"first_seen"`
	Last     time.Time `json:"last_seen"`
	YAML     string    `json:"yaml" doc:"An entry of calendar in the configuration"`
}

// SuggestionsOf returns the views of the suggestions for configured providers.
func SuggestionsOf(suggestions []route.Suggestion, providers []string) []Suggestion {
	list := []Suggestion{}
	for i := range suggestions {
		s := &suggestions[i]
		if !slices.Contains(providers, s.Provider) {
			continue
		}
		list = append(list, Suggestion{
			Provider: s.Provider, Cron: s.Cron, Duration: durationText(s.Duration), Zone: s.Zone, Weeks: s.Weeks, OfWeeks: s.OfWeeks,
			Calls: s.Calls, First: s.First, Last: s.Last,
			YAML: fmt.Sprintf("{provider: %s, cron: %q, duration: %s, zone: %s, reason: %s}",
				s.Provider, s.Cron, durationText(s.Duration), s.Zone, strconv.Quote(s.Reason)),
		})
	}
	return list
}
