package telemetry

import (
	"context"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/heyan-id/heyan/engine/idv"
)

// The spans of a verification, in their order. That of an exchange is emitted by the
// provider's transport.
const (
	spanVerify    = "heyan.verify"
	spanAuthorize = "heyan.authorize"
	spanPlan      = "heyan.plan"
	spanAttempt   = "heyan.attempt"
)

// Start begins the span of a verification. Done or Refused ends it.
func (t *Telemetry) Start(ctx context.Context) (context.Context, trace.Span) {
	if !t.tracing {
		// The span of the caller, if there is one, stays in ctx and gives the trace id.
		return ctx, trace.SpanFromContext(context.Background())
	}
	return t.tracer.Start(ctx, spanVerify, trace.WithSpanKind(trace.SpanKindInternal))
}

// Authorize begins the span of the policy's stage. End ends it.
func (t *Telemetry) Authorize(ctx context.Context) (context.Context, trace.Span) {
	return t.child(ctx, spanAuthorize)
}

// Plan begins the span of making the plan. End ends it.
func (t *Telemetry) Plan(ctx context.Context) (context.Context, trace.Span) {
	return t.child(ctx, spanPlan)
}

// BeginAttempt begins the span of a step of the plan: recording the intent, the call, and
// recording its outcome. Attempt adds the outcome; the caller ends it.
func (t *Telemetry) BeginAttempt(ctx context.Context, provider string) (context.Context, trace.Span) {
	ctx, span := t.child(ctx, spanAttempt)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("heyan.provider", provider))
	}
	return ctx, span
}

// child begins a span within a recorded one.
func (t *Telemetry) child(ctx context.Context, name string) (context.Context, trace.Span) {
	if !t.tracing || !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return t.tracer.Start(ctx, name)
}

// End ends the span of a stage with its error.
func (t *Telemetry) End(span trace.Span, err error) {
	if err != nil && span.IsRecording() {
		fail(span, idv.FailureOf(err))
	}
	span.End()
}

// fail marks a span as failed. The text of an error stays out of it.
func fail(span trace.Span, f idv.Failure) {
	span.SetStatus(codes.Error, f.String())
	span.SetAttributes(attribute.String("error.type", f.String()))
}

func describeAttempt(span trace.Span, a idv.Attempt) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		attribute.String("heyan.attempt", a.ID),
		attribute.String("heyan.class", class(a)),
		attribute.String("heyan.charge", a.Charge.String()),
		attribute.String("heyan.delivery", a.Delivery.String()))
	if a.Phase != "" {
		span.SetAttributes(attribute.String("heyan.phase", a.Phase))
	}
	if c := vendorCode(a.VendorCode); c != "" {
		span.SetAttributes(attribute.String("heyan.code", c))
	}
	if a.Failed {
		fail(span, a.Failure)
	}
}

// class returns the verdict of an attempt, or its failure.
func class(a idv.Attempt) string {
	if a.Failed {
		return a.Failure.String()
	}
	return a.Verdict.String()
}

// maxCode is the length of the longest code that is shown; those of vendors are shorter.
const maxCode = 48

// vendorCode returns a vendor's code if it looks like one, else "withheld": a garbled reply
// may have a claim in its place.
func vendorCode(code string) string {
	digits := 0
	for _, r := range code {
		switch {
		case r >= '0' && r <= '9':
			if digits++; digits > 10 { // a mobile number has 11
				return "withheld"
			}
		case strings.ContainsRune("/._:-+", r), r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			digits = 0
		default:
			return "withheld"
		}
	}
	if len(code) > maxCode {
		return "withheld"
	}
	return code
}

// TraceID returns the hexadecimal trace id of ctx, "" if it has none.
func TraceID(ctx context.Context) string {
	if id := trace.SpanContextFromContext(ctx).TraceID(); id.IsValid() {
		return id.String()
	}
	return ""
}

// traceID is the attribute of a log line with the trace id of ctx, empty if it has none.
func traceID(ctx context.Context) slog.Attr {
	if id := TraceID(ctx); id != "" {
		return slog.String("trace_id", id)
	}
	return slog.Attr{}
}

// spanID is the attribute of a log line with the span id of ctx, empty if it has none.
func spanID(ctx context.Context) slog.Attr {
	if id := trace.SpanContextFromContext(ctx).SpanID(); id.IsValid() {
		return slog.String("span_id", id.String())
	}
	return slog.Attr{}
}
