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
	"sync/atomic"

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

// App is a running engine with what it was built from. [App.Successor] builds the app of
// another configuration, to which goes over what did not change.
type App struct {
	Engine   *engine.Engine
	Consents *consents.Service
	Store    store.Store // opened here; Close closes it
	Keyring  *keyring.Keyring

	config   config.Config
	lasting  *lasting
	lines    []*line   // to the vendors
	programs []program // of the plugins
	released atomic.Bool
	log      *slog.Logger
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
	secrets, err := checkSecrets(o)
	if err := errors.Join(checkFiles(o.Config), err); err != nil {
		return nil, err
	}
	a := &App{lasting: &lasting{secrets: secrets}, join: o.Join}
	if a.join == nil {
		a.join = providers.NewProvider
	}
	if err := a.open(ctx, o, nil); err != nil {
		return nil, errors.Join(err, o.made.remove())
	}
	return a, nil
}

// open starts the plugins and builds the rest. before is the app that a succeeds, nil for
// none; it goes on unchanged if there is an error, after which nothing of a is left.
func (a *App) open(ctx context.Context, o Options, before *App) error {
	a.config, a.log = o.Config, cmp.Or(o.Telemetry.Logger, slog.New(slog.DiscardHandler))
	err := a.openPrograms(ctx, before)
	if err == nil {
		err = a.build(ctx, o, before)
	}
	if err != nil {
		return errors.Join(err, a.release(context.WithoutCancel(ctx)))
	}
	return nil
}

func (a *App) build(ctx context.Context, o Options, before *App) error {
	c := o.Config
	if faults := config.Validate(c, a.known); len(faults) > 0 {
		return faults
	}
	e := engine.Options{Telemetry: o.Telemetry, Timeout: c.Timeout, IdempotencyTTL: c.Idempotency.Expiry, MaxBillableCalls: c.MaxBillableCalls}
	var err error
	e.Routes, err = routes(&c)
	faults := []error{err, a.members(ctx, o.Secrets, before, &e)}
	if before == nil {
		faults = append(faults, a.makeKeys(o))
	}
	if a.Keyring != nil {
		var tenantErr error
		e.Policy, err = enginePolicy(o, a.Keyring)
		e.Tenants, tenantErr = tenantPolicies(o, a.Keyring)
		faults = append(faults, err, tenantErr)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	if before == nil {
		if err := a.openStore(ctx, o); err != nil {
			return err
		}
	}
	a.Consents, err = newConsents(o, a.Store, e.Policy, e.Tenants, a.lasting.signer, func(_ context.Context, p config.Provider) (idv.Descriptor, error) {
		return a.known(p)
	})
	if err != nil {
		return err
	}
	if err := a.checkCurrency(ctx, e.Providers); err != nil {
		return err
	}
	e.Store, e.FingerprintKey = a.Store, a.lasting.fingerprintKey
	if a.Engine, err = engine.New(e); err != nil {
		return err
	}
	a.Consents.PurgeCache = a.Engine.PurgeCache
	a.adopt(o.Secrets)
	return nil
}

// checkCurrency returns an error if the providers are priced in another currency than the
// ledger: no call without a package could be booked.
func (a *App) checkCurrency(ctx context.Context, list []engine.ProviderConfig) error {
	lots, err := a.Store.Lots(ctx, "")
	for _, p := range list {
		price := p.Price
		if price == (idv.Money{}) {
			price = p.Provider.Describe().ListPrice()
		}
		kept := ledger.CurrencyOf(lots)
		for i := range lots {
			if l := &lots[i]; l.Open && l.Provider == p.Name && l.Total.Currency != "" {
				kept = l.Total.Currency // of its earlier calls without a package
			}
		}
		if price.Currency != "" && kept != "" && price.Currency != kept {
			return fmt.Errorf("the price of provider %s is in %s, but the ledger is kept in %s; set providers[].price of each provider in %s, "+
				"or use a new database", p.Name, price.Currency, kept, kept)
		}
	}
	return err
}

// Refresh reads the files again, and runs the helpers whose time has come, that credentials
// and networks of providers come from. What changed is used for new calls and connections;
// what cannot be read stays as it is, which is logged. It returns when all is done or ctx
// ends.
func (a *App) Refresh(ctx context.Context) {
	a.lasting.renewing.Lock()
	defer a.lasting.renewing.Unlock()
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

// Close closes the engine, within ctx, and then the connections, plugins and store that no
// other app uses. An app that has a successor is closed when its last request has ended.
func (a *App) Close(ctx context.Context) error {
	err := a.Engine.Close(ctx)
	return errors.Join(err, a.release(context.WithoutCancel(ctx)))
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
