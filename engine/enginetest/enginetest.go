// Package enginetest helps to test programs that embed the engine. It has scripted
// providers that count their calls ([New]), a ready engine ([Options], [Engine]), a
// synthetic person ([Person], [Request]) and consents ([Keyring], [Draft], [Give]).
package enginetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/policy/consent"
)

// Reply is one step of a script.
type Reply struct {
	Answer idv.Answer
	Err    error
	After  time.Duration // how long the call takes
}

// Answer returns the reply of a source that answered, charged.
func Answer(v idv.Verdict) Reply {
	return Reply{Answer: idv.Answer{Verdict: v, Charge: idv.Charged, VendorCode: "scripted", VendorRef: "ref"}}
}

// Fail returns the reply of a failed call. A call that the vendor cannot have executed is
// not charged.
func Fail(f idv.Failure, d idv.Delivery) Reply {
	e := &idv.Error{Failure: f, Origin: idv.OriginVendor, Delivery: d, Code: "scripted"}
	if !d.MayHaveExecuted() {
		e.Charge = idv.NotCharged
	}
	return Reply{Err: e}
}

// Slow returns a reply that takes the time d.
func Slow(d time.Duration, r Reply) Reply {
	r.After = d
	return r
}

// Provider is a provider that answers from a script. It is safe for concurrent use.
type Provider struct {
	name  string
	check idv.Check

	mu      sync.Mutex
	script  []Reply
	queries []idv.Query
	calls   int
}

var _ idv.Provider = (*Provider)(nil)

// New returns a provider that gives the replies in order and then repeats the last one.
// Without replies it answers idv.Match.
func New(name string, script ...Reply) *Provider {
	if len(script) == 0 {
		script = []Reply{Answer(idv.Match)}
	}
	return &Provider{name: name, check: idv.CheckIDName, script: script}
}

// For makes the provider answer another check than [idv.CheckIDName], and returns it. Call
// it before the provider is used.
func (p *Provider) For(check idv.Check) *Provider {
	p.check = check
	return p
}

// Describe returns a descriptor that supports the provider's check and every document.
func (p *Provider) Describe() idv.Descriptor {
	return idv.Descriptor{
		Name: p.name, Version: "1", Title: "scripted", Check: p.check, Documents: idv.Documents(),
		Fidelity: idv.ThreeWay, Source: "a script", Recipient: p.name + " Ltd",
		Prices: []idv.Price{{Units: 1, Total: idv.Money{Micros: 50_000, Currency: idv.CNY}}},
	}
}

// keepQueries bounds the memory of a long test.
const keepQueries = 1024

// Ask returns the next reply of the script after its delay, or fails when ctx is done.
func (p *Provider) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	r := p.next(q)
	if r.After > 0 {
		t := time.NewTimer(r.After)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return idv.Answer{}, &idv.Error{Failure: idv.FailureOf(ctx.Err()), Origin: idv.OriginEngine, Delivery: idv.DeliveryUnknown}
		}
	}
	return r.Answer, r.Err
}

func (p *Provider) next(q idv.Query) Reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.script[min(p.calls, len(p.script)-1)]
	p.calls++
	if len(p.queries) < keepQueries {
		p.queries = append(p.queries, q)
	}
	return r
}

// Then replaces the script from the next call on.
func (p *Provider) Then(script ...Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script, p.calls = script, 0
	p.queries = nil
}

// Calls returns the number of calls since New or Then.
func (p *Provider) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Queries returns the first queries since New or Then, at most 1,024.
func (p *Provider) Queries() []idv.Query {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]idv.Query(nil), p.queries...)
}

// Person returns a synthetic person whose number passes the local check.
func Person() idv.Subject {
	return idv.Subject{Name: idv.NewSensitive("张三"), IDNumber: idv.NewSensitive("11010519491231002X")}
}

// Request returns the question whether Person's name and number belong together.
func Request() idv.Request {
	return idv.Request{Tenant: "t1", App: "app", Check: idv.CheckIDName, Subject: Person(), Purpose: "test"}
}

// Options returns options for an engine that calls the providers of a check in their
// order, once each, and whose gates close for a second. Consent is off; [Draft] and [Give]
// make one for an engine that requires it.
func Options(providers ...*Provider) engine.Options {
	o := engine.Options{Policy: engine.Policy{Consent: consent.Off}, FingerprintKey: []byte("a fingerprint key for tests only")}
	names := map[idv.Check][]string{}
	for _, p := range providers {
		o.Providers = append(o.Providers, engine.ProviderConfig{Name: p.name, Provider: p, Limits: guard.Limits{GateFirst: time.Second}})
		names[p.check] = append(names[p.check], p.name)
	}
	for _, c := range idv.Checks() {
		if list := names[c]; list != nil {
			o.Routes = append(o.Routes, route.Rule{Check: c, Providers: list, MaxAttempts: len(list)})
		}
	}
	return o
}

// Engine returns an engine of the options. It is closed at the end of the test.
func Engine(t testing.TB, o engine.Options) *engine.Engine {
	t.Helper()
	e, err := engine.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Errorf("closing the engine: %v", err)
		}
	})
	return e
}
