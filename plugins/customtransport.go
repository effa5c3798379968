package plugins

import (
	"context"
	"maps"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
	"github.com/heyan-id/heyan/providers"
)

// Provider returns a plugin with a custom transport as a provider with its settings and
// vendor credentials, after the plugin accepted them. It refuses a codec, for which
// [Plugin.Codec] is used.
func (p *Plugin) Provider(ctx context.Context, s providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
	if !p.Descriptor().CustomTransport {
		return nil, &Error{p.Name(), ReasonSettings, "the plugin is a codec and receives no credentials"}
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

// customProvider is a plugin that makes its own calls, with its settings and
// credentials.
type customProvider struct {
	plugin   *Plugin
	settings providers.Settings
	secrets  map[string]idv.Sensitive
}

// Describe returns the descriptor from the latest start.
func (o customProvider) Describe() idv.Descriptor { return o.plugin.Descriptor() }

// Availability returns that of the plugin.
func (o customProvider) Availability() idv.Availability { return o.plugin.Availability() }

// Ask lets the plugin answer the query. If the plugin is lost meanwhile, delivery is
// unknown; a call that did not reach the plugin was not sent.
func (o customProvider) Ask(ctx context.Context, q idv.Query) (answer idv.Answer, err error) {
	req := &pb.AskRequest{Query: wire.Query(q), Settings: o.settings, Secrets: wire.Secrets(o.secrets)}
	var answerErr error
	err = o.plugin.call(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Ask(ctx, req)
		if err == nil {
			answer, answerErr = wire.AnswerFrom(q, i.table, r, "")
		}
		return err
	})
	if err == nil {
		return answer, answerErr
	}
	return idv.Answer{}, err
}
