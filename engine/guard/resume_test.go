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

// TestResumeClosesTheCircuit: whatever stopped the calls, Resume lets them through.
func TestResumeClosesTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: fail(idv.Unavailable)}
		var told []idv.Availability
		g := guard.New("v", v, guard.Limits{BreakerFailures: 2, BreakerOpen: time.Hour}, guard.Hooks{
			Changed: func(_ string, a idv.Availability) { told = append(told, a) },
		})
		ask(t, g)
		ask(t, g)
		if _, why := ask(t, g); why != idv.SkipBreakerOpen || g.Availability().Reason != idv.SkipBreakerOpen {
			t.Fatalf("after two failures: turned away %q, available %+v", why, g.Availability())
		}
		g.Drain(time.Time{})
		g.Resume()
		g.Resume() // changes nothing
		v.now(match)
		if _, why := ask(t, g); why != "" || g.Availability() != (idv.Availability{}) {
			t.Errorf("after Resume: turned away %q, available %+v", why, g.Availability())
		}
		var reasons []string
		for _, a := range told {
			reasons = append(reasons, string(a.Reason))
		}
		if got, want := strings.Join(reasons, ","), "breaker_open,drained,"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

// TestResumeDuringACall: the failure of a call that began before does not open the circuit.
func TestResumeDuringACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{reply: func(context.Context) (idv.Answer, error) {
			time.Sleep(time.Second)
			return idv.Answer{}, &idv.Error{Failure: idv.Unavailable}
		}}
		g := guard.New("v", v, guard.Limits{BreakerFailures: 1, BreakerOpen: time.Hour}, guard.Hooks{})
		done := make(chan struct{})
		go func() { defer close(done); ask(t, g) }()
		synctest.Wait()
		g.Resume()
		<-done
		if a := g.Availability(); a.Reason != "" {
			t.Errorf("available %+v", a)
		}
	})
}
