package fleet_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// vendor answers every node alike, and counts.
type vendor struct {
	failure atomic.Int64 // idv.Failure, 0 for an answer
	calls   atomic.Int64
}

func (v *vendor) Describe() idv.Descriptor { return idv.Descriptor{} }

func (v *vendor) Ask(context.Context, idv.Query) (idv.Answer, error) {
	v.calls.Add(1)
	if f := idv.Failure(v.failure.Load()); f != 0 { //nolint:gosec // from a Failure
		return idv.Answer{}, &idv.Error{Failure: f, Delivery: idv.Answered, Charge: idv.NotCharged, Account: f == idv.QuotaExhausted}
	}
	return idv.Answer{Verdict: idv.Match}, nil
}

func (v *vendor) fails(f idv.Failure) { v.failure.Store(int64(f)) }

// shared is a store that counts reports, can be away or full, and can have a feed.
type shared struct {
	*memory.Store
	away    atomic.Bool
	full    atomic.Bool // it can be read, but not written
	reports atomic.Int64
	feeds   []chan store.Change
}

func (s *shared) ReportGate(ctx context.Context, f store.GateFact) error {
	switch {
	case s.away.Load():
		return store.ErrUnavailable
	case s.full.Load():
		return store.ErrUnwritable
	}
	s.reports.Add(1)
	err := s.Store.ReportGate(ctx, f)
	for _, feed := range s.feeds {
		feed <- store.Change{Topic: store.TopicGates, ID: f.Name}
	}
	return err
}

func (s *shared) GateFacts(ctx context.Context) ([]store.GateFact, error) {
	if s.away.Load() {
		return nil, store.ErrUnavailable
	}
	return s.Store.GateFacts(ctx)
}

// node is one process.
type node struct {
	*guard.Guard
	fleet *fleet.Fleet
	log   *bytes.Buffer
	stop  context.CancelFunc
}

func start(t *testing.T, s fleet.Store, v idv.Provider, name string) node {
	t.Helper()
	return startWith(t, s, v, name, "")
}

// startWith starts a node with credentials.
func startWith(t *testing.T, s fleet.Store, v idv.Provider, name, credentials string) node {
	t.Helper()
	n, pool := node{log: new(bytes.Buffer)}, guard.NewPool()
	n.Guard = pool.Guard("v", v, guard.Limits{}, guard.Account{Name: "a"}, guard.Hooks{})
	n.fleet = fleet.New(fleet.Options{Store: s, Pool: func() *guard.Pool { return pool }, Node: name, Log: slog.New(slog.NewTextHandler(n.log, nil)),
		Credentials: func(bool, string) string { return credentials }})
	n.fleet.Sync(t.Context())
	var ctx context.Context
	ctx, n.stop = context.WithCancel(t.Context())
	go n.fleet.Follow(ctx)
	return n
}

func (n node) ask(t *testing.T) error {
	t.Helper()
	_, err := n.Ask(t.Context(), idv.Query{})
	return err
}

func (n node) reason() idv.SkipReason { return n.Availability().Reason }

// three runs a test with three nodes of one store.
func three(t *testing.T, test func(t *testing.T, s *shared, v *vendor, nodes []node)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, v := &shared{Store: memory.New(0)}, new(vendor)
		nodes := []node{start(t, s, v, "n1"), start(t, s, v, "n2"), start(t, s, v, "n3")}
		test(t, s, v, nodes)
		for _, n := range nodes {
			n.stop()
		}
		synctest.Wait()
	})
}

// TestOneReportClosesAll: what one node learned closes the gates of all, with one call and one
// report, and nothing is echoed.
func TestOneReportClosesAll(t *testing.T) {
	for f, want := range map[idv.Failure]idv.SkipReason{
		idv.Maintenance: idv.SkipMaintenance, idv.QuotaExhausted: idv.SkipQuotaExhausted, idv.BadCredentials: idv.SkipCredentials,
	} {
		t.Run(f.String(), func(t *testing.T) {
			three(t, func(t *testing.T, s *shared, v *vendor, nodes []node) {
				v.fails(f)
				_ = nodes[0].ask(t)
				time.Sleep(time.Second)
				for i, n := range nodes {
					if err := n.ask(t); n.reason() != want || idv.RejectionOf(err) == nil {
						t.Errorf("node %d: %q, %v; want %q", i, n.reason(), err, want)
					}
				}
				time.Sleep(time.Minute)
				if calls, reports := v.calls.Load(), s.reports.Load(); calls != 1 || reports != 1 {
					t.Errorf("%d calls and %d reports, want 1 and 1", calls, reports)
				}
			})
		})
	}
}

// TestOtherCredentials: credentials that a vendor refused close the gates of nodes that have
// the same ones, or do not know theirs. A used-up package closes those of all.
func TestOtherCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		failure       idv.Failure
		refused, held string
		late          bool // the other node starts after the report
		want          idv.SkipReason
	}{
		{"the same", idv.BadCredentials, "old", "old", false, idv.SkipCredentials},
		{"other ones", idv.BadCredentials, "old", "new", false, ""},
		{"unknown to the reporter", idv.BadCredentials, "", "new", false, idv.SkipCredentials},
		{"unknown to the other", idv.BadCredentials, "old", "", false, idv.SkipCredentials},
		{"a used-up package", idv.QuotaExhausted, "old", "new", false, idv.SkipQuotaExhausted},
		{"other ones, started later", idv.BadCredentials, "old", "new", true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, v := &shared{Store: memory.New(0)}, new(vendor)
				first := startWith(t, s, v, "n1", tt.refused)
				var second node
				if !tt.late {
					second = startWith(t, s, v, "n2", tt.held)
				}
				v.fails(tt.failure)
				_ = first.ask(t)
				time.Sleep(time.Second)
				if tt.late {
					second = startWith(t, s, v, "n2", tt.held)
				}
				if got := second.Availability(); got.Reason != tt.want || got.Trial || first.reason() == "" {
					t.Errorf("the gate of the other node is %+v, want %q; that of the reporter is closed for %q", got, tt.want, first.reason())
				}
				first.stop()
				second.stop()
				synctest.Wait()
			})
		})
	}
}

// TestOneTrialServesAll: while every node has traffic, the one that reported the maintenance
// makes the trials, and its success opens the gates of all.
func TestOneTrialServesAll(t *testing.T) {
	three(t, func(t *testing.T, s *shared, v *vendor, nodes []node) {
		v.fails(idv.Maintenance)
		traffic := func(d time.Duration) {
			for range d / (50 * time.Millisecond) {
				for _, n := range []node{nodes[2], nodes[0], nodes[1]} {
					_ = n.ask(t)
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
		_ = nodes[0].ask(t)
		time.Sleep(time.Second)
		traffic(59 * time.Second)
		if calls := v.calls.Load(); calls != 12 { // one in 5 s
			t.Errorf("%d calls in a minute of maintenance, want 12", calls)
		}
		v.fails(0)
		traffic(6 * time.Second)
		for i, n := range nodes {
			if n.reason() != "" {
				t.Errorf("node %d: %q, want open", i, n.reason())
			}
		}
		if facts, err := s.GateFacts(t.Context()); err != nil || len(facts) != 1 || facts[0].Reason != "" || facts[0].Node != "n1" {
			t.Errorf("got %+v, %v", facts, err)
		}
	})
}

// TestTrialWithoutTheReporter: if the node that reported a maintenance has no traffic, another
// one makes the trial, 1 to 2 s later.
func TestTrialWithoutTheReporter(t *testing.T) {
	three(t, func(t *testing.T, _ *shared, v *vendor, nodes []node) {
		v.fails(idv.Maintenance)
		_ = nodes[0].ask(t)
		synctest.Wait() // it is reported
		nodes[0].stop()
		v.fails(0)
		time.Sleep(6 * time.Second)
		if err := nodes[1].ask(t); idv.RejectionOf(err) == nil {
			t.Errorf("6 s later: %v, want a rejection", err)
		}
		time.Sleep(time.Second)
		if err := nodes[1].ask(t); err != nil {
			t.Errorf("7 s later: %v, want a trial", err)
		}
		time.Sleep(time.Second)
		if nodes[2].reason() != "" {
			t.Errorf("the third node: %q", nodes[2].reason())
		}
	})
}

// TestStoreAway: without the store, or with one that cannot be written, each node goes on with
// what it knows and says so once; what it learned is passed on afterwards.
func TestStoreAway(t *testing.T) {
	for name, flag := range map[string]func(*shared) *atomic.Bool{
		"away": func(s *shared) *atomic.Bool { return &s.away }, "full": func(s *shared) *atomic.Bool { return &s.full },
	} {
		t.Run(name, func(t *testing.T) {
			three(t, func(t *testing.T, s *shared, v *vendor, nodes []node) {
				flag(s).Store(true)
				v.fails(idv.BadCredentials)
				_ = nodes[0].ask(t)
				time.Sleep(10 * time.Second)
				if !nodes[0].fleet.Away() || nodes[0].reason() != idv.SkipCredentials || nodes[1].reason() != "" {
					t.Errorf("away: %v, %q and %q", nodes[0].fleet.Away(), nodes[0].reason(), nodes[1].reason())
				}
				flag(s).Store(false)
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if nodes[0].fleet.Away() || nodes[1].reason() != idv.SkipCredentials {
					t.Errorf("back: %v, %q", nodes[0].fleet.Away(), nodes[1].reason())
				}
				log := nodes[0].log.String()
				if away, back := strings.Count(log, "while the store is away"), strings.Count(log, "shared with other nodes again"); away != 1 || back != 1 {
					t.Errorf("%d and %d lines, want one each:\n%s", away, back, log)
				}
			})
		})
	}
}

// TestOldNewsYields: what a node could not report for long does not undo what others learned
// since.
func TestOldNewsYields(t *testing.T) {
	three(t, func(t *testing.T, s *shared, v *vendor, nodes []node) {
		v.fails(idv.BadCredentials)
		_ = nodes[0].ask(t)
		time.Sleep(time.Second)
		s.away.Store(true)
		nodes[0].AcceptCredentials()
		time.Sleep(time.Minute)
		if nodes[0].reason() != "" || nodes[1].reason() != idv.SkipCredentials {
			t.Fatalf("apart: %q and %q", nodes[0].reason(), nodes[1].reason())
		}
		if err := s.Store.ReportGate(t.Context(), store.GateFact{Name: "v", Reason: idv.SkipCredentials, Node: "n9"}); err != nil {
			t.Fatal(err)
		}
		s.away.Store(false)
		time.Sleep(time.Second)
		for i, n := range nodes {
			if n.reason() != idv.SkipCredentials {
				t.Errorf("node %d: %q", i, n.reason())
			}
		}
	})
}

// TestStart: a node that starts takes over a maintenance that lasts, and leaves what has no
// known end to a trial, since it may have the new key.
func TestStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, v := &shared{Store: memory.New(0)}, new(vendor)
		report := func(f store.GateFact) {
			if f.Node = "old"; s.Store.ReportGate(t.Context(), f) != nil {
				t.Fatal("not reported")
			}
		}
		report(store.GateFact{Account: true, Name: "a", Reason: idv.SkipMaintenance, Until: time.Now().Add(-time.Second)})
		report(store.GateFact{Name: "v", Reason: idv.SkipMaintenance, Until: time.Now().Add(4 * time.Second)})
		running := start(t, s, v, "n1")
		if running.reason() != idv.SkipMaintenance {
			t.Errorf("a maintenance: %q", running.reason())
		}
		report(store.GateFact{Name: "v", Reason: idv.SkipCredentials})
		time.Sleep(time.Second)
		if running.reason() != idv.SkipCredentials {
			t.Errorf("credentials: %q", running.reason())
		}
		fresh := start(t, s, v, "n2")
		if a := fresh.Availability(); !a.Trial {
			t.Errorf("the new node: %+v, want a trial", a)
		}
		if err := fresh.ask(t); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if running.reason() != "" {
			t.Errorf("after the trial of the new node: %q", running.reason())
		}
		running.stop()
		fresh.stop()
		synctest.Wait()
	})
}

// fed is a store that reports changes.
type fed struct {
	*shared
	feed chan store.Change
}

func (f fed) Changes(context.Context) <-chan store.Change { return f.feed }

// TestFeed: with a feed a report arrives at once, and a feed that ends leaves the polling.
func TestFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, v := &shared{Store: memory.New(0)}, new(vendor)
		feed := make(chan store.Change, 8)
		s.feeds = append(s.feeds, feed)
		a, b := start(t, s, v, "n1"), start(t, fed{s, feed}, v, "n2")
		begun := time.Now()
		v.fails(idv.BadCredentials)
		_ = a.ask(t)
		synctest.Wait()
		if b.reason() != idv.SkipCredentials || !time.Now().Equal(begun) {
			t.Errorf("at once: %q after %v", b.reason(), time.Since(begun))
		}
		s.feeds = nil
		close(feed)
		a.Resume()
		time.Sleep(time.Second)
		if b.reason() != "" {
			t.Errorf("without the feed: %q", b.reason())
		}
		a.stop()
		b.stop()
		synctest.Wait()
	})
}
