package telemetry

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Store has the metrics of a store. A nil *Store records nothing. It is safe for concurrent
// use.
type Store struct {
	commits           metric.Float64Histogram
	queue             metric.Float64ObservableGauge
	meter             metric.Meter
	committed, failed metric.MeasurementOption
}

// NewStore creates the metrics of a store, nil if the options have no metrics.
func NewStore(o Options) (*Store, error) {
	if o.Metrics == nil {
		return nil, nil
	}
	i := Instruments{Meter: o.Metrics.Meter(scope), Table: StoreMetrics()}
	result := func(word string) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(attribute.String("result", word)))
	}
	s := &Store{
		commits: i.Histogram("heyan.store.commit.duration"), queue: i.Gauge("heyan.store.queue"), meter: i.Meter,
		committed: result("committed"), failed: result("failed"),
	}
	if err := i.Err(); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return s, nil
}

// Commit records one transaction.
func (s *Store) Commit(d time.Duration, err error) {
	if s == nil {
		return
	}
	result := s.committed
	if err != nil {
		result = s.failed
	}
	s.commits.Record(context.Background(), d.Seconds(), result)
}

// Queue lets the metric of waiting operations observe them with each collection.
func (s *Store) Queue(waiting func() int) error {
	if s == nil {
		return nil
	}
	_, err := s.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveFloat64(s.queue, float64(waiting()))
		return nil
	}, s.queue)
	return err
}
