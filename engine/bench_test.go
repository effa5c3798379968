package engine_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
)

func benchmark(b *testing.B, change func(*engine.Options)) {
	o := enginetest.Options(enginetest.New("a"))
	if change != nil {
		change(&o)
	}
	e := enginetest.Engine(b, o)
	r := enginetest.Request()
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Verify(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify is what heyan adds to a vendor's time: a scripted provider, the
// memory store, no telemetry.
func BenchmarkVerify(b *testing.B) { benchmark(b, nil) }

// BenchmarkVerifyUnsampled is the same with a tracer that samples nothing, as in a
// daemon that exports no traces.
func BenchmarkVerifyUnsampled(b *testing.B) {
	benchmark(b, func(o *engine.Options) {
		o.Telemetry.Traces = trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))
	})
}
