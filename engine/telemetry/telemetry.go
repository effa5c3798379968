// Package telemetry emits spans, metrics and log lines, all from the same events, so that
// the three agree. It uses the OpenTelemetry API only; what is not configured costs
// almost nothing.
//
// The events carry no personal data. Metrics have no tenant attribute unless the options
// ask for it, since tenants × verdicts × reasons may exceed the SDK's limit of series, and
// the SDK drops the excess silently.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	mnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tnoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/heyan-id/heyan/engine/idv"
)

// scope names the instrumentation in traces and metrics.
const scope = "github.com/heyan-id/heyan"

// Options name the destinations. A nil field disables its signal.
type Options struct {
	Traces  trace.TracerProvider
	Metrics metric.MeterProvider
	Logger  *slog.Logger

	Tenants *Tenants // with a label in metrics; nil: there is no such label

	// Observe is called with each verification for which a provider was called. A request
	// waits for it, so it must return at once; it must not change the verification.
	Observe func(*idv.Verification)
}

// Telemetry receives the engine's events. It is safe for concurrent use.
type Telemetry struct {
	tracer  trace.Tracer
	counts  *instruments
	log     *slog.Logger
	tracing bool
	observe func(*idv.Verification)
	sample  sampler // of lines about requests without a call
}

// New creates the instruments.
func New(o Options) (*Telemetry, error) {
	t := &Telemetry{tracing: o.Traces != nil, log: o.Logger, observe: o.Observe}
	if o.Traces == nil {
		o.Traces = tnoop.NewTracerProvider()
	}
	if o.Metrics == nil {
		o.Metrics = mnoop.NewMeterProvider()
	} else {
		counts, err := newInstruments(o.Metrics.Meter(scope), o.Tenants)
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

// Attempt reports a completed call, whose span was begun by BeginAttempt.
func (t *Telemetry) Attempt(ctx context.Context, span trace.Span, a idv.Attempt) {
	describeAttempt(span, a)
	if t.counts != nil {
		t.counts.attempt(ctx, a)
	}
	if t.log.Enabled(ctx, slog.LevelDebug) {
		if span.IsRecording() {
			ctx = trace.ContextWithSpan(ctx, span)
		}
		t.log.LogAttrs(ctx, slog.LevelDebug, "attempt completed", slog.String("attempt", a.ID), slog.String("provider", a.Provider),
			slog.String("class", class(a)), slog.String("phase", a.Phase), slog.String("delivery", a.Delivery.String()),
			slog.String("charge", a.Charge.String()), slog.String("code", vendorCode(a.VendorCode)), slog.Duration("duration", a.Duration),
			traceID(ctx), spanID(ctx))
	}
}

// SecondOpinion counts how often a second provider agrees with the verdict of the first. answer is
// nil if its call failed. It counts nothing if no second one was called.
func (t *Telemetry) SecondOpinion(ctx context.Context, first string, said idv.Verdict, second string, answer *idv.Answer) {
	if second == "" || t.counts == nil {
		return
	}
	outcome := "failed"
	switch {
	case answer == nil:
	case answer.Verdict == said:
		outcome = "agreed"
	case answer.Verdict == idv.MismatchOrNoRecord:
		outcome = "unclear"
	default:
		outcome = "differed"
	}
	t.counts.opinions.Add(ctx, 1, metric.WithAttributes(attribute.String("first", first), attribute.String("second", second), attribute.String("outcome", outcome)))
}

// Done reports a completed verification and ends its span. Of those without a call, and of
// refused requests, only the first lines of each second are logged.
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
	if t.observe != nil && len(v.Attempts) > 0 {
		t.observe(v)
	}
	if omitted, ok := t.admit(ctx, v.Called()); ok {
		t.log.LogAttrs(ctx, slog.LevelInfo, "verification completed", slog.String("id", v.ID), slog.String("tenant", string(v.Tenant)),
			slog.String("app", v.App), slog.String("check", v.Check.String()), slog.String("verdict", v.Verdict.String()), slog.String("reason", string(v.Reason)),
			slog.Int("attempts", len(v.Attempts)), slog.String("trace_id", v.TraceID), spanID(ctx), omittedLines(omitted))
	}
	span.End()
}

// Refused reports a request that ended before any call, and ends its span.
func (t *Telemetry) Refused(ctx context.Context, span trace.Span, r *idv.Request, e *idv.Error) {
	if span.IsRecording() {
		fail(span, e.Failure)
		span.SetAttributes(attribute.String("heyan.rule", e.Code))
	}
	if t.counts != nil {
		t.counts.refused(ctx, r.Tenant, e)
	}
	if omitted, ok := t.admit(ctx, false); ok {
		t.log.LogAttrs(ctx, slog.LevelInfo, "request refused before any call", slog.String("tenant", string(r.Tenant)), slog.String("app", logged(r)),
			slog.String("check", r.Check.String()), slog.String("failure", e.Failure.String()),
			slog.String("rule", e.Code), slog.String("field", e.Field.String()), traceID(ctx), spanID(ctx), omittedLines(omitted))
	}
	span.End()
}

// logged returns the name of a request's app, "" for a text that no request may have: it was
// not checked if the request was refused for it.
func logged(r *idv.Request) string {
	if idv.CheckText(r.App, idv.MaxName) != idv.TextFits || r.Subject.NumberIn(r.App) {
		return ""
	}
	return r.App
}

// admit reports whether a line about a request is logged. Of requests without a call some
// are logged, since their number is not limited by what they cost.
func (t *Telemetry) admit(ctx context.Context, called bool) (omitted int, ok bool) {
	switch {
	case !t.log.Enabled(ctx, slog.LevelInfo):
		return 0, false
	case called:
		return 0, true
	}
	return t.sample.admit(time.Now())
}

// omittedLines is the attribute with the number of omitted lines, empty if there are none.
func omittedLines(n int) slog.Attr {
	if n == 0 {
		return slog.Attr{}
	}
	return slog.Int("omitted", n)
}

// Prepare gives the counters a series for everything to be expected of the providers and
// checks, and of the rules for a number, with the value 0. Call it once.
func (t *Telemetry) Prepare(providers []string, checks []idv.Check, rules []string) {
	if t.counts != nil {
		t.counts.prepare(providers, checks, rules)
	}
}

// Watch lets the metric of unavailable providers observe them: each is called with every
// collection and passes on the availability of each provider, until stop.
func (t *Telemetry) Watch(each func(func(provider string, a idv.Availability))) (stop func() error, err error) {
	if t.counts == nil {
		return func() error { return nil }, nil
	}
	return t.counts.watch(each)
}

// Gate logs that a provider became available or unavailable. A reason that only an
// operator can remove is logged as an error.
func (t *Telemetry) Gate(provider string, a idv.Availability) {
	ctx := context.Background()
	if a.Reason == "" {
		t.log.LogAttrs(ctx, slog.LevelInfo, "provider available", slog.String("provider", provider))
		return
	}
	if a.Reason == idv.SkipScheduledMaintenance { // announced, so it raises no alarm
		t.log.LogAttrs(ctx, slog.LevelInfo, "provider in scheduled maintenance", slog.String("provider", provider),
			slog.String("reason", string(a.Reason)), slog.Time("until", a.Until))
		return
	}
	level, attrs := slog.LevelWarn, []slog.Attr{slog.String("provider", provider), slog.String("reason", string(a.Reason))}
	if !a.Until.IsZero() {
		attrs = append(attrs, slog.Time("until", a.Until))
	}
	if r := remedy(a.Reason); r != "" {
		attrs = append(attrs, slog.String("remedy", r))
		if a.Reason != idv.SkipDrained {
			level = slog.LevelError
		}
	}
	t.log.LogAttrs(ctx, level, "provider unavailable", attrs...)
}

// remedy returns what an operator has to do, "" if the provider is tried again without.
func remedy(reason idv.SkipReason) string {
	switch reason {
	case idv.SkipQuotaExhausted:
		return "buy a package, then resume the provider"
	case idv.SkipCredentials:
		return "correct the key, then resume the provider"
	case idv.SkipDrained:
		return "resume the provider when it may be called again"
	}
	return ""
}

// Panic reports an adapter that panicked. The value of the panic is withheld, since it
// may hold a claim; the stack holds none.
func (t *Telemetry) Panic(provider string, stack []byte) {
	t.log.Error("adapter panicked", slog.String("provider", provider), slog.String("stack", string(stack)))
}
