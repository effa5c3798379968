// Package fleet passes what a node learned from a vendor about its availability on to the
// other nodes of the store: a maintenance, a used-up package, refused credentials, and the
// return. Each is a row of the store; nodes are told of a change by its feed and read the rows
// twice a second besides. What breakers count stays on each node.
package fleet

import (
	"context"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

const (
	readEvery = 500 * time.Millisecond // a change reaches a node within a second without the feed
	storeTime = 2 * time.Second        // for one operation of the store
	// followDelay is how much later than the node that reported a maintenance the others make
	// a trial, so that one trial serves all. It is between once and twice this, by the name of
	// the node. If that node has no traffic, or is gone, another one makes the trial then.
	followDelay = time.Second
)

// Store is what a fleet needs of a store.
type Store interface {
	store.Gates
	store.Feed
}

// Options configure a fleet. Credentials and Log may be nil.
type Options struct {
	Store Store
	Pool  func() *guard.Pool // the current one, since a reload may replace it
	Node  string             // names this process in the store and in the log; no other one may have the name
	// Credentials returns a keyed hash of the credentials of a provider, or of an account, which
	// is the same on all nodes that have the same ones; "" if there are none. It must be safe for
	// concurrent use. If it is nil, no node knows that another one has other credentials.
	Credentials func(account bool, name string) string
	Log         *slog.Logger
}

// Fleet shares the gates of a pool. It works beside the verifications, which never wait for
// it: what a gate learned is read from the gate when it is written.
type Fleet struct {
	Options
	wake  chan struct{}
	away  atomic.Bool
	delay *rand.Rand // repeatable, and different on each node

	seen map[gate]int64 // the version of the last fact; nil before the first reading
}

type gate struct {
	account bool
	name    string
}

// New returns a fleet that does nothing before Sync or Follow.
func New(o Options) *Fleet {
	if o.Credentials == nil {
		o.Credentials = func(bool, string) string { return "" }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(o.Node))                                                                      // never fails
	return &Fleet{Options: o, wake: make(chan struct{}, 1), delay: rand.New(rand.NewPCG(seed.Sum64(), 0))} //nolint:gosec // spreads trials
}

func (f *Fleet) learned() {
	select {
	case f.wake <- struct{}{}:
	default: // it is due anyway
	}
}

// Away reports whether the store could not be read or written last, so that the node goes on
// with its own view.
func (f *Fleet) Away() bool { return f.away.Load() }

// Follow shares gates until ctx is done. A report that could not be written is written later,
// unless another node knows better by then.
func (f *Fleet) Follow(ctx context.Context) {
	changes := f.Store.Changes(ctx)
	ticker := time.NewTicker(readEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-f.wake:
		case c, open := <-changes:
			if !open {
				changes = nil
			}
			if !open || !c.Of(store.TopicGates) {
				continue
			}
		}
		f.Sync(ctx)
	}
}

// Sync reads what other nodes learned, then writes what this one did. It must not run beside
// another Sync or Follow.
func (f *Fleet) Sync(ctx context.Context) {
	f.Pool().Listen(f.learned)
	err := f.read(ctx)
	if err == nil {
		err = f.write(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	switch was := f.away.Swap(err != nil); {
	case err != nil && !was:
		f.Log.Warn("gates are not shared with other nodes while the store is away; this node goes on with what it knows",
			slog.String("kind", store.Kind(err)))
	case err == nil && was:
		f.Log.Info("gates are shared with other nodes again")
	}
}

func (f *Fleet) write(ctx context.Context) (err error) {
	pool := f.Pool()
	for _, r := range pool.News() {
		if err == nil {
			err = f.report(ctx, r)
		}
		if err != nil {
			pool.Untold(r)
		}
	}
	return err
}

func (f *Fleet) report(ctx context.Context, r guard.Report) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	fact := store.GateFact{Account: r.Account, Name: r.Name, Reason: r.Reason, Until: r.Until, Node: f.Node}
	if fact.Reason == idv.SkipCredentials {
		fact.Credentials = f.Credentials(r.Account, r.Name)
	}
	return f.Store.ReportGate(ctx, fact)
}

func (f *Fleet) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	list, err := f.Store.GateFacts(ctx)
	if err != nil {
		return err
	}
	first := f.seen == nil
	if first {
		f.seen = map[gate]int64{}
	}
	for i := range list {
		fact := &list[i]
		id := gate{fact.Account, fact.Name}
		if f.seen[id] == fact.Version {
			continue
		}
		f.seen[id] = fact.Version
		if fact.Node != f.Node && f.concerns(fact) {
			f.apply(fact, first)
		}
	}
	return nil
}

// concerns reports whether a fact of another node holds for this one: that the vendor refused
// credentials says nothing about other credentials, as while a key is changed node by node.
func (f *Fleet) concerns(fact *store.GateFact) bool {
	if fact.Reason != idv.SkipCredentials || fact.Credentials == "" {
		return true
	}
	own := f.Credentials(fact.Account, fact.Name)
	return own == "" || own == fact.Credentials
}

// apply takes over the fact of another node.
//
// At the first reading, a gate that was closed for no known end is left to a trial: this
// process may have been started with the new key, or after the package was bought, and its
// success opens the gate on all nodes.
func (f *Fleet) apply(fact *store.GateFact, first bool) {
	now := time.Now()
	r := guard.Report{Account: fact.Account, Name: fact.Name, Reason: fact.Reason, Until: fact.Until}
	switch {
	case first && (r.Reason == "" || !r.Until.IsZero() && now.After(r.Until)):
		return
	case first && r.Until.IsZero():
		r.Until = now
	case !r.Until.IsZero():
		r.Until = r.Until.Add(followDelay + time.Duration(f.delay.Int64N(int64(followDelay))))
	}
	if f.Pool().Apply(r) {
		f.Log.Info("gate changed by the report of another node", slog.String("name", r.Name), slog.Bool("account", r.Account),
			slog.String("reason", string(r.Reason)), slog.String("node", fact.Node))
	}
}
