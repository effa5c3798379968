package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// The documented times of a fleet.
const (
	newsWithin  = time.Second // in which a node acts on what another one learned
	newsSlack   = 250 * time.Millisecond
	newsFor     = 3 * time.Second // for which news of a node win over those of others
	followFirst = time.Second     // at the earliest after the trial of the node that reported
	followLast  = 2 * time.Second
)

// gateID names a gate in the store.
type gateID struct {
	account bool
	name    string
}

// learned is what a node has to pass on.
type learned struct {
	reason idv.SkipReason
	at     time.Time
}

// fact is what the store has of a gate.
type fact struct {
	version int64
	node    string
	learned time.Time
	known   bool // when it was learned
}

// follower is a node's part in sharing gates.
type follower struct {
	name    string
	fleet   *fleet.Fleet
	stop    context.CancelFunc
	ops     uint64
	changes chan store.Change // nil if it does not follow now, or there is no feed

	began   time.Time // to follow, zero if it does not
	read    time.Time // the last reading
	seen    map[gateID]int64
	telling map[gateID]learned
	failed  bool // the last synchronization
}

// gateStore is the store as the fleet of a node sees it.
type gateStore struct{ *node }

// share has a new node share its gates while clients ask, until it dies.
func (n *node) share(number int) {
	ctx, stop := context.WithCancel(context.Background())
	n.follower = &follower{name: fmt.Sprintf("node %d, start %d", n.number+1, number), stop: stop, telling: map[gateID]learned{}}
	n.fleet = fleet.New(fleet.Options{Store: gateStore{n}, Pool: func() *guard.Pool { return n.current().Guards() }, Node: n.name})
	n.helpers.Go(func() {
		for _, b := range n.bursts {
			if from := n.begin.Add(b.from); time.Now().Before(n.begin.Add(b.to)) && sleep(ctx, time.Until(from)) {
				n.follow(ctx, n.begin.Add(b.to))
			}
		}
	})
}

func (n *node) follow(ctx context.Context, until time.Time) {
	ctx, stop := context.WithDeadline(ctx, until)
	defer stop()
	n.laws.mu.Lock()
	n.began = time.Now()
	n.laws.mu.Unlock()
	n.fleet.Sync(ctx)
	n.fleet.Follow(ctx)
	n.laws.mu.Lock()
	n.began, n.changes, n.failed = time.Time{}, nil, n.fleet.Away() // what was interrupted says nothing
	n.laws.mu.Unlock()
}

func (s gateStore) delay() (before, after time.Duration, coin bool) {
	s.ops++
	r := rand.New(rand.NewPCG(s.seed+uint64(s.number)<<32, uint64(time.Since(s.begin))+s.ops))
	half := func() time.Duration {
		d := time.Duration((0.2 + r.ExpFloat64()) * float64(s.set.writes))
		if s.disk.fault() == "slow" {
			d *= 400
		}
		return d
	}
	return half(), half(), r.IntN(2) == 0
}

// Changes returns the feed.
func (s gateStore) Changes(context.Context) <-chan store.Change {
	if !s.set.feed {
		return nil
	}
	s.laws.mu.Lock()
	defer s.laws.mu.Unlock()
	s.changes = make(chan store.Change, 1000)
	return s.changes
}

// GateFacts reads what nodes have reported.
func (s gateStore) GateFacts(ctx context.Context) ([]store.GateFact, error) {
	s.beginRead(s.node)
	before, after, _ := s.delay()
	if !sleep(ctx, before) || !sleep(ctx, after) || s.isDead() || s.disk.fault() == "crash" {
		s.failedRead(s.node)
		return nil, store.ErrUnavailable
	}
	list, err := s.disk.GateFacts(ctx)
	s.endRead(s.node, list)
	return list, err
}

// ReportGate writes what the node learned.
func (s gateStore) ReportGate(ctx context.Context, f store.GateFact) error {
	s.checkReport(s.node, &f)
	before, after, coin := s.delay()
	fault, starts, err := s.disk.fault(), s.disk.started(), store.ErrUnavailable
	done := false
	if sleep(ctx, before) && fault != "refuses" && !s.isDead() && !s.disk.down(starts) {
		if err := s.disk.ReportGate(ctx, f); err != nil {
			panic(err)
		}
		s.reported(s.node, &f)
		done = sleep(ctx, after) && !s.isDead() && !s.disk.down(starts) && (fault != "unsure" || !coin)
	}
	if !done {
		s.unreported(s.node)
		return err
	}
	s.told(s.node, &f)
	return nil
}

// gate returns the model of a gate of the node.
func (n *node) gate(id gateID) *gateModel {
	if id.account {
		return n.shared
	}
	return &n.gates[vendorOf(id.name)].gateModel
}

func (n *node) eachGate(do func(gateID, *gateModel)) {
	for v, r := range n.gates {
		do(gateID{false, vendorName(v)}, &r.gateModel)
	}
	do(gateID{true, "shared"}, n.shared)
}

// beginRead checks that the node says whether it shares gates, and that it has passed on what it
// learned before.
func (l *laws) beginRead(n *node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n.fleet.Away() != n.failed && !n.read.IsZero() {
		l.breachLocked("fleet", "node %d says that it is away from the store: %v; its last synchronization failed: %v", n.number+1, n.fleet.Away(), n.failed)
	}
	for id, told := range n.telling {
		l.breachLocked("fleet", "node %d did not pass on that gate %s is closed for %q since %v", n.number+1, id.name, told.reason, time.Since(told.at))
	}
	n.read, n.failed = time.Now(), false
}

func (l *laws) failedRead(n *node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.failed = true
}

// endRead takes over what other nodes have reported. What this node learned is passed on next.
func (l *laws) endRead(n *node, list []store.GateFact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, first := time.Now(), n.seen == nil
	if first {
		n.seen = map[gateID]int64{}
	}
	for i := range list {
		f := &list[i]
		id := gateID{f.Account, f.Name}
		if n.seen[id] == f.Version {
			continue
		}
		n.seen[id] = f.Version
		if f.Node == n.name {
			continue
		}
		if at := l.facts[id]; !first && at.known && n.following(at.learned) && l.disk.steadySince(at.learned) && now.Sub(at.learned) > newsWithin+newsSlack {
			l.breachLocked("fleet", "node %d heard of gate %s %v after %s learned it", n.number+1, f.Name, now.Sub(at.learned), f.Node)
		}
		l.apply(n.gate(id), f, first)
	}
	for _, r := range n.gates {
		r.follow()
	}
	n.eachGate(func(id gateID, g *gateModel) {
		if g.news.IsZero() {
			return
		}
		if lasts := g.free.IsZero() || now.Before(g.free); g.reason == "" || guard.Shared(g.reason) && lasts {
			n.telling[id] = learned{g.reason, g.news}
		}
		g.news = time.Time{}
	})
}

// following reports whether the node has followed since an instant.
func (n *node) following(since time.Time) bool { return !n.began.IsZero() && n.began.Before(since) }

// apply takes over a report of another node.
func (l *laws) apply(g *gateModel, f *store.GateFact, first bool) {
	now, free, due := time.Now(), f.Until, time.Time{}
	switch {
	case first && (f.Reason == "" || !f.Until.IsZero() && now.After(f.Until)):
		return
	case first && f.Until.IsZero():
		free, due = now, now
	case !f.Until.IsZero():
		free, due = f.Until.Add(followFirst), f.Until.Add(followLast)
	}
	switch {
	case g.reason != f.Reason && !g.news.IsZero() && now.Before(g.news.Add(newsFor)):
		return
	case f.Reason == "" && !guard.Shared(g.reason):
		g.news = time.Time{}
		return
	case f.Reason == "" && g.reason == idv.SkipMaintenance:
		g.returned = true
	case f.Reason == idv.SkipMaintenance && g.reason == "":
		g.closed = true
	}
	if latest := now.Add(gateMost + newsFor); free.After(latest) {
		free, due = latest, latest
	}
	if g.reason != f.Reason {
		g.changed = now
		l.count.news++
	}
	g.reason, g.free, g.due, g.pause, g.paid, g.news = f.Reason, free, due, 0, false, time.Time{}
	if g.reason != "" {
		g.last = now
	}
}

// checkReport: a node reports what it learned from a vendor itself, and nothing else.
func (l *laws) checkReport(n *node, f *store.GateFact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	told, learned := n.telling[gateID{f.Account, f.Name}]
	switch {
	case !learned:
		l.breachLocked("fleet", "node %d reports that gate %s is closed for %q, which it did not learn itself", n.number+1, f.Name, f.Reason)
	case told.reason != f.Reason:
		l.breachLocked("fleet", "node %d reports that gate %s is closed for %q; it learned %q", n.number+1, f.Name, f.Reason, told.reason)
	}
}

// reported records a report at its commit.
func (l *laws) reported(n *node, f *store.GateFact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := gateID{f.Account, f.Name}
	told, known := n.telling[id]
	old := l.facts[id]
	l.facts[id] = fact{version: old.version + 1, node: f.Node, learned: told.at, known: known && n.following(told.at)}
	for _, other := range l.followers {
		if other.changes != nil {
			select {
			case other.changes <- store.Change{Topic: store.TopicGates, ID: f.Name}:
			default:
			}
		}
	}
}

func (l *laws) told(n *node, f *store.GateFact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(n.telling, gateID{f.Account, f.Name})
}

// unreported makes what was not passed on news again.
func (l *laws) unreported(n *node) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.failed = true
	for id, told := range n.telling {
		if g := n.gate(id); g.news.IsZero() && g.reason == told.reason {
			g.news = told.at
		}
	}
	clear(n.telling)
}

// checkNews: a node acts on what another one learned within a second, while the store works.
func (l *laws) checkNews(n *node, v int, what string) {
	if n.follower == nil {
		return
	}
	ids := []gateID{{false, vendorName(v)}}
	if l.story.set.vendors[v].account {
		ids = append(ids, gateID{true, "shared"})
	}
	for _, id := range ids {
		f, ok := l.facts[id]
		late := time.Since(f.learned) > newsWithin+newsSlack && n.following(f.learned) && l.disk.steadySince(f.learned)
		if ok && f.known && f.node != n.name && n.seen[id] != f.version && late {
			l.breachLocked("fleet", "%s %v after %s learned of gate %s, and node %d has not heard of it", what, time.Since(f.learned), f.node, id.name, n.number+1)
		}
	}
}
