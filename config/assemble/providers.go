package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// members joins every provider's adapter, keys and connections, and says what an engine needs
// to know of the one before. Lines that did not change are shared with that.
func (a *App) members(ctx context.Context, secrets *Secrets, before *App, e *engine.Options) error {
	var faults []error
	for i, p := range a.config.Providers {
		m, err := a.member(ctx, i, secrets, before)
		if err != nil {
			faults = append(faults, fmt.Errorf("providers[%d] (%s): %w", i, p.Name, err))
			continue
		}
		e.Providers = append(e.Providers, m)
	}
	if before != nil {
		e.Replaces, e.Renewed = before.Engine, renewed(&before.config, &a.config)
	}
	return errors.Join(faults...)
}

// member joins a provider's adapter, keys and connections.
func (a *App) member(ctx context.Context, i int, secrets *Secrets, before *App) (engine.ProviderConfig, error) {
	p := a.config.Providers[i]
	d, err := a.known(p)
	if err != nil && !errors.Is(err, config.ErrNotStarted) { // the plugin's error comes with its product
		return engine.ProviderConfig{}, err
	}
	l, err := a.line(ctx, i, d, secrets, before)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	return engine.ProviderConfig{
		Name: p.Name, Provider: l.adapter, Recipient: p.Recipient, Price: p.Price.Of(d), Limits: callLimits(p.Limits), CacheTTL: p.CacheTTL,
		Account: accountOf(&a.config, p),
	}, nil
}

// line returns the line of a provider: that of the app before if it is the same, or a new one.
func (a *App) line(ctx context.Context, i int, d idv.Descriptor, secrets *Secrets, before *App) (*line, error) {
	l, err := newLine(&a.config, i, d, secrets)
	if err != nil {
		return nil, err
	}
	l.process, _ = a.plugin(l.provider.Name)
	if before != nil {
		if at := slices.IndexFunc(before.lines, l.same); at >= 0 {
			kept := before.lines[at]
			kept.part.share()
			a.lines = append(a.lines, kept)
			return kept, nil
		}
	}
	l.part = newPart(func(context.Context) error {
		l.close()
		return nil
	})
	a.lines = append(a.lines, l)
	if err := l.read(ctx); err != nil {
		return nil, err
	}
	l.adapter, err = a.provider(ctx, l)
	return l, err
}

// renewed returns the names that stand for other vendors or customers than before.
func renewed(before, after *config.Config) (r guard.Renewed) {
	for i, p := range after.Providers {
		at := slices.IndexFunc(before.Providers, func(old config.Provider) bool { return old.Name == p.Name })
		if at < 0 {
			continue
		}
		old := before.Providers[at]
		now, _ := after.NetworkOf(i)
		was, _ := before.NetworkOf(at)
		if p.Use != old.Use || p.Declared != old.Declared || p.Account != old.Account || (p.Plugin.Path == "") != (old.Plugin.Path == "") ||
			!maps.Equal(after.SettingsOf(p), before.SettingsOf(old)) || !reflect.DeepEqual(now, was) {
			r.Providers = append(r.Providers, p.Name)
		}
	}
	for _, account := range after.Accounts {
		at := slices.IndexFunc(before.Accounts, func(old config.Account) bool { return old.Name == account.Name })
		if at >= 0 && !maps.Equal(account.Settings, before.Accounts[at].Settings) {
			r.Accounts = append(r.Accounts, account.Name)
		}
	}
	return r
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
		return a.join(codec, client), nil
	}
	codec, err := builtin.Factory.New(l.plain)
	if err != nil {
		return nil, err
	}
	return a.join(codec, client), nil
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
