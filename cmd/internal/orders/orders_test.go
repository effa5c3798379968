package orders_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/orders"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	return enginetest.Engine(t, enginetest.Options(enginetest.New("a"), enginetest.New("b")))
}

func reason(e *engine.Engine) idv.SkipReason { return e.Providers()[0].Availability.Reason }

// TestKeeper gives one order after the other and reads what is left of them.
func TestKeeper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, e := memory.New(0), newEngine(t)
		var log bytes.Buffer
		k := orders.New(s, func() orders.Engine { return e }, slog.New(slog.NewTextHandler(&log, nil)))
		for _, step := range []struct {
			order store.Order
			want  idv.SkipReason
		}{
			{store.Order{Kind: store.OrderDrain, Reason: "ticket"}, idv.SkipDrained},
			{store.Order{Kind: store.OrderClose, Reason: "announced"}, idv.SkipMaintenance},
			{store.Order{Kind: store.OrderDrain}, idv.SkipDrained},
			{store.Order{Kind: store.OrderResume}, ""},
			{store.Order{Kind: store.OrderDrain, Until: time.Now().Add(time.Hour)}, idv.SkipDrained},
		} {
			step.order.Provider = "a"
			if err := errors.Join(k.Set(t.Context(), step.order), k.Read(t.Context())); err != nil || reason(e) != step.want {
				t.Errorf("%+v: the provider is %q, %v, want %q", step.order, reason(e), err, step.want)
			}
			if o, stands := k.Standing("a"); stands != (step.want != "") || stands && o.Kind != step.order.Kind {
				t.Errorf("%+v: standing %+v, %v", step.order, o, stands)
			}
			time.Sleep(time.Microsecond)
		}
		// A reload that makes the provider anew loses nothing.
		e = newEngine(t)
		if err := k.Read(t.Context()); err != nil || reason(e) != idv.SkipDrained {
			t.Errorf("with another engine: %q, %v", reason(e), err)
		}
		time.Sleep(time.Hour)
		if _, stands := k.Standing("a"); stands || reason(e) != "" {
			t.Errorf("after its time: %q, %v", reason(e), stands)
		}
		if err := k.Set(t.Context(), store.Order{Provider: "zz", Kind: store.OrderDrain}); !errors.Is(err, engine.ErrNoProvider) {
			t.Errorf("an unknown provider: %v", err)
		}
		if !strings.Contains(log.String(), "reason=ticket") {
			t.Errorf("the log: %s", &log)
		}
	})
}

// TestFirstReading: at the start a resumed provider keeps what it learned, and a standing order
// is carried out.
func TestFirstReading(t *testing.T) {
	t.Parallel()
	s, e := memory.New(0), newEngine(t)
	for _, o := range []store.Order{{Provider: "a", Kind: store.OrderResume}, {Provider: "b", Kind: store.OrderDrain}, {Provider: "gone", Kind: store.OrderDrain}} {
		if _, err := s.SetOrder(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.SetUnavailable("a", time.Time{}); err != nil {
		t.Fatal(err)
	}
	k := orders.New(s, func() orders.Engine { return e }, slog.New(slog.DiscardHandler))
	if err := k.Read(t.Context()); err != nil || reason(e) != idv.SkipMaintenance || e.Providers()[1].Availability.Reason != idv.SkipDrained {
		t.Errorf("got %+v, %v", e.Providers(), err)
	}
}
