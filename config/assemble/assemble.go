// Package assemble is the one place where the house is put together: it turns a
// configuration into an engine with its vendors, their signatures and their
// connections. Nobody else knows all the rooms.
package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/catalogue"
	"github.com/heyan-id/heyan/providers/exchange"
)

// Options are what New builds from.
type Options struct {
	Config    config.Config // loaded and validated
	Telemetry telemetry.Options
	LookupEnv func(string) (string, bool) // for env: references; os.LookupEnv if nil

	// Alarms is told when somebody guesses or uses a stolen list; nil tells nobody.
	Alarms abuse.Alarms

	// Guest leaves a SQLite file to the daemon that owns it, and works beside it: for
	// commands that last a moment.
	Guest bool
}

func (o Options) lookup() func(string) (string, bool) {
	if o.LookupEnv == nil {
		return os.LookupEnv
	}
	return o.LookupEnv
}

// House is a running engine and what it stands on.
type House struct {
	Engine  *engine.Engine
	Desk    *consents.Service
	Store   store.Store // the engine's; it is closed with the house
	hands   []*exchange.Exchange
	plugins *plugins.Catalogue
}

// New builds the house. It starts the plugins, which it needs to know, and validates
// once more with them. Secrets are fetched here, and only here. The error lists every
// fault with its path; nothing is left running.
func New(ctx context.Context, o Options) (*House, error) {
	if faults := config.Validate(o.Config, Known); len(faults) > 0 {
		return nil, faults
	}
	o.LookupEnv = o.lookup()
	opened, err := plugins.OpenAll(ctx, specs(o.Config.Providers, o.Telemetry.Logger))
	if err != nil {
		return nil, err
	}
	h := House{plugins: opened}
	if err := h.build(ctx, o); err != nil {
		return nil, errors.Join(err, h.letGo(ctx))
	}
	return &h, nil
}

func (h *House) build(ctx context.Context, o Options) error {
	c := o.Config
	if faults := config.Validate(c, h.known); len(faults) > 0 {
		return faults
	}
	e := engine.Options{Telemetry: o.Telemetry, Timeout: c.Timeout, Routes: routes(c.Routes), IdempotencyTTL: c.Idempotency.Expiry, MaxBillableCalls: c.MaxBillableCalls}
	var faults []error
	for i, p := range c.Providers {
		m, err := h.member(ctx, p, o.LookupEnv)
		if err != nil {
			faults = append(faults, fmt.Errorf("providers[%d] (%s): %w", i, p.Name, err))
			continue
		}
		e.Providers = append(e.Providers, m)
	}
	key, err := fingerprintKey(c, o.LookupEnv)
	faults = append(faults, err)
	known, err := peopleOf(o)
	if faults = append(faults, err); err == nil {
		e.Policy, err = enginePolicy(o, known.ring)
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if h.Store, err = OpenStore(ctx, o); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := known.check(ctx, h.Store); err != nil {
		return err
	}
	h.Desk, err = newDesk(o, h.Store, e.Policy, func(_ context.Context, p config.Provider) (idv.Descriptor, error) {
		d, _ := h.known(p) // Validate found it
		return d, nil
	})
	if err != nil {
		return err
	}
	e.Store, e.FingerprintKey = h.Store, key
	if h.Engine, err = engine.New(e); err == nil {
		h.Desk.Forget = h.Engine.PurgeCache
	}
	return err
}

// Plugin returns how the plugin of a provider is, and whether it has one.
func (h *House) Plugin(provider string) (plugins.State, bool) {
	p, ok := h.plugins.Find(provider)
	if !ok {
		return plugins.State{}, false
	}
	return p.State(), true
}

// KillPlugin ends the process of a provider's plugin, as a crash does, and reports
// whether there was one. It is for demonstrations.
func (h *House) KillPlugin(provider string) bool {
	p, ok := h.plugins.Find(provider)
	return ok && p.Kill()
}

// Close ends the engine, within ctx, and then its connections and plugins.
func (h *House) Close(ctx context.Context) error {
	err := h.Engine.Close(ctx) // and the store with it
	h.Store = nil
	return errors.Join(err, h.letGo(context.WithoutCancel(ctx)))
}

// letGo ends what the engine stood on. No call is in flight any more.
func (h *House) letGo(ctx context.Context) error {
	for _, x := range h.hands {
		x.Close()
	}
	err := h.plugins.Close(ctx)
	if h.Store != nil {
		err = errors.Join(err, h.Store.Close())
	}
	return err
}

// known finds the descriptor of any adapter, once the plugins run.
func (h *House) known(p config.Provider) (idv.Descriptor, bool) {
	if plugin, ok := h.plugins.Find(p.Name); ok {
		return plugin.Descriptor(), true
	}
	return Known(p)
}

func specs(list []config.Provider, log *slog.Logger) []plugins.Spec {
	var out []plugins.Spec
	for _, p := range list {
		if p.Plugin.Path != "" {
			out = append(out, spec(p, log))
		}
	}
	return out
}

func spec(p config.Provider, log *slog.Logger) plugins.Spec {
	return plugins.Spec{
		Name: p.Name, Path: p.Plugin.Path, SHA256: p.Plugin.SHA256, Args: p.Plugin.Args, Plaintext: p.Plugin.Plaintext,
		StartTimeout: p.Plugin.StartTimeout, CallTimeout: p.Limits.Timeout, Logger: log,
	}
}

// member joins a provider's adapter, keys and connections.
func (h *House) member(ctx context.Context, p config.Provider, lookupEnv func(string) (string, bool)) (engine.ProviderConfig, error) {
	d, _ := h.known(p) // Validate found it
	settings := plain(p.Settings, d)
	secrets, err := resolve(p.Settings, d, lookupEnv)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	provider, err := h.provider(ctx, p, d, settings, secrets)
	if err != nil {
		return engine.ProviderConfig{}, err
	}
	return engine.ProviderConfig{
		Name: p.Name, Provider: provider, Recipient: p.Recipient, Price: p.Price.Of(d), Limits: callLimits(p.Limits), CacheTTL: p.CacheTTL,
	}, nil
}

func (h *House) provider(ctx context.Context, p config.Provider, d idv.Descriptor, settings providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
	plugin, plugged := h.plugins.Find(p.Name)
	if plugged && d.CustomTransport {
		return plugin.Provider(ctx, settings, secrets)
	}
	hands, err := h.connect(p, d, settings, secrets)
	if err != nil {
		return nil, err
	}
	if plugged {
		codec, err := plugin.Codec(ctx, settings)
		if err != nil {
			return nil, err
		}
		return providers.NewProvider(codec, hands), nil
	}
	builtin, _ := catalogue.New().Find(p.Use)
	codec, err := builtin.New(settings)
	if err != nil {
		return nil, err
	}
	return providers.NewProvider(codec, hands), nil
}

// connect makes the host's hands for a codec: address, keys and time limits. The
// codec itself gets none of the secrets.
func (h *House) connect(p config.Provider, d idv.Descriptor, settings providers.Settings, secrets map[string]idv.Sensitive) (*exchange.Exchange, error) {
	scheme, err := auth.Select(d.Schemes, func(name string) idv.Sensitive {
		if secret, ok := secrets[name]; ok {
			return secret
		}
		return idv.NewSensitive(settings[name]) // a key's name is no secret
	})
	if err != nil {
		return nil, err
	}
	hands, err := exchange.New(exchange.Config{
		BaseURL: settings["base_url"], Auth: scheme,
		Connect: p.Limits.Connect, FirstByte: cmp.Or(p.Limits.FirstByte, p.Limits.Timeout), Total: p.Limits.Timeout,
		MaxConns: p.Limits.Concurrency,
	})
	if err == nil {
		h.hands = append(h.hands, hands)
	}
	return hands, err
}
