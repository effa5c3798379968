package plugins

import (
	"context"
	"errors"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// codec is a product with its settings.
type codec struct {
	Product
	settings providers.Settings
}

var _ providers.ContextCodec = codec{}

// Describe returns the descriptor from the latest start.
func (c codec) Describe() idv.Descriptor { return c.Descriptor() }

// Availability returns that of the plugin.
func (c codec) Availability() idv.Availability { return c.plugin.Availability() }

// Encode is EncodeContext with Spec.CallTimeout as its only limit.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	return c.EncodeContext(context.Background(), q)
}

// Decode is DecodeContext with Spec.CallTimeout as its only limit.
func (c codec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	return c.DecodeContext(context.Background(), q, r)
}

// EncodeContext asks the plugin for a call. On every error nothing was sent.
func (c codec) EncodeContext(ctx context.Context, q idv.Query) (call providers.Call, err error) {
	req := &pb.EncodeRequest{Product: c.name, Query: wire.Query(q), Settings: c.settings}
	var callErr error
	err = c.plugin.quickCall(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Encode(ctx, req)
		if err == nil {
			call, callErr = wire.CallFrom(q, i.table(c.name), r)
		}
		return err
	})
	if err == nil {
		return call, callErr
	}
	e := idv.AsError(err)
	e.Phase, e.Delivery, e.Charge = wire.PhaseEncode, idv.NotSent, idv.NotCharged
	// The vendor was not called, so a process that ended or hangs is no fault of the vendor.
	e.HostSide = e.Failure == idv.Unavailable || e.Failure == idv.Timeout
	return providers.Call{}, e
}

// DecodeContext asks the plugin what a reply means. If the plugin is lost meanwhile,
// the vendor has still answered and may have billed, so the restarted plugin is asked
// once more: the reply is here and decoding it costs nothing. For the same reason a deadline
// that passed as the reply came does not count.
func (c codec) DecodeContext(ctx context.Context, q idv.Query, reply providers.Reply) (idv.Answer, error) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		ctx = context.WithoutCancel(ctx)
	}
	answer, decodeErr, err := c.decode(ctx, q, reply)
	if idv.FailureOf(err) == idv.Unavailable && c.plugin.await(ctx) {
		answer, decodeErr, err = c.decode(ctx, q, reply)
	}
	if err == nil {
		return answer, decodeErr
	}
	e := idv.AsError(err)
	e.Phase, e.Delivery, e.Charge = wire.PhaseDecode, idv.DeliveryUnknown, idv.ChargeUnknown
	return idv.Answer{}, e
}

// decode is one attempt. It returns the plugin's result, or err if the plugin gave
// none.
func (c codec) decode(ctx context.Context, q idv.Query, reply providers.Reply) (answer idv.Answer, decodeErr, err error) {
	d := c.Descriptor()
	req := &pb.DecodeRequest{Product: c.name, Query: wire.Query(q), Reply: wire.Reply(reply, d.Replies), Settings: c.settings}
	err = c.plugin.quickCall(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Decode(ctx, req)
		if err == nil {
			answer, decodeErr = wire.AnswerFrom(q, i.table(c.name), r, wire.PhaseDecode)
		}
		return err
	})
	return answer, decodeErr, err
}
