package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/heyan-id/heyan/engine/telemetry"
)

// observed is the SDK behind the engine's telemetry. It is made here and handed
// down: a library never sets the global providers of the process it lives in.
type observed struct {
	options telemetry.Options
	metrics http.Handler
	traces  *trace.TracerProvider
	meters  *metric.MeterProvider
}

// observe makes a tracer provider, which gives every verification a trace id even
// where nothing is exported, and a meter provider that /metrics reads.
func observe(ctx context.Context, o Options) (*observed, error) {
	c := o.Config.Telemetry
	service := resource.NewSchemaless(attribute.String("service.name", "heyan"), attribute.String("service.version", o.Version))
	options := []trace.TracerProviderOption{
		trace.WithResource(service),
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(c.SampleRatio))),
	}
	if c.OTLPEndpoint != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.OTLPEndpoint))
		if err != nil {
			return nil, fmt.Errorf("telemetry.otlp_endpoint: %w", err)
		}
		options = append(options, trace.WithBatcher(exporter))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	w := &observed{
		traces:  trace.NewTracerProvider(options...),
		meters:  metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(service)),
		metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	w.options = telemetry.Options{Traces: w.traces, Metrics: w.meters, Logger: o.Log}
	return w, nil
}

// close sends what is still to be sent, for a second at most.
func (o *observed) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return errors.Join(o.traces.Shutdown(ctx), o.meters.Shutdown(ctx))
}
