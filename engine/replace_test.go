package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/consent"
)

// after returns the options of an engine that replaces another one with the same store.
func after(old *engine.Engine, before engine.Options, providers ...*enginetest.Provider) engine.Options {
	o := enginetest.Options(providers...)
	o.Policy, o.Store, o.Replaces = before.Policy, before.Store, old
	return o
}

// withoutConsent returns options in which every answer may be reused for an hour.
func withoutConsent(providers ...*enginetest.Provider) engine.Options {
	o := enginetest.Options(providers...)
	o.Policy.Consent, o.Store = consent.Off, memory.New(0)
	o.Policy.Purposes = []policy.Purpose{{Name: "test", CacheTTL: time.Hour}}
	for i := range o.Providers {
		o.Providers[i].CacheTTL = time.Hour
	}
	return o
}

func reasonOf(t *testing.T, e *engine.Engine, name string) idv.SkipReason {
	t.Helper()
	for _, p := range e.Providers() {
		if p.Name == name {
			return p.Availability.Reason
		}
	}
	t.Fatalf("there is no provider %s", name)
	return ""
}

// TestReplaceKeepsStates: the engine that takes over knows of the vendors what the one before
// knew, unless a name stands for another one.
func TestReplaceKeepsStates(t *testing.T) {
	t.Parallel()
	unwell := enginetest.Fail(idv.Unavailable, idv.NotSent)
	for _, test := range []struct {
		name     string
		script   enginetest.Reply
		calls    int // of the old engine
		act      func(*engine.Engine) error
		renewed  guard.Renewed
		want     idv.SkipReason // at the new engine before its first call
		wantNext idv.SkipReason // after one more call with the same outcome
	}{
		{"an open gate", enginetest.Answer(idv.Match), 1, nil, guard.Renewed{}, "", ""},
		{"maintenance", enginetest.Fail(idv.Maintenance, idv.Answered), 1, nil, guard.Renewed{}, idv.SkipMaintenance, idv.SkipMaintenance},
		{"refused credentials", enginetest.Fail(idv.BadCredentials, idv.Answered), 1, nil, guard.Renewed{}, idv.SkipCredentials, idv.SkipCredentials},
		{"four failures of five", unwell, 4, nil, guard.Renewed{}, "", idv.SkipBreakerOpen},
		{"an open breaker", unwell, 5, nil, guard.Renewed{}, idv.SkipBreakerOpen, idv.SkipBreakerOpen},
		{"drained", enginetest.Answer(idv.Match), 0, func(e *engine.Engine) error { return e.Drain("a", time.Time{}) }, guard.Renewed{}, idv.SkipDrained, idv.SkipDrained},
		{"another vendor of the name", enginetest.Fail(idv.BadCredentials, idv.Answered), 1, nil, guard.Renewed{Providers: []string{"a"}}, "", idv.SkipCredentials},
		{"four failures of another vendor", unwell, 4, nil, guard.Renewed{Providers: []string{"a"}}, "", ""},
		{"drained, and another vendor", enginetest.Answer(idv.Match), 0, func(e *engine.Engine) error { return e.Drain("a", time.Time{}) },
			guard.Renewed{Providers: []string{"a"}}, idv.SkipDrained, idv.SkipDrained},
		{"another name is another vendor", enginetest.Fail(idv.Maintenance, idv.Answered), 1, nil, guard.Renewed{Providers: []string{"b"}}, idv.SkipMaintenance, idv.SkipMaintenance},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := enginetest.Options(enginetest.New("a", test.script))
				old := enginetest.Engine(t, before)
				for range test.calls {
					_, _ = old.Verify(t.Context(), enginetest.Request())
				}
				if test.act != nil {
					if err := test.act(old); err != nil {
						t.Fatal(err)
					}
				}
				o := after(old, before, enginetest.New("a", test.script))
				o.Renewed = test.renewed
				next := enginetest.Engine(t, o)
				if err := old.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if got := reasonOf(t, next, "a"); got != test.want {
					t.Errorf("the state is %q, want %q", got, test.want)
				}
				_, _ = next.Verify(t.Context(), enginetest.Request())
				if got := reasonOf(t, next, "a"); got != test.wantNext {
					t.Errorf("after one more call the state is %q, want %q", got, test.wantNext)
				}
			})
		})
	}
}

// TestFailedReplaceChangesNothing: an engine that is not built leaves the states and limits of
// the one that it was to replace.
func TestFailedReplaceChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vendor := enginetest.New("a", enginetest.Fail(idv.Maintenance, idv.Answered))
		before := enginetest.Options(vendor)
		before.Providers[0].Limits = guard.Limits{GateFirst: time.Minute, GateMax: time.Hour}
		old := enginetest.Engine(t, before)
		o := after(old, before, enginetest.New("a"))
		o.Providers[0].Limits = guard.Limits{GateFirst: time.Second, GateMax: time.Second, Rate: 0.001}
		o.Routes[0].Providers = append(o.Routes[0].Providers, "nobody")
		if _, err := engine.New(o); err == nil {
			t.Fatal("a route to an unknown provider was accepted")
		}
		_, _ = old.Verify(t.Context(), enginetest.Request())
		if got := old.Providers()[0].Availability; got.Reason != idv.SkipMaintenance || time.Until(got.Until) != time.Minute {
			t.Errorf("the gate is closed for %q until %v from now, want maintenance for a minute", got.Reason, time.Until(got.Until))
		}
	})
}

// TestReplaceKeepsAnswers: an answer that the old engine cached is returned by the new one,
// while its provider is still the one that answered.
func TestReplaceKeepsAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		next   []*enginetest.Provider
		change func(*engine.Options)
		want   bool
	}{
		{"the same provider", []*enginetest.Provider{enginetest.New("a")}, nil, true},
		{"the provider was removed", []*enginetest.Provider{enginetest.New("b")}, nil, false},
		{"another recipient", []*enginetest.Provider{enginetest.New("a")}, func(o *engine.Options) { o.Providers[0].Recipient = "另一数据有限公司" }, false},
		{"the purpose no longer allows it", []*enginetest.Provider{enginetest.New("a")}, func(o *engine.Options) { o.Policy.Purposes = []policy.Purpose{{Name: "test"}} }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := withoutConsent(enginetest.New("a"))
				before.Policy.Keyring = enginetest.Keyring(t)
				old := enginetest.Engine(t, before)
				if _, err := old.Verify(t.Context(), enginetest.Request()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				synctest.Wait() // ristretto keeps an answer a moment later
				o := withoutConsent(test.next...)
				o.Policy.Keyring, o.Store, o.Replaces = before.Policy.Keyring, before.Store, old
				if test.change != nil {
					test.change(&o)
				}
				next := enginetest.Engine(t, o)
				if err := old.Close(t.Context()); err != nil {
					t.Error(err)
				}
				v, err := next.Verify(t.Context(), enginetest.Request())
				if err != nil || (v.Reused != nil) != test.want {
					t.Errorf("reused %v, %v, want %v", v.Reused, err, test.want)
				}
			})
		})
	}
}

// TestReplacedEngineCompletes: a request completes at the engine where it began, by its routes,
// while the next one goes to the new engine.
func TestReplacedEngineCompletes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before := enginetest.Options(enginetest.New("a", enginetest.Slow(time.Second, enginetest.Fail(idv.Unavailable, idv.NotSent))), enginetest.New("b"))
		old := enginetest.Engine(t, before)
		answered := make(chan idv.Verification, 1)
		go func() {
			v, err := old.Verify(context.Background(), enginetest.Request())
			if err != nil {
				t.Error(err)
			}
			answered <- v
		}()
		synctest.Wait()
		next := enginetest.Engine(t, after(old, before, enginetest.New("c")))
		if v, err := next.Verify(t.Context(), enginetest.Request()); err != nil || v.Attempts[0].Provider != "c" {
			t.Errorf("a new request: %+v, %v", v.Attempts, err)
		}
		if err := old.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if v := <-answered; len(v.Attempts) != 2 || v.Attempts[1].Provider != "b" || v.Verdict != idv.Match {
			t.Errorf("the request in flight: %v, %+v", v.Verdict, v.Attempts)
		}
	})
}
