package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/route"
)

// resolvedRoute is a rule with its providers looked up.
type resolvedRoute struct {
	rule      route.Rule
	providers []*provider
	turn      atomic.Uint64 // verifications so far
}

// routes are the rules of each check, in the order of the options.
type routes map[idv.Check][]*resolvedRoute

// find returns the first rule that matches the question, nil if there is none.
func (r routes) find(q *route.Question) *resolvedRoute {
	for _, one := range r[q.Check] {
		if one.rule.Match == nil || one.rule.Match(q) {
			return one
		}
	}
	return nil
}

// resolve makes the plan of a question for a caller with an authorization; a nil one bars
// no provider.
func (e *Engine) resolve(r *resolvedRoute, q route.Question, a *authorization) idv.Plan {
	candidates := make([]route.Candidate, len(r.providers))
	for i := range candidates {
		candidates[i] = e.candidate(r, i, a)
	}
	return route.Make(q, candidates, r.rule)
}

// reaches reports whether the plan of a question has a step.
func (e *Engine) reaches(r *resolvedRoute, q route.Question, a *authorization) bool {
	for i := range r.providers {
		if c := e.candidate(r, i, a); route.Admits(&q, &c) {
			return true
		}
	}
	return false
}

// candidate describes a provider of a route as it is now.
func (e *Engine) candidate(r *resolvedRoute, i int, a *authorization) route.Candidate {
	p := r.providers[i]
	c := route.Candidate{
		Name: p.guard.Name(), Descriptor: &p.descriptor, Availability: p.guard.Availability(), Barred: a.bars(p.recipient), Weight: 1,
	}
	switch r.rule.Mode {
	case route.Weighted:
		if len(r.rule.Weights) > 0 {
			c.Weight = r.rule.Weights[i]
		}
	case route.Cheapest:
		c.Price, c.Exhausted = e.units.next(p)
	case route.Fastest:
		c.Latency = p.guard.Latency()
	}
	return c
}

func (r *resolvedRoute) has(p *provider) bool { return slices.Contains(r.providers, p) }

func (e *Engine) addRoutes(rules []route.Rule) error {
	var errs []error
	if len(rules) == 0 {
		rules = e.defaultRules()
	}
	for _, rule := range rules {
		if err := rule.Validate(); err != nil {
			errs = append(errs, err)
			continue
		}
		before := e.routes[rule.Check]
		if n := len(before); n > 0 && before[n-1].rule.Match == nil {
			errs = append(errs, fmt.Errorf("a route of %s follows one that takes every question; give the first one a Match, or join them", rule.Check))
			continue
		}
		r := &resolvedRoute{rule: rule}
		for _, name := range rule.Providers {
			p := e.providers[name]
			if p == nil {
				errs = append(errs, fmt.Errorf("the route of %s names %q, which is not a provider", rule.Check, name))
				continue
			}
			r.providers = append(r.providers, p)
		}
		e.routes[rule.Check] = append(before, r)
		e.units.needed = e.units.needed || rule.Mode == route.Cheapest
	}
	return errors.Join(errs...)
}

// defaultRules routes each check to all providers that support it, in their order.
func (e *Engine) defaultRules() (rules []route.Rule) {
	for _, check := range idv.Checks() {
		rule := route.Rule{Check: check}
		for _, name := range e.names {
			if e.providers[name].descriptor.Supports(check, idv.DocumentUnknown) {
				rule.Providers = append(rule.Providers, name)
			}
		}
		if len(rule.Providers) > 0 {
			rules = append(rules, rule)
		}
	}
	return rules
}

// unitsTTL is how old the prices of the next units may be. A unit that is used up in between
// costs nothing: the ledger rejects the call and the next provider is called.
const unitsTTL = time.Second

// units keeps the price of the next unit of each provider, so that planning does not read the
// ledger for each request. The first request after unitsTTL reads it anew.
type units struct {
	needed  bool // a route chooses by price
	prices  atomic.Pointer[map[string]unit]
	reading atomic.Bool
	read    atomic.Int64 // when, in Unix nanoseconds
}

type unit struct {
	price     idv.Money
	exhausted bool
}

// next returns the price of the provider's next unit, and whether its packages are used up. It
// is the configured price until a package is known.
func (u *units) next(p *provider) (idv.Money, bool) {
	if all := u.prices.Load(); all != nil {
		if one, ok := (*all)[p.guard.Name()]; ok {
			return one.price, one.exhausted
		}
	}
	return p.price, false
}

// refreshUnits reads the packages if a route chooses by price and they are due. If it fails,
// the last prices stay: a plan that is a little too dear is better than none.
func (e *Engine) refreshUnits(ctx context.Context) {
	now := time.Now()
	if !e.units.needed || now.UnixNano()-e.units.read.Load() < int64(unitsTTL) || !e.units.reading.CompareAndSwap(false, true) {
		return
	}
	defer e.units.reading.Store(false)
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if lots, err := e.store.Lots(ctx, ""); err == nil {
		prices := nextUnits(lots, now)
		e.units.prices.Store(&prices)
	}
	e.units.read.Store(now.UnixNano())
}

// nextUnits returns the next unit of each provider that has a package.
func nextUnits(lots []ledger.Balance, now time.Time) map[string]unit {
	prices := map[string]unit{}
	for i := range lots { // in the order of use
		l := &lots[i]
		if one, known := prices[l.Provider]; l.Open || known && !one.exhausted {
			continue
		}
		prices[l.Provider] = unit{l.Price(), l.Available == 0 || l.Expired(now)}
	}
	return prices
}
