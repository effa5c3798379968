// Package orders carries out what operators order for providers: drain, close, resume. The
// orders are in the store, so they survive restarts and reloads, hold on every node, and may
// be given by a command beside the daemon.
package orders

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// The times of a Keeper.
const (
	pollEvery = time.Second
	pollTime  = 2 * time.Second // of one reading
)

// Engine is what orders are carried out on; an *engine.Engine.
type Engine interface {
	Drain(provider string, until time.Time) error
	SetUnavailable(provider string, until time.Time) error
	Resume(provider string) error
	Providers() []engine.ProviderStatus
}

// Keeper carries out the orders of a store. It is safe for concurrent use.
type Keeper struct {
	store  store.Orders
	engine func() Engine // the current one, since a reload may replace it
	log    *slog.Logger

	mu    sync.Mutex
	known map[string]store.Order
}

// New returns a keeper. Follow must run.
func New(s store.Orders, e func() Engine, log *slog.Logger) *Keeper {
	return &Keeper{store: s, engine: e, log: log}
}

// Set stores an order and carries it out. It returns engine.ErrNoProvider for a provider that
// is not configured, and the errors of store.Orders.
func (k *Keeper) Set(ctx context.Context, o store.Order) error {
	if !k.configured(o.Provider) {
		return engine.ErrNoProvider
	}
	set, err := k.store.SetOrder(ctx, o)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[string]store.Order{}
	}
	if last := k.known[o.Provider]; set.At.Before(last.At) {
		return nil // a later one was read meanwhile
	}
	k.carryOut(set)
	k.known[o.Provider] = set
	return nil
}

func (k *Keeper) configured(name string) bool {
	for _, p := range k.engine().Providers() {
		if p.Name == name {
			return true
		}
	}
	return false
}

// Standing returns the order for which a provider is not called now, and whether there is one.
func (k *Keeper) Standing(provider string) (store.Order, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	o := k.known[provider]
	return o, o.Stands(time.Now())
}

// Read carries out what was ordered since the last reading, and again what no longer holds,
// as after a reload that made a provider anew. At the first reading an order to resume, and
// one whose time is over, has no effect, since no provider is stopped then.
func (k *Keeper) Read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	list, err := k.store.Orders(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	first, now := k.known == nil, time.Now()
	if first {
		k.known = map[string]store.Order{}
	}
	for _, o := range list {
		last, seen := k.known[o.Provider]
		switch {
		case o.At.Before(last.At):
			continue // this node set a later one
		case seen && o == last:
			k.keep(o, now)
			continue
		case !first || o.Stands(now):
			k.carryOut(o)
		}
		k.known[o.Provider] = o
	}
	return nil
}

// keep carries out an order again that stands but does not hold.
func (k *Keeper) keep(o store.Order, now time.Time) {
	if !o.Stands(now) {
		return
	}
	for _, p := range k.engine().Providers() {
		reason := p.Availability.Reason
		if p.Name == o.Provider && (reason == "" && !p.Availability.Trial || o.Kind == store.OrderDrain && reason != idv.SkipDrained) {
			k.carryOut(o)
		}
	}
}

// carryOut changes the gate of the provider. A provider that is not configured here may be on
// another node, or come with a reload.
func (k *Keeper) carryOut(o store.Order) {
	var err error
	switch e := k.engine(); {
	case o.Kind == store.OrderResume:
		err = e.Resume(o.Provider)
	case o.Kind == store.OrderDrain && o.Stands(time.Now()):
		err = e.Drain(o.Provider, o.Until)
	case o.Kind == store.OrderClose && o.Stands(time.Now()):
		err = e.SetUnavailable(o.Provider, o.Until)
	}
	if errors.Is(err, engine.ErrNoProvider) {
		return
	}
	attrs := []any{
		slog.String("provider", o.Provider), slog.String("order", string(o.Kind)), slog.String("principal", o.Principal), slog.String("reason", o.Reason),
	}
	if !o.Until.IsZero() {
		attrs = append(attrs, slog.Time("until", o.Until))
	}
	k.log.Info("operator's order carried out", attrs...)
}

// expire logs the orders whose time ended between two times.
func (k *Keeper) expire(before, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, o := range k.known {
		if o.Stands(before) && !o.Stands(now) {
			k.log.Info("operator's order expired; the provider is called again", slog.String("provider", o.Provider), slog.String("order", string(o.Kind)))
		}
	}
}

// Follow reads the orders every second until ctx is done. While the store does not answer,
// the last orders hold.
func (k *Keeper) Follow(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	failing, before := false, time.Now()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		err := k.Read(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			k.log.Warn("the orders of operators cannot be read; the last ones hold")
		}
		failing = err != nil
		now := time.Now()
		k.expire(before, now)
		before = now
	}
}
