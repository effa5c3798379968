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

// Builtin returns the plugin as if it were compiled in, for what makes codecs out of
// a configuration. Its New asks the plugin whether it takes the settings.
func (p *Plugin) Builtin() providers.Factory {
	return providers.Factory{Descriptor: p.Descriptor(), New: func(s providers.Settings) (providers.Codec, error) {
		ctx, cancel := context.WithTimeout(context.Background(), p.timeout())
		defer cancel()
		return p.Codec(ctx, s)
	}}
}

// Codec returns the plugin as a codec with the given settings, after the plugin took
// them. It is a [providers.ContextCodec], so the caller's deadline holds. A plugin
// with a transport of its own is refused.
func (p *Plugin) Codec(ctx context.Context, s providers.Settings) (providers.ContextCodec, error) {
	if p.Descriptor().CustomTransport {
		return nil, &Error{p.Name(), ReasonSettings, "it makes its own calls and is no codec"}
	}
	if err := p.validate(ctx, s, nil); err != nil {
		return nil, err
	}
	return codec{p, maps.Clone(s)}, nil
}

// validate asks the plugin whether it takes the settings.
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

// Describe returns the descriptor that the plugin gave when it was started last.
func (c codec) Describe() idv.Descriptor { return c.plugin.Descriptor() }

// Encode is EncodeContext without a deadline but the plugin's own.
func (c codec) Encode(q idv.Query) (providers.Call, error) {
	return c.EncodeContext(context.Background(), q)
}

// Decode is DecodeContext without a deadline but the plugin's own.
func (c codec) Decode(q idv.Query, r providers.Reply) (idv.Answer, error) {
	return c.DecodeContext(context.Background(), q, r)
}

// EncodeContext asks the plugin for a call. Whatever goes wrong, nothing was sent.
func (c codec) EncodeContext(ctx context.Context, q idv.Query) (call providers.Call, err error) {
	req := &pb.EncodeRequest{Query: wire.Query(q), Settings: c.settings}
	var said error
	err = c.plugin.quickCall(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Encode(ctx, req)
		if err == nil {
			call, said = wire.CallFrom(q, i.table, r)
		}
		return err
	})
	if err == nil {
		return call, said
	}
	e := idv.AsError(err)
	e.Phase, e.Delivery, e.Charge = wire.PhaseEncode, idv.NotSent, idv.NotCharged
	return providers.Call{}, e
}

// DecodeContext asks the plugin what a reply means. If the plugin is lost meanwhile
// the vendor has worked all the same, and may have billed; so its successor is asked
// once, for the answer is here and decoding it costs nothing.
func (c codec) DecodeContext(ctx context.Context, q idv.Query, reply providers.Reply) (idv.Answer, error) {
	answer, said, err := c.decode(ctx, q, reply)
	if idv.FailureOf(err) == idv.Unavailable && c.plugin.await(ctx) {
		answer, said, err = c.decode(ctx, q, reply)
	}
	if err == nil {
		return answer, neverUnsent(said)
	}
	e := idv.AsError(err)
	e.Phase, e.Delivery, e.Charge = wire.PhaseDecode, idv.DeliveryUnknown, idv.ChargeUnknown
	return idv.Answer{}, e
}

// decode is one try: what the plugin said, or err if it did not get to say anything.
func (c codec) decode(ctx context.Context, q idv.Query, reply providers.Reply) (answer idv.Answer, said, err error) {
	req := &pb.DecodeRequest{Query: wire.Query(q), Reply: wire.Reply(reply), Settings: c.settings}
	err = c.plugin.quickCall(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Decode(ctx, req)
		if err == nil {
			answer, said = wire.AnswerFrom(q, i.table, r, wire.PhaseDecode)
		}
		return err
	})
	return answer, said, err
}

// neverUnsent corrects a failure to decode which says that nothing was sent: there
// is a reply, so bytes did leave.
func neverUnsent(err error) error {
	var e *idv.Error
	if errors.As(err, &e) && e.Delivery == idv.NotSent {
		e.Delivery, e.Charge = idv.DeliveryUnknown, idv.ChargeUnknown
	}
	return err
}
