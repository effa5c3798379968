package telemetry

import (
	"context"
	"strconv"
	"sync"
	"time"

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
	total         metric.Float64Histogram
	saved         metric.Int64Counter
	opinions      metric.Int64Counter
	closed        metric.Float64ObservableGauge
	scheduled     metric.Float64ObservableGauge
	meter         metric.Meter
	tenants       *Tenants // nil: no tenant label

	ofAttempt      sets[attemptKey]
	ofDuration     sets[durationKey]
	ofVerification sets[verificationKey]
	ofTotal        sets[idv.Verdict]
	ofRefusal      sets[refusalKey]
	ofClosed       sets[closedKey]
}

func newInstruments(m metric.Meter, tenants *Tenants) (*instruments, error) {
	table := Instruments{Meter: m, Table: Metrics()}
	return &instruments{
		attempts: table.Counter("heyan.attempts"), duration: table.Histogram("heyan.attempt.duration"),
		verifications: table.Counter("heyan.verifications"), total: table.Histogram("heyan.verification.duration"),
		saved: table.Counter("heyan.saved_calls"), opinions: table.Counter("heyan.second_opinions"), closed: table.Gauge("heyan.provider.closed"), scheduled: table.Gauge("heyan.provider.scheduled"),
		meter: m, tenants: tenants,
	}, table.Err()
}

type attemptKey struct {
	provider, class, phase string
	charge                 idv.Charge
}

type durationKey struct {
	provider string
	answered bool
}

type verificationKey struct {
	tenant  string
	check   idv.Check
	verdict idv.Verdict
	reason  idv.Reason
}

type refusalKey struct {
	tenant  string
	failure idv.Failure
	rule    string
	field   idv.Field
}

type closedKey struct {
	provider string
	reason   idv.SkipReason
}

func (i *instruments) attempt(ctx context.Context, a idv.Attempt) {
	i.countAttempt(ctx, attemptKey{a.Provider, class(a), a.Phase, a.Charge}, 1)
	k := durationKey{a.Provider, !a.Failed}
	set := i.ofDuration.get(k, func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("provider", k.provider), attribute.String("answered", strconv.FormatBool(k.answered))}
	})
	i.duration.Record(ctx, a.Duration.Seconds(), set.records...)
}

func (i *instruments) countAttempt(ctx context.Context, k attemptKey, n int64) {
	set := i.ofAttempt.get(k, func() []attribute.KeyValue {
		return []attribute.KeyValue{
			attribute.String("provider", k.provider), attribute.String("class", k.class),
			attribute.String("charge", k.charge.String()), attribute.String("phase", k.phase),
		}
	})
	i.attempts.Add(ctx, n, set.adds...)
}

func (i *instruments) verification(ctx context.Context, v *idv.Verification) {
	i.countVerification(ctx, verificationKey{i.tenants.label(v.Tenant), v.Check, v.Verdict, v.Reason}, 1)
	verdict := v.Verdict
	set := i.ofTotal.get(verdict, func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("verdict", verdict.String())}
	})
	i.total.Record(ctx, time.Since(v.CreatedAt).Seconds(), set.records...)
}

func (i *instruments) countVerification(ctx context.Context, k verificationKey, n int64) {
	set := i.ofVerification.get(k, func() []attribute.KeyValue {
		return i.tenants.add(k.tenant,
			attribute.String("check", k.check.String()), attribute.String("verdict", k.verdict.String()), attribute.String("reason", string(k.reason)))
	})
	i.verifications.Add(ctx, n, set.adds...)
}

func (i *instruments) refused(ctx context.Context, tenant idv.Tenant, e *idv.Error) {
	i.countRefusal(ctx, refusalKey{i.tenants.label(tenant), e.Failure, e.Code, e.Field}, 1)
}

func (i *instruments) countRefusal(ctx context.Context, k refusalKey, n int64) {
	set := i.ofRefusal.get(k, func() []attribute.KeyValue {
		return i.tenants.add(k.tenant,
			attribute.String("failure", k.failure.String()), attribute.String("rule", k.rule), attribute.String("field", k.field.String()))
	})
	i.saved.Add(ctx, n, set.adds...)
}

// watch observes with each collection which providers are unavailable.
func (i *instruments) watch(each func(func(string, idv.Availability))) (stop func() error, err error) {
	r, err := i.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		each(func(provider string, a idv.Availability) {
			for _, reason := range closedReasons() {
				value := 0.0
				if reason == a.Reason {
					value = 1
				}
				o.ObserveFloat64(i.closed, value, i.closedSet(provider, reason))
			}
			scheduled := 0.0
			if a.Reason == idv.SkipScheduledMaintenance {
				scheduled = 1
			}
			o.ObserveFloat64(i.scheduled, scheduled, metric.WithAttributes(attribute.String("provider", provider)))
		})
		return nil
	}, i.closed, i.scheduled)
	if err != nil {
		return nil, err
	}
	return r.Unregister, nil
}

func (i *instruments) closedSet(provider string, reason idv.SkipReason) metric.ObserveOption {
	return i.ofClosed.get(closedKey{provider, reason}, func() []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("provider", provider), attribute.String("reason", string(reason))}
	}).observe
}

type options struct {
	adds    []metric.AddOption
	records []metric.RecordOption
	observe metric.ObserveOption
}

// sets keeps the attribute sets of an instrument. The zero value is empty.
type sets[K comparable] struct {
	mu   sync.RWMutex
	list map[K]*options
}

func (s *sets[K]) get(key K, attrs func() []attribute.KeyValue) *options {
	s.mu.RLock()
	found := s.list[key]
	s.mu.RUnlock()
	if found != nil {
		return found
	}
	set := metric.WithAttributeSet(attribute.NewSet(attrs()...))
	made := &options{[]metric.AddOption{set}, []metric.RecordOption{set}, set}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.list == nil {
		s.list = map[K]*options{}
	}
	s.list[key] = made
	return made
}

// prepare gives the counters the series that are to be expected, so that the first event of
// each is an increase and not a new series.
func (i *instruments) prepare(providers []string, checks []idv.Check, rules []string) {
	ctx := context.Background()
	for _, rule := range rules {
		i.countRefusal(ctx, refusalKey{"", idv.InvalidInput, rule, idv.FieldIDNumber}, 0)
	}
	for _, check := range checks {
		for _, v := range verdicts() {
			i.countVerification(ctx, verificationKey{"", check, v, ""}, 0)
		}
		for _, f := range idv.Failures() {
			i.countVerification(ctx, verificationKey{"", check, idv.Undetermined, idv.ReasonOf(f)}, 0)
		}
	}
	for _, provider := range providers {
		i.prepareProvider(ctx, provider)
	}
}

// verdicts are those of an answer.
func verdicts() []idv.Verdict {
	return []idv.Verdict{idv.Match, idv.Mismatch, idv.NoRecord, idv.MismatchOrNoRecord}
}

func (i *instruments) prepareProvider(ctx context.Context, provider string) {
	for _, charge := range []idv.Charge{idv.ChargeUnknown, idv.Charged, idv.NotCharged} {
		for _, v := range verdicts() {
			i.countAttempt(ctx, attemptKey{provider, v.String(), "", charge}, 0)
		}
		for _, f := range idv.Failures() {
			i.countAttempt(ctx, attemptKey{provider, f.String(), "", charge}, 0)
		}
	}
	// Before the request is written, nothing can have been charged.
	for phase, charge := range map[string]idv.Charge{
		"dns": idv.NotCharged, "connect": idv.NotCharged, "tls": idv.NotCharged,
		"write": idv.ChargeUnknown, "first_byte": idv.ChargeUnknown, "body": idv.ChargeUnknown,
	} {
		for _, f := range []idv.Failure{idv.Unavailable, idv.Timeout} {
			i.countAttempt(ctx, attemptKey{provider, f.String(), phase, charge}, 0)
		}
	}
}
