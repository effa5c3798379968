package api

import (
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/plugins"
)

// Provider is a configured provider and its current availability.
type Provider struct {
	Name      string         `json:"name" doc:"The configured name"`
	Use       string         `json:"use" doc:"The adapter"`
	Version   string         `json:"version" doc:"The adapter's version"`
	Check     string         `json:"check" doc:"The check that the provider answers"`
	Fidelity  idv.Fidelity   `json:"fidelity"`
	Recipient string         `json:"recipient" doc:"Legal name of the organization that receives the personal data"`
	Price     Cost           `json:"price" doc:"Price of one call"`
	Available bool           `json:"available" doc:"Whether a verification would call the provider now"`
	Reason    idv.SkipReason `json:"reason,omitempty" doc:"Why the provider is unavailable"`
	Until     time.Time      `json:"until,omitzero" doc:"When the provider is tried again, if known"`
	Last      *LastFailure   `json:"last_failure,omitempty" doc:"The last failed call since the last answer"`
	Activity  Activity       `json:"activity" doc:"What the provider is doing now"`
	Order     *Order         `json:"order,omitempty" doc:"The order of an operator that keeps the provider from being called"`
	Plugin    *Plugin        `json:"plugin,omitempty" doc:"The plugin process, if the provider is a plugin"`
}

// Order is an order of an operator for a provider.
type Order struct {
	Kind      store.OrderKind `json:"kind" doc:"drain or close"`
	Reason    string          `json:"reason,omitempty"`
	Principal string          `json:"principal" doc:"Who gave it, as in the audit log"`
	At        time.Time       `json:"at"`
	Until     time.Time       `json:"until,omitzero" doc:"When it ends by itself"`
}

// OrderOf returns the view of an order.
func OrderOf(o *store.Order) *Order { return &Order{o.Kind, o.Reason, o.Principal, o.At, o.Until} }

// Activity is what a provider is doing now.
type Activity struct {
	InFlight       int64 `json:"in_flight" doc:"Calls that are running"`
	Ramp           int64 `json:"ramp,omitzero" doc:"How many calls may run at once while the provider returns from an outage"`
	FailuresInARow int64 `json:"failures_in_a_row" doc:"Failed calls in a row that count against the provider"`
	Outages        int64 `json:"outages" doc:"How often calls of the provider were stopped since the start"`
	LatencyMS      int64 `json:"latency_ms" doc:"An estimate of how long an answer takes; 0 before the first one"`
	OverdueMS      int64 `json:"overdue_ms,omitzero" doc:"A call that runs for longer counts as stalled; left out until enough answers are known"`
}

// Plugin is the state of a plugin process.
type Plugin struct {
	Phase    plugins.Phase  `json:"phase" doc:"starting, ready, restarting, failed or stopped"`
	Since    time.Time      `json:"since"`
	Reason   plugins.Reason `json:"reason,omitempty" doc:"Why the process is not ready"`
	Text     string         `json:"text,omitempty" doc:"The reason as a sentence"`
	Last     plugins.Reason `json:"last_restart,omitempty" doc:"Why a process that is ready was last restarted"`
	RetryAt  time.Time      `json:"retry_at,omitzero" doc:"When the next start is tried"`
	Restarts int            `json:"restarts"`
	Version  string         `json:"version,omitempty"`
	SHA256   string         `json:"sha256,omitempty"`
}

// ProviderOf returns the view of a provider without its plugin.
func ProviderOf(s *engine.ProviderStatus) Provider {
	return Provider{
		Last: lastFailureOf(s.LastFailure), Name: s.Name, Use: s.Descriptor.Name, Version: s.Descriptor.Version, Check: s.Descriptor.Check.String(),
		Fidelity: s.Descriptor.Fidelity, Recipient: s.Recipient, Price: CostOf(s.Price),
		Available: s.Availability.Reason == "", Reason: s.Availability.Reason, Until: s.Availability.Until,
		Activity: activityOf(s.Activity),
	}
}

func activityOf(a idv.Activity) Activity {
	return Activity{
		InFlight: a.InFlight, Ramp: a.Ramp, FailuresInARow: a.FailuresInARow, Outages: a.Outages,
		LatencyMS: a.Latency.Milliseconds(), OverdueMS: a.Overdue.Milliseconds(),
	}
}

// LastFailure is a failed call.
type LastFailure struct {
	Failure string    `json:"failure" doc:"Why there was no answer"`
	Phase   string    `json:"phase,omitempty" doc:"Where the call broke: encode, dns, connect, tls, write, first_byte, body or decode"`
	At      time.Time `json:"at"`
}

func lastFailureOf(l *idv.LastFailure) *LastFailure {
	if l == nil {
		return nil
	}
	return &LastFailure{l.Failure.String(), l.Phase, l.At}
}

// PluginOf returns the view of a plugin's state.
func PluginOf(s *plugins.State) *Plugin {
	p := &Plugin{
		Phase: s.Phase, Since: s.Since, Reason: s.Reason, Text: s.Text(), RetryAt: s.RetryAt,
		Restarts: s.Restarts, Version: s.Version, SHA256: s.SHA256,
	}
	if s.Ready() {
		p.Reason, p.Text, p.Last = plugins.ReasonNone, "", s.Reason
	}
	return p
}

// Setting is a setting of a provider's configuration.
type Setting struct {
	Name     string `json:"name"`
	Help     string `json:"help"`
	Default  string `json:"default,omitempty"`
	Required bool   `json:"required,omitzero"`
	Secret   bool   `json:"secret,omitzero" doc:"The value is a reference (env: or file:)"`
	Account  bool   `json:"account,omitzero" doc:"It belongs to the account, which the vendor's products share"`
}

// SettingsOf returns the view of a descriptor's settings.
func SettingsOf(settings []idv.Setting) []Setting {
	return list(settings, func(s *idv.Setting) Setting { return Setting(*s) })
}
