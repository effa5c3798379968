package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
)

// member joins a provider's adapter, keys and connections.
func (a *App) member(ctx context.Context, conf *config.Config, p config.Provider, lookupEnv func(string) (string, bool)) (engine.ProviderConfig, error) {
	d, err := a.known(p)
	if err != nil && !errors.Is(err, config.ErrNotStarted) { // the plugin's error comes with its product
		return engine.ProviderConfig{}, err
	}
	given := conf.SettingsOf(p)
	settings := plain(given, d)
	secrets, err := resolve(given, d, lookupEnv)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	provider, err := a.provider(ctx, p, d, settings, secrets)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	return engine.ProviderConfig{
		Name: p.Name, Provider: provider, Recipient: p.Recipient, Price: p.Price.Of(d), Limits: callLimits(p.Limits), CacheTTL: p.CacheTTL,
		Account: accountOf(conf, p),
	}, nil
}

func (a *App) provider(ctx context.Context, p config.Provider, d idv.Descriptor, settings providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
	product, plugged, err := a.product(p)
	if err != nil {
		return nil, err
	}
	if plugged && d.CustomTransport {
		return product.Provider(ctx, settings, secrets)
	}
	builtin, err := builtIn(p, plugged)
	if err != nil {
		return nil, err
	}
	client, err := a.connect(p, d, builtin.Schemes, settings, secrets)
	if err != nil {
		return nil, err
	}
	if plugged {
		codec, err := product.Codec(ctx, settings)
		if err != nil {
			return nil, err
		}
		if text := addressFault(codec, settings); text != "" {
			return nil, errors.New("settings.base_url: " + text)
		}
		return a.join(codec, client), nil
	}
	codec, err := builtin.Factory.New(settings)
	if err != nil {
		return nil, err
	}
	return a.join(codec, client), nil
}

// connect makes the HTTP client that calls a vendor for a codec: address, keys and
// timeouts. The codec gets none of the secrets. own are authentication schemes of the
// product beside the built-in ones.
func (a *App) connect(p config.Provider, d idv.Descriptor, own auth.Table, settings providers.Settings, secrets map[string]idv.Sensitive) (*exchange.Exchange, error) {
	authenticator, err := append(auth.Schemes(), own...).Select(d.Schemes, auth.Env{
		Value: func(name string) idv.Sensitive {
			if secret, ok := secrets[name]; ok {
				return secret
			}
			return idv.NewSensitive(settings[name]) // the name of a key is no secret
		},
		Connect: func(baseURL string, token auth.Authenticator) (providers.Transport, error) {
			return a.client(p.Limits, baseURL, token)
		},
	})
	if err != nil {
		return nil, err
	}
	return a.client(p.Limits, settings["base_url"], authenticator)
}

// client makes an HTTP client that the app closes.
func (a *App) client(l config.Limits, baseURL string, authenticator auth.Authenticator) (*exchange.Exchange, error) {
	client, err := exchange.New(exchange.Config{
		BaseURL: baseURL, Auth: authenticator,
		Connect: l.Connect, FirstByte: cmp.Or(l.FirstByte, l.Timeout), Total: l.Timeout,
		MaxConns: l.Concurrency,
	})
	if err == nil {
		a.clients = append(a.clients, client)
	}
	return client, err
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

func resolve(given config.Settings, d idv.Descriptor, lookupEnv func(string) (string, bool)) (map[string]idv.Sensitive, error) {
	secrets := map[string]idv.Sensitive{}
	var faults []error
	for _, s := range d.Settings {
		if !s.Secret || given[s.Name] == "" {
			continue
		}
		secret, err := config.Resolve(given[s.Name], lookupEnv)
		if err != nil {
			faults = append(faults, fmt.Errorf("settings.%s: %w", s.Name, err))
		}
		secrets[s.Name] = secret
	}
	return secrets, errors.Join(faults...)
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

func routes(list []config.Route) []route.Rule {
	var out []route.Rule
	for _, r := range list {
		rule := route.Rule{
			Mode: route.Mode(r.Mode), Providers: r.Providers, MaxAttempts: r.MaxAttempts,
			RetryUnknown: r.RetryUnknown, RetrySubjectLimited: r.RetrySubjectLimited,
		}
		_ = rule.Check.UnmarshalText([]byte(r.Check)) // Validate knows it
		out = append(out, rule)
	}
	return out
}
