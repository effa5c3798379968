// Package sandbox fakes paid identity vendors on loopback addresses, so that
// nobody needs a contract, a real person or money to see heyan work or to test
// an adapter.
//
// A fake vendor has three layers, as the real one: a gateway that checks
// credentials and signatures, a backend that answers by code, and a meter that
// counts what is billed before the answer is written. What it answers is chosen
// by the name asked for; how it misbehaves by a [Scenario]. [Sandbox.Stats] and
// [Sandbox.Seen] say afterwards what arrived and what it cost.
//
// The package knows no adapter, and no adapter knows it: both are written from
// the vendor's guide, so that one mistake is not made twice.
package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// closeGrace is how long Close lets answers finish before it cuts connections.
const closeGrace = 2 * time.Second

// Sandbox is a set of fake vendors. Make one with [New]; all methods are safe
// for concurrent use.
type Sandbox struct {
	listen string
	log    *slog.Logger
	vends  []*vendor

	mu      sync.Mutex // guards what follows
	servers []*http.Server
	urls    []string
	cancel  context.CancelFunc
	state   state
	serving sync.WaitGroup
}

type state uint8

const (
	stateNew state = iota
	stateStarted
	stateClosed
)

// New checks a configuration and makes the vendors' credentials. It opens
// nothing. The error names every fault.
func New(cfg Config) (*Sandbox, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: it ends the program instead
	s := &Sandbox{listen: cfg.Listen, log: cfg.Log, urls: make([]string, len(cfg.Vendors))}
	for _, v := range cfg.Vendors {
		s.vends = append(s.vends, newVendor(v, key, cfg.Log))
	}
	return s, nil
}

// Start opens every vendor's address and serves until [Sandbox.Close]. The
// context bounds the opening only. If one address cannot be had, none stays
// open. A sandbox starts once.
func (s *Sandbox) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateNew {
		return errors.New("sandbox: started or closed before")
	}
	listeners, err := open(ctx, s.listen, len(s.vends))
	if err != nil {
		return err
	}
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.state, s.cancel = stateStarted, cancel
	for i, l := range listeners {
		s.urls[i] = "http://" + l.Addr().String()
		server := s.server(base, s.vends[i])
		s.servers = append(s.servers, server)
		s.serving.Go(func() { s.report(s.vends[i].name, server.Serve(l)) })
	}
	return nil
}

func (s *Sandbox) report(vendor string, err error) {
	if !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("sandbox: stopped serving", "vendor", vendor, "error", err)
	}
}

// Close stops every vendor. Stalled and dripping answers are cut at once; others
// get two seconds, or what the context leaves of them. It may be called twice.
func (s *Sandbox) Close(ctx context.Context) error {
	s.mu.Lock()
	servers := s.servers
	s.servers, s.state = nil, stateClosed
	if s.cancel != nil {
		s.cancel()
	}
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, closeGrace)
	defer cancel()
	faults := make([]error, len(servers))
	var stopping sync.WaitGroup
	for i, server := range servers {
		stopping.Go(func() { faults[i] = stop(ctx, server) })
	}
	stopping.Wait()
	s.serving.Wait()
	return errors.Join(faults...)
}

// Vendors lists the fake vendors in the order of the configuration. The URL is
// empty before [Sandbox.Start].
func (s *Sandbox) Vendors() []Vendor {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Vendor, 0, len(s.vends))
	for i, v := range s.vends {
		list = append(list, Vendor{
			Name: v.name, URL: s.urls[i], AppCode: v.gate.appCode, AppKey: v.gate.appKey, AppSecret: v.gate.appSecret,
		})
	}
	return list
}

// SetScenario makes a vendor misbehave, as POST /_sandbox/scenario does. It
// replaces the vendor's earlier scenario. The error is a [*ScenarioError].
func (s *Sandbox) SetScenario(sc Scenario) error {
	if err := sc.check(s.names()); err != nil {
		return err
	}
	s.vendor(sc.Vendor).stage.set(sc)
	return nil
}

// Stats returns what each vendor has counted since the start or the last reset.
func (s *Sandbox) Stats() map[string]Stats {
	all := make(map[string]Stats, len(s.vends))
	for _, v := range s.vends {
		all[v.name] = v.book.stats()
	}
	return all
}

// Reset clears the counters and scenarios of every vendor. Nonces stay used.
func (s *Sandbox) Reset() {
	for _, v := range s.vends {
		v.stage.set(Scenario{Mode: ModeNormal})
		v.book.clear()
	}
}

// Seen reports whether this person reached the vendor's backend, by the last
// thousand that did. A test asks it whether data went to a vendor that it should
// not have gone to; an unknown vendor's name would make such a test pass for
// ever, so it panics.
func (s *Sandbox) Seen(vendor string, number, name idv.Sensitive) bool {
	v := s.vendor(vendor)
	if v == nil {
		panic(fmt.Sprintf("sandbox: no vendor %q; there are %v", vendor, s.names()))
	}
	return v.book.has(person{number: number, name: name})
}

func (s *Sandbox) names() []string {
	names := make([]string, 0, len(s.vends))
	for _, v := range s.vends {
		names = append(names, v.name)
	}
	return names
}

func (s *Sandbox) vendor(name string) *vendor {
	for _, v := range s.vends {
		if v.name == name {
			return v
		}
	}
	return nil
}
