package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// observed records the telemetry of an engine.
type observed struct {
	spans  *tracetest.SpanRecorder
	reader *metric.ManualReader
	log    bytes.Buffer
}

func (o *observed) options() telemetry.Options {
	o.spans, o.reader = tracetest.NewSpanRecorder(), metric.NewManualReader()
	return telemetry.Options{
		Traces:  trace.NewTracerProvider(trace.WithSpanProcessor(o.spans)),
		Metrics: metric.NewMeterProvider(metric.WithReader(o.reader)),
		Logger:  slog.New(slog.NewJSONHandler(&o.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// emitted returns all spans, metrics and log lines as text.
func (o *observed) emitted(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, s := range o.spans.Ended() {
		fmt.Fprintf(&all, "span %s %v %v\n", s.Name(), s.Attributes(), s.Status())
	}
	var metrics metricdata.ResourceMetrics
	if err := o.reader.Collect(context.Background(), &metrics); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(metrics)
	if err != nil {
		t.Fatal(err)
	}
	return all.String() + string(text) + o.log.String()
}

func TestTellsOfEachAttemptOnce(t *testing.T) {
	t.Parallel()
	var o observed
	options := enginetest.Options(enginetest.New("sick", enginetest.Fail(idv.Maintenance, idv.Answered)), enginetest.New("spare"))
	options.Telemetry = o.options()
	e := enginetest.Engine(t, options)
	v := verify(t, e, enginetest.Request())
	bad := enginetest.Request()
	bad.Subject.IDNumber = idv.NewSensitive("110105194912310021")
	if _, err := e.Verify(t.Context(), bad); err == nil {
		t.Fatal("a wrong number was taken")
	}
	var names []string
	for _, s := range o.spans.Ended() {
		names = append(names, s.Name())
		if s.Name() == "heyan.attempt" && s.SpanContext().TraceID().String() != v.TraceID {
			t.Errorf("an attempt's span stands in trace %s, the verification says %s", s.SpanContext().TraceID(), v.TraceID)
		}
	}
	if got, want := strings.Join(names, " "), "heyan.attempt heyan.attempt heyan.verify heyan.verify"; got != want {
		t.Errorf("spans %q, want %q", got, want)
	}
	emitted := o.emitted(t)
	for _, want := range []string{
		"heyan.attempts", "heyan.attempt.duration", "heyan.verifications", "heyan.saved_calls", "heyan.provider.closed",
		`"msg":"attempt completed"`, `"msg":"verification completed"`, `"msg":"request refused before any call"`, `"rule":"check_digit"`, `"reason":"maintenance"`, v.ID,
	} {
		if !strings.Contains(emitted, want) {
			t.Errorf("telemetry does not mention %s", want)
		}
	}
}

// TestTellsNothingPersonal searches all telemetry for the claims of a person, one of which
// stands in a vendor's error.
func TestTellsNothingPersonal(t *testing.T) {
	t.Parallel()
	var o observed
	hostile := enginetest.Reply{Err: &idv.Error{Failure: idv.FailureUnknown, Delivery: idv.Answered}}
	options := enginetest.Options(enginetest.New("a", enginetest.Answer(idv.Mismatch), hostile, enginetest.Reply{Err: fmt.Errorf("for 张三")}))
	options.Telemetry = o.options()
	e := enginetest.Engine(t, options)
	for range 3 {
		verify(t, e, enginetest.Request())
	}
	for _, claim := range []string{"张三", "11010519491231002", `\u5f20`} {
		if strings.Contains(o.emitted(t), claim) {
			t.Errorf("telemetry holds %q", claim)
		}
	}
}

func TestTraceIDWithoutTracing(t *testing.T) {
	t.Parallel()
	e := enginetest.Engine(t, enginetest.Options(enginetest.New("a")))
	if v := verify(t, e, enginetest.Request()); len(v.TraceID) != 32 {
		t.Errorf("trace id %q", v.TraceID)
	}
}

// TestOneAvailability reads the state of a provider from the engine, the metric and the log
// after each act and event, and finds the same.
func TestOneAvailability(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var o observed
		a := enginetest.New("a")
		options := enginetest.Options(a, enginetest.New("b"))
		options.Telemetry = o.options()
		options.Providers[0].Limits = guard.Limits{BreakerFailures: 1, BreakerOpen: time.Minute, GateFirst: time.Second}
		e := enginetest.Engine(t, options)
		call := func(replies ...enginetest.Reply) func() {
			return func() { a.Then(replies...); verify(t, e, enginetest.Request()) }
		}
		act := func(do func(string) error) func() {
			return func() {
				if err := do("a"); err != nil {
					t.Error(err)
				}
			}
		}
		later := func(d time.Duration) func() { return func() { time.Sleep(d) } }
		down := enginetest.Fail(idv.Unavailable, idv.NotSent)
		for _, step := range []struct {
			name string
			do   func()
			want idv.SkipReason
		}{
			{"at the start", func() {}, ""},
			{"drain", act(func(name string) error { return e.Drain(name, time.Time{}) }), idv.SkipDrained},
			{"resume", act(e.Resume), ""},
			{"close", act(func(name string) error { return e.SetUnavailable(name, time.Time{}) }), idv.SkipMaintenance},
			{"resume what was closed", act(e.Resume), ""},
			{"maintenance", call(enginetest.Fail(idv.Maintenance, idv.Answered)), idv.SkipMaintenance},
			{"drain as well", act(func(name string) error { return e.Drain(name, time.Time{}) }), idv.SkipDrained},
			{"resume both", act(e.Resume), ""},
			{"the breaker opens", call(down), idv.SkipBreakerOpen},
			{"drain with an open breaker", act(func(name string) error { return e.Drain(name, time.Time{}) }), idv.SkipDrained},
			{"resume closes the breaker", act(e.Resume), ""},
			{"the breaker opens again", call(down), idv.SkipBreakerOpen},
			{"its time passes", later(time.Minute + time.Millisecond), ""},
			{"a rejected key", call(enginetest.Fail(idv.BadCredentials, idv.Answered)), idv.SkipCredentials},
			{"resume with a new key", act(e.Resume), ""},
		} {
			step.do()
			if got := e.Providers()[0].Availability.Reason; got != step.want {
				t.Errorf("%s: the engine says %q, want %q", step.name, got, step.want)
			}
			if got := o.closed(t, "a"); got != (step.want != "") {
				t.Errorf("%s: the metric says closed %v, want %q", step.name, got, step.want)
			}
			if got := o.lastState(t, "a", time.Now()); got != step.want {
				t.Errorf("%s: the log says %q, want %q", step.name, got, step.want)
			}
		}
		if o.closed(t, "b") {
			t.Error("the metric says that b is closed")
		}
	})
}

// closed reads the metric of unavailable providers.
func (o *observed) closed(t *testing.T, provider string) bool {
	t.Helper()
	var metrics metricdata.ResourceMetrics
	if err := o.reader.Collect(context.Background(), &metrics); err != nil {
		t.Fatal(err)
	}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			gauge, ok := m.Data.(metricdata.Gauge[int64])
			if !ok || m.Name != "heyan.provider.closed" {
				continue
			}
			for _, point := range gauge.DataPoints {
				if name, _ := point.Attributes.Value("provider"); name.AsString() == provider {
					return point.Value == 1
				}
			}
		}
	}
	t.Fatalf("there is no metric of %s", provider)
	return false
}

// lastState reads the log: the reason of the last line about a provider, unless its time is
// over.
func (o *observed) lastState(t *testing.T, provider string, now time.Time) (last idv.SkipReason) {
	t.Helper()
	for line := range strings.Lines(o.log.String()) {
		var entry struct {
			Msg, Provider string
			Reason        idv.SkipReason
			Until         time.Time
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		switch {
		case entry.Provider != provider || !strings.HasPrefix(entry.Msg, "provider "):
		case entry.Until.IsZero() || now.Before(entry.Until):
			last = entry.Reason
		default:
			last = ""
		}
	}
	return last
}
