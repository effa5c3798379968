// Package telemetry turns what happens in the engine into spans, metrics and log
// lines, each from one event, so that the three cannot tell different stories. It
// uses the OpenTelemetry API only: what is not configured costs nearly nothing.
//
// Nothing here holds personal data: the events carry none. Metrics have no tenant
// attribute, since tenants × providers × verdicts would pass the SDK's limit of
// 2,000 series and be dropped without a word.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	mnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tnoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/heyan-id/heyan/engine/idv"
)

// scope names the instrumentation in traces and metrics.
const scope = "github.com/heyan-id/heyan"

// Options say where telemetry goes. Nil fields are left out.
type Options struct {
	Traces  trace.TracerProvider
	Metrics metric.MeterProvider
	Logger  *slog.Logger
}

// Telemetry takes the engine's events. It is safe for concurrent use.
type Telemetry struct {
	tracer  trace.Tracer
	counts  *instruments
	log     *slog.Logger
	tracing bool
}

// New prepares the instruments.
func New(o Options) (*Telemetry, error) {
	t := &Telemetry{tracing: o.Traces != nil, log: o.Logger}
	if o.Traces == nil {
		o.Traces = tnoop.NewTracerProvider()
	}
	if o.Metrics == nil {
		o.Metrics = mnoop.NewMeterProvider()
	} else {
		counts, err := newInstruments(o.Metrics.Meter(scope))
		if err != nil {
			return nil, fmt.Errorf("telemetry: %w", err)
		}
		t.counts = counts
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.tracer = o.Traces.Tracer(scope)
	return t, nil
}

// Start begins the span of a verification. The caller ends it with End.
func (t *Telemetry) Start(ctx context.Context) (context.Context, trace.Span) {
	if !t.tracing {
		// A caller's own span, if there is one, still gives the trace id.
		return ctx, trace.SpanFromContext(context.Background())
	}
	return t.tracer.Start(ctx, "heyan.verify", trace.WithSpanKind(trace.SpanKindInternal))
}

// TraceID returns the hexadecimal trace id of ctx, "" if there is none.
func TraceID(ctx context.Context) string {
	if id := trace.SpanContextFromContext(ctx).TraceID(); id.IsValid() {
		return id.String()
	}
	return ""
}

// Attempt tells of one call that is over.
func (t *Telemetry) Attempt(ctx context.Context, a idv.Attempt) {
	if t.tracing {
		t.attemptSpan(ctx, a)
	}
	if t.counts != nil {
		t.counts.attempt(ctx, a)
	}
	if t.log.Enabled(ctx, slog.LevelDebug) {
		t.log.LogAttrs(ctx, slog.LevelDebug, "attempt", slog.String("attempt", a.ID), slog.String("provider", a.Provider),
			slog.String("outcome", outcome(a)), slog.String("delivery", a.Delivery.String()), slog.String("charge", a.Charge.String()),
			slog.String("code", a.VendorCode), slog.Duration("duration", a.Duration))
	}
}

func (t *Telemetry) attemptSpan(ctx context.Context, a idv.Attempt) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	_, span := t.tracer.Start(ctx, "heyan.attempt", trace.WithTimestamp(a.StartedAt), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("heyan.provider", a.Provider),
			attribute.String("heyan.outcome", outcome(a)),
			attribute.String("heyan.sent", a.Delivery.String()),
			attribute.String("heyan.charge", a.Charge.String()),
			attribute.String("heyan.vendor_code", a.VendorCode)))
	if a.Failed {
		span.SetStatus(codes.Error, a.Failure.String())
	}
	span.End(trace.WithTimestamp(a.StartedAt.Add(a.Duration)))
}

// outcome is the verdict, or the failure of a call that had none.
func outcome(a idv.Attempt) string {
	if a.Failed {
		return a.Failure.String()
	}
	return a.Verdict.String()
}

// Done tells of a verification that is over and ends its span.
func (t *Telemetry) Done(ctx context.Context, span trace.Span, v *idv.Verification) {
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("heyan.verification", v.ID),
			attribute.String("heyan.check", v.Check.String()),
			attribute.String("heyan.verdict", v.Verdict.String()),
			attribute.String("heyan.reason", string(v.Reason)))
	}
	if t.counts != nil {
		t.counts.verification(ctx, v)
	}
	if t.log.Enabled(ctx, slog.LevelInfo) {
		t.log.LogAttrs(ctx, slog.LevelInfo, "verification", slog.String("id", v.ID), slog.String("tenant", string(v.Tenant)),
			slog.String("check", v.Check.String()), slog.String("verdict", v.Verdict.String()), slog.String("reason", string(v.Reason)),
			slog.Int("attempts", len(v.Attempts)), slog.String("trace_id", v.TraceID))
	}
	span.End()
}

// Refused tells of a request that ended before any call, and ends its span: a call
// that was not paid for.
func (t *Telemetry) Refused(ctx context.Context, span trace.Span, e *idv.Error) {
	if span.IsRecording() {
		span.SetStatus(codes.Error, e.Failure.String())
		span.SetAttributes(attribute.String("heyan.reason", e.Code))
	}
	if t.counts != nil {
		t.counts.refused(ctx, e)
	}
	if t.log.Enabled(ctx, slog.LevelInfo) {
		t.log.LogAttrs(ctx, slog.LevelInfo, "refused", slog.String("failure", e.Failure.String()),
			slog.String("rule", e.Code), slog.String("field", e.Field.String()))
	}
	span.End()
}

// Known tells of a provider that the engine starts with, so that its metric is
// there before anything happens to it.
func (t *Telemetry) Known(provider string) {
	if t.counts != nil {
		t.counts.gate(context.Background(), provider, "")
	}
}

// Gate tells of a provider that became available or stopped to be. What only an
// operator can mend is an error in the log.
func (t *Telemetry) Gate(provider string, a idv.Availability) {
	ctx := context.Background()
	if t.counts != nil {
		t.counts.gate(ctx, provider, a.Reason)
	}
	level := slog.LevelWarn
	switch a.Reason {
	case "":
		level = slog.LevelInfo
	case idv.SkipQuotaExhausted, idv.SkipCredentials:
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.String("provider", provider), slog.String("reason", string(a.Reason))}
	if !a.Until.IsZero() {
		attrs = append(attrs, slog.Time("until", a.Until))
	}
	t.log.LogAttrs(ctx, level, gateText(a.Reason), attrs...)
}

func gateText(why idv.SkipReason) string {
	switch why {
	case "":
		return "provider is asked again"
	case idv.SkipQuotaExhausted:
		return "provider is not asked: its package is used up; buy one, then resume the provider"
	case idv.SkipCredentials:
		return "provider is not asked: it refuses our key; correct it, then resume the provider"
	}
	if why == idv.SkipDrained {
		return "provider is not asked until it is resumed: an operator took it out"
	}
	return "provider is not asked for a while"
}

// Panic tells of an adapter that panicked. The panic's value is withheld, for it
// may hold a claim; a stack holds none.
func (t *Telemetry) Panic(provider string, stack []byte) {
	t.log.Error("adapter panicked", slog.String("provider", provider), slog.String("stack", string(stack)))
}
