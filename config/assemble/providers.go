package assemble

import (
	"cmp"
	"context"
	"errors"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// member joins a provider's adapter, keys and connections.
func (a *App) member(ctx context.Context, conf *config.Config, i int, secrets *Secrets) (engine.ProviderConfig, error) {
	p := conf.Providers[i]
	d, err := a.known(p)
	if err != nil && !errors.Is(err, config.ErrNotStarted) { // the plugin's error comes with its product
		return engine.ProviderConfig{}, err
	}
	l, err := newLine(ctx, conf, i, d, secrets)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	a.lines = append(a.lines, l)
	provider, err := a.provider(ctx, l)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	return engine.ProviderConfig{
		Name: p.Name, Provider: provider, Recipient: p.Recipient, Price: p.Price.Of(d), Limits: callLimits(p.Limits), CacheTTL: p.CacheTTL,
		Account: accountOf(conf, p),
	}, nil
}

func (a *App) provider(ctx context.Context, l *line) (idv.Provider, error) {
	product, plugged, err := a.product(l.provider)
	if err != nil {
		return nil, err
	}
	if plugged && l.descriptor.CustomTransport {
		l.remake = func(ctx context.Context, secrets map[string]idv.Sensitive) (idv.Provider, error) {
			return product.Provider(ctx, l.plain, secrets)
		}
		provider, err := l.remake(ctx, l.secrets)
		l.custom = new(swappable)
		l.custom.current.Store(&provider)
		return l.custom, err
	}
	builtin, err := builtIn(l.provider, plugged)
	if err != nil {
		return nil, err
	}
	l.schemes = builtin.Schemes
	if err := l.connect(); err != nil {
		return nil, err
	}
	client := &reachable{Exchange: l.client, provider: l.provider.Name, log: a.log}
	if plugged {
		codec, err := product.Codec(ctx, l.plain)
		if err != nil {
			return nil, err
		}
		if text := addressFault(codec, l.plain); text != "" {
			return nil, errors.New("settings.base_url: " + text)
		}
		return a.join(a.watched(l.provider.Name, codec), client), nil
	}
	codec, err := builtin.Factory.New(l.plain)
	if err != nil {
		return nil, err
	}
	return a.join(a.watched(l.provider.Name, codec), client), nil
}

// plain returns the settings that are no secrets, which are all that a codec gets.
func plain(given config.Settings, d idv.Descriptor) providers.Settings {
	out := providers.Settings{}
	for _, s := range d.Settings {
		if !s.Secret {
			out[s.Name] = cmp.Or(given[s.Name], s.Default)
		}
	}
	return out
}

func accountOf(conf *config.Config, p config.Provider) guard.Account {
	account, _ := conf.AccountOf(p)
	return guard.Account{Name: account.Name, Concurrency: account.Limits.Concurrency, Rate: account.Limits.Rate}
}

func callLimits(l config.Limits) guard.Limits {
	return guard.Limits{
		Concurrency: l.Concurrency, Rate: l.Rate, Timeout: l.Timeout,
		BreakerFailures: l.BreakerFailures, BreakerOpen: l.BreakerOpen, GateFirst: l.GateFirst, GateMax: l.GateMax,
	}
}
