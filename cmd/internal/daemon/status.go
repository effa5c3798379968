package daemon

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/cmd/internal/api"
)

// The results of a reload, as the metric names them.
const (
	reloadLoaded    = "loaded"
	reloadUnchanged = "unchanged"
	reloadRejected  = "rejected"
)

// reloadStatus is what /readyz and the metrics say of the configuration.
type reloadStatus struct {
	reloads metric.Int64Counter

	mu      sync.Mutex
	now     api.Configuration // State is set by view
	differs bool              // the files differ from what is in use
}

// newReloadStatus returns the status after the start, and exports it.
func newReloadStatus(meter metric.Meter) (*reloadStatus, error) {
	s := &reloadStatus{now: api.Configuration{LoadedAt: time.Now()}}
	var err error
	s.reloads, err = meter.Int64Counter("heyan.config.reloads", metric.WithDescription("Reloads of the configuration, by result."))
	if err != nil {
		return nil, err
	}
	for _, result := range []string{reloadLoaded, reloadUnchanged, reloadRejected} {
		s.count(result, 0)
	}
	loaded, err := meter.Int64ObservableGauge("heyan.config.loaded", metric.WithUnit("s"),
		metric.WithDescription("When the configuration in use was loaded, in seconds since 1970."))
	if err != nil {
		return nil, err
	}
	differs, err := meter.Int64ObservableGauge("heyan.config.differs",
		metric.WithDescription("1 while the files of the configuration differ from what is in use, 0 otherwise."))
	if err != nil {
		return nil, err
	}
	_, err = meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		value := int64(0)
		if s.differs {
			value = 1
		}
		to.ObserveInt64(loaded, s.now.LoadedAt.Unix())
		to.ObserveInt64(differs, value)
		return nil
	}, loaded, differs)
	return s, err
}

func (s *reloadStatus) count(result string, n int64) {
	s.reloads.Add(context.Background(), n, metric.WithAttributes(attribute.String("result", result)))
}

// view returns the status for operators.
func (s *reloadStatus) view() api.Configuration {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.now
	switch {
	case !v.Rejected.IsZero():
		v.State = "rejected"
	case s.differs:
		v.State = "changed"
	default:
		v.State = "current"
	}
	return v
}

// see notes whether the files differ from what is in use.
func (s *reloadStatus) see(differs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.differs = differs
}

// accepted notes a reload that left nothing to do.
func (s *reloadStatus) accepted(result string) {
	s.count(result, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.differs = api.Configuration{LoadedAt: time.Now()}, false
}

// rejected notes a reload that changed nothing.
func (s *reloadStatus) rejected(changed, errors []string) {
	s.count(reloadRejected, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.Rejected, s.now.Changed, s.now.Errors, s.differs = time.Now(), changed, errors, true
}
