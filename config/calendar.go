package config

import (
	"errors"
	"slices"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/route"
)

// Windows returns the maintenance windows of a valid configuration.
func Windows(c Config) []route.Window {
	var list []route.Window
	for i := range c.Calendar {
		if w, err := c.Calendar[i].window(); err == nil {
			list = append(list, w)
		}
	}
	return list
}

// window returns the window in canonical form, or a *route.WindowError.
func (w *Window) window() (route.Window, error) {
	out := route.Window{Provider: w.Provider, Cron: w.Cron, Duration: w.Duration, Zone: w.Zone, Reason: w.Reason}
	var err error
	if w.From != "" {
		if out.From, err = route.ParseInstant(w.From, w.Zone); err != nil {
			return out, &route.WindowError{Field: "from", Message: err.Error()}
		}
	}
	if w.To != "" {
		if out.To, err = route.ParseInstant(w.To, w.Zone); err != nil {
			return out, &route.WindowError{Field: "to", Message: err.Error()}
		}
	}
	return out.Canonical()
}

// calendar keeps the rules for maintenance windows.
func (v *validator) calendar() {
	for i := range v.config.Calendar {
		w := &v.config.Calendar[i]
		path := strictyaml.At("calendar", i)
		var fault *route.WindowError
		if _, err := w.window(); errors.As(err, &fault) {
			v.note(path+"."+fault.Field, fault.Message)
		}
		if w.Provider != "" && !slices.ContainsFunc(v.config.Providers, func(p Provider) bool { return p.Name == w.Provider }) {
			v.note(path+".provider", "is not the name of a configured provider")
		}
	}
}
