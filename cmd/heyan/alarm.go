package main

import (
	"log/slog"

	"github.com/heyan-id/heyan/policy/abuse"
)

// alarms writes to the log of a command that somebody guesses or uses a stolen list.
// The daemon, which tells operators, does not hear of what is tried here.
type alarms struct{ log *slog.Logger }

// Alarm takes an event.
func (a alarms) Alarm(e abuse.Event) {
	a.log.Warn("somebody guesses, or uses a stolen list", slog.String("dimension", string(e.Dimension)), slog.String("tenant", string(e.Tenant)), slog.String("app", e.App))
}
