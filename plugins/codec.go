package plugins

import (
	"context"
	"errors"
	"maps"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
	"github.com/heyan-id/heyan/providers"
)

// Builtin returns the plugin as a factory of codecs, like one that is compiled in. Its
// New asks the plugin to validate the settings.
func (p *Plugin) Builtin() providers.Factory {
	return providers.Factory{Descriptor: p.Descriptor(), New: func(s providers.Settings) (providers.Codec, error) {
		ctx, cancel := context.WithTimeout(context.Background(), p.timeout())
		defer cancel()
		return p.Codec(ctx, s)
	}}
}

// Codec returns the plugin as a codec with the given settings, after the plugin
// accepted them. The result is a [providers.ContextCodec], so the caller's deadline
// applies. Codec refuses a plugin with a custom transport.
func (p *Plugin) Codec(ctx context.Context, s providers.Settings) (providers.ContextCodec, error) {
	if p.Descriptor().CustomTransport {
		return nil, &Error{p.Name(), ReasonSettings, "the plugin has a custom transport and is not a codec"}
	}
	if err := p.validate(ctx, s, nil); err != nil {
		return nil, err
	}
	return codec{p, maps.Clone(s)}, nil
}

// validate asks the plugin to validate the settings.
func (p *Plugin) validate(ctx context.Context, s providers.Settings, secrets map[string]idv.Sensitive) error {
	req := &pb.ValidateSettingsRequest{Settings: s, Secrets: wire.Secrets(secrets)}
	var faults error
	err := p.quickCall(ctx, idv.Subject{}, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.ValidateSettings(ctx, req)
		if err == nil {
			faults = wire.FaultsFrom(r, secrets)
		}
		return err
	})
	if err == nil {
		err = faults
	}
	if err != nil {
		return &Error{p.Name(), ReasonSettings, err.Error()}
	}
	return nil
}

// codec is a plugin with its settings.
type codec struct {
	plugin   *Plugin
	settings providers.Settings
}

var _ providers.ContextCodec = codec{}

// Describe returns the descriptor from the latest start.
func (c codec) Describe() idv.Descriptor { return c.plugin.Descriptor() }

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
	req := &pb.EncodeRequest{Query: wire.Query(q), Settings: c.settings}
	var callErr error
	err = c.plugin.quickCall(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Encode(ctx, req)
		if err == nil {
			call, callErr = wire.CallFrom(q, i.table, r)
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
// once more: the reply is here and decoding it costs nothing.
func (c codec) DecodeContext(ctx context.Context, q idv.Query, reply providers.Reply) (idv.Answer, error) {
	answer, decodeErr, err := c.decode(ctx, q, reply)
	if idv.FailureOf(err) == idv.Unavailable && c.plugin.await(ctx) {
		answer, decodeErr, err = c.decode(ctx, q, reply)
	}
	if err == nil {
		return answer, neverUnsent(decodeErr)
	}
	e := idv.AsError(err)
	e.Phase, e.Delivery, e.Charge = wire.PhaseDecode, idv.DeliveryUnknown, idv.ChargeUnknown
	return idv.Answer{}, e
}

// decode is one attempt. It returns the plugin's result, or err if the plugin gave
// none.
func (c codec) decode(ctx context.Context, q idv.Query, reply providers.Reply) (answer idv.Answer, decodeErr, err error) {
	req := &pb.DecodeRequest{Query: wire.Query(q), Reply: wire.Reply(reply), Settings: c.settings}
	err = c.plugin.quickCall(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Decode(ctx, req)
		if err == nil {
			answer, decodeErr = wire.AnswerFrom(q, i.table, r, wire.PhaseDecode)
		}
		return err
	})
	return answer, decodeErr, err
}

// neverUnsent corrects a decode failure that claims that nothing was sent: there is a
// reply, so the request was sent.
func neverUnsent(err error) error {
	var e *idv.Error
	if errors.As(err, &e) && e.Delivery == idv.NotSent {
		e.Delivery, e.Charge = idv.DeliveryUnknown, idv.ChargeUnknown
	}
	return err
}
