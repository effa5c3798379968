package guard

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

// Pool keeps the state of guards by the provider's name: gates, breakers, rates, calls in
// flight and latency. The state outlives an engine, so that a reload of the configuration
// does not call a vendor that is known to be in maintenance. It is safe for concurrent use.
type Pool struct {
	mu        sync.Mutex
	before    *Pool // whose states go over; nil for none
	renewed   Renewed
	pulse     *pulse // of the process
	providers map[string]*state
	accounts  map[string]*state

	learned atomic.Pointer[func()] // see Listen
}

// NewPool returns a pool without guards.
func NewPool() *Pool {
	return &Pool{pulse: new(pulse), providers: map[string]*state{}, accounts: map[string]*state{}}
}

// Renewed are names that stand for another provider or account than in the pool before. Their
// state begins anew, but a drain stays: an operator drains a name, whatever is behind it.
type Renewed struct{ Providers, Accounts []string }

// Next returns a pool without guards. The states of p go over to it as guards of their names
// are made, until Settle.
func (p *Pool) Next(r Renewed) *Pool {
	next := NewPool()
	next.before, next.renewed, next.pulse = p, r, p.pulse
	return next
}

// Settle says that all guards are made. States without one are left behind.
func (p *Pool) Settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = nil
}

// Account is what the products of one account at a vendor share: its gate, which closes on
// codes that concern the account, and limits over all its products.
type Account struct {
	Name        string  // "" for a provider without an account
	Concurrency int     // calls in flight over all products; 0 for no limit
	Rate        float64 // calls a second over all products; 0 for no limit
}

// state is the part of a guard that its successor in another engine takes over.
type state struct {
	gate    *gate
	slots   slots
	limiter *rate.Limiter // nil without a rate
	circuit *circuit      // nil for an account
	// schedule is empty for an account.
	schedule schedule
	limits   Limits
	latency  *latency
	pulse    *pulse // of the pool
	last     atomic.Pointer[idv.LastFailure]
	outages  atomic.Int64 // how often calls of this provider were stopped

	mu      sync.Mutex
	changed map[string]func() // by the provider's name: who is told when the gate or the breaker changes
	told    idv.Availability  // what the hook of this provider was told last
}

// Guard returns a provider behind its guards. name is the provider's configured name; it is
// added to every error here and nowhere else. The guard takes over the state of the last
// one of this name. Changed limits count for new calls.
func (p *Pool) Guard(name string, provider idv.Provider, l Limits, a Account, h Hooks) *Guard {
	l = l.withDefaults()
	p.mu.Lock()
	defer p.mu.Unlock()
	var kept Pool
	if p.before != nil {
		p.before.mu.Lock()
		defer p.before.mu.Unlock()
		kept.providers, kept.accounts = p.before.providers, p.before.accounts
	}
	own := take(p.providers, kept.providers, name, p.renewed.Providers, p.newState)
	own.configure(l, true)
	var account *state
	if a.Name != "" {
		account = take(p.accounts, kept.accounts, a.Name, p.renewed.Accounts, p.newState)
		account.configure(Limits{Concurrency: a.Concurrency, Rate: a.Rate}, false)
	}
	g := newGuard(name, provider, own, account, h)
	tell := func() { g.tell(h.Changed) }
	own.listen(name, tell)
	account.listen(name, tell)
	return g
}

// tell calls the hook if the availability differs from what the hook was told last.
func (g *Guard) tell(changed func(string, idv.Availability)) {
	now := g.lasting()
	g.state.mu.Lock()
	was := g.state.told
	if was.Reason == "" && now.Reason != "" && now.Reason != idv.SkipScheduledMaintenance {
		g.state.outages.Add(1)
	}
	g.state.told = now
	g.state.mu.Unlock()
	if changed != nil && (was.Reason != now.Reason || !was.Until.Equal(now.Until)) {
		changed(g.name, now)
	}
}

// take returns the state of a name: that of this pool, that of the pool before, or a new one.
func take(own, before map[string]*state, name string, renewed []string, fresh func() *state) *state {
	s, earlier := own[name], before[name]
	switch {
	case s != nil:
		return s
	case earlier == nil:
		s = fresh()
	case slices.Contains(renewed, name):
		s = fresh()
		s.gate.drainLike(earlier.gate)
	default:
		s = earlier
		s.mu.Lock()
		s.changed = map[string]func(){} // those that have no guard here would be told for ever
		s.mu.Unlock()
	}
	own[name] = s
	return s
}

func (p *Pool) newState() *state {
	s := &state{changed: map[string]func(){}, latency: new(latency), pulse: p.pulse}
	s.gate = newGate(s.notify, p.hasNews, &s.slots)
	return s
}

// configure applies limits. What did not change is kept.
func (s *state) configure(l Limits, breaker bool) {
	s.gate.configure(l.GateFirst, l.GateMax)
	s.slots.limit.Store(int64(l.Concurrency))
	switch burst := max(1, int(l.Rate)); {
	case l.Rate <= 0:
		s.limiter = nil
	case s.limiter == nil:
		s.limiter = rate.NewLimiter(rate.Limit(l.Rate), burst)
	default:
		s.limiter.SetLimit(rate.Limit(l.Rate))
		s.limiter.SetBurst(burst)
	}
	if breaker && (s.circuit == nil || l.BreakerFailures != s.limits.BreakerFailures || l.BreakerOpen != s.limits.BreakerOpen) {
		s.circuit = newCircuit(l, s)
	}
	s.limits = l
}

func (s *state) listen(name string, changed func()) {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.changed[name] = changed
	s.mu.Unlock()
}

// notify tells the listeners of a change, outside of all locks.
func (s *state) notify() {
	s.mu.Lock()
	list := slices.Collect(maps.Values(s.changed))
	s.mu.Unlock()
	for _, changed := range list {
		changed()
	}
}
