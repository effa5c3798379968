// Package assemble builds an engine from a configuration: the store, the policy, the
// vendors with their keys and connections, and the plugins. It is the one package that
// knows all of them, so the engine imports neither a vendor nor a SQL driver.
//
// [New] builds everything and [App.Close] ends it. [OpenStore] and [OpenConsents] open a part,
// for commands that call no vendor.
package assemble

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/keyring"
	"github.com/heyan-id/heyan/providers"
)

// Options are what New builds from.
type Options struct {
	Config    config.Config // loaded and validated
	Telemetry telemetry.Options
	LookupEnv func(string) (string, bool) // for env: references; os.LookupEnv if nil
	Secrets   *Secrets                    // of Config, if the caller resolves references too; made by New if nil

	// Alarms receives an event when a caller guesses or uses a stolen list; nil drops it.
	Alarms abuse.Alarms

	// Join replaces [providers.NewProvider] for commands that look at a reply; nil in normal
	// operation. A provider with its own transport is not joined.
	Join func(providers.Codec, providers.Transport) idv.Provider

	// Attached opens a SQLite file beside the daemon that owns it, for commands that last a
	// moment.
	Attached bool

	// Migrate allows the tables of a database of an earlier version to be changed.
	Migrate bool

	made   *madeKeys  // the key files of this start
	tenant idv.Tenant // whose policy Config has; "" for the general one
}

// resolve returns the secret that a reference stands for.
func (o Options) resolve(ref string) (idv.Sensitive, error) {
	return o.resolver().Resolve(context.Background(), ref)
}

func (o Options) resolver() *Secrets {
	if o.Secrets == nil {
		return NewSecrets(o.Config, o.LookupEnv)
	}
	return o.Secrets
}

// App is a running engine with what it was built from.
type App struct {
	Engine   *engine.Engine
	Consents *consents.Service
	Store    store.Store // opened here; Close closes it
	Keyring  *keyring.Keyring
	lines    []*line // to the vendors
	log      *slog.Logger
	plugins  *plugins.Catalogue
	programs []program // of the plugins
	join     func(providers.Codec, providers.Transport) idv.Provider
}

// New builds the app. It makes the checks of [Check] and [CheckSecrets], starts the plugins
// and validates once more with their descriptors. The error lists every fault with its
// path; after an error nothing is left running, and no key file that nothing needs.
func New(ctx context.Context, o Options) (*App, error) {
	if faults := config.Validate(o.Config, Known); len(faults) > 0 {
		return nil, faults
	}
	o.Secrets, o.made = o.resolver(), new(madeKeys)
	if err := errors.Join(checkFiles(o.Config), CheckSecrets(o)); err != nil {
		return nil, err
	}
	list := programs(o.Config.Providers, o.Telemetry.Logger)
	opened, err := plugins.OpenAll(ctx, specs(list))
	if err != nil {
		return nil, err
	}
	a := App{plugins: opened, programs: list, join: o.Join, log: cmp.Or(o.Telemetry.Logger, slog.New(slog.DiscardHandler))}
	if a.join == nil {
		a.join = providers.NewProvider
	}
	if err := a.build(ctx, o); err != nil {
		return nil, errors.Join(err, a.release(ctx), o.made.remove())
	}
	return &a, nil
}

func (a *App) build(ctx context.Context, o Options) error {
	c := o.Config
	if faults := config.Validate(c, a.known); len(faults) > 0 {
		return faults
	}
	e := engine.Options{Telemetry: o.Telemetry, Timeout: c.Timeout, IdempotencyTTL: c.Idempotency.Expiry, MaxBillableCalls: c.MaxBillableCalls}
	var faults []error
	var err error
	e.Routes, err = routes(&c)
	faults = append(faults, err)
	for i, p := range c.Providers {
		m, err := a.member(ctx, &o.Config, i, o.Secrets)
		if err != nil {
			faults = append(faults, fmt.Errorf("providers[%d] (%s): %w", i, p.Name, err))
			continue
		}
		e.Providers = append(e.Providers, m)
	}
	key, err := fingerprintKey(o)
	faults = append(faults, err)
	known, err := peopleOf(o)
	if faults = append(faults, err); err == nil {
		var tenantErr error
		e.Policy, err = enginePolicy(o, known.ring)
		e.Tenants, tenantErr = tenantPolicies(o, known.ring)
		faults = append(faults, err, tenantErr)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	a.Keyring = known.ring
	if a.Store, err = OpenStore(ctx, o); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	o.made.keep()
	if err := known.check(ctx, a.Store); err != nil {
		return err
	}
	a.Consents, err = newConsents(o, a.Store, e.Policy, e.Tenants, func(_ context.Context, p config.Provider) (idv.Descriptor, error) {
		return a.known(p)
	})
	if err != nil {
		return err
	}
	e.Store, e.FingerprintKey = a.Store, key
	if a.Engine, err = engine.New(e); err != nil {
		return err
	}
	a.Consents.PurgeCache = a.Engine.PurgeCache
	return a.checkCurrency(ctx)
}

// checkCurrency returns an error if the providers are priced in another currency than the
// ledger: no call without a package could be booked.
func (a *App) checkCurrency(ctx context.Context) error {
	lots, err := a.Store.Lots(ctx, "")
	for _, p := range a.Engine.Providers() {
		kept := ledger.CurrencyOf(lots)
		for i := range lots {
			if l := &lots[i]; l.Open && l.Provider == p.Name && l.Total.Currency != "" {
				kept = l.Total.Currency // of its earlier calls without a package
			}
		}
		if p.Price.Currency != "" && kept != "" && p.Price.Currency != kept {
			return fmt.Errorf("the price of provider %s is in %s, but the ledger is kept in %s; set providers[].price of each provider in %s, "+
				"or use a new database", p.Name, p.Price.Currency, kept, kept)
		}
	}
	return err
}

// Refresh reads the files again, and runs the helpers whose time has come, that credentials
// and networks of providers come from. What changed is used for new calls and connections;
// what cannot be read stays as it is, which is logged. It returns when all is done or ctx
// ends, and must not run twice at the same time.
func (a *App) Refresh(ctx context.Context) {
	for _, l := range a.lines {
		if l.renew(ctx, a.log) {
			_ = a.Engine.AcceptCredentials(l.provider.Name) // which knows every line
		}
	}
}

// Stale reports whether the credentials or the network of a provider cannot be read any
// more, so that old ones are in use.
func (a *App) Stale(provider string) bool {
	return slices.ContainsFunc(a.lines, func(l *line) bool { return l.provider.Name == provider && l.failing.Load() })
}

// Plugin returns the state of a provider's plugin, and whether it has one.
func (a *App) Plugin(provider string) (plugins.State, bool) {
	p, ok := a.plugin(provider)
	if !ok {
		return plugins.State{}, false
	}
	return p.State(), true
}

// KillPlugin ends the process of a provider's plugin, as a crash does, and reports
// whether there was one. It is for demonstrations.
func (a *App) KillPlugin(provider string) bool {
	p, ok := a.plugin(provider)
	return ok && p.Kill()
}

// Close closes the engine, within ctx, and then its connections and plugins.
func (a *App) Close(ctx context.Context) error {
	err := a.Engine.Close(ctx)
	return errors.Join(err, a.release(context.WithoutCancel(ctx)))
}

// release closes what the engine was built from. No call is in flight any more.
func (a *App) release(ctx context.Context) error {
	for _, l := range a.lines {
		for _, client := range l.clients() {
			client.Close()
		}
	}
	err := a.plugins.Close(ctx)
	if a.Store != nil {
		err = errors.Join(err, a.Store.Close())
	}
	return err
}

// Descriptor returns the descriptor of a configured provider.
func (a *App) Descriptor(p config.Provider) idv.Descriptor {
	d, _ := a.known(p) // New has found it
	return d
}

// known finds the descriptor of any adapter, once the plugins run.
func (a *App) known(p config.Provider) (idv.Descriptor, error) {
	if product, plugged, err := a.product(p); plugged && err == nil {
		return product.Descriptor(), nil
	}
	return Known(p)
}
