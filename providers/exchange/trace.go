package exchange

import (
	"context"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// scope names the instrumentation in traces.
const scope = "github.com/heyan-id/heyan/providers/exchange"

// traced makes a call within a span, if the call belongs to a recorded one. Of the request
// the span has the method and the vendor's address: path, query, headers and body may hold
// claims and secrets. The vendor receives no trace context.
func (x *Exchange) traced(ctx context.Context, parent trace.Span, c providers.Call) (providers.Reply, error) {
	attrs := []attribute.KeyValue{attribute.String("http.request.method", c.Method), attribute.String("server.address", x.base.Hostname())}
	if port, err := strconv.Atoi(x.base.Port()); err == nil {
		attrs = append(attrs, attribute.Int("server.port", port))
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, "heyan.exchange", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	defer span.End()
	reply, err := x.do(ctx, c)
	if err != nil {
		e := idv.AsError(err)
		span.SetStatus(codes.Error, e.Failure.String())
		span.SetAttributes(attribute.String("error.type", e.Failure.String()),
			attribute.String("heyan.phase", e.Phase), attribute.String("heyan.delivery", e.Delivery.String()))
		return reply, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", reply.Status), attribute.String("heyan.delivery", idv.Answered.String()))
	return reply, nil
}
