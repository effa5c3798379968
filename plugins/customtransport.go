package plugins

import (
	"context"
	"maps"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// Provider returns a product with a custom transport as a provider with its settings and
// vendor credentials, after the plugin accepted them. It refuses a codec, for which
// [Product.Codec] is used.
func (p Product) Provider(ctx context.Context, s providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
	if !p.Descriptor().CustomTransport {
		return nil, &Error{p.plugin.Name(), ReasonSettings, "the product is a codec and receives no credentials"}
	}
	if err := p.validate(ctx, s, secrets); err != nil {
		return nil, err
	}
	return customProvider{p, maps.Clone(s), maps.Clone(secrets)}, nil
}

// timeout is the limit for calls that are not queries.
func (p *Plugin) timeout() time.Duration {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.spec.StartTimeout
}

// customProvider is a product whose plugin makes the calls, with its settings and
// credentials.
type customProvider struct {
	Product
	settings providers.Settings
	secrets  map[string]idv.Sensitive
}

// Describe returns the descriptor from the latest start.
func (o customProvider) Describe() idv.Descriptor { return o.Descriptor() }

// Availability returns that of the plugin.
func (o customProvider) Availability() idv.Availability { return o.plugin.Availability() }

// Ask lets the plugin answer the query. The code table has the last word on its result
// (see validate). If the plugin is lost meanwhile, delivery is unknown; a call that did
// not reach the plugin was not sent.
func (o customProvider) Ask(ctx context.Context, q idv.Query) (answer idv.Answer, err error) {
	req := &pb.AskRequest{Product: o.name, Query: wire.Query(q), Settings: o.settings, Secrets: wire.Secrets(o.secrets)}
	var answerErr error
	err = o.plugin.call(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Ask(ctx, req)
		if err == nil {
			answer, answerErr = o.validate(q, i.table(o.name), r)
		}
		return err
	})
	if err == nil {
		return answer, answerErr
	}
	// A plugin that broke off may have sent the call: its gRPC status decides nothing that
	// would let another vendor be called.
	if e := idv.AsError(err); e.Delivery != idv.NotSent {
		return idv.Answer{}, providers.Table(o.Descriptor().Codes).ValidateFailure(*e)
	}
	return idv.Answer{}, err
}

// validate reads the response to Ask and checks it against the code table. Only the
// plugin knows whether it has sent anything, so it may say that it has not.
func (customProvider) validate(q idv.Query, table providers.Table, r *pb.AskResponse) (idv.Answer, error) {
	answer, err := wire.AnswerFrom(q, table, r, "")
	if err == nil {
		return table.ValidateAnswer(answer)
	}
	e := idv.AsError(err)
	if unsent(table, e) {
		e.Charge = idv.NotCharged
		return idv.Answer{}, e
	}
	return idv.Answer{}, table.ValidateFailure(*e)
}

// unsent reports whether a failure can be one before the first byte: not charged, not
// reported by the other side, and of a class that an adapter can find out by itself.
func unsent(table providers.Table, e *idv.Error) bool {
	if e.Delivery != idv.NotSent || e.Charge == idv.Charged {
		return false
	}
	switch e.Origin {
	case idv.OriginGateway, idv.OriginVendor, idv.OriginSource:
		return false
	}
	for _, layer := range []string{providers.LayerVendor, providers.LayerGateway} {
		if _, listed := table.Row(layer, e.Code); listed {
			return false
		}
	}
	switch e.Failure {
	case idv.InvalidInput, idv.Unsupported, idv.Throttled, idv.BadCredentials, idv.Unavailable, idv.Timeout, idv.Canceled, idv.Internal:
		return true
	}
	return false
}
