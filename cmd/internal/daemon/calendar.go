package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// calendarEvery is how often the stored maintenance windows are read. Changes that the store
// reports are read at once; some may be lost.
const calendarEvery = time.Second

// calendarTime bounds one reading.
const calendarTime = 5 * time.Second

// followCalendar has the engine follow the maintenance windows in the store, which any node or
// command may change. While the store is away the last ones count.
func (m *maintenance) followCalendar(ctx context.Context) {
	ticker := time.NewTicker(calendarEvery)
	defer ticker.Stop()
	changes := m.app().Store.Changes(ctx)
	failing := false
	for {
		select {
		case <-ticker.C:
		case c, ok := <-changes:
			if !ok {
				changes = nil
			}
			if !c.Of(store.TopicCalendar) {
				continue
			}
		case <-ctx.Done():
			return
		}
		err := m.readCalendar(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && !failing:
			m.log.Warn("reading the maintenance calendar failed; the last windows count until it succeeds", slog.String("kind", store.Kind(err)))
		case err == nil && failing:
			m.log.Info("the maintenance calendar is read again")
		}
		failing = err != nil
	}
}

func (m *maintenance) readCalendar(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, calendarTime)
	defer cancel()
	return m.app().RefreshCalendar(ctx)
}
