package daemon

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/drift"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// answerQueue takes the answers of providers to the drift detector, off the path of the
// request.
type answerQueue struct {
	detector drift.Detector
	answers  chan drift.Answer
	dropped  atomic.Int64
}

// maxQueuedAnswers bounds the queue. The detector needs less than a microsecond for each
// answer, so the queue is full only while the process is starved; answers are dropped then.
const maxQueuedAnswers = 4096

// newAnswerQueue returns a queue of the answers that pass by the telemetry.
func newAnswerQueue(o *telemetry.Options) *answerQueue {
	q := &answerQueue{answers: make(chan drift.Answer, maxQueuedAnswers)}
	o.Observe = q.observe
	return q
}

// observe queues the answers of a verification and returns at once.
func (q *answerQueue) observe(v *idv.Verification) {
	for i := range v.Attempts {
		a := &v.Attempts[i]
		if a.Failed {
			continue
		}
		answer := drift.Answer{
			Provider: a.Provider, Source: drift.Source{Tenant: v.Tenant, App: v.App, Purpose: v.Purpose}, Verdict: a.Verdict, At: a.StartedAt,
		}
		select {
		case q.answers <- answer:
		default:
			q.dropped.Add(1)
		}
	}
}

// listen judges answers and reports alarms until ctx is done.
func (q *answerQueue) listen(ctx context.Context, m *maintenance) {
	for {
		select {
		case a := <-q.answers:
			if found, ok := q.detector.Observe(a); ok {
				_ = m.notify(ctx, driftAlert(&found)) // the queue logs dropped alerts itself
			}
		case <-ctx.Done():
			return
		}
	}
}

func driftAlert(a *drift.Alarm) alert.Alert {
	d := alert.Drifted{Change: string(a.Change), Since: a.Since, Before: api.ByVerdict(a.Before), After: api.ByVerdict(a.After)}
	var only drift.Source
	if a.Source != nil {
		only = *a.Source
	}
	return alert.NewDrift(a.Provider, string(only.Tenant), only.App, d, a.At)
}

// judged has observed which providers are in an episode of drift, and how many answers were not
// judged.
func (i *instruments) judged(current func() *assemble.App, q *answerQueue) error {
	_, err := i.meter.RegisterCallback(func(_ context.Context, to otelmetric.Observer) error {
		for _, p := range current().Engine.Providers() {
			episode := q.detector.State(p.Name).Episode
			to.ObserveFloat64(i.drift, number(episode != nil), otelmetric.WithAttributes(attribute.String("provider", p.Name)))
		}
		to.ObserveInt64(i.unjudged, q.dropped.Load())
		return nil
	}, i.drift, i.unjudged)
	return err
}
