package daemon

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/policy/access"
)

// scope is the instrumentation scope of the daemon's own metrics.
const scope = "github.com/heyan-id/heyan/cmd/internal/daemon"

// Metrics lists every metric of a daemon besides those of the Go runtime and the process.
// docs/metrics.md is printed from it, and a test compares it with /metrics.
func Metrics() []telemetry.Metric {
	return append(append(telemetry.Metrics(), telemetry.StoreMetrics()...), ownMetrics()...)
}

func ownMetrics() []telemetry.Metric {
	return slices.Concat(providerMetrics(), ledgerMetrics(), processMetrics(), serverMetrics())
}

// providerMetrics lists those of providers and their plugins.
func providerMetrics() []telemetry.Metric {
	return []telemetry.Metric{
		{
			Name: "heyan.provider.in_flight", Prometheus: "heyan_provider_in_flight", Kind: telemetry.Gauge, Labels: []string{"provider"},
			Help: "Calls of a provider that are running.",
		}, {
			Name: "heyan.provider.ramp", Prometheus: "heyan_provider_ramp", Kind: telemetry.Gauge, Labels: []string{"provider"},
			Help: "Calls that may run at once while a provider returns from an outage; 0 otherwise.",
		}, {
			Name: "heyan.provider.outages", Prometheus: "heyan_provider_outages_total", Kind: telemetry.Counter, Labels: []string{"provider"},
			Help: "Outages, in which gate or breaker stopped the calls of a provider.",
		}, {
			Name: "heyan.provider.stale", Prometheus: "heyan_provider_stale", Kind: telemetry.Gauge, Labels: []string{"provider"},
			Help: "1 while a provider's credentials or network cannot be read, so that the last ones are in use; 0 otherwise.",
		}, {
			Name: "heyan.provider.drift", Prometheus: "heyan_provider_drift", Kind: telemetry.Gauge, Labels: []string{"provider"},
			Help: "1 while the answers of a provider have lost their relation to the people asked for; 0 otherwise.",
		}, {
			Name: "heyan.drift.dropped", Prometheus: "heyan_drift_dropped_total", Kind: telemetry.Counter,
			Help: "Answers that were not judged for drift, since the queue was full.",
		}, {
			Name: "heyan.findings", Prometheus: "heyan_findings_total", Kind: telemetry.Counter, Labels: []string{"provider", "kind"},
			Help: "Changes in the replies of a provider, by provider and kind: code, new or missing.",
		}, {
			Name: "heyan.plugin.ready", Prometheus: "heyan_plugin_ready", Kind: telemetry.Gauge, Labels: []string{"provider"},
			Help: "1 while a provider's plugin is ready, 0 otherwise.",
		}, {
			Name: "heyan.plugin.restarts", Prometheus: "heyan_plugin_restarts_total", Kind: telemetry.Counter, Labels: []string{"provider"},
			Help: "Restarts of a provider's plugin.",
		}, {
			Name: "heyan.plugin.log.withheld", Prometheus: "heyan_plugin_log_withheld_total", Kind: telemetry.Counter, Labels: []string{"provider"},
			Help: "Lines and attributes of a plugin's log that are not on its allowlist.",
		},
	}
}

// ledgerMetrics lists those of packages, and of the alerts about them.
func ledgerMetrics() []telemetry.Metric {
	return []telemetry.Metric{
		{
			Name: "heyan.ledger.units", Prometheus: "heyan_ledger_units", Kind: telemetry.Gauge, Labels: []string{"provider", "lot", "state"},
			Help: "Units of a prepaid package that are available, held by running calls, or unknown, so that they wait for reconciliation.",
		}, {
			Name: "heyan.ledger.lot.expiry.timestamp", Prometheus: "heyan_ledger_lot_expiry_timestamp_seconds", Kind: telemetry.Gauge, Unit: "s", Labels: []string{"provider", "lot"},
			Help: "Time at which a prepaid package with available units expires, in seconds since 1970.",
		}, {
			Name: "heyan.ledger.days_left", Prometheus: "heyan_ledger_days_left", Kind: telemetry.Gauge, Labels: []string{"provider"},
			Help: "Days that a provider's available units last at the use of the last week. Providers without packages or use have none.",
		}, {
			Name: "heyan.alerts", Prometheus: "heyan_alerts_total", Kind: telemetry.Counter, Labels: []string{"provider", "kind"},
			Help: "Alerts about packages, credentials, drift and guessing that heyan itself sent, by provider and kind.",
		},
	}
}

// processMetrics lists those of the configuration, the API and the process.
func processMetrics() []telemetry.Metric {
	return []telemetry.Metric{
		{
			Name: "heyan.config.reloads", Prometheus: "heyan_config_reloads_total", Kind: telemetry.Counter, Labels: []string{"result"},
			Help: "Reloads of the configuration by result: loaded, unchanged or rejected.",
		}, {
			Name: "heyan.config.loaded", Prometheus: "heyan_config_loaded_seconds", Kind: telemetry.Gauge, Unit: "s",
			Help: "Time at which the configuration in use was loaded, in seconds since 1970.",
		}, {
			Name: "heyan.config.differs", Prometheus: "heyan_config_differs", Kind: telemetry.Gauge,
			Help: "1 while the files of the configuration differ from what is in use, as after a rejected reload; 0 otherwise.",
		}, {
			Name: "heyan.fleet.away", Prometheus: "heyan_fleet_away", Kind: telemetry.Gauge,
			Help: "1 while the store cannot be reached, so that this node and the others do not learn from each other which vendors are away; 0 otherwise.",
		}, {
			Name: "heyan.webhook.messages", Prometheus: "heyan_webhook_messages_total", Kind: telemetry.Counter, Labels: []string{"webhook", "result"},
			Help: "Attempts to send a message to a webhook, by webhook and result: delivered, failed or dead.",
		}, {
			Name: "heyan.requests.refused", Prometheus: "heyan_requests_refused_total", Kind: telemetry.Counter, Labels: []string{"reason"},
			Help: "Requests refused before their operation, by reason.",
		}, {
			Name: "heyan.certificate.expiry.timestamp", Prometheus: "heyan_certificate_expiry_timestamp_seconds", Kind: telemetry.Gauge, Unit: "s",
			Help: "Time at which the daemon's certificate expires, in seconds since 1970. There is none without TLS.",
		}, {
			Name: "heyan.log.dropped", Prometheus: "heyan_log_dropped_total", Kind: telemetry.Counter,
			Help: "Log lines dropped because stderr did not accept them.",
		}, {
			Name: "heyan.telemetry.export_failures", Prometheus: "heyan_telemetry_export_failures_total", Kind: telemetry.Counter, Labels: []string{"signal"},
			Help: "Failed exports to an OTLP collector by signal (traces, metrics or logs). What they held is lost.",
		}, {
			Name: "heyan.telemetry.dropped", Prometheus: "heyan_telemetry_dropped_total", Kind: telemetry.Counter, Labels: []string{"signal"},
			Help: "Spans (traces) and log records (logs) dropped because the queue for the OTLP collector was full. Metrics have no queue.",
		}, {
			Name: "heyan.build_info", Prometheus: "heyan_build_info", Kind: telemetry.Gauge, Labels: []string{"version"},
			Help: "1; the label has the version.",
		},
	}
}

// instruments are the daemon's own metrics.
type instruments struct {
	meter otelmetric.Meter

	alerts, messages, reloads, exportFailures, findings, dropins otelmetric.Int64Counter
	requests                                                     otelmetric.Float64Histogram
	active                                                       otelmetric.Int64UpDownCounter
	attributes                                                   sync.Map // of each served, an otelmetric.RecordOption

	stale, inFlight, ramp, drift, ready, units, expiry, daysLeft, loaded, differs, away, certificate, build otelmetric.Float64ObservableGauge
	outages, restarts, withheld, refused, dropped, unsent, unjudged                                         otelmetric.Int64ObservableCounter
}

func newInstruments(p otelmetric.MeterProvider, o Options) (*instruments, error) {
	table := telemetry.Instruments{Meter: p.Meter(scope), Table: ownMetrics()}
	i := &instruments{
		meter: table.Meter, alerts: table.Counter("heyan.alerts"), messages: table.Counter("heyan.webhook.messages"), reloads: table.Counter("heyan.config.reloads"),
		exportFailures: table.Counter("heyan.telemetry.export_failures"), findings: table.Counter("heyan.findings"), dropins: table.Counter("heyan.dropin.answers"),
		requests: table.Histogram("http.server.request.duration"), active: table.UpDown("http.server.active_requests"),
		stale: table.Gauge("heyan.provider.stale"), ready: table.Gauge("heyan.plugin.ready"), units: table.Gauge("heyan.ledger.units"),
		expiry: table.Gauge("heyan.ledger.lot.expiry.timestamp"), daysLeft: table.Gauge("heyan.ledger.days_left"),
		loaded: table.Gauge("heyan.config.loaded"), differs: table.Gauge("heyan.config.differs"), away: table.Gauge("heyan.fleet.away"), refused: table.Observed("heyan.requests.refused"),
		certificate: table.Gauge("heyan.certificate.expiry.timestamp"), build: table.Gauge("heyan.build_info"),
		inFlight: table.Gauge("heyan.provider.in_flight"), ramp: table.Gauge("heyan.provider.ramp"), outages: table.Observed("heyan.provider.outages"),
		restarts: table.Observed("heyan.plugin.restarts"), withheld: table.Observed("heyan.plugin.log.withheld"), drift: table.Gauge("heyan.provider.drift"), unjudged: table.Observed("heyan.drift.dropped"),
		dropped: table.Observed("heyan.log.dropped"), unsent: table.Observed("heyan.telemetry.dropped"),
	}
	if err := table.Err(); err != nil {
		return nil, err
	}
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		to.ObserveFloat64(i.build, 1, otelmetric.WithAttributes(attribute.String("version", o.Version)))
		if o.LogDropped != nil {
			to.ObserveInt64(i.dropped, o.LogDropped())
		}
		return nil
	}, i.build, i.dropped)
	return i, err
}

// observe has the state of a daemon observed with each collection, always that of its current
// generation.
func (i *instruments) observe(d *daemon) error {
	return errors.Join(i.providers(d.app), i.configuration(d.status), i.fleet(d.ops.fleet), i.refusals(d.refusals), i.expires(d.cert), i.judged(d.app, d.answers))
}

// providers has the states of providers and plugins observed with each collection.
func (i *instruments) providers(current func() *assemble.App) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		app := current()
		for _, p := range app.Engine.Providers() {
			by := otelmetric.WithAttributes(attribute.String("provider", p.Name))
			to.ObserveFloat64(i.stale, number(app.Stale(p.Name)), by)
			to.ObserveFloat64(i.inFlight, float64(p.Activity.InFlight), by)
			to.ObserveFloat64(i.ramp, float64(p.Activity.Ramp), by)
			to.ObserveInt64(i.outages, p.Activity.Outages, by)
			if state, ok := app.Plugin(p.Name); ok {
				to.ObserveFloat64(i.ready, number(state.Ready()), by)
				to.ObserveInt64(i.restarts, int64(state.Restarts), by)
				to.ObserveInt64(i.withheld, state.LogWithheld, by)
			}
		}
		return nil
	}, i.stale, i.inFlight, i.ramp, i.outages, i.ready, i.restarts, i.withheld)
	return err
}

// configuration has the state of the configuration observed.
func (i *instruments) configuration(s *reloadStatus) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		loaded, differs := s.measured()
		to.ObserveFloat64(i.loaded, seconds(loaded))
		to.ObserveFloat64(i.differs, number(differs))
		return nil
	}, i.loaded, i.differs)
	return err
}

// exportQueues has observed what was dropped of each signal that has a queue.
func (i *instruments) exportQueues(e *exporters) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		to.ObserveInt64(i.unsent, e.spans.dropped.Load(), signalAttribute(signalTraces))
		to.ObserveInt64(i.unsent, e.records.dropped.Load(), signalAttribute(signalLogs))
		return nil
	}, i.unsent)
	return err
}

// fleet has observed whether the nodes learn from each other.
func (i *instruments) fleet(f *fleet.Fleet) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		to.ObserveFloat64(i.away, number(f.Away()))
		return nil
	}, i.away)
	return err
}

// refusals has the number of refused requests observed.
func (i *instruments) refusals(r *auth.Refusals) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		r.Each(func(reason access.Refusal, n int64) {
			to.ObserveInt64(i.refused, n, otelmetric.WithAttributes(attribute.String("reason", string(reason))))
		})
		return nil
	}, i.refused)
	return err
}

// expires has the expiry of the certificate observed, if there is one.
func (i *instruments) expires(c *certificate) error {
	if c == nil {
		return nil
	}
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		to.ObserveFloat64(i.certificate, seconds(c.current.Load().pair.Leaf.NotAfter))
		return nil
	}, i.certificate)
	return err
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// maxLots bounds the packages with series of their own. Those with the most recent use of
// anything come first in the ledger's order; finished ones have none.
const maxLots = 200

// stock is what the last look at the ledger showed.
type stock struct {
	lots     []ledger.Balance // with units that are available, held or unknown
	daysLeft map[string]float64
}

// newStock keeps of the lots those that a gauge shows.
func newStock(lots []ledger.Balance, now time.Time) *stock {
	s := &stock{daysLeft: map[string]float64{}}
	for i := range lots {
		l := lots[i]
		if l.Open || l.Expired(now) {
			l.Available = 0 // an open lot has no end; an expired one has no use
		}
		if l.Available+l.Held+l.Unknown > 0 && len(s.lots) < maxLots {
			s.lots = append(s.lots, l)
		}
	}
	return s
}

// stock has what is in stock observed.
func (i *instruments) stock(now func() *stock) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		s := now()
		if s == nil {
			return nil // the ledger was not read yet
		}
		for n := range s.lots {
			i.observeLot(to, &s.lots[n])
		}
		for provider, days := range s.daysLeft {
			to.ObserveFloat64(i.daysLeft, days, otelmetric.WithAttributes(attribute.String("provider", provider)))
		}
		return nil
	}, i.units, i.expiry, i.daysLeft)
	return err
}

func (i *instruments) observeLot(to otelmetric.Observer, l *ledger.Balance) {
	lot := []attribute.KeyValue{attribute.String("provider", l.Provider), attribute.String("lot", l.ID)}
	for _, one := range []struct {
		account ledger.Account
		units   int64
	}{{ledger.Available, l.Available}, {ledger.Held, l.Held}, {ledger.Unknown, l.Unknown}} {
		to.ObserveFloat64(i.units, float64(one.units),
			otelmetric.WithAttributes(append(lot[:len(lot):len(lot)], attribute.String("state", one.account.String()))...))
	}
	if l.Available > 0 && !l.Expires.IsZero() {
		to.ObserveFloat64(i.expiry, seconds(l.Expires), otelmetric.WithAttributes(lot...))
	}
}
