package engine_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/abuse"
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

// BenchmarkTelemetry is a verification with telemetry off, with metrics, with metrics and 1 %
// of the verifications traced as in a daemon, and with all of them traced, which no daemon
// needs. The provider answers at once and the store is in memory, so the shares are upper
// bounds.
func BenchmarkTelemetry(b *testing.B) {
	metrics := func(o *engine.Options) {
		o.Telemetry.Metrics = metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	}
	traced := func(ratio float64) func(*engine.Options) {
		return func(o *engine.Options) {
			metrics(o)
			o.Telemetry.Traces = trace.NewTracerProvider(
				trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(ratio))), trace.WithBatcher(tracetest.NewNoopExporter()))
		}
	}
	b.Run("off", func(b *testing.B) { benchmark(b, nil) })
	b.Run("metrics", func(b *testing.B) { benchmark(b, metrics) })
	b.Run("metrics and 1% traced", func(b *testing.B) { benchmark(b, traced(0.01)) })
	b.Run("metrics and all traced", func(b *testing.B) { benchmark(b, traced(1)) })
}

// BenchmarkVerifyAgreed is the same with a consent to look up and to use.
func BenchmarkVerifyAgreed(b *testing.B) { benchmarkAgreed(b, nil) }

// BenchmarkVerifyGuarded is that with the guard against guessing and a limit on each
// person: what a daemon does by default. Most of it is eight keyed hashes.
func BenchmarkVerifyGuarded(b *testing.B) { benchmarkAgreed(b, withGuard(b)) }

// BenchmarkPolicy is BenchmarkVerify and BenchmarkVerifyGuarded in turns, so that a busy machine
// slows both. It reports the median time of each, and the time with policy divided by the time
// without.
func BenchmarkPolicy(b *testing.B) {
	const round = 50
	plain := enginetest.Engine(b, enginetest.Options(enginetest.New("a"), enginetest.New("b")))
	full := newGuarded(b, withGuard(b))
	without, with := enginetest.Request(), full.agreed(b)
	var plains, fulls []float64
	for b.Loop() {
		plains = append(plains, nanoseconds(b, round, plain, without))
		fulls = append(fulls, nanoseconds(b, round, full.Engine, with))
	}
	slices.Sort(plains)
	slices.Sort(fulls)
	middle := len(plains) / 2
	b.ReportMetric(plains[middle], "bare-ns")
	b.ReportMetric(fulls[middle], "policy-ns")
	b.ReportMetric(fulls[middle]/plains[middle], "ratio")
	b.ReportMetric(0, "ns/op") // of both together, which says nothing
}

// nanoseconds returns the mean time of a verification, of a number of them.
func nanoseconds(b *testing.B, number int, e *engine.Engine, r idv.Request) float64 {
	begun := time.Now()
	for range number {
		if _, err := e.Verify(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	return float64(time.Since(begun).Nanoseconds()) / float64(number)
}

// withGuard adds the guard against guessing, and a limit that no benchmark reaches.
func withGuard(b *testing.B) func(*engine.Options) {
	return func(o *engine.Options) {
		guard, err := abuse.New(abuse.Config{Indexer: o.Policy.Keyring, Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 1 << 30}}})
		if err != nil {
			b.Fatal(err)
		}
		o.Policy.Abuse = guard
	}
}

func benchmarkAgreed(b *testing.B, change func(*engine.Options)) {
	g := newGuarded(b, change)
	r := g.agreed(b)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Verify(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
}
