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

// newReloadStatus returns the status after the start. It counts reloads, each result from 0.
func newReloadStatus(reloads metric.Int64Counter) *reloadStatus {
	s := &reloadStatus{reloads: reloads, now: api.Configuration{LoadedAt: time.Now()}}
	for _, result := range []string{reloadLoaded, reloadUnchanged, reloadRejected} {
		s.count(result, 0)
	}
	return s
}

// measured returns when the configuration in use was loaded, and whether the files differ from it.
func (s *reloadStatus) measured() (loaded time.Time, differs bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.LoadedAt, s.differs
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
