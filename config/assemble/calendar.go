package assemble

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/route"
)

// calendar is what the engine of an app was told about maintenance windows.
type calendar struct {
	mu         sync.Mutex
	configured []route.Window
	stored     []route.Window
}

// openCalendar returns the calendar that the engine begins with. An app that succeeds another
// begins with what that one knew, so that it can take over while the store is away.
func (a *App) openCalendar(ctx context.Context, before *App) (c *route.Calendar, err error) {
	a.calendar.configured = config.Windows(a.config)
	if before != nil {
		before.calendar.mu.Lock()
		a.calendar.stored = before.calendar.stored
		before.calendar.mu.Unlock()
	} else if a.calendar.stored, err = a.Store.Windows(ctx); err != nil {
		return nil, err
	}
	return a.windows(), nil
}

// RefreshCalendar has the engine follow the maintenance windows in the store from now on. After
// an error it follows those that it knew.
func (a *App) RefreshCalendar(ctx context.Context) error {
	stored, err := a.Store.Windows(ctx)
	if err != nil {
		return err
	}
	a.calendar.mu.Lock()
	defer a.calendar.mu.Unlock()
	if !slices.Equal(stored, a.calendar.stored) {
		a.calendar.stored = stored
		a.Engine.SetCalendar(a.windows())
	}
	return nil
}

// windows returns the calendar of the configured and the stored windows.
func (a *App) windows() *route.Calendar {
	for _, w := range a.calendar.stored {
		var fault *route.WindowError
		if _, err := route.NewCalendar([]route.Window{w}); errors.As(err, &fault) {
			a.log.Warn("stored maintenance window is not valid on this node and has no effect",
				slog.String("id", w.ID), slog.String("field", fault.Field), slog.String("fault", fault.Message))
		}
	}
	c, _ := route.NewCalendar(slices.Concat(a.calendar.configured, a.calendar.stored))
	return c
}
