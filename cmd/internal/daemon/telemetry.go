package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/heyan-id/heyan/engine/telemetry"
)

// maxTenants bounds the tenants that have a label of their own in metrics.
const maxTenants = 100

// maxSeries is the SDK's limit of series per instrument. What the table of metrics bounds
// stays below it, also with a tenant label.
const maxSeries = 20_000

// telemetrySDK is the OpenTelemetry SDK behind the engine's telemetry. The daemon
// passes it on instead of setting the global providers of the process.
type telemetrySDK struct {
	options telemetry.Options
	metrics http.Handler
	traces  *trace.TracerProvider
	meters  *metric.MeterProvider
	logs    *log.LoggerProvider // nil if no logs are exported
	sampler *ratioSampler
	own     *instruments
	exports *exports
}

// ratioSampler samples a share of the traces that may change.
type ratioSampler struct{ current atomic.Pointer[trace.Sampler] }

func newRatioSampler(ratio float64) *ratioSampler {
	s := new(ratioSampler)
	s.set(ratio)
	return s
}

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
// if nothing is exported, and a meter provider that /metrics reads. What the environment
// configures is exported as well; see docs/observability.md.
func newTelemetry(ctx context.Context, o Options) (*telemetrySDK, error) {
	exporters, err := openExporters(ctx, o)
	if err != nil {
		return nil, err
	}
	service, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "heyan"), attribute.String("service.version", o.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, errors.New("OTEL_RESOURCE_ATTRIBUTES: expected a list such as deployment.environment=test,host.name=a")
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	readers := []metric.Option{metric.WithReader(reader), metric.WithResource(service), metric.WithCardinalityLimit(maxSeries)}
	if exporters.metrics != nil {
		readers = append(readers, metric.WithReader(exporters.metrics))
	}
	sampler := newRatioSampler(o.Config.Telemetry.SampleRatio)
	w := &telemetrySDK{
		traces: tracerProvider(exporters, sampler, service), sampler: sampler, meters: metric.NewMeterProvider(readers...),
		metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), exports: exporters.report,
	}
	if w.own, err = newInstruments(w.meters, o); err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.exports.count(w.own.exportFailures)
	if err := w.own.exportQueues(exporters); err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.options = telemetry.Options{Traces: w.traces, Metrics: w.meters, Logger: o.Log}
	if o.Config.Telemetry.TenantLabel {
		w.options.Tenants = telemetry.NewTenants(maxTenants)
	}
	if exporters.logs != nil {
		w.logs = log.NewLoggerProvider(log.WithResource(service), log.WithProcessor(exporters.logs))
		w.options.Logger = slog.New(newExportHandler(o.Log.Handler(), w.logs))
	}
	// The SDK's own handler writes to stderr, which may stall. Its errors name addresses.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { w.exports.failed(signalMetrics) }))
	exporters.log(o)
	return w, nil
}

// tracerProvider makes the tracer provider. The sampler of the environment, if one is set,
// replaces the configured ratio, also that of a reload.
func tracerProvider(e *exporters, ratio *ratioSampler, service *resource.Resource) *trace.TracerProvider {
	options := []trace.TracerProviderOption{trace.WithResource(service)}
	if os.Getenv("OTEL_TRACES_SAMPLER") == "" {
		options = append(options, trace.WithSampler(trace.ParentBased(ratio)))
	}
	if e.traces != nil {
		options = append(options, trace.WithSpanProcessor(e.traces))
	}
	return trace.NewTracerProvider(options...)
}

// close exports what is pending, for a second at most. What a collector that is away does
// not take by then is lost, and no fault of the daemon.
func (o *telemetrySDK) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := errors.Join(o.traces.Shutdown(ctx), o.meters.Shutdown(ctx))
	if o.logs != nil {
		err = errors.Join(err, o.logs.Shutdown(ctx))
	}
	if err != nil {
		o.exports.failed(signalMetrics)
	}
	return nil
}
