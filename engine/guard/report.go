package guard

import (
	"maps"
	"slices"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// newsFor is how long news of this node wins over a different report of another node. What
// could not be passed on for longer may be out of date.
const newsFor = 3 * time.Second

// Report is what the gate of a provider, or of an account, learned from the vendor itself. It
// is for other nodes.
type Report struct {
	Account bool // the gate is that of an account
	Name    string
	Reason  idv.SkipReason // SkipMaintenance, SkipQuotaExhausted or SkipCredentials; "" if the gate is open
	Until   time.Time      // zero for no end

	at time.Time // when the gate learned it
}

// Shared reports whether a reason for a closed gate concerns other nodes: what the vendor said
// of itself or of the account. Throttling is over before they need to know.
func Shared(r idv.SkipReason) bool {
	return r == idv.SkipMaintenance || r == idv.SkipQuotaExhausted || r == idv.SkipCredentials
}

// tellNodes marks the state of the gate as news if it concerns other nodes. reason is why the
// gate is closed, or was until now. The gate must be locked.
func (g *gate) tellNodes(reason idv.SkipReason, now time.Time) {
	if Shared(reason) {
		g.news = now
	}
}

// Listen has learned called when a gate has news, by the goroutine of the call that brought
// them. learned must not block. It replaces the function of the last Listen.
func (p *Pool) Listen(learned func()) { p.learned.Store(&learned) }

func (p *Pool) hasNews() {
	if learned := p.learned.Load(); learned != nil {
		(*learned)()
	}
}

// News returns what gates learned since the last call. A closing whose time is over is left
// out: the next trial says more.
func (p *Pool) News() (list []Report) {
	now := time.Now()
	p.eachGate(func(r Report, g *gate) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.news.IsZero() {
			return
		}
		r.Reason, r.Until, r.at = g.reason, g.until, g.news
		g.news = time.Time{}
		if r.Reason == "" || Shared(r.Reason) && (r.Until.IsZero() || now.Before(r.Until)) {
			list = append(list, r)
		}
	})
	return list
}

// Untold makes a report that could not be passed on news again.
func (p *Pool) Untold(r Report) {
	if g := p.gate(r); g != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.news.IsZero() && g.reason == r.Reason {
			g.news = r.at
		}
	}
}

// Apply takes over the report of another node, and returns whether it changed anything. It is
// no news and calls no hook, so that two nodes do not report to each other for ever. The trial
// and the drain are this node's own. News of this node that differ stay, since they are later.
func (p *Pool) Apply(r Report) bool {
	g := p.gate(r)
	if g == nil {
		return false // another configuration
	}
	return g.apply(r, time.Now())
}

func (g *gate) apply(r Report, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason != r.Reason && !g.news.IsZero() && now.Before(g.news.Add(newsFor)) || g.orderStands(now) {
		return false
	}
	if r.Reason == "" && !Shared(g.reason) {
		g.news = time.Time{}
		return false // it is open, or closed for a reason of this node
	}
	if latest := now.Add(g.most + newsFor); r.Until.After(latest) {
		r.Until = latest // the clock of the other node is wrong, or its gate_max is longer
	}
	switch {
	case r.Reason == "" && g.reason == idv.SkipMaintenance:
		g.slots.ramp(now)
	case r.Reason == idv.SkipMaintenance && g.reason == "":
		g.slots.failed(now)
	}
	changed := g.reason != r.Reason
	g.reason, g.until, g.pause, g.ordered, g.news = r.Reason, r.Until, 0, false, time.Time{}
	g.clear.Store(g.reason == "" && !g.drained)
	return changed
}

// orderStands reports whether an operator keeps the gate closed, whatever vendors say.
func (g *gate) orderStands(now time.Time) bool {
	return g.ordered && (g.until.IsZero() || now.Before(g.until))
}

func (p *Pool) gate(r Report) *gate {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := p.providers
	if r.Account {
		of = p.accounts
	}
	if s := of[r.Name]; s != nil {
		return s.gate
	}
	return nil
}

func (p *Pool) eachGate(do func(Report, *gate)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(p.providers)) {
		do(Report{Name: name}, p.providers[name].gate)
	}
	for _, name := range slices.Sorted(maps.Keys(p.accounts)) {
		do(Report{Account: true, Name: name}, p.accounts[name].gate)
	}
}
