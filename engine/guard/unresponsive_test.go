package guard_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// TestUnresponsive: a vendor that answers none of three calls for longer than usual is called
// after others, long before the calls are overdue, and is not kept from those who have no other.
func TestUnresponsive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		samples int
		latency time.Duration // of the answers before
		running int           // calls that are not answered
		younger idv.Failure   // of a later call that ends at once; idv.Canceled for none
		after   time.Duration // the vendor is unresponsive from here on; 0: it is not
	}{
		{"fast vendor", 100, 10 * time.Millisecond, 3, idv.Canceled, 30 * time.Millisecond},
		{"slow vendor", 100, 100 * time.Millisecond, 3, idv.Canceled, 100 * time.Millisecond},
		{"two calls", 100, 10 * time.Millisecond, 2, idv.Canceled, 0},
		{"too few answers", 99, 10 * time.Millisecond, 3, idv.Canceled, 0},
		{"a younger call is answered", 100, 10 * time.Millisecond, 3, idv.FailureUnknown, 0},
		{"a younger call is refused", 100, 10 * time.Millisecond, 3, idv.InvalidInput, 0},
		{"a younger call breaks off", 100, 10 * time.Millisecond, 3, idv.Unavailable, 30 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{}
				g := guard.New("v", v, guard.Limits{Timeout: 3 * time.Second}, guard.Hooks{})
				warm(t, v, g, tt.samples, tt.latency)
				v.now(slow(time.Hour))
				for range tt.running {
					go ask(t, g)
				}
				synctest.Wait()
				switch tt.younger {
				case idv.Canceled:
				case idv.FailureUnknown:
					v.now(match)
					ask(t, g)
				default:
					v.now(failAs(idv.Error{Failure: tt.younger, Delivery: map[idv.Failure]idv.Delivery{idv.InvalidInput: idv.Answered}[tt.younger]}))
					ask(t, g)
				}
				begun := time.Now()
				for !g.Availability().Unresponsive && time.Since(begun) < 290*time.Millisecond {
					time.Sleep(time.Millisecond)
				}
				a, got := g.Availability(), time.Since(begun)
				if a.Unresponsive != (tt.after > 0) || tt.after > 0 && (got < tt.after || got > tt.after+tt.after/5) {
					t.Errorf("unresponsive %v after %v, want from %v on", a.Unresponsive, got, tt.after)
				}
				if a.Reason != "" {
					t.Errorf("it cannot be called: %v", a.Reason)
				}
			})
		})
	}
}

// TestUnresponsiveEnds: with an answer the vendor is as before.
func TestUnresponsiveEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{}
		g := guard.New("v", v, guard.Limits{Timeout: 3 * time.Second}, guard.Hooks{})
		warm(t, v, g, 100, 10*time.Millisecond)
		v.now(slow(200 * time.Millisecond))
		for range 3 {
			go ask(t, g)
		}
		time.Sleep(100 * time.Millisecond)
		if !g.Availability().Unresponsive {
			t.Error("three calls without an answer for 100 ms are not noticed")
		}
		time.Sleep(101 * time.Millisecond)
		synctest.Wait()
		if g.Availability().Unresponsive {
			t.Error("the vendor answered, and still comes last")
		}
	})
}

func failAs(e idv.Error) func(context.Context) (idv.Answer, error) {
	return func(context.Context) (idv.Answer, error) { return idv.Answer{}, &e }
}
