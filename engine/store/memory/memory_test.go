package memory_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/engine/store/storetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(_ *testing.T, c *storetest.Clock) store.Store {
		s := memory.New(0)
		s.Clock = c.Checked()
		return s
	})
}

// TestModel runs a hundred tenants with ten thousand operations each, or 200 with
// -short.
func TestModel(t *testing.T) {
	t.Parallel()
	ops := 10_000
	if testing.Short() {
		ops = 200
	}
	storemodel.Model(t, memory.New(1_000_000), 100, ops, uint64(time.Now().UnixNano()))
}

func TestKeepsTheLast(t *testing.T) {
	t.Parallel()
	s := memory.New(3)
	for i := range 5 {
		v := idv.Verification{ID: strconv.Itoa(i), Tenant: "t"}
		if err := s.Complete(t.Context(), store.Key{}, v); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 5 {
		_, err := s.Verification(t.Context(), "t", strconv.Itoa(i))
		if gone := errors.Is(err, store.ErrNotFound); gone != (i < 2) {
			t.Errorf("verification %d: gone %v, want %v", i, gone, i < 2)
		}
	}
}
