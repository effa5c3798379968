// Package alert says when an operator has to look: when a prepaid package runs low,
// by which level was crossed, and that once, and when somebody guesses. The first vendor warns at 20 % by text message to whoever owns the
// account; by then a busy week can be all that is left.
//
// [Levels.Check] is a pure rule: what was told before, a time and the balances go
// in, the alerts and what is told now come out. [Watcher] asks it every minute.
// Nothing here knows a person, a store or a network.
package alert

import (
	"log/slog"
	"time"
)

// Kind is what an alert is about.
type Kind string

// The kinds of alert.
const (
	// Percent says that no more than Level percent of what was bought is left.
	Percent Kind = "percent"
	// Days says that what is left lasts no more than Level days.
	Days Kind = "days"
	// UsedUp says that nothing is left, or that every package has expired.
	UsedUp Kind = "used_up"
	// QuotaExhausted says that the vendor takes a package for used up of which the
	// book has units left: the two disagree, and the provider is not asked.
	QuotaExhausted Kind = "quota_exhausted"
	// Credentials says that the vendor refuses our key, and the provider is not asked.
	Credentials Kind = "credentials"
	// Guessing says that somebody tries names or numbers by an app, or works through a
	// stolen list; see package policy/abuse. No provider is in it.
	Guessing Kind = "guessing"
)

// Alert is one warning about one provider or app. It holds counts and configured
// names, nothing of a person and no secret, so it may go anywhere.
type Alert struct {
	Provider  string    `json:"provider,omitzero"`
	Tenant    string    `json:"tenant,omitzero"` // for Guessing: whose app
	App       string    `json:"app,omitzero"`
	Axis      string    `json:"dimension,omitzero"` // what is tried against what, or canary
	Kind      Kind      `json:"kind"`
	Level     int       `json:"level,omitzero"`     // percent or days; none for the other kinds
	Available int64     `json:"available"`          // calls left
	Bought    int64     `json:"bought"`             // calls of the packages that have not expired
	DaysLeft  *int64    `json:"days_left,omitzero"` // whole days at the rate of the last week; nil if nothing was used in it
	At        time.Time `json:"at"`
	Text      Text      `json:"text"`
}

// OfGuessing returns the alert that somebody guesses.
func OfGuessing(tenant, app, axis string, at time.Time) Alert {
	a := Alert{Kind: Guessing, Tenant: tenant, App: app, Axis: axis, At: at}
	a.Text = text(a)
	return a
}

// About returns the name of what the alert is about: the provider, or the app.
func (a Alert) About() string {
	switch {
	case a.Kind != Guessing:
		return a.Provider
	case a.App == "":
		return a.Tenant
	}
	return a.App
}

// LogValue returns the alert without its texts, for log/slog.
func (a Alert) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("provider", a.Provider), slog.String("kind", string(a.Kind)), slog.Int("level", a.Level),
		slog.Int64("available", a.Available), slog.Int64("bought", a.Bought),
	}
	if a.Kind == Guessing {
		attrs = []slog.Attr{
			slog.String("kind", string(a.Kind)), slog.String("tenant", a.Tenant), slog.String("app", a.App), slog.String("dimension", a.Axis),
		}
	}
	if a.DaysLeft != nil {
		attrs = append(attrs, slog.Int64("days_left", *a.DaysLeft))
	}
	return slog.GroupValue(attrs...)
}
