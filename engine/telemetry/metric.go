package telemetry

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/engine/idv"
)

// Kind is the kind of a metric, in the words of Prometheus.
type Kind string

// The kinds.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Metric describes one metric. A table of them is what instruments are made from and what
// the documentation is printed from, so the two agree.
type Metric struct {
	Name       string // in OpenTelemetry
	Prometheus string // at /metrics
	Kind       Kind
	Unit       string // UCUM; "" for counts
	Labels     []string
	Help       string
	Buckets    []float64 // upper bounds of a histogram, in Unit
}

// Metrics lists the engine's metrics.
func Metrics() []Metric {
	return []Metric{
		{
			Name: "heyan.verifications", Prometheus: "heyan_verifications_total", Kind: Counter, Labels: []string{"check", "verdict", "reason"},
			Help: "Completed verifications by check, verdict and reason.",
		}, {
			Name: "heyan.verification.duration", Prometheus: "heyan_verification_duration_seconds", Kind: Histogram, Unit: "s", Labels: []string{"verdict"},
			Help:    "Duration of completed verifications, from the local check to the stored result.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, {
			Name: "heyan.saved_calls", Prometheus: "heyan_saved_calls_total", Kind: Counter, Labels: []string{"failure", "rule", "field"},
			Help: "Requests refused before any call of a provider, by failure, rule and field.",
		}, {
			Name: "heyan.attempts", Prometheus: "heyan_attempts_total", Kind: Counter, Labels: []string{"provider", "class", "charge", "phase"},
			Help: "Calls of providers by provider, class (a verdict or a failure), charge, and the phase in which a failed call broke.",
		}, {
			Name: "heyan.attempt.duration", Prometheus: "heyan_attempt_duration_seconds", Kind: Histogram, Unit: "s", Labels: []string{"provider", "answered"},
			Help:    "Duration of calls of providers, by provider and whether the provider answered.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10},
		}, {
			Name: "heyan.second_opinions", Prometheus: "heyan_second_opinions_total", Kind: Counter, Labels: []string{"first", "second", "outcome"},
			Help: "Second opinions after no_record, or ordered after mismatch, by the first and the second provider and outcome: agreed, differed, unclear or failed.",
		}, {
			Name: "heyan.provider.closed", Prometheus: "heyan_provider_closed", Kind: Gauge, Labels: []string{"provider", "reason"},
			Help: "1 for the reason why a provider's gate or breaker admits no calls now, else 0. All are 0 in scheduled maintenance.",
		}, {
			Name: "heyan.provider.scheduled", Prometheus: "heyan_provider_scheduled", Kind: Gauge, Labels: []string{"provider"},
			Help: "1 while a provider is in scheduled maintenance, else 0.",
		},
	}
}

// StoreMetrics lists the metrics of a store.
func StoreMetrics() []Metric {
	return []Metric{
		{
			Name: "heyan.store.commit.duration", Prometheus: "heyan_store_commit_duration_seconds", Kind: Histogram, Unit: "s", Labels: []string{"result"},
			Help:    "Duration of the store's transactions, each of which holds the operations that waited, by result (committed or failed).",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, {
			Name: "heyan.store.queue", Prometheus: "heyan_store_queue", Kind: Gauge,
			Help: "Operations that wait for the store's next transaction.",
		},
	}
}

// closedReasons are the reasons that heyan.provider.closed always has a series for.
func closedReasons() []idv.SkipReason {
	return []idv.SkipReason{
		idv.SkipMaintenance, idv.SkipThrottled, idv.SkipQuotaExhausted, idv.SkipCredentials, idv.SkipBreakerOpen, idv.SkipTrialRunning, idv.SkipDrained, idv.SkipPluginNotReady,
	}
}

// Instruments makes the instruments of a table, and collects the errors. An instrument that
// is not in the table is an error.
type Instruments struct {
	Meter metric.Meter
	Table []Metric

	errs []error
}

// Err returns the errors of all instruments made so far.
func (i *Instruments) Err() error { return errors.Join(i.errs...) }

// Counter makes a counter.
func (i *Instruments) Counter(name string) metric.Int64Counter {
	m := i.find(name, Counter)
	c, err := i.Meter.Int64Counter(name, metric.WithDescription(m.Help), metric.WithUnit(m.Unit))
	i.errs = append(i.errs, err)
	return c
}

// Histogram makes a histogram.
func (i *Instruments) Histogram(name string) metric.Float64Histogram {
	m := i.find(name, Histogram)
	h, err := i.Meter.Float64Histogram(name, metric.WithDescription(m.Help), metric.WithUnit(m.Unit), metric.WithExplicitBucketBoundaries(m.Buckets...))
	i.errs = append(i.errs, err)
	return h
}

// Gauge makes a gauge that is observed with each collection.
func (i *Instruments) Gauge(name string) metric.Float64ObservableGauge {
	m := i.find(name, Gauge)
	g, err := i.Meter.Float64ObservableGauge(name, metric.WithDescription(m.Help), metric.WithUnit(m.Unit))
	i.errs = append(i.errs, err)
	return g
}

// UpDown makes a gauge that is the sum of what is added to it.
func (i *Instruments) UpDown(name string) metric.Int64UpDownCounter {
	m := i.find(name, Gauge)
	g, err := i.Meter.Int64UpDownCounter(name, metric.WithDescription(m.Help), metric.WithUnit(m.Unit))
	i.errs = append(i.errs, err)
	return g
}

// Observed makes a counter that is observed with each collection.
func (i *Instruments) Observed(name string) metric.Int64ObservableCounter {
	m := i.find(name, Counter)
	c, err := i.Meter.Int64ObservableCounter(name, metric.WithDescription(m.Help), metric.WithUnit(m.Unit))
	i.errs = append(i.errs, err)
	return c
}

func (i *Instruments) find(name string, kind Kind) Metric {
	for _, m := range i.Table {
		if m.Name == name && m.Kind == kind {
			return m
		}
	}
	i.errs = append(i.errs, fmt.Errorf("the table of metrics has no %s %s", kind, name))
	return Metric{}
}
