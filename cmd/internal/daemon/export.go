package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelmetric "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
)

// The signals, in the words of OpenTelemetry.
const (
	signalTraces  = "traces"
	signalMetrics = "metrics"
	signalLogs    = "logs"
)

// exporters are what the environment configures; nil fields export nothing. Each has a
// bounded queue that drops when it is full, so no verification waits for a collector.
type exporters struct {
	traces  trace.SpanProcessor
	metrics metric.Reader
	logs    log.Processor
	report  *exports

	spans, records *exportQueue // what waits of traces and logs
}

// openExporters makes the exporters of the OTEL_ variables, and that of
// telemetry.otlp_endpoint if they say nothing of traces. It connects to nothing.
func openExporters(ctx context.Context, o Options) (*exporters, error) {
	e := &exporters{report: &exports{log: o.Log}, spans: newExportQueue("OTEL_BSP_MAX_QUEUE_SIZE"), records: newExportQueue("OTEL_BLRP_MAX_QUEUE_SIZE")}
	if strings.EqualFold(strings.TrimSpace(os.Getenv("OTEL_SDK_DISABLED")), "true") {
		return e, nil
	}
	for _, signal := range []string{signalTraces, signalMetrics, signalLogs} {
		on, err := exported(signal)
		if err != nil {
			return nil, err
		}
		if on {
			err = e.open(ctx, signal)
		}
		if err != nil {
			// The text may hold the address, and with it a password.
			return nil, fmt.Errorf("the OTLP exporter of %s cannot be made; check the variables OTEL_EXPORTER_OTLP_*: the protocol is http/protobuf or grpc", signal)
		}
	}
	if endpoint := o.Config.Telemetry.OTLPEndpoint; endpoint != "" && e.traces == nil && os.Getenv("OTEL_TRACES_EXPORTER") == "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
		if err != nil {
			return nil, fmt.Errorf("telemetry.otlp_endpoint: %w", err)
		}
		e.traces = newSpanProcessor(spanExporter{exporter, e.report, e.spans})
	}
	return e, nil
}

// exported reports whether the environment configures the export of a signal: by its
// exporter, or by an endpoint.
func exported(signal string) (bool, error) {
	name := strings.ToUpper(signal)
	switch choice := os.Getenv("OTEL_" + name + "_EXPORTER"); choice {
	case "otlp":
		return true, nil
	case "none":
		return false, nil
	case "":
		return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_"+name+"_ENDPOINT") != "", nil
	}
	return false, fmt.Errorf("OTEL_%s_EXPORTER: must be otlp or none; stdout has the addresses only, and /metrics is always there for Prometheus", name)
}

func (e *exporters) open(ctx context.Context, signal string) error {
	switch signal {
	case signalTraces:
		exporter, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return err
		}
		e.traces = newSpanProcessor(spanExporter{exporter, e.report, e.spans})
	case signalMetrics:
		reader, err := autoexport.NewMetricReader(ctx)
		if err != nil {
			return err
		}
		e.metrics = reader
	case signalLogs:
		exporter, err := autoexport.NewLogExporter(ctx)
		if err != nil {
			return err
		}
		e.logs = newLogProcessor(logExporter{exporter, e.report, e.records})
	}
	return nil
}

// log says what is exported.
func (e *exporters) log(o Options) {
	var list []string
	for signal, on := range map[string]bool{signalTraces: e.traces != nil, signalMetrics: e.metrics != nil, signalLogs: e.logs != nil} {
		if on {
			list = append(list, signal)
		}
	}
	if len(list) == 0 {
		return
	}
	slices.Sort(list)
	o.Log.Info("telemetry is exported", slog.Any("signals", list))
	if e.traces != nil && o.Config.Telemetry.SampleRatio == 0 && os.Getenv("OTEL_TRACES_SAMPLER") == "" {
		o.Log.Warn("traces are exported only for callers that sample theirs; set telemetry.sample_ratio to begin traces here")
	}
}

// exports counts failed exports, and logs the first of a period.
type exports struct {
	log *slog.Logger

	mu       sync.Mutex
	failures otelmetric.Int64Counter // nil until there is a meter
	state    map[string]*exportState
}

type exportState struct {
	logged  time.Time
	omitted int
}

// exportPeriod is the time in which failed exports of a signal are logged once.
const exportPeriod = time.Minute

// count has failures counted from now on, and gives the metric its series.
func (x *exports) count(failures otelmetric.Int64Counter) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failures, x.state = failures, map[string]*exportState{}
	for _, signal := range []string{signalTraces, signalMetrics, signalLogs} {
		x.failures.Add(context.Background(), 0, signalAttribute(signal))
	}
}

func signalAttribute(signal string) otelmetric.MeasurementOption {
	return otelmetric.WithAttributes(attribute.String("signal", signal))
}

// failed reports a failed export of a signal. The text of the error is dropped: it names
// the collector's address.
func (x *exports) failed(signal string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.failures == nil {
		return // before the first verification
	}
	x.failures.Add(context.Background(), 1, signalAttribute(signal))
	s := x.state[signal]
	if s == nil {
		s = &exportState{}
		x.state[signal] = s
	}
	if now := time.Now(); s.logged.IsZero() || now.Sub(s.logged) >= exportPeriod {
		x.log.Warn("telemetry export failed; what it held is lost", slog.String("signal", signal), slog.Int("failures", s.omitted+1),
			slog.String("remedy", "check the collector and its address, OTEL_EXPORTER_OTLP_ENDPOINT or telemetry.otlp_endpoint"))
		s.logged, s.omitted = now, 0
		return
	}
	s.omitted++
}

// spanExporter reports failures here instead of to the SDK's handler.
type spanExporter struct {
	trace.SpanExporter
	report *exports
	queue  *exportQueue
}

// ExportSpans exports spans.
func (e spanExporter) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	e.queue.leave(len(spans))
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.report.failed(signalTraces)
	}
	return nil
}

// logExporter reports failures here instead of to the SDK's handler.
type logExporter struct {
	log.Exporter
	report *exports
	queue  *exportQueue
}

// Export exports log records.
func (e logExporter) Export(ctx context.Context, records []log.Record) error {
	e.queue.leave(len(records))
	if err := e.Exporter.Export(ctx, records); err != nil {
		e.report.failed(signalLogs)
	}
	return nil
}

// exportHandler passes the lines of the daemon's log to the collector as well. The level of
// the log holds for both.
type exportHandler struct{ log, collector slog.Handler }

func newExportHandler(base slog.Handler, p *log.LoggerProvider) slog.Handler {
	return exportHandler{base, otelslog.NewHandler(scope, otelslog.WithLoggerProvider(p))}
}

// Enabled reports whether the log has the level.
func (h exportHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.log.Enabled(ctx, l) }

// Handle writes a line.
func (h exportHandler) Handle(ctx context.Context, r slog.Record) error {
	_ = h.collector.Handle(ctx, r.Clone()) // it queues only
	return h.log.Handle(ctx, r)
}

// WithAttrs returns a handler with attributes.
func (h exportHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return exportHandler{h.log.WithAttrs(attrs), h.collector.WithAttrs(attrs)}
}

// WithGroup returns a handler with a group.
func (h exportHandler) WithGroup(name string) slog.Handler {
	return exportHandler{h.log.WithGroup(name), h.collector.WithGroup(name)}
}
