package guard_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// warm makes calls that are answered after a time, so that the guard knows the latency.
func warm(t *testing.T, v *vendor, g *guard.Guard, n int, latency time.Duration) {
	t.Helper()
	v.now(slow(latency))
	for range n {
		if f, why := ask(t, g); f != idv.FailureUnknown || why != "" {
			t.Fatalf("warming up: %v, rejected %q", f, why)
		}
	}
}

// TestStall: once three calls are overdue no further caller waits for the vendor. Those that
// wait keep their timeout, which is learned from the answers.
func TestStall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		samples int
		latency time.Duration
		noticed time.Duration // when the next caller is rejected; 0: not before the timeouts
		timeout time.Duration // of the calls that run
	}{
		{"fast vendor", 100, 10 * time.Millisecond, 300 * time.Millisecond, 1500 * time.Millisecond},
		{"slow vendor", 100, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond},
		{"very slow vendor", 100, 1200 * time.Millisecond, 2400 * time.Millisecond, 3 * time.Second},
		{"too few answers", 99, 10 * time.Millisecond, 0, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{}
				g := guard.New("v", v, guard.Limits{Timeout: 3 * time.Second}, guard.Hooks{})
				warm(t, v, g, tt.samples, tt.latency)
				v.now(slow(time.Hour))
				begun, before := time.Now(), v.count()
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() {
						if f, _ := ask(t, g); f != idv.Timeout || time.Since(begun) < tt.timeout || time.Since(begun) > tt.timeout+tt.timeout/10 {
							t.Errorf("a call that ran: %v after %v, want a timeout after %v", f, time.Since(begun), tt.timeout)
						}
					})
				}
				synctest.Wait()
				for g.Availability().Reason == "" && time.Since(begun) < 2900*time.Millisecond {
					time.Sleep(time.Millisecond)
				}
				if got := time.Since(begun); tt.noticed > 0 && (got < tt.noticed || got > tt.noticed+tt.noticed/10) || tt.noticed == 0 && got < 2900*time.Millisecond {
					t.Errorf("noticed after %v, want %v", got, tt.noticed)
				}
				if _, why := ask(t, g); tt.noticed > 0 && why != idv.SkipBreakerOpen {
					t.Errorf("the fourth caller: rejected %q", why)
				}
				wg.Wait()
				if got := v.count() - before; tt.noticed > 0 && got != 3 {
					t.Errorf("%d callers were affected, want 3", got)
				}
			})
		})
	}
}

// TestStallEnds: one trial at a time tests a stalled vendor; when it answers, calls return in
// a ramp.
func TestStallEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		g := guard.New("v", v, guard.Limits{Timeout: 3 * time.Second}, guard.Hooks{})
		warm(t, v, g, 100, 10*time.Millisecond)
		v.now(slow(time.Hour))
		stalled, before := time.Now(), v.count()
		for range 3 {
			go ask(t, g)
		}
		time.Sleep(time.Second)
		g.Availability()
		var wg sync.WaitGroup
		for time.Since(stalled) < time.Minute { // a caller every 100 ms
			wg.Go(func() { ask(t, g) })
			time.Sleep(100 * time.Millisecond)
		}
		if trials := v.count() - before - 3; trials < 10 || trials > 12 {
			t.Errorf("%d trials in a minute, want 10 to 12", trials)
		}
		v.now(slow(10 * time.Millisecond))
		back := time.Now()
		for g.LastFailure() != nil && time.Since(back) < time.Minute {
			wg.Go(func() { ask(t, g) })
			time.Sleep(100 * time.Millisecond)
		}
		if got := time.Since(back); got > 6*time.Second {
			t.Errorf("back after %v, want 6s at most", got)
		}
		wg.Wait()
	})
}

// TestSlowerVendor: a vendor that has become slower for good is not kept away for ever.
func TestSlowerVendor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		g := guard.New("v", v, guard.Limits{Timeout: 3 * time.Second}, guard.Hooks{})
		warm(t, v, g, 10_000, 10*time.Millisecond)
		v.now(slow(time.Second))
		var wg sync.WaitGroup
		begun := time.Now()
		var answered atomic.Int64
		for range 3000 { // five minutes
			wg.Go(func() {
				if f, why := ask(t, g); f == idv.FailureUnknown && why == "" && time.Since(begun) > 4*time.Minute {
					answered.Add(1)
				}
			})
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
		}
		wg.Wait()
		if got := answered.Load(); got < 500 {
			t.Errorf("%d of 600 calls of the last minute were answered", got)
		}
	})
}

// TestRamp: after an outage few calls run at a time, and more with each answer.
func TestRamp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		sick   idv.Failure
		limits guard.Limits
	}{
		{"after maintenance", idv.Maintenance, guard.Limits{Concurrency: 16}},
		{"after an open breaker", idv.Unavailable, guard.Limits{Concurrency: 16, BreakerFailures: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{reply: fail(tt.sick)}
				g := guard.New("v", v, tt.limits, guard.Hooks{})
				var rounds []int
				for range 3 { // an outage, then a return within a minute, twice
					v.now(fail(tt.sick))
					ask(t, g)
					time.Sleep(6 * time.Second)
					v.now(slow(10 * time.Millisecond))
					if _, why := ask(t, g); why != "" {
						t.Fatalf("the trial was rejected: %q", why)
					}
					rounds = append(rounds, roundsUntilFull(t, g))
				}
				if rounds[0] < 4 || rounds[0] > 5 || rounds[1] <= rounds[0] || rounds[2] <= rounds[1] {
					t.Errorf("rounds until 16 calls run at once: %v, want 4 or 5, and more for each flap", rounds)
				}
			})
		})
	}
}

// roundsUntilFull lets 16 callers ask at once, again and again, until all are admitted.
func roundsUntilFull(t *testing.T, g *guard.Guard) int {
	t.Helper()
	for round := 1; ; round++ {
		var wg sync.WaitGroup
		var mu sync.Mutex
		admitted := 0
		for range 16 {
			wg.Go(func() {
				switch _, why := ask(t, g); why {
				case "":
					mu.Lock()
					admitted++
					mu.Unlock()
				case idv.SkipRecovering:
				default:
					t.Errorf("rejected %q", why)
				}
			})
		}
		wg.Wait()
		if admitted == 16 || round == 200 {
			return round
		}
	}
}

// TestShareOfFailures: a vendor that fails every second call never fails five times in a row.
func TestShareOfFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		every int // a failure
		gap   time.Duration
		opens bool
	}{
		{"every second call", 2, 100 * time.Millisecond, true},
		{"every third call", 3, 100 * time.Millisecond, false},
		{"every call, rarely", 1, time.Minute, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, calls := &vendor{}, 0
				v.now(func(ctx context.Context) (idv.Answer, error) {
					if calls++; calls%tt.every == 0 {
						return fail(idv.Unavailable)(ctx)
					}
					return match(ctx)
				})
				g := guard.New("v", v, guard.Limits{BreakerOpen: time.Hour}, guard.Hooks{})
				for range 60 {
					ask(t, g)
					time.Sleep(tt.gap)
				}
				if opened := g.Activity().Outages > 0; opened != tt.opens {
					t.Errorf("opened %v, want %v after %d calls", opened, tt.opens, calls)
				}
			})
		})
	}
}

// TestActivity: what operators see.
func TestActivity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: fail(idv.Unavailable)}
		g := guard.New("v", v, guard.Limits{BreakerFailures: 3}, guard.Hooks{})
		ask(t, g)
		ask(t, g)
		v.now(slow(time.Second))
		go ask(t, g)
		synctest.Wait()
		if got, want := g.Activity(), (idv.Activity{InFlight: 1, FailuresInARow: 2}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		time.Sleep(2 * time.Second)
		if got, want := g.Activity(), (idv.Activity{Latency: time.Second}); got != want {
			t.Errorf("after the answer: %+v, want %+v", got, want)
		}
		g.Drain(time.Time{})
		if got := g.Activity().Outages; got != 1 {
			t.Errorf("outages after a drain: %d, want 1", got)
		}
	})
}

// TestTrials: the pause between trials grows only if the vendor charges for them.
func TestTrials(t *testing.T) {
	t.Parallel()
	tests := []struct {
		charge idv.Charge
		pauses []time.Duration
	}{
		{idv.ChargeUnknown, []time.Duration{1, 1, 1, 1, 1}},
		{idv.NotCharged, []time.Duration{1, 1, 1, 1, 1}},
		{idv.Charged, []time.Duration{1, 2, 4, 5, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.charge.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkTrials(t, tt.charge, tt.pauses) })
		})
	}
}

func checkTrials(t *testing.T, charge idv.Charge, pauses []time.Duration) {
	t.Helper()
	down := func(context.Context) (idv.Answer, error) {
		return idv.Answer{}, &idv.Error{Failure: idv.Maintenance, Charge: charge}
	}
	v := &vendor{reply: down}
	g := guard.New("v", v, guard.Limits{GateFirst: time.Second, GateMax: 5 * time.Second}, guard.Hooks{})
	ask(t, g)
	for i, want := range pauses {
		a := g.Availability()
		if got := time.Until(a.Until); got != want*time.Second || a.Reason != idv.SkipMaintenance {
			t.Fatalf("closing %d: %v (%q), want %v", i, got, a.Reason, want*time.Second)
		}
		time.Sleep(want * time.Second)
		if a := g.Availability(); !a.Trial {
			t.Fatalf("closing %d: due, but no trial: %+v", i, a)
		}
		if f, why := ask(t, g); f != idv.Maintenance || why != "" {
			t.Fatalf("trial %d: %v, rejected %q", i, f, why)
		}
	}
	time.Sleep(5 * time.Second)
	v.now(match)
	ask(t, g)
	if a := g.Availability(); a != (idv.Availability{}) {
		t.Errorf("after a good trial: %+v, want open", a)
	}
	v.now(down)
	ask(t, g)
	if got := time.Until(g.Availability().Until); got != time.Second {
		t.Errorf("the pause after a good trial: %v, want the first one again", got)
	}
}

// TestTrialThatTimesOut: the pause counts from the beginning of the trial, and half of it
// passes in any case.
func TestTrialThatTimesOut(t *testing.T) {
	t.Parallel()
	tests := []struct{ first, timeout, want time.Duration }{
		{5 * time.Second, 3 * time.Second, 2500 * time.Millisecond},
		{5 * time.Second, time.Second, 4 * time.Second},
		{time.Second, 3 * time.Second, 500 * time.Millisecond},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			v := &vendor{reply: fail(idv.Maintenance)}
			g := guard.New("v", v, guard.Limits{GateFirst: tt.first, Timeout: tt.timeout}, guard.Hooks{})
			ask(t, g)
			time.Sleep(tt.first)
			v.now(slow(time.Hour))
			ask(t, g)
			if got := time.Until(g.Availability().Until); got != tt.want {
				t.Errorf("pause %v, timeout %v: next trial in %v, want %v", tt.first, tt.timeout, got, tt.want)
			}
		})
	}
}

// TestLatencyDecays: a provider that was slow once is measured again some time.
func TestLatencyDecays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: slow(800 * time.Millisecond)}
		g := guard.New("v", v, guard.Limits{}, guard.Hooks{})
		ask(t, g)
		for _, want := range []time.Duration{800, 400, 200, 100} {
			if got := g.Latency(); got != want*time.Millisecond {
				t.Errorf("got %v, want %v", got, want*time.Millisecond)
			}
			time.Sleep(time.Minute)
		}
		if got := g.Activity().Latency; got != 800*time.Millisecond {
			t.Errorf("operators see %v, want what was measured", got)
		}
	})
}
