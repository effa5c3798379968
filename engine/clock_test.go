package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// skewed is a store whose clock differs from that of the engine's process.
type skewed struct {
	*memory.Store

	wall, steady atomic.Int64 // nanoseconds
}

// newSkewed returns a store whose clock has run for an hour.
func newSkewed(ahead time.Duration) *skewed {
	s, start := &skewed{Store: memory.New(0)}, time.Now()
	s.wall.Store(int64(ahead))
	s.Clock = store.NewClock(
		func() time.Time { return time.Now().Add(time.Duration(s.wall.Load())) },
		func() time.Duration { return time.Since(start) + time.Duration(s.steady.Load()) },
	)
	s.Clock.Now()
	time.Sleep(time.Hour)
	return s
}

// node returns an engine with a store, as one node of a fleet.
func node(t *testing.T, s store.Store, p *enginetest.Provider) *engine.Engine {
	t.Helper()
	o := enginetest.Options(p)
	o.Store, o.FingerprintKey, o.Policy.Keyring = s, []byte("of the fleet"), enginetest.Keyring(t)
	return enginetest.Engine(t, o)
}

func keyedRequest() idv.Request {
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	return r
}

// sweepIn recovers after a time, while a request runs.
func sweepIn(t *testing.T, s store.Store, d time.Duration, before func()) {
	t.Helper()
	go func() {
		time.Sleep(d)
		before()
		if _, err := s.Recover(t.Context()); err != nil {
			t.Errorf("Recover: %v", err)
		}
	}()
}

// wantAnswer expects the request to be answered, paid for once, and replayed.
func wantAnswer(t *testing.T, e *engine.Engine, s store.Store, p *enginetest.Provider) {
	t.Helper()
	v := verify(t, e, keyedRequest())
	again := verify(t, e, keyedRequest())
	if v.Verdict != idv.Match || again.Verdict != idv.Match || again.ID != v.ID || p.Calls() != 1 {
		t.Errorf("got %v, the repeat %v of %s and %s, %d calls; want one match", v.Verdict, again.Verdict, v.ID, again.ID, p.Calls())
	}
	held, _, err := s.Holds(t.Context(), ledger.Filter{}, ledger.Page{})
	if err != nil || len(held) != 1 || held[0].State != ledger.StatePosted {
		t.Errorf("the holds are %+v, %v; want one posted", held, err)
	}
}

func slow() *enginetest.Provider {
	return enginetest.New("a", enginetest.Slow(2*time.Second, enginetest.Answer(idv.Match)))
}

func TestClockJumpsDuringACall(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		wall, steady time.Duration
	}{
		{"the clock is set forward", 5 * time.Minute, 0},
		{"the process was paused and the sweep took the request for lost", 5 * time.Minute, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newSkewed(0), slow()
				e := node(t, s, p)
				sweepIn(t, s, time.Second, func() { s.wall.Add(int64(tt.wall)); s.steady.Add(int64(tt.steady)) })
				wantAnswer(t, e, s, p)
			})
		})
	}
}

func TestClockOfANodeDiffersFromTheStore(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-25 * time.Hour, -2 * time.Minute, 2 * time.Minute, 25 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newSkewed(ahead), slow()
				e := node(t, s, p)
				sweepIn(t, s, time.Second, func() {
					if _, err := e.Verify(t.Context(), keyedRequest()); !errors.Is(err, store.ErrInProgress) {
						t.Errorf("a repeat during the call: %v, want ErrInProgress", err)
					}
				})
				wantAnswer(t, e, s, p)
			})
		})
	}
}

func TestClockIsADayAheadForSomeMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newSkewed(0), slow()
		e := node(t, s, p)
		wantAnswer(t, e, s, p)
		s.wall.Add(int64(25 * time.Hour))
		for range 3 {
			if _, err := s.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantAnswer(t, e, s, p)
			time.Sleep(time.Minute)
		}
		s.wall.Add(-int64(25 * time.Hour))
		wantAnswer(t, e, s, p)
		time.Sleep(25 * time.Hour) // now the key is really over
		if verify(t, e, keyedRequest()); p.Calls() != 2 {
			t.Errorf("%d calls, want a second one after the key expired", p.Calls())
		}
	})
}

// frozen is the store of a node that stands still before it writes a hold.
type frozen struct {
	store.Store

	still time.Duration
}

func (f frozen) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	time.Sleep(f.still)
	return f.Store.Hold(context.WithoutCancel(ctx), i)
}

// suspended is the store of a node that is suspended before it holds a call of a provider:
// for the node itself, no time passes.
type suspended struct {
	store.Store

	provider  string
	meanwhile func()
}

func (n suspended) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	if i.Provider == n.provider {
		n.meanwhile()
	}
	return n.Store.Hold(ctx, i)
}

// lost lets the running requests be lost for the store.
func (s *skewed) lost(t *testing.T) {
	t.Helper()
	s.wall.Add(int64(2 * time.Minute))
	s.steady.Add(int64(2 * time.Minute))
	if r, err := s.Recover(t.Context()); err != nil || len(r.Freed) != 1 {
		t.Errorf("recovered %+v, %v; want a key that is free", r, err)
	}
}

func TestSuspendedNodeDoesNotPayAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, p := newSkewed(0), enginetest.New("a")
		warm := node(t, s, p)
		cold := node(t, suspended{s, "a", func() {
			s.lost(t)
			verify(t, warm, keyedRequest())
		}}, p)
		_, err := cold.Verify(t.Context(), keyedRequest())
		if problem := engine.ProblemOf(err); problem.Class != engine.ClassStore || problem.Called {
			t.Errorf("the suspended request: %+v, want a refusal before any call", problem)
		}
		if v := verify(t, warm, keyedRequest()); v.Verdict != idv.Match || p.Calls() != 1 {
			t.Errorf("got %v after %d calls, want a match after one", v.Verdict, p.Calls())
		}
	})
}

// TestConsentGivenByAClockAhead: the store's clock is ahead of the node's, so a consent that
// was given just now is of a later time for the node. The store decides.
func TestConsentGivenByAClockAhead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		ahead  time.Duration
		denied bool
	}{
		{"some seconds", 20 * time.Second, false},
		{"more than clocks may differ", 2 * time.Minute, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSkewed(tt.ahead)
				o := enginetest.Options(enginetest.New("a"))
				o.FingerprintKey, o.Policy, o.Store = []byte("of the fleet"), engine.Policy{Consent: consent.Required, Keyring: enginetest.Keyring(t)}, s
				r := enginetest.Request()
				r.ConsentID = enginetest.Give(t, s, enginetest.Draft(enginetest.Keyring(t), r, "a Ltd"))
				_, err := enginetest.Engine(t, o).Verify(t.Context(), r)
				if got := idv.FailureOf(err) == idv.Denied; got != tt.denied || err != nil && !got {
					t.Errorf("got %v, denied should be %v", err, tt.denied)
				}
			})
		})
	}
}

// TestUseIsReturnedOnce: recovery returned the use of the consent together with the key, so
// the suspended node does not return it again.
func TestUseIsReturnedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSkewed(0)
		o := enginetest.Options(enginetest.New("a"), enginetest.New("b"))
		o.Providers[0].Limits.Rate = 1
		o.FingerprintKey, o.Policy = []byte("of the fleet"), engine.Policy{Consent: consent.Required, Keyring: enginetest.Keyring(t)}
		o.Store = suspended{s, "b", func() { s.lost(t) }}
		e := enginetest.Engine(t, o)
		r := enginetest.Request()
		draft := enginetest.Draft(enginetest.Keyring(t), r, "a Ltd", "b Ltd")
		r.ConsentID = enginetest.Give(t, s, draft)
		verify(t, e, r) // uses up the rate of a
		r.IdempotencyKey = "k"
		if _, err := e.Verify(t.Context(), r); engine.ProblemOf(err).Class != engine.ClassStore {
			t.Errorf("got %v, want a refusal", err)
		}
		if kept, err := s.Consent(t.Context(), r.Tenant, r.ConsentID); err != nil || kept.Used != 1 {
			t.Errorf("%d uses are taken, %v; want that of the first request", kept.Used, err)
		}
	})
}

// suspendedAtEnd is a node that is suspended before it completes a verification.
type suspendedAtEnd struct {
	store.Store

	meanwhile func()
}

func (n suspendedAtEnd) Complete(ctx context.Context, k store.Key, v idv.Verification) error {
	n.meanwhile()
	return n.Store.Complete(ctx, k, v)
}

// TestUseOfUnsentCallsIsReturnedOnce: recovery returned the use of a request whose calls sent
// nothing, and another request took one, before the suspended node completes.
func TestUseOfUnsentCallsIsReturnedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSkewed(0)
		o := enginetest.Options(enginetest.New("a", enginetest.Fail(idv.Unavailable, idv.NotSent)))
		o.FingerprintKey, o.Policy = []byte("of the fleet"), engine.Policy{Consent: consent.Required, Keyring: enginetest.Keyring(t)}
		r := enginetest.Request()
		r.ConsentID = enginetest.Give(t, s, enginetest.Draft(enginetest.Keyring(t), r, "a Ltd"))
		r.IdempotencyKey = "k"
		o.Store = suspendedAtEnd{s, func() {
			s.lost(t)
			if err := s.UseConsent(t.Context(), r.Tenant, idv.ConsentUse{ID: r.ConsentID, Recipient: "a Ltd", First: true}); err != nil {
				t.Error(err)
			}
		}}
		verify(t, enginetest.Engine(t, o), r)
		if kept, err := s.Consent(t.Context(), r.Tenant, r.ConsentID); err != nil || kept.Used != 1 {
			t.Errorf("%d uses are taken, %v; want that of the other request", kept.Used, err)
		}
	})
}

func TestFrozenNodeDoesNotPayAgain(t *testing.T) {
	t.Parallel()
	for _, still := range []time.Duration{11 * time.Second, 2 * time.Minute} {
		t.Run(still.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := newSkewed(0), enginetest.New("a")
				cold, warm := node(t, frozen{s, still}, p), node(t, s, p)
				sweepIn(t, s, still-time.Second, func() {})
				done := make(chan error)
				go func() {
					_, err := cold.Verify(t.Context(), keyedRequest())
					done <- err
				}()
				time.Sleep(still - time.Second/2)
				first, err := warm.Verify(t.Context(), keyedRequest())
				if inTime := still < time.Minute; inTime != errors.Is(err, store.ErrInProgress) {
					t.Errorf("the repeat: %v, %v", first.Verdict, err)
				}
				if problem := engine.ProblemOf(<-done); problem.Class != engine.ClassStore || problem.Called {
					t.Errorf("the frozen request: %+v, want a refusal before any call", problem)
				}
				second := verify(t, warm, keyedRequest())
				if second.Verdict != idv.Match || p.Calls() != 1 {
					t.Errorf("got %v after %d calls, want a match after one", second.Verdict, p.Calls())
				}
			})
		})
	}
}
