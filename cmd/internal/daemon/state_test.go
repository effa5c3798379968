package daemon

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// probedStore answers a check of readiness with the state of the check's context.
type probedStore struct {
	store.Store
	hangs  bool
	probes int
}

func (s *probedStore) Ready(ctx context.Context) error {
	s.probes++
	if s.hangs {
		<-ctx.Done()
	}
	return ctx.Err()
}

// TestCallerThatHangsUpDoesNotSpoilReadiness: its canceled context is not the answer for
// the next caller, who gets the cached one.
func TestCallerThatHangsUpDoesNotSpoilReadiness(t *testing.T) {
	t.Parallel()
	s := &probedStore{}
	c := readinessCache{store: s}
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	_ = c.Ready(gone)
	if err := c.Ready(t.Context()); err != nil || s.probes != 1 {
		t.Errorf("%v after %d checks, want nil after 1", err, s.probes)
	}
}

// TestReadinessHasItsOwnDeadline: a store that hangs makes a probe wait no longer than
// that, whatever the caller's context allows.
func TestReadinessHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := readinessCache{store: &probedStore{hangs: true}}
		began := time.Now()
		if err := c.Ready(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != readinessTimeout {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
