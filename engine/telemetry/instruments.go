package telemetry

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/engine/idv"
)

// instruments are the engine's metrics. An attribute set is built once for each
// combination of values, since building one costs more than recording.
type instruments struct {
	attempts      metric.Int64Counter
	duration      metric.Float64Histogram
	verifications metric.Int64Counter
	saved         metric.Int64Counter
	opinions      metric.Int64Counter
	closed        metric.Int64ObservableGauge
	meter         metric.Meter

	sets sync.Map // attemptKey, verificationKey or refusalKey → *options
}

func newInstruments(m metric.Meter) (*instruments, error) {
	i := instruments{meter: m}
	var errs [6]error
	i.attempts, errs[0] = m.Int64Counter("heyan.attempts",
		metric.WithDescription("Calls of providers by provider, check, outcome (a verdict or a failure) and charge."))
	i.duration, errs[1] = m.Float64Histogram("heyan.attempt.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls of providers."),
		metric.WithExplicitBucketBoundaries(.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10))
	i.verifications, errs[2] = m.Int64Counter("heyan.verifications",
		metric.WithDescription("Completed verifications by check, verdict and reason."))
	i.saved, errs[3] = m.Int64Counter("heyan.saved_calls",
		metric.WithDescription("Requests refused before any call of a provider, by failure, rule and field."))
	i.closed, errs[4] = m.Int64ObservableGauge("heyan.provider.closed",
		metric.WithDescription("1 while a provider is unavailable, else 0."))
	i.opinions, errs[5] = m.Int64Counter("heyan.second_opinions",
		metric.WithDescription("Second opinions after no_record, by the first and the second provider and outcome: agreed, differed, unclear or failed."))
	return &i, errors.Join(errs[:]...)
}

type attemptKey struct {
	provider, outcome string
	check             idv.Check
	charge            idv.Charge
}

type verificationKey struct {
	check   idv.Check
	verdict idv.Verdict
	reason  idv.Reason
}

type refusalKey struct {
	failure idv.Failure
	rule    string
	field   idv.Field
}

func (i *instruments) attempt(ctx context.Context, a idv.Attempt) {
	k := attemptKey{a.Provider, outcome(a), a.Check, a.Charge}
	set := i.set(k, func() []attribute.KeyValue {
		return []attribute.KeyValue{
			attribute.String("provider", a.Provider), attribute.String("check", a.Check.String()),
			attribute.String("outcome", k.outcome), attribute.String("charge", a.Charge.String()),
		}
	})
	i.attempts.Add(ctx, 1, set.adds...)
	i.duration.Record(ctx, a.Duration.Seconds(), set.records...)
}

func (i *instruments) verification(ctx context.Context, v *idv.Verification) {
	set := i.set(verificationKey{v.Check, v.Verdict, v.Reason}, func() []attribute.KeyValue {
		return []attribute.KeyValue{
			attribute.String("check", v.Check.String()), attribute.String("verdict", v.Verdict.String()), attribute.String("reason", string(v.Reason)),
		}
	})
	i.verifications.Add(ctx, 1, set.adds...)
}

func (i *instruments) refused(ctx context.Context, e *idv.Error) {
	set := i.set(refusalKey{e.Failure, e.Code, e.Field}, func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("failure", e.Failure.String()), attribute.String("rule", e.Code), attribute.String("field", e.Field.String())}
	})
	i.saved.Add(ctx, 1, set.adds...)
}

// watch observes with each collection which providers are unavailable.
func (i *instruments) watch(each func(func(string, idv.Availability))) (stop func() error, err error) {
	r, err := i.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		each(func(provider string, a idv.Availability) {
			var closed int64
			if a.Reason != "" {
				closed = 1
			}
			o.ObserveInt64(i.closed, closed, metric.WithAttributes(attribute.String("provider", provider)))
		})
		return nil
	}, i.closed)
	if err != nil {
		return nil, err
	}
	return r.Unregister, nil
}

type options struct {
	adds    []metric.AddOption
	records []metric.RecordOption
}

func (i *instruments) set(key any, attrs func() []attribute.KeyValue) *options {
	if found, ok := i.sets.Load(key); ok {
		return found.(*options)
	}
	set := metric.WithAttributeSet(attribute.NewSet(attrs()...))
	found, _ := i.sets.LoadOrStore(key, &options{[]metric.AddOption{set}, []metric.RecordOption{set}})
	return found.(*options)
}
