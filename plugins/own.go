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

// Provider returns a plugin with a transport of its own as a provider, with its
// settings and the vendor's keys, after the plugin took them. A codec is refused:
// it is bound to the host's hands instead.
func (p *Plugin) Provider(ctx context.Context, s providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
	if !p.Descriptor().CustomTransport {
		return nil, &Error{p.Name(), ReasonSettings, "it is a codec and gets no keys"}
	}
	if err := p.validate(ctx, s, secrets); err != nil {
		return nil, err
	}
	return customProvider{p, maps.Clone(s), maps.Clone(secrets)}, nil
}

// timeout is how long the plugin may take for what is no question.
func (p *Plugin) timeout() time.Duration {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.spec.StartTimeout
}

// own is a plugin that makes its own calls, with its settings and keys.
type customProvider struct {
	plugin   *Plugin
	settings providers.Settings
	secrets  map[string]idv.Sensitive
}

// Describe returns the descriptor that the plugin gave when it was started last.
func (o customProvider) Describe() idv.Descriptor { return o.plugin.Descriptor() }

// Ask lets the plugin ask. If the plugin is lost meanwhile, nobody knows how far it
// got; only a call that did not reach it was certainly not sent.
func (o customProvider) Ask(ctx context.Context, q idv.Query) (answer idv.Answer, err error) {
	req := &pb.AskRequest{Query: wire.Query(q), Settings: o.settings, Secrets: wire.Secrets(o.secrets)}
	var said error
	err = o.plugin.call(ctx, q.Subject, func(ctx context.Context, i *instance) error {
		r, err := i.rpc.Ask(ctx, req)
		if err == nil {
			answer, said = wire.AnswerFrom(q, i.table, r, "")
		}
		return err
	})
	if err == nil {
		return answer, said
	}
	return idv.Answer{}, err
}
