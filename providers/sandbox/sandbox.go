// Package sandbox runs fake identity vendors on loopback addresses. They serve to try
// heyan and to test adapters without a contract, real personal data or costs.
//
// A fake vendor has the three layers of a real one: a gateway that checks credentials
// and signatures, a backend that answers with a code, and a meter that counts the
// charge before the reply is written. The queried name selects the answer; a
// [Scenario] selects a fault. [Sandbox.Stats] and [Sandbox.Seen] report the requests
// and their cost.
//
// The vendor of idcert is written by hand from the vendor's guide and shares no code with
// the adapter, so that a mistake in one shows against the other. Any other product is
// played from its descriptor, codec, authentication schemes and recorded replies, which a
// [Product] brings: see package replica for what such a vendor can show and what not. The
// package imports no adapter, and no adapter imports it.
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

// closeGrace is how long Close lets replies complete before it closes connections.
const closeGrace = 2 * time.Second

// Sandbox is a set of fake vendors. Create it with [New]. Its methods are safe for
// concurrent use.
type Sandbox struct {
	listen  string
	log     *slog.Logger
	vendors []*vendor

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

// New checks the configuration and generates missing credentials. It does not listen.
// The error lists every fault.
func New(cfg Config) (*Sandbox, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	s := &Sandbox{listen: cfg.Listen, log: cfg.Log, urls: make([]string, len(cfg.Vendors))}
	var faults []error
	for i, v := range cfg.Vendors {
		made, err := newVendor(v, key, cfg)
		if err != nil {
			faults = append(faults, fmt.Errorf("sandbox: vendors[%d] (%s): %w", i, v.Name, err))
		}
		s.vendors = append(s.vendors, made)
	}
	return s, errors.Join(faults...)
}

// Start listens on every vendor's address and serves until [Sandbox.Close]. ctx
// limits the listening only. If one address is not available, Start closes the others
// and returns an error. A sandbox can be started once.
func (s *Sandbox) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateNew {
		return errors.New("sandbox: already started or closed; create a new one")
	}
	listeners, err := open(ctx, s.listen, len(s.vendors))
	if err != nil {
		return err
	}
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.state, s.cancel = stateStarted, cancel
	for i, l := range listeners {
		s.urls[i] = "http://" + l.Addr().String()
		server := s.server(base, s.vendors[i])
		s.servers = append(s.servers, server)
		s.serving.Go(func() { s.report(s.vendors[i].name, server.Serve(l)) })
	}
	return nil
}

func (s *Sandbox) report(vendor string, err error) {
	if !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("sandbox: stopped serving", "vendor", vendor, "error", err)
	}
}

// Close stops every vendor. It aborts stalled and slow replies at once; others have
// two seconds to complete, or less if ctx ends. It may be called twice.
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

// Vendors returns the fake vendors in the order of the configuration. Their URL is
// empty before [Sandbox.Start].
func (s *Sandbox) Vendors() []Vendor {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Vendor, 0, len(s.vendors))
	for i, v := range s.vendors {
		described := Vendor{Name: v.name, URL: s.urls[i]}
		v.backend.describe(&described)
		list = append(list, described)
	}
	return list
}

// SetScenario replaces a vendor's scenario, like POST /_sandbox/scenario. The error is
// a [*ScenarioError].
func (s *Sandbox) SetScenario(sc Scenario) error {
	if err := sc.check(s.names()); err != nil {
		return err
	}
	v := s.vendor(sc.Vendor)
	if err := v.supports(sc.Mode); err != nil {
		return err
	}
	v.active.set(sc)
	return nil
}

// Stats returns each vendor's counters since the start or the last reset.
func (s *Sandbox) Stats() map[string]Stats {
	all := make(map[string]Stats, len(s.vendors))
	for _, v := range s.vendors {
		all[v.name] = v.meter.stats()
	}
	return all
}

// Reset clears the counters and scenarios of every vendor. Used nonces stay used.
func (s *Sandbox) Reset() {
	for _, v := range s.vendors {
		v.active.set(v.active.start)
		v.meter.clear()
	}
}

// Seen reports whether a query about this person reached the vendor's backend, among
// the last 1,000. It panics for an unknown vendor, since a test that claims went
// nowhere else would otherwise always pass.
func (s *Sandbox) Seen(vendor string, number, name idv.Sensitive) bool {
	v := s.vendor(vendor)
	if v == nil {
		panic(fmt.Sprintf("sandbox: unknown vendor %q; known vendors are %v", vendor, s.names()))
	}
	return v.meter.has(person{number: number, name: name})
}

func (s *Sandbox) names() []string {
	names := make([]string, 0, len(s.vendors))
	for _, v := range s.vendors {
		names = append(names, v.name)
	}
	return names
}

func (s *Sandbox) vendor(name string) *vendor {
	for _, v := range s.vendors {
		if v.name == name {
			return v
		}
	}
	return nil
}
