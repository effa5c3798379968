package memory

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// AddFindings adds findings to those that are kept.
func (s *Store) AddFindings(_ context.Context, list []idv.Finding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range list {
		if f.Storable() {
			f.First, f.Last = f.First.UTC().Truncate(time.Microsecond), f.Last.UTC().Truncate(time.Microsecond)
			s.findings.Add(f, store.MaxFindings)
		}
	}
	return nil
}

// Findings returns the findings of a provider, or of all.
func (s *Store) Findings(_ context.Context, provider string) ([]idv.Finding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findings.List(provider), nil
}
