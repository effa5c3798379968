// Package alert reports what needs an operator: a prepaid package that runs low, a vendor
// that rejects our key, an app that enumerates names or numbers. idcert itself warns at
// 20 % only, by text message to the account's owner, and a busy application may use up the
// rest within a week.
//
// [Levels.Check] is a pure rule: from the previous state, the time and the balances it
// computes the alerts and the next state. A level raises an alert once, until it is
// rearmed. [Watcher] applies the rule at an interval, a minute by default (alerts.every in
// the configuration). The package handles no personal data, has no store and opens no
// connection.
//
// A new kind of alert is a constant of type [Kind] and a sentence in text.go. An alert about
// a balance or a provider is raised in Levels.Check, any other in cmd/internal/daemon.
package alert

import (
	"log/slog"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Kind is what an alert is about.
type Kind string

// The kinds of alert.
const (
	// Percent means that at most Level percent of the units bought are left.
	Percent Kind = "percent"
	// Days means that the remaining units last at most Level days.
	Days Kind = "days"
	// UsedUp means that no unit is left, or that every package has expired.
	UsedUp Kind = "used_up"
	// QuotaExhausted means that the vendor reports a used-up package, although the ledger
	// has units left. The provider is not called.
	QuotaExhausted Kind = "quota_exhausted"
	// Credentials means that the vendor rejects our key. The provider is not called.
	Credentials Kind = "credentials"
	// Guessing means that an app enumerates names or numbers, or uses a stolen list; see
	// package policy/abuse. Provider is empty.
	Guessing Kind = "guessing"
	// Drift means that the answers of a provider have lost their relation to the people asked
	// for; see package drift. App is the only app with such answers, if there is one.
	Drift Kind = "drift"
)

// Alert is a warning about a provider or an app. It has counts and configured names, no
// personal data and no secret, so it may be logged and sent anywhere.
type Alert struct {
	Provider  string    `json:"provider,omitzero"`
	Tenant    string    `json:"tenant,omitzero"` // of the app, for Guessing
	App       string    `json:"app,omitzero"`
	Dimension string    `json:"dimension,omitzero"` // what is enumerated, an abuse.Dimension
	Kind      Kind      `json:"kind"`
	Level     int       `json:"level,omitzero"`     // percent or days; 0 for the other kinds
	Also      []int     `json:"also,omitzero"`      // higher levels of the kind that were crossed at the same time
	Available int64     `json:"available"`          // calls left
	Bought    int64     `json:"bought"`             // calls in the packages that have not expired
	DaysLeft  *int64    `json:"days_left,omitzero"` // whole days at the rate of the last week; nil if nothing was used
	Drift     *Drifted  `json:"drift,omitzero"`     // for Drift
	At        time.Time `json:"at"`
	Text      Text      `json:"text"`
}

// Drifted is the evidence of an alert of kind Drift: answers by verdict.
type Drifted struct {
	Change string           `json:"change"` // a drift.Change
	Since  time.Time        `json:"since"`  // when the change seems to have begun
	Before map[string]int64 `json:"before"`
	After  map[string]int64 `json:"after"`
}

// NewDrift returns an alert of kind Drift about a provider. Tenant and app are empty if
// several apps are concerned.
func NewDrift(provider, tenant, app string, d Drifted, at time.Time) Alert {
	a := Alert{Kind: Drift, Provider: provider, Tenant: tenant, App: app, Drift: &d, At: at}
	a.Text = text(a)
	return a
}

// NewGuessing returns an alert of kind Guessing about an app of a tenant.
func NewGuessing(tenant, app, dimension string, at time.Time) Alert {
	a := Alert{Kind: Guessing, Tenant: tenant, App: app, Dimension: dimension, At: at}
	a.Text = text(a)
	return a
}

// About returns the provider, app or tenant that the alert is about.
func (a Alert) About() string {
	switch {
	case a.Kind != Guessing:
		return a.Provider
	case a.App == "":
		return a.Tenant
	}
	return a.App
}

// LogValue implements slog.LogValuer. It leaves Text out.
func (a Alert) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("provider", a.Provider), slog.String("kind", string(a.Kind)), slog.Int("level", a.Level),
		slog.Int64("available", a.Available), slog.Int64("bought", a.Bought),
	}
	if a.Kind == Guessing {
		attrs = []slog.Attr{
			slog.String("kind", string(a.Kind)), slog.String("tenant", a.Tenant), slog.String("app", a.App), slog.String("dimension", a.Dimension),
		}
	}
	if a.Drift != nil {
		attrs = []slog.Attr{
			slog.String("provider", a.Provider), slog.String("kind", string(a.Kind)), slog.String("tenant", a.Tenant), slog.String("app", a.App),
			slog.String("change", a.Drift.Change), slog.Time("since", a.Drift.Since), slog.Any("before", a.Drift.Before), slog.Any("after", a.Drift.After),
		}
	}
	if a.DaysLeft != nil {
		attrs = append(attrs, slog.Int64("days_left", *a.DaysLeft))
	}
	return slog.GroupValue(attrs...)
}

// Balance is the sum over the packages of one provider. Counts are calls, below 10^16.
type Balance struct {
	Provider     string
	Bought       int64 // in the packages that have not expired
	Available    int64 // of these, free to be held
	UsedLastWeek int64 // charged or possibly charged in the last seven days

	// Lots is the number of packages ever added, including expired ones. It reveals a new
	// package when an old one of the same size expires. If Lots and Bought are 0, the
	// provider is paid per call and has no levels.
	Lots int64

	// Closed is the reason why the provider's gate is closed, "" if it is open.
	// idv.SkipCredentials and idv.SkipQuotaExhausted raise alerts, the others end without
	// an operator. Nodes that share their State but not their gates must leave it empty:
	// the open gate of one would rearm the alert of the other every minute.
	Closed idv.SkipReason
}

// prepaid reports whether a package was ever added.
func (b Balance) prepaid() bool { return b.Lots > 0 || b.Bought > 0 }

// daysLeft returns the whole days that the balance lasts, nil if that is unknown.
func (b Balance) daysLeft() *int64 {
	switch {
	case !b.prepaid():
		return nil
	case b.Available <= 0:
		return new(int64)
	case b.UsedLastWeek <= 0:
		return nil
	}
	days := b.Available * 7 / b.UsedLastWeek
	return &days
}

// lasts reports whether the balance lasts longer than the given number of days.
func (b Balance) lasts(days int) bool {
	return b.Available > 0 && (b.UsedLastWeek <= 0 || b.Available*7 > int64(days)*b.UsedLastWeek)
}
