package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	otelmetric "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/policy/access"
)

// telemetrySDK is the OpenTelemetry SDK behind the engine's telemetry. The daemon
// passes it on instead of setting the global providers of the process.
type telemetrySDK struct {
	options telemetry.Options
	metrics http.Handler
	traces  *trace.TracerProvider
	meters  *metric.MeterProvider
	sampler *ratioSampler
}

// ratioSampler samples a share of the traces that may change.
type ratioSampler struct{ current atomic.Pointer[trace.Sampler] }

func (s *ratioSampler) set(ratio float64) {
	next := trace.TraceIDRatioBased(ratio)
	s.current.Store(&next)
}

// ShouldSample decides about a trace.
func (s *ratioSampler) ShouldSample(p trace.SamplingParameters) trace.SamplingResult {
	return (*s.current.Load()).ShouldSample(p)
}

// Description names the sampler.
func (s *ratioSampler) Description() string { return "ratioSampler" }

// newTelemetry makes a tracer provider, which gives every verification a trace id even
// if nothing is exported, and a meter provider that /metrics reads.
func newTelemetry(ctx context.Context, o Options) (*telemetrySDK, error) {
	c := o.Config.Telemetry
	service := resource.NewSchemaless(attribute.String("service.name", "heyan"), attribute.String("service.version", o.Version))
	sampler := new(ratioSampler)
	sampler.set(c.SampleRatio)
	options := []trace.TracerProviderOption{
		trace.WithResource(service),
		trace.WithSampler(trace.ParentBased(sampler)),
	}
	if c.OTLPEndpoint != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.OTLPEndpoint))
		if err != nil {
			return nil, fmt.Errorf("telemetry.otlp_endpoint: %w", err)
		}
		options = append(options, trace.WithBatcher(exporter))
		// The SDK's own handler writes to stderr, which may stall. Its errors name the address.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { o.Log.Warn("telemetry export failed; check telemetry.otlp_endpoint") }))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	w := &telemetrySDK{
		traces:  trace.NewTracerProvider(options...),
		meters:  metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(service)),
		metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
		sampler: sampler,
	}
	w.options = telemetry.Options{Traces: w.traces, Metrics: w.meters, Logger: o.Log}
	return w, nil
}

// scope is the instrumentation scope of the daemon's own metrics.
const scope = "github.com/heyan-id/heyan/cmd/internal/daemon"

// plugins exports the plugins' states as metrics, read on each scrape.
func (o *telemetrySDK) plugins(current func() *assemble.App) error {
	meter := o.meters.Meter(scope)
	ready, err := meter.Int64ObservableGauge("heyan.plugin.ready",
		otelmetric.WithDescription("1 while a provider's plugin is ready, 0 otherwise."))
	if err != nil {
		return err
	}
	restarts, err := meter.Int64ObservableCounter("heyan.plugin.restarts",
		otelmetric.WithDescription("Restarts of a provider's plugin."))
	if err != nil {
		return err
	}
	withheld, err := meter.Int64ObservableCounter("heyan.plugin.log.withheld",
		otelmetric.WithDescription("Lines and attributes of a plugin's log that are not on its allowlist."))
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		app := current()
		for _, p := range app.Engine.Providers() {
			state, ok := app.Plugin(p.Name)
			if !ok {
				continue
			}
			up := int64(0)
			if state.Ready() {
				up = 1
			}
			by := otelmetric.WithAttributes(attribute.String("provider", p.Name))
			to.ObserveInt64(ready, up, by)
			to.ObserveInt64(restarts, int64(state.Restarts), by)
			to.ObserveInt64(withheld, state.LogWithheld, by)
		}
		return nil
	}, ready, restarts, withheld)
	return err
}

// log exports the number of dropped log lines, read on each scrape.
func (o *telemetrySDK) log(dropped func() int64) error {
	if dropped == nil {
		return nil
	}
	_, err := o.meters.Meter(scope).Int64ObservableCounter("heyan.log.dropped",
		otelmetric.WithDescription("Log lines dropped because stderr did not accept them."),
		otelmetric.WithInt64Callback(func(_ context.Context, to otelmetric.Int64Observer) error {
			to.Observe(dropped())
			return nil
		}))
	return err
}

// refusals exports the number of refused requests by reason, read on each scrape.
func (o *telemetrySDK) refusals(r *auth.Refusals) error {
	_, err := o.meters.Meter(scope).Int64ObservableCounter("heyan.requests.refused",
		otelmetric.WithDescription("Requests refused before their operation, by reason."),
		otelmetric.WithInt64Callback(func(_ context.Context, to otelmetric.Int64Observer) error {
			r.Each(func(reason access.Refusal, n int64) {
				to.Observe(n, otelmetric.WithAttributes(attribute.String("reason", string(reason))))
			})
			return nil
		}))
	return err
}

// close exports what is pending, for a second at most.
func (o *telemetrySDK) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return errors.Join(o.traces.Shutdown(ctx), o.meters.Shutdown(ctx))
}

// stale counts the providers whose credentials or network cannot be read any more.
func (o *telemetrySDK) stale(current func() *assemble.App) error {
	meter := o.meters.Meter(scope)
	stale, err := meter.Int64ObservableGauge("heyan.provider.stale",
		otelmetric.WithDescription("1 while a provider's credentials or network cannot be read, so that the last ones are in use; 0 otherwise."))
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		app := current()
		for _, p := range app.Engine.Providers() {
			value := int64(0)
			if app.Stale(p.Name) {
				value = 1
			}
			to.ObserveInt64(stale, value, otelmetric.WithAttributes(attribute.String("provider", p.Name)))
		}
		return nil
	}, stale)
	return err
}
