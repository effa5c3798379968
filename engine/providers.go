package engine

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

// ErrNoProvider is returned for a name that no provider is configured under.
var ErrNoProvider = errors.New("no such provider")

// ProviderConfig is a provider under its configured name.
type ProviderConfig struct {
	Name      string
	Provider  idv.Provider // if it implements io.Closer, the engine closes it
	Recipient string       // legal name of the recipient of the data; the descriptor's if empty
	Price     idv.Money    // of one call; the descriptor's list price if zero
	Limits    guard.Limits
	Account   guard.Account // shared with other products of the vendor; zero for none

	// CacheTTL is how long an answer of the provider may be reused, where the purpose
	// allows it too; 0 for never. Answers of a provider whose descriptor says NoStore are
	// never reused.
	CacheTTL time.Duration
}

// ProviderStatus is the present state of a provider.
type ProviderStatus struct {
	Name         string
	Recipient    string
	Price        idv.Money // of one call
	Descriptor   idv.Descriptor
	Availability idv.Availability
	Activity     idv.Activity
	LastFailure  *idv.LastFailure // the last failed call since the last answer; nil if there is none
}

// provider is a configured provider behind its guard.
type provider struct {
	guard      *guard.Guard
	descriptor idv.Descriptor
	recipient  string
	price      idv.Money
	timeout    time.Duration // of one call
	cacheTTL   time.Duration
}

func (e *Engine) addProviders(list []ProviderConfig) error {
	var errs []error
	if len(list) == 0 {
		errs = append(errs, errors.New("there is no provider: name at least one in Options.Providers"))
	}
	for i, c := range list {
		switch {
		case c.Name == "" || c.Provider == nil:
			errs = append(errs, fmt.Errorf("provider %d needs a name and an implementation", i))
			continue
		case e.providers[c.Name] != nil:
			errs = append(errs, fmt.Errorf("two providers are named %q; give each its own name", c.Name))
			continue
		}
		e.addProvider(c)
	}
	return errors.Join(append(errs, e.checkCurrency())...)
}

// checkCurrency returns an error unless all prices have one currency: the costs of a
// verification are added up, and a ledger has one currency.
func (e *Engine) checkCurrency() error {
	first := ""
	for _, name := range e.names {
		switch currency := e.providers[name].price.Currency; {
		case currency == "":
		case first == "":
			first = name
		case currency != e.providers[first].price.Currency:
			return fmt.Errorf("the price of %q is in %s, that of %q in %s: %w; set ProviderConfig.Price in one currency",
				first, e.providers[first].price.Currency, name, currency, idv.ErrCurrency)
		}
	}
	return nil
}

func (e *Engine) addProvider(c ProviderConfig) {
	d := c.Provider.Describe()
	p := &provider{descriptor: d, recipient: c.Recipient, price: c.Price, cacheTTL: c.CacheTTL}
	p.timeout = min(c.Limits.CallTimeout(), e.timeout) // no call can last longer
	if p.recipient == "" {
		p.recipient = d.Recipient
	}
	if p.price == (idv.Money{}) {
		p.price = d.ListPrice()
	}
	e.providers[c.Name] = p
	e.names = append(e.names, c.Name)
}

// guard makes the guards of the providers, which have been checked. Guards of the engine that
// is replaced share their state with these from now on, so their limits change too.
func (e *Engine) guard(o Options) {
	if o.Replaces != nil {
		e.guards = o.Replaces.guards.Next(o.Renewed)
	}
	for _, c := range o.Providers {
		p := e.providers[c.Name]
		c.Limits.Timeout = p.timeout
		p.guard = e.guards.Guard(c.Name, c.Provider, c.Limits, c.Account, guard.Hooks{Changed: e.telemetry.Gate, Panicked: e.telemetry.Panic})
	}
	e.guards.Settle()
	e.SetCalendar(o.Calendar)
}

// SetCalendar has the engine follow a calendar from now on; nil for none. A provider is not
// called in its maintenance windows, and what calls in flight meet there does not count against
// it. Calls in flight complete.
func (e *Engine) SetCalendar(c *route.Calendar) {
	var follow guard.Calendar
	if c != nil {
		follow = c.Holds
	}
	for _, name := range e.names {
		e.providers[name].guard.SetCalendar(follow)
	}
}

// eachAvailability passes on the availability of each provider, as Providers lists it.
func (e *Engine) eachAvailability(do func(string, idv.Availability)) {
	for _, name := range e.names {
		do(name, e.providers[name].guard.Availability())
	}
}

func (e *Engine) closeProviders() error {
	var errs []error
	for _, name := range e.names {
		if c, ok := e.providers[name].guard.Unwrap().(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// Providers lists the providers in the order of the options.
func (e *Engine) Providers() []ProviderStatus {
	list := make([]ProviderStatus, 0, len(e.names))
	for _, name := range e.names {
		p := e.providers[name]
		list = append(list, ProviderStatus{
			Name: name, Recipient: p.recipient, Price: p.price, Descriptor: p.descriptor, Availability: p.guard.Availability(),
			Activity: p.guard.Activity(), LastFailure: p.guard.LastFailure(),
		})
	}
	return list
}

// Guards returns what is known of the providers' availability, for other engines and nodes.
func (e *Engine) Guards() *guard.Pool { return e.guards }

// Drain stops sending new calls to the provider until a time, or until Resume if the time is
// zero. Calls in flight complete.
func (e *Engine) Drain(name string, until time.Time) error {
	return e.withGuard(name, func(g *guard.Guard) { g.Drain(until) })
}

// Resume ends a drain, opens the provider's gate, closes the circuit of its breaker and ends
// its current maintenance window, whatever stopped the calls.
func (e *Engine) Resume(name string) error {
	return e.withGuard(name, (*guard.Guard).Resume)
}

// AcceptCredentials opens the provider's gate if refused credentials closed it, since they
// were replaced. A drain and every other reason stay.
func (e *Engine) AcceptCredentials(name string) error {
	return e.withGuard(name, (*guard.Guard).AcceptCredentials)
}

// SetUnavailable closes the provider's gate as its own maintenance code would, until a
// time, or until Resume if the time is zero.
func (e *Engine) SetUnavailable(name string, until time.Time) error {
	return e.withGuard(name, func(g *guard.Guard) { g.Close(until) })
}

func (e *Engine) withGuard(name string, do func(*guard.Guard)) error {
	p := e.providers[name]
	if p == nil {
		return ErrNoProvider
	}
	do(p.guard)
	return nil
}
