// Package assemble is the one place where the house is put together: it turns a
// configuration into an engine with its vendors, their signatures and their
// connections. Nobody else knows all the rooms.
package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/all"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/sign"
)

// House is a running engine and what it stands on.
type House struct {
	Engine *engine.Engine
	hands  []*exchange.Exchange
}

// Known finds the descriptor of a built-in adapter, for config.Validate.
func Known(p config.Provider) (idv.Descriptor, bool) {
	b, ok := all.Find(p.Use)
	return b.Descriptor, ok
}

// New builds the house of a configuration that was loaded and validated. Secrets
// are fetched here, and only here, through lookupEnv (os.LookupEnv if nil) and
// from files. The error lists every fault with its path; nothing is left running.
func New(c config.Config, t telemetry.Options, lookupEnv func(string) (string, bool)) (*House, error) {
	if faults := config.Validate(c, Known); len(faults) > 0 {
		return nil, faults
	}
	if lookupEnv == nil {
		lookupEnv = os.LookupEnv
	}
	var h House
	o := engine.Options{Store: memory.New(0), Telemetry: t, Timeout: c.Timeout, Routes: rules(c.Routes)}
	var faults []error
	for i, p := range c.Providers {
		m, err := h.member(p, lookupEnv)
		if err != nil {
			faults = append(faults, fmt.Errorf("providers[%d] (%s): %w", i, p.Name, err))
			continue
		}
		o.Providers = append(o.Providers, m)
	}
	err := errors.Join(faults...)
	if err == nil {
		h.Engine, err = engine.New(o)
	}
	if err != nil {
		h.letGo()
		return nil, err
	}
	return &h, nil
}

// Close ends the engine, within ctx, and then its connections.
func (h *House) Close(ctx context.Context) error {
	defer h.letGo()
	return h.Engine.Close(ctx)
}

func (h *House) letGo() {
	for _, x := range h.hands {
		x.Close()
	}
}

func (h *House) member(p config.Provider, lookupEnv func(string) (string, bool)) (engine.Member, error) {
	if p.Use == "" {
		return engine.Member{}, errors.New("plugin: plugins are not in this version; name a built-in adapter with use")
	}
	builtin, _ := all.Find(p.Use) // Validate found it
	settings := plain(p.Settings, builtin.Descriptor)
	codec, err := builtin.New(settings)
	if err != nil {
		return engine.Member{}, err
	}
	secrets, err := resolve(p.Settings, builtin.Descriptor, lookupEnv)
	if err != nil {
		return engine.Member{}, err
	}
	scheme, err := sign.Choose(builtin.Descriptor.Schemes, func(name string) idv.Sensitive {
		if secret, ok := secrets[name]; ok {
			return secret
		}
		return idv.NewSensitive(settings[name]) // a key's name is no secret
	})
	if err != nil {
		return engine.Member{}, err
	}
	hands, err := exchange.New(exchange.Config{
		BaseURL: settings["base_url"], Scheme: scheme,
		Connect: p.Limits.Connect, FirstByte: cmp.Or(p.Limits.FirstByte, p.Limits.Timeout), Total: p.Limits.Timeout,
		MaxConns: p.Limits.Concurrency,
	})
	if err != nil {
		return engine.Member{}, err
	}
	h.hands = append(h.hands, hands)
	return engine.Member{
		Name: p.Name, Provider: providers.Bind(codec, hands), Recipient: p.Recipient,
		Price: p.Price.Of(builtin.Descriptor), Limits: limits(p.Limits),
	}, nil
}

// plain returns the settings that are no secrets: all that a codec gets to see.
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

func limits(l config.Limits) guard.Limits {
	return guard.Limits{
		Concurrency: l.Concurrency, Rate: l.Rate, Timeout: l.Timeout,
		BreakerFailures: l.BreakerFailures, BreakerOpen: l.BreakerOpen, GateFirst: l.GateFirst, GateMax: l.GateMax,
	}
}

func rules(list []config.Route) []route.Rule {
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
