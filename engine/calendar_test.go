package engine_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

// once returns a window of a provider that begins after a time and lasts for another.
func once(provider string, after, lasts time.Duration) route.Window {
	from := time.Now().Add(after)
	return route.Window{Provider: provider, From: from, To: from.Add(lasts)}
}

func calendarOf(t *testing.T, windows ...route.Window) *route.Calendar {
	t.Helper()
	c, err := route.NewCalendar(windows)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestScheduledMaintenance: a vendor gets no call in its window, the other one answers, and at
// the end of the window all callers are served again at once, without a trial or a ramp.
func TestScheduledMaintenance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := enginetest.New("a"), enginetest.New("b")
		o := enginetest.Options(a, b)
		o.Calendar = calendarOf(t, once("a", time.Minute, time.Hour))
		end := time.Now().Add(61 * time.Minute)
		log := new(observed)
		o.Telemetry = log.options()
		e := enginetest.Engine(t, o)

		if v := verify(t, e, enginetest.Request()); v.Attempts[0].Provider != "a" {
			t.Fatalf("before the window %s was called", v.Attempts[0].Provider)
		}
		time.Sleep(time.Minute)
		a.Then(enginetest.Fail(idv.Maintenance, idv.Answered))
		for range 59 {
			time.Sleep(time.Minute)
			v := verify(t, e, enginetest.Request())
			if v.Verdict != idv.Match || v.Attempts[0].Provider != "b" || len(v.Skipped) != 1 {
				t.Fatalf("in the window: %v by %s, skipped %+v", v.Verdict, v.Attempts[0].Provider, v.Skipped)
			}
			if s := v.Skipped[0]; s.Provider != "a" || s.Reason != idv.SkipScheduledMaintenance || !s.Until.Equal(end) {
				t.Fatalf("skipped %+v, want a until %v", s, end)
			}
		}
		plan, err := e.Explain(t.Context(), enginetest.Request())
		if err != nil || len(plan.Skipped) != 1 || plan.Skipped[0].Reason != idv.SkipScheduledMaintenance {
			t.Errorf("explained %+v, %v", plan, err)
		}
		status := e.Providers()[0]
		if status.Availability != (idv.Availability{Reason: idv.SkipScheduledMaintenance, Until: end}) || status.Activity.Outages != 0 {
			t.Errorf("status %+v, outages %d", status.Availability, status.Activity.Outages)
		}
		if log.closed(t, "a") || !log.gauge(t, "heyan.provider.scheduled", "a") || log.gauge(t, "heyan.provider.scheduled", "b") {
			t.Error("the metrics do not say that a is in scheduled maintenance, and nothing else")
		}
		if a.Calls() != 0 {
			t.Errorf("%d calls in the window", a.Calls())
		}

		time.Sleep(time.Until(end))
		a.Then(enginetest.Slow(time.Second, enginetest.Answer(idv.Match)))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if v := verify(t, e, enginetest.Request()); v.Attempts[0].Provider != "a" {
					t.Errorf("at the end of the window %s was called, skipped %+v", v.Attempts[0].Provider, v.Skipped)
				}
			})
		}
		wg.Wait()
		if n := a.Calls(); n != 20 {
			t.Errorf("%d calls at the end of the window, want 20", n)
		}
		text := log.log.String()
		if strings.Contains(text, `"WARN"`) || strings.Contains(text, `"ERROR"`) || strings.Count(text, "provider in scheduled maintenance") != 1 {
			t.Errorf("the log has an alarm, or not one line about the window:\n%s", text)
		}
	})
}

// TestCallsInFlightAtTheBeginning: a window ends no running call, and what such calls meet does
// not count against the vendor.
func TestCallsInFlightAtTheBeginning(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		reply enginetest.Reply
		want  idv.Verdict
	}{
		{"answered", enginetest.Answer(idv.Mismatch), idv.Mismatch},
		{"maintenance", enginetest.Fail(idv.Maintenance, idv.Answered), idv.Match},
		{"unavailable", enginetest.Fail(idv.Unavailable, idv.RefusedByGateway), idv.Match},
		{"garbled", enginetest.Fail(idv.Garbled, idv.Answered), idv.Undetermined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := enginetest.New("a", enginetest.Slow(time.Second, tt.reply)), enginetest.New("b")
				o := enginetest.Options(a, b)
				o.Providers[0].Limits = guard.Limits{BreakerFailures: 2, BreakerOpen: time.Hour, GateFirst: time.Hour, GateMax: time.Hour}
				o.Calendar = calendarOf(t, once("a", 500*time.Millisecond, time.Minute))
				e := enginetest.Engine(t, o)
				var wg sync.WaitGroup
				for range 5 {
					wg.Go(func() {
						if v := verify(t, e, enginetest.Request()); v.Verdict != tt.want || v.Attempts[0].Provider != "a" {
							t.Errorf("%v by %s, want %v", v.Verdict, v.Attempts[0].Provider, tt.want)
						}
					})
				}
				wg.Wait()
				time.Sleep(2 * time.Minute)
				if s := e.Providers()[0]; s.Availability != (idv.Availability{}) || s.Activity.FailuresInARow != 0 || s.Activity.Ramp != 0 {
					t.Errorf("after the window: %+v, %+v", s.Availability, s.Activity)
				}
			})
		})
	}
}

// TestAllInMaintenance: without a provider left, the answer says when the first one is back.
func TestAllInMaintenance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := enginetest.New("a"), enginetest.New("b")
		o := enginetest.Options(a, b)
		o.Calendar = calendarOf(t, once("a", 0, 2*time.Hour), once("b", 0, time.Hour))
		e := enginetest.Engine(t, o)
		back := time.Now().Add(time.Hour)
		v := verify(t, e, enginetest.Request())
		if v.Verdict != idv.Undetermined || v.Reason != idv.ReasonOf(idv.Unavailable) || len(v.Skipped) != 2 || len(v.Attempts) != 0 {
			t.Fatalf("%v, %s, skipped %+v", v.Verdict, v.Reason, v.Skipped)
		}
		if step := v.NextSteps[0]; step.Code != idv.RetryLater || !step.At.Equal(back) {
			t.Errorf("next step %+v, want to try again at %v", step, back)
		}
		if a.Calls()+b.Calls() != 0 {
			t.Errorf("%d and %d calls", a.Calls(), b.Calls())
		}
		time.Sleep(time.Hour)
		if v := verify(t, e, enginetest.Request()); v.Verdict != idv.Match || v.Attempts[0].Provider != "b" {
			t.Errorf("then: %v", v.Verdict)
		}
	})
}

// TestCalendarChanges: a calendar takes effect at once, and so does its removal.
func TestCalendarChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a")
		e := enginetest.Engine(t, enginetest.Options(a))
		answered := func(want bool) {
			t.Helper()
			if v := verify(t, e, enginetest.Request()); (v.Verdict == idv.Match) != want {
				t.Errorf("%v, %s", v.Verdict, v.Reason)
			}
		}
		answered(true)
		e.SetCalendar(calendarOf(t, once("a", 0, time.Hour)))
		answered(false)
		e.SetCalendar(calendarOf(t, once("b", 0, time.Hour)))
		answered(true)
		e.SetCalendar(calendarOf(t, once("a", 30*time.Second, time.Hour)))
		answered(true)
		time.Sleep(30 * time.Second)
		answered(false)
		e.SetCalendar(nil)
		answered(true)
	})
}

// TestResumeEndsTheWindow: an operator's Resume ends the current window, not the next one.
func TestResumeEndsTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a")
		o := enginetest.Options(a)
		o.Calendar = calendarOf(t, once("a", 0, time.Hour), once("a", 2*time.Hour, time.Hour))
		e := enginetest.Engine(t, o)
		reason := func() idv.SkipReason { return e.Providers()[0].Availability.Reason }
		if reason() != idv.SkipScheduledMaintenance {
			t.Fatalf("in the window: %q", reason())
		}
		if err := e.Resume("a"); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if v := verify(t, e, enginetest.Request()); v.Verdict != idv.Match {
				t.Errorf("after Resume: %v, %+v", v.Verdict, v.Skipped)
			}
			time.Sleep(10 * time.Minute)
		}
		e.SetCalendar(o.Calendar) // as after a change of another window
		if reason() != "" {
			t.Errorf("after another change: %q", reason())
		}
		time.Sleep(90 * time.Minute)
		if reason() != idv.SkipScheduledMaintenance {
			t.Errorf("in the next window: %q", reason())
		}
	})
}

// TestOperatorsMatterOutlastsTheWindow: a refused key or a drain is reported as such in a
// window, so that its alarm does not end and begin again.
func TestOperatorsMatterOutlastsTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := enginetest.New("a", enginetest.Fail(idv.BadCredentials, idv.RefusedByGateway))
		o := enginetest.Options(a)
		o.Calendar = calendarOf(t, once("a", time.Minute, time.Hour))
		e := enginetest.Engine(t, o)
		verify(t, e, enginetest.Request())
		for _, wait := range []time.Duration{0, 2 * time.Minute, 2 * time.Hour} {
			time.Sleep(wait)
			if got := e.Providers()[0].Availability.Reason; got != idv.SkipCredentials {
				t.Errorf("after %v: %q", wait, got)
			}
		}
	})
}

// TestReplacedEngineKeepsTheCalendar: an engine that takes over follows its own calendar, and
// the override of an operator stays.
func TestReplacedEngineKeepsTheCalendar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := enginetest.Options(enginetest.New("a"), enginetest.New("b"))
		o.Calendar = calendarOf(t, once("a", 0, time.Hour), once("b", 0, time.Hour))
		old := enginetest.Engine(t, o)
		if err := old.Resume("a"); err != nil {
			t.Fatal(err)
		}
		next := o
		next.Replaces = old
		next.Providers = []engine.ProviderConfig{
			{Name: "a", Provider: enginetest.New("a")}, {Name: "b", Provider: enginetest.New("b")},
		}
		e := enginetest.Engine(t, next)
		got := e.Providers()
		if got[0].Availability.Reason != "" || got[1].Availability.Reason != idv.SkipScheduledMaintenance {
			t.Errorf("a %+v, b %+v", got[0].Availability, got[1].Availability)
		}
		if err := old.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDrainInAWindow: a drain with an end is reported as a drain, so that it is not given again
// each second.
func TestDrainInAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := enginetest.Options(enginetest.New("a"))
		o.Calendar = calendarOf(t, once("a", 0, 2*time.Hour))
		e := enginetest.Engine(t, o)
		if err := e.Drain("a", time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []idv.SkipReason{idv.SkipDrained, idv.SkipScheduledMaintenance, ""} {
			if got := e.Providers()[0].Availability.Reason; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			time.Sleep(time.Hour)
		}
	})
}
