package daemon

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/trace"
)

// slowCollector takes nothing until it is opened.
type slowCollector struct {
	open chan struct{}
	got  atomic.Int64
}

func (c *slowCollector) take(n int) error {
	<-c.open
	c.got.Add(int64(n))
	return nil
}

func (c *slowCollector) Shutdown(context.Context) error { return nil }

func (c *slowCollector) ForceFlush(context.Context) error { return nil }

type slowSpans struct{ *slowCollector }

func (c slowSpans) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	return c.take(len(spans))
}

type slowRecords struct{ *slowCollector }

func (c slowRecords) Export(_ context.Context, records []log.Record) error {
	return c.take(len(records))
}

// TestDroppedTelemetryIsCounted: whatever is not exported is counted, and nothing else.
func TestDroppedTelemetryIsCounted(t *testing.T) {
	const sent, places = 1000, 100
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "100")
	t.Setenv("OTEL_BLRP_MAX_QUEUE_SIZE", "100")
	tests := []struct {
		name string
		run  func(c *slowCollector, q *exportQueue) (emit func(), shutdown func(context.Context) error)
	}{
		{"OTEL_BSP_MAX_QUEUE_SIZE", func(c *slowCollector, q *exportQueue) (func(), func(context.Context) error) {
			p := trace.NewTracerProvider(trace.WithSpanProcessor(newSpanProcessor(spanExporter{slowSpans{c}, new(exports), q})))
			return func() { _, s := p.Tracer("test").Start(context.Background(), "span"); s.End() }, p.Shutdown
		}},
		{"OTEL_BLRP_MAX_QUEUE_SIZE", func(c *slowCollector, q *exportQueue) (func(), func(context.Context) error) {
			p := log.NewLoggerProvider(log.WithProcessor(newLogProcessor(logExporter{slowRecords{c}, new(exports), q})))
			lines := slog.New(otelslog.NewHandler("test", otelslog.WithLoggerProvider(p)))
			return func() { lines.Info("line") }, p.Shutdown
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, q := &slowCollector{open: make(chan struct{})}, newExportQueue(tt.name)
			emit, shutdown := tt.run(c, q)
			for range sent {
				emit()
			}
			dropped := q.dropped.Load()
			if dropped < sent/2 || dropped > sent-places {
				t.Errorf("%d of %d were dropped with %d places", dropped, sent, places)
			}
			close(c.open)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			if got := c.got.Load(); got+q.dropped.Load() != sent || q.waiting.Load() != 0 {
				t.Errorf("%d exported and %d dropped of %d, %d waiting", got, q.dropped.Load(), sent, q.waiting.Load())
			}
		})
	}
}

// TestUnsampledSpansTakeNoPlace: spans that are not exported do not fill the queue.
func TestUnsampledSpansTakeNoPlace(t *testing.T) {
	t.Parallel()
	q := &exportQueue{most: 1}
	p := trace.NewTracerProvider(trace.WithSampler(recordOnly{}), trace.WithSpanProcessor(newSpanProcessor(spanExporter{slowSpans{&slowCollector{}}, new(exports), q})))
	for range 10 {
		_, s := p.Tracer("test").Start(t.Context(), "span")
		s.End()
	}
	if q.waiting.Load() != 0 || q.dropped.Load() != 0 {
		t.Errorf("%d waiting, %d dropped", q.waiting.Load(), q.dropped.Load())
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// recordOnly has spans processed and not exported.
type recordOnly struct{}

func (recordOnly) ShouldSample(trace.SamplingParameters) trace.SamplingResult {
	return trace.SamplingResult{Decision: trace.RecordOnly}
}

func (recordOnly) Description() string { return "recordOnly" }

// TestQueueSizes: a length that cannot be is that of the specification, as the SDK has it.
func TestQueueSizes(t *testing.T) {
	for value, want := range map[string]int64{"": 2048, "100": 100, "0": 2048, "-1": 2048, "many": 2048} {
		t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", value)
		if got := newExportQueue("OTEL_BSP_MAX_QUEUE_SIZE").most; got != want {
			t.Errorf("%q: got %d, want %d", value, got, want)
		}
	}
}
