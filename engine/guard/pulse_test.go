package guard

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// listening is a vendor that answers when it is told to.
type listening struct{ answers chan error }

func (listening) Describe() idv.Descriptor { return idv.Descriptor{Name: "vendor"} }

func (l listening) Ask(ctx context.Context, _ idv.Query) (idv.Answer, error) {
	select {
	case err := <-l.answers:
		return idv.Answer{Verdict: idv.Match, Charge: idv.Charged}, err
	case <-ctx.Done():
		return idv.Answer{}, ctx.Err()
	}
}

// usually makes calls that are answered after a time, so that the latency is known.
func usually(t *testing.T, l listening, g *Guard, d time.Duration) {
	t.Helper()
	for range overdueSamples {
		time.AfterFunc(d, func() { l.answers <- nil })
		if _, err := g.Ask(t.Context(), idv.Query{}); err != nil {
			t.Fatal(err)
		}
	}
}

// pause is a time in which the process does not run, as far as the pulse can see.
func pause(g *Guard, d time.Duration, look func()) {
	synctest.Wait()
	g.state.pulse.timer.Stop()
	time.Sleep(d)
	look() // the first caller after the pause may come before the next beat
	g.state.pulse.next()
	look()
}

// waiting begins calls, and returns what waits for them.
func waiting(t *testing.T, g *Guard, n int) *sync.WaitGroup {
	t.Helper()
	calls := new(sync.WaitGroup)
	for range n {
		calls.Go(func() { _, _ = g.Ask(t.Context(), idv.Query{}) })
	}
	synctest.Wait()
	return calls
}

func wantReason(t *testing.T, g *Guard, when string, want idv.SkipReason) {
	t.Helper()
	if a := g.Availability(); a.Reason != want {
		t.Errorf("%s: %+v, want the reason %q", when, a, want)
	}
}

// TestPauseIsNoStall: calls that are old because the process paused are not overdue. A vendor
// that does not answer the running process either is noticed as soon as without a pause.
func TestPauseIsNoStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := listening{make(chan error)}
		g := New("v", l, Limits{Timeout: time.Minute}, Hooks{})
		usually(t, l, g, 10*time.Millisecond)
		calls := waiting(t, g, 5)
		for i := range 3 {
			time.Sleep(5 * time.Millisecond) // the process runs for a moment between pauses
			pause(g, 2*time.Second, func() {
				wantReason(t, g, "after a pause", "")
				if i == 0 && g.Availability().Unresponsive {
					t.Error("after the first pause: unresponsive")
				}
			})
		}
		time.Sleep(overdueLeast + beat)
		wantReason(t, g, "after 300 ms without a pause", idv.SkipBreakerOpen)
		calls.Wait()
	})
}

// TestPauseDuringATrial: a trial is not overdue either, and its answer still counts.
func TestPauseDuringATrial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := listening{make(chan error)}
		g := New("v", l, Limits{Timeout: time.Minute, BreakerFailures: 1}, Hooks{})
		usually(t, l, g, 10*time.Millisecond)
		go func() { l.answers <- &idv.Error{Failure: idv.Unavailable} }()
		_, _ = g.Ask(t.Context(), idv.Query{})
		wantReason(t, g, "after a failure", idv.SkipBreakerOpen)
		time.Sleep(6 * time.Second)
		trial := waiting(t, g, 1)
		pause(g, 2*time.Second, func() { wantReason(t, g, "during the trial", "") })
		l.answers <- nil
		trial.Wait()
		synctest.Wait()
		if a := g.Activity(); a.Ramp != 2 || a.Outages != 1 {
			t.Errorf("after the trial: %+v, want the ramp of a vendor that answered", a)
		}
	})
}

// TestPauseIsNotLearned: answers that waited for the process do not change what is usual.
func TestPauseIsNotLearned(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		before time.Duration // the process runs, of the 100 ms that an answer takes
		pause  time.Duration
	}{
		{"long pause", 80 * time.Millisecond, 10 * time.Second},
		{"short pause", 80 * time.Millisecond, 60 * time.Millisecond},
		{"pause from the beginning on", 5 * time.Millisecond, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := listening{make(chan error)}
				g := New("v", l, Limits{Timeout: time.Minute}, Hooks{})
				usually(t, l, g, 100*time.Millisecond)
				before := g.Activity()
				calls := waiting(t, g, 10)
				time.Sleep(tt.before)
				pause(g, tt.pause, func() {})
				for range 10 {
					l.answers <- nil
				}
				calls.Wait()
				after := g.Activity()
				if off := (after.Latency - before.Latency).Abs(); off > 20*time.Millisecond || after.Overdue != before.Overdue {
					t.Errorf("after the pause %+v, before %+v", after, before)
				}
			})
		})
	}
}

// TestPauseUntilTheTimeout: a timeout counts if the process ran while the vendor said nothing.
func TestPauseUntilTheTimeout(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		pause time.Duration
		fails idv.Failure // with which the calls end after the pause; a timeout if unknown
		row   int64       // failures that count
	}{
		{"no pause", 0, idv.FailureUnknown, 3},
		{"a short pause", 200 * time.Millisecond, idv.FailureUnknown, 3},
		{"a pause of a second", time.Second, idv.FailureUnknown, 0},
		{"a pause until the timeout", 3 * time.Second, idv.FailureUnknown, 0},
		{"the connections broke in a pause", 2 * time.Second, idv.Unavailable, 0},
		{"the connections broke", 0, idv.Unavailable, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := listening{make(chan error)}
				g := New("v", l, Limits{Timeout: 3 * time.Second}, Hooks{})
				calls := waiting(t, g, 3)
				if tt.pause > 0 {
					pause(g, tt.pause, func() {})
				}
				if tt.fails != idv.FailureUnknown {
					for range 3 {
						l.answers <- &idv.Error{Failure: tt.fails}
					}
				}
				calls.Wait()
				if got := g.Activity().FailuresInARow; got != tt.row {
					t.Errorf("%d failures count, want %d", got, tt.row)
				}
			})
		})
	}
}

// TestPulseOfALoadedMachine: beats that are always late slow the clock down. They do not stop it.
func TestPulseOfALoadedMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(pulse)
		p.enter()
		p.timer.Stop()
		begun, before := time.Now(), p.now()
		for range 10 {
			time.Sleep(3 * beatMost)
			p.mu.Lock()
			p.beat()
			p.mu.Unlock()
			p.timer.Stop()
		}
		if took, ran := time.Since(begun), p.now().Sub(before); took != 30*beatMost || ran != 10*beatMost {
			t.Errorf("ran for %v of %v, want %v of %v", ran, took, 10*beatMost, 30*beatMost)
		}
	})
}

// TestPulseStops: no timer goes on without calls.
func TestPulseStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(pulse)
		for range 3 {
			p.enter()
			p.enter()
			p.leave()
			time.Sleep(10 * beat)
			synctest.Wait()
			if !p.going {
				t.Error("no beat while a call is in flight")
			}
			if lost := p.lost(time.Now()); p.last.Load().at.IsZero() || time.Since(p.last.Load().at) > beat {
				t.Errorf("the last beat was %v ago, %v lost", time.Since(p.last.Load().at), lost)
			}
			p.leave()
			time.Sleep(10 * beat)
			synctest.Wait()
			if p.going || p.timer.Stop() {
				t.Error("the timer goes on without a call")
			}
		}
	})
}
