package engine_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
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

// BenchmarkVerifyAgreed is the same with a consent to look up and to use.
func BenchmarkVerifyAgreed(b *testing.B) { benchmarkAgreed(b, nil) }

// BenchmarkVerifyGuarded is that with the guard against guessing and a limit on each
// person: what a daemon does by default. Most of it is nine keyed hashes.
func BenchmarkVerifyGuarded(b *testing.B) {
	benchmarkAgreed(b, func(o *engine.Options) {
		guard, err := abuse.New(abuse.Config{Indexer: o.Policy.Keyring, Limits: abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Day, Most: 1 << 30}}})
		if err != nil {
			b.Fatal(err)
		}
		o.Policy.Abuse = guard
	})
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
