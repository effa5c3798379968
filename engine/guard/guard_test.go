package guard_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// vendor is a provider that a test scripts by a function; it counts its calls.
type vendor struct {
	mu    sync.Mutex
	calls int
	reply func(context.Context) (idv.Answer, error)
}

func (v *vendor) Describe() idv.Descriptor { return idv.Descriptor{Name: "vendor"} }

func (v *vendor) Ask(ctx context.Context, _ idv.Query) (idv.Answer, error) {
	v.mu.Lock()
	v.calls++
	reply := v.reply
	v.mu.Unlock()
	return reply(ctx)
}

func (v *vendor) now(reply func(context.Context) (idv.Answer, error)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reply = reply
}

func (v *vendor) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

func match(context.Context) (idv.Answer, error) {
	return idv.Answer{Verdict: idv.Match, Charge: idv.Charged}, nil
}

func fail(f idv.Failure) func(context.Context) (idv.Answer, error) {
	return func(context.Context) (idv.Answer, error) { return idv.Answer{}, &idv.Error{Failure: f} }
}

func slow(d time.Duration) func(context.Context) (idv.Answer, error) {
	return func(ctx context.Context) (idv.Answer, error) {
		select {
		case <-time.After(d):
			return match(ctx)
		case <-ctx.Done():
			return idv.Answer{}, ctx.Err()
		}
	}
}

func ask(t *testing.T, g *guard.Guard) (idv.Failure, idv.SkipReason) {
	t.Helper()
	_, err := g.Ask(t.Context(), idv.Query{})
	if err == nil {
		return idv.FailureUnknown, ""
	}
	if r := idv.RejectionOf(err); r != nil {
		return idv.FailureOf(err), r.Reason
	}
	return idv.FailureOf(err), ""
}

func TestGateClosesOnTheFirstWord(t *testing.T) {
	t.Parallel()
	tests := []struct {
		failure idv.Failure
		why     idv.SkipReason
		until   time.Duration // 0: until Resume
	}{
		{idv.Maintenance, idv.SkipMaintenance, 5 * time.Second},
		{idv.Throttled, idv.SkipThrottled, time.Second},
		{idv.QuotaExhausted, idv.SkipQuotaExhausted, 0},
		{idv.BadCredentials, idv.SkipCredentials, 0},
	}
	for _, tt := range tests {
		t.Run(tt.failure.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{reply: fail(tt.failure)}
				g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
				if f, why := ask(t, g); f != tt.failure || why != "" {
					t.Fatalf("first call: %v, turned away %q", f, why)
				}
				for range 100 {
					if _, why := ask(t, g); why != tt.why {
						t.Fatalf("while closed: turned away %q, want %q", why, tt.why)
					}
				}
				if v.count() != 1 {
					t.Errorf("the vendor saw %d calls, want 1", v.count())
				}
				a := g.Availability()
				if tt.until == 0 && !a.Until.IsZero() || tt.until > 0 && !a.Until.Equal(time.Now().Add(tt.until)) {
					t.Errorf("until %v, want %v from now", a.Until, tt.until)
				}
				time.Sleep(time.Hour)
				if _, why := ask(t, g); (why == "") != (tt.until > 0) {
					t.Errorf("an hour later: turned away %q", why)
				}
				v.now(match)
				g.Resume()
				if _, why := ask(t, g); why != "" {
					t.Errorf("after Resume: turned away %q", why)
				}
			})
		})
	}
}

func TestOneTrialAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: fail(idv.Maintenance)}
		g := guard.New("v", v, guard.Limits{GateFirst: time.Second}, guard.Hooks{})
		ask(t, g)
		time.Sleep(time.Second)
		v.now(slow(time.Second))
		done := make(chan struct{})
		go func() {
			defer close(done)
			ask(t, g)
		}()
		synctest.Wait()
		for range 50 {
			if _, why := ask(t, g); why != idv.SkipTrialRunning {
				t.Fatalf("beside a trial: turned away %q", why)
			}
		}
		<-done
		if v.count() != 2 {
			t.Errorf("the vendor saw %d calls, want the first and one trial", v.count())
		}
	})
}

func TestTrialThatLearnsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: fail(idv.Maintenance)}
		g := guard.New("v", v, guard.Limits{GateFirst: time.Second}, guard.Hooks{})
		ask(t, g)
		time.Sleep(time.Second)
		v.now(fail(idv.Canceled))
		ask(t, g)
		if a := g.Availability(); !a.Trial {
			t.Errorf("after a canceled trial: %+v, want due again", a)
		}
		v.now(fail(idv.Timeout))
		ask(t, g)
		if a := g.Availability(); a.Reason != idv.SkipMaintenance || time.Until(a.Until) != time.Second {
			t.Errorf("after a trial that timed out: %+v, want closed for 1 s", a)
		}
	})
}

func TestRetryAfterIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: func(context.Context) (idv.Answer, error) {
			return idv.Answer{}, &idv.Error{Failure: idv.Throttled, Retry: 48 * time.Hour}
		}}
		g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
		ask(t, g)
		if got := time.Until(g.Availability().Until); got != time.Minute {
			t.Errorf("closed for %v, want a minute at most", got)
		}
	})
}

func TestLateNewsDoesNotOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: func(ctx context.Context) (idv.Answer, error) {
			time.Sleep(time.Second)
			return idv.Answer{}, &idv.Error{Failure: idv.InvalidInput}
		}}
		g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
		go ask(t, g)
		synctest.Wait()
		v.now(fail(idv.Maintenance))
		ask(t, g)
		time.Sleep(2 * time.Second)
		if a := g.Availability(); a.Reason != idv.SkipMaintenance {
			t.Errorf("an answer to an older call opened the gate: %+v", a)
		}
	})
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	tests := []struct {
		failure idv.Failure
		opens   bool
	}{
		{idv.Unavailable, true},
		{idv.Timeout, true},
		{idv.Garbled, true},
		{idv.FailureUnknown, true},
		{idv.InvalidInput, false},
		{idv.SubjectLimited, false},
		{idv.Unsupported, false},
		{idv.Canceled, false},
	}
	for _, tt := range tests {
		t.Run(tt.failure.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var heard []idv.Availability
				v := &vendor{reply: fail(tt.failure)}
				g := guard.New("v", v, guard.Limits{}, guard.Hooks{Changed: func(_ string, a idv.Availability) { heard = append(heard, a) }})
				for range 20 {
					ask(t, g)
					time.Sleep(time.Second / 10)
				}
				if opened := g.Availability().Reason == idv.SkipBreakerOpen; opened != tt.opens {
					t.Fatalf("open %v, want %v", opened, tt.opens)
				}
				if want := map[bool]int{true: 5, false: 20}[tt.opens]; v.count() != want {
					t.Errorf("the vendor saw %d calls, want %d", v.count(), want)
				}
				if !tt.opens {
					return
				}
				time.Sleep(11 * time.Second)
				v.now(match)
				ask(t, g)
				if a := g.Availability(); a.Reason != "" {
					t.Errorf("after a good trial: %+v", a)
				}
				if len(heard) != 2 || heard[0].Reason != idv.SkipBreakerOpen || heard[1].Reason != "" {
					t.Errorf("told of %+v, want an opening and a closing", heard)
				}
			})
		})
	}
}

// TestHostSideFailures: what goes wrong on this side says nothing about the vendor, also not
// in a trial.
func TestHostSideFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		limit time.Duration // of the caller
		reply func(context.Context) (idv.Answer, error)
		opens bool
	}{
		{"the adapter's process is away", time.Hour, func(context.Context) (idv.Answer, error) {
			return idv.Answer{}, &idv.Error{Failure: idv.Unavailable, HostSide: true}
		}, false},
		{"the caller's deadline is short", time.Second, slow(2 * time.Second), false},
		{"the vendor is late", 3 * time.Second, slow(4 * time.Second), true},
		{"the vendor is late, after a hold that took a moment", 2900 * time.Millisecond, slow(4 * time.Second), true},
		{"the vendor fails within a short deadline", time.Second, fail(idv.Timeout), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{reply: tt.reply}
				g := guard.New("v", v, guard.Limits{Timeout: 3 * time.Second, BreakerOpen: time.Hour}, guard.Hooks{})
				asked := func() {
					ctx, cancel := context.WithTimeout(t.Context(), tt.limit)
					defer cancel()
					_, _ = g.Ask(ctx, idv.Query{})
				}
				for range 20 {
					asked()
				}
				if opened := g.Availability().Reason == idv.SkipBreakerOpen; opened != tt.opens {
					t.Errorf("open %v, want %v", opened, tt.opens)
				}
				g = guard.New("v", v, guard.Limits{Timeout: 3 * time.Second, GateFirst: time.Second}, guard.Hooks{})
				g.Close(time.Now())
				asked()
				if closed := g.Availability().Reason == idv.SkipMaintenance; closed != tt.opens {
					t.Errorf("closed after a trial %v, want %v", closed, tt.opens)
				}
			})
		})
	}
}

// TestCanceledCallers: an adapter may report a call that its caller canceled as any failure.
func TestCanceledCallers(t *testing.T) {
	t.Parallel()
	v := &vendor{reply: fail(idv.Unavailable)}
	g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		_, _ = g.Ask(ctx, idv.Query{})
	}
	if a := g.Availability(); a.Reason != "" {
		t.Errorf("closed: %+v", a)
	}
}

// away is a provider whose process is away.
type away struct{ vendor }

func (*away) Availability() idv.Availability {
	return idv.Availability{Reason: idv.SkipPluginNotReady}
}

func TestAvailabilityOfTheProvider(t *testing.T) {
	t.Parallel()
	g := guard.New("v", &away{}, guard.Limits{}, guard.Hooks{})
	if a := g.Availability(); a.Reason != idv.SkipPluginNotReady {
		t.Errorf("got %+v", a)
	}
	g.Drain(time.Time{})
	if a := g.Availability(); a.Reason != idv.SkipDrained {
		t.Errorf("drained: got %+v", a)
	}
}

func TestBulkheadTurnsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: slow(time.Second)}
		g := guard.New("v", v, guard.Limits{Concurrency: 2}, guard.Hooks{})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { ask(t, g) })
		}
		synctest.Wait()
		if _, why := ask(t, g); why != idv.SkipBusy {
			t.Errorf("the third call: turned away %q, want %q", why, idv.SkipBusy)
		}
		wg.Wait()
		if _, why := ask(t, g); why != "" {
			t.Errorf("after the others: turned away %q", why)
		}
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: match}
		g := guard.New("v", v, guard.Limits{Rate: 10}, guard.Hooks{})
		for range 30 {
			ask(t, g)
		}
		if v.count() != 10 {
			t.Errorf("the vendor saw %d calls in no time, want 10", v.count())
		}
		if a := g.Availability(); a.Reason != "" {
			t.Errorf("our own limit closed the gate: %+v", a)
		}
		time.Sleep(time.Second)
		if _, why := ask(t, g); why != "" {
			t.Errorf("a second later: turned away %q", why)
		}
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := guard.New("v", &vendor{reply: slow(time.Hour)}, guard.Limits{Timeout: time.Second}, guard.Hooks{})
		start := time.Now()
		f, _ := ask(t, g)
		if took := time.Since(start); f != idv.Timeout || took != time.Second {
			t.Errorf("%v after %v, want a timeout after a second", f, took)
		}
	})
}

func TestPanicIsOneFailedCall(t *testing.T) {
	t.Parallel()
	var stack string
	v := &vendor{reply: func(context.Context) (idv.Answer, error) { panic("张三") }}
	g := guard.New("v", v, guard.Limits{}, guard.Hooks{Panicked: func(_ string, s []byte) { stack = string(s) }})
	_, err := g.Ask(t.Context(), idv.Query{})
	e := idv.AsError(err)
	if e.Failure != idv.Internal || e.Delivery != idv.DeliveryUnknown || e.Charge != idv.ChargeUnknown {
		t.Errorf("got %+v", e)
	}
	if stack == "" || strings.Contains(stack+err.Error(), "张三") {
		t.Error("want a stack, without the panic's value")
	}
}

func TestErrorNamesItsProviderOnce(t *testing.T) {
	t.Parallel()
	shared := &idv.Error{Failure: idv.Garbled}
	v := &vendor{reply: func(context.Context) (idv.Answer, error) { return idv.Answer{}, shared }}
	g := guard.New("v-one", v, guard.Limits{}, guard.Hooks{})
	_, err := g.Ask(t.Context(), idv.Query{})
	if got := err.Error(); strings.Count(got, "v-one") != 1 {
		t.Errorf("got %q", got)
	}
	if shared.Provider != "" {
		t.Error("the vendor's own error was written to")
	}
}

func TestAdapterIsNoGuard(t *testing.T) {
	t.Parallel()
	v := &vendor{reply: func(context.Context) (idv.Answer, error) {
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipBusy}
	}}
	g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
	if _, why := ask(t, g); why != "" {
		t.Errorf("an adapter's word was taken for a guard's: %q", why)
	}
}

func TestForeignErrorLosesItsText(t *testing.T) {
	t.Parallel()
	v := &vendor{reply: func(context.Context) (idv.Answer, error) {
		return idv.Answer{}, errors.New("Get http://vendor/?name=张三: refused")
	}}
	g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
	if _, err := g.Ask(t.Context(), idv.Query{}); strings.Contains(err.Error(), "张三") || idv.FailureOf(err) != idv.FailureUnknown {
		t.Errorf("got %v", err)
	}
}

func TestDrainAndClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := guard.New("v", &vendor{reply: match}, guard.Limits{}, guard.Hooks{})
		g.Drain(time.Time{})
		if _, why := ask(t, g); why != idv.SkipDrained {
			t.Errorf("drained: turned away %q", why)
		}
		g.Resume()
		g.Close(time.Now().Add(time.Minute))
		if _, why := ask(t, g); why != idv.SkipMaintenance {
			t.Errorf("closed: turned away %q", why)
		}
		time.Sleep(time.Minute)
		if _, why := ask(t, g); why != "" {
			t.Errorf("a minute later: turned away %q", why)
		}
	})
}
