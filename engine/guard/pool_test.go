package guard_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// A successor under the same name goes on with what is known of the vendor.
func TestPoolOutlivesAnEngine(t *testing.T) {
	t.Parallel()
	v := &vendor{reply: fail(idv.Maintenance)}
	pool := guard.NewPool()
	first := pool.Guard("v", v, guard.Limits{}, guard.Account{}, guard.Hooks{})
	ask(t, first)
	next := &vendor{reply: match}
	told := 0
	second := pool.Guard("v", next, guard.Limits{Concurrency: 1, Rate: 5, BreakerFailures: 1}, guard.Account{}, guard.Hooks{
		Changed: func(string, idv.Availability) { told++ },
	})
	if _, why := ask(t, second); why != idv.SkipMaintenance || next.count() != 0 {
		t.Errorf("the successor was called %d times, skipped for %q; want none, in maintenance", next.count(), why)
	}
	first.Resume() // the old engine's view is the same one
	if told != 1 {
		t.Errorf("the successor's hook was called %d times, want once", told)
	}
	if _, why := ask(t, second); why != "" || next.count() != 1 {
		t.Errorf("after the resume: %d calls, skipped for %q", next.count(), why)
	}
	if other := pool.Guard("w", v, guard.Limits{}, guard.Account{}, guard.Hooks{}); other.Availability().Reason != "" {
		t.Error("another name took the state over")
	}
}

// What a code says of the account closes all its products, and nothing else does.
func TestAccount(t *testing.T) {
	t.Parallel()
	account := guard.Account{Name: "a"}
	refusal := func(e idv.Error) func(context.Context) (idv.Answer, error) {
		return func(context.Context) (idv.Answer, error) { return idv.Answer{}, &e }
	}
	tests := []struct {
		name   string
		err    idv.Error
		own    idv.SkipReason // of the product that was called
		shared idv.SkipReason // of the other one
	}{
		{"bad credentials of the account", idv.Error{Failure: idv.BadCredentials, Account: true}, idv.SkipCredentials, idv.SkipCredentials},
		{"arrears", idv.Error{Failure: idv.QuotaExhausted, Account: true}, idv.SkipQuotaExhausted, idv.SkipQuotaExhausted},
		{"a package that is used up", idv.Error{Failure: idv.QuotaExhausted}, idv.SkipQuotaExhausted, ""},
		{"maintenance", idv.Error{Failure: idv.Maintenance}, idv.SkipMaintenance, ""},
		{"garbled", idv.Error{Failure: idv.Garbled}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pool, told := guard.NewPool(), map[string]int{}
			hooks := guard.Hooks{Changed: func(name string, _ idv.Availability) { told[name]++ }}
			one := pool.Guard("one", &vendor{reply: refusal(tt.err)}, guard.Limits{}, account, hooks)
			two := pool.Guard("two", &vendor{reply: match}, guard.Limits{}, account, hooks)
			ask(t, one)
			if got := one.Availability().Reason; got != tt.own {
				t.Errorf("the product itself: %q, want %q", got, tt.own)
			}
			if got := two.Availability().Reason; got != tt.shared {
				t.Errorf("the other product: %q, want %q", got, tt.shared)
			}
			if (told["two"] > 0) != (tt.shared != "") {
				t.Errorf("hooks called: %v", told)
			}
			one.AcceptCredentials()
			for _, tt := range []struct{ got, was idv.SkipReason }{{one.Availability().Reason, tt.own}, {two.Availability().Reason, tt.shared}} {
				if want := strings.TrimPrefix(string(tt.was), string(idv.SkipCredentials)); string(tt.got) != want {
					t.Errorf("with new credentials %q became %q", tt.was, tt.got)
				}
			}
			one.Resume()
			if one.Availability().Reason != "" || two.Availability().Reason != "" {
				t.Error("a resume left a gate closed")
			}
		})
	}
}

// The limits of an account count over all its products.
func TestAccountLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pool, account := guard.NewPool(), guard.Account{Name: "a", Concurrency: 1, Rate: 2}
		slowly := &vendor{reply: slow(time.Second)}
		one := pool.Guard("one", slowly, guard.Limits{}, account, guard.Hooks{})
		two := pool.Guard("two", &vendor{reply: match}, guard.Limits{}, account, guard.Hooks{})
		go func() { _, _ = one.Ask(t.Context(), idv.Query{}) }()
		synctest.Wait()
		if _, why := ask(t, two); why != idv.SkipBusy {
			t.Errorf("beside a call of the other product: %q, want busy", why)
		}
		time.Sleep(2 * time.Second)
		for _, want := range []idv.SkipReason{"", "", idv.SkipThrottled} {
			if _, why := ask(t, two); why != want {
				t.Errorf("got %q, want %q", why, want)
			}
		}
	})
}

func TestLatencyAndLastFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: slow(100 * time.Millisecond)}
		g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
		if g.Latency() != 0 {
			t.Errorf("before the first answer: %v", g.Latency())
		}
		ask(t, g)
		first := g.Latency()
		v.now(slow(200 * time.Millisecond))
		ask(t, g)
		v.now(func(context.Context) (idv.Answer, error) {
			return idv.Answer{}, &idv.Error{Failure: idv.Unavailable, Phase: "connect"}
		})
		ask(t, g)
		if b := g.LastFailure(); b == nil || b.Failure != idv.Unavailable || b.Phase != "connect" || !b.At.Equal(time.Now()) {
			t.Errorf("the last failure is %+v, want unavailable at connect, now", b)
		}
		if first != 100*time.Millisecond || g.Latency() != 110*time.Millisecond {
			t.Errorf("got %v and then %v, want 100ms and 110ms", first, g.Latency())
		}
		v.now(match)
		if ask(t, g); g.LastFailure() != nil {
			t.Error("an answer left the last failure")
		}
	})
}

// An answer about the call itself shows that the vendor serves the account again.
func TestAccountGateOpensOnAnyAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: func(context.Context) (idv.Answer, error) {
			return idv.Answer{}, &idv.Error{Failure: idv.Throttled, Account: true}
		}}
		g := guard.NewPool().Guard("v", v, guard.Limits{}, guard.Account{Name: "a"}, guard.Hooks{})
		ask(t, g)
		time.Sleep(2 * time.Second)
		v.now(func(context.Context) (idv.Answer, error) {
			return idv.Answer{}, &idv.Error{Failure: idv.SubjectLimited, Delivery: idv.Answered}
		})
		ask(t, g)
		if a := g.Availability(); a != (idv.Availability{}) {
			t.Errorf("after an answer: %+v, want available without a trial", a)
		}
	})
}
