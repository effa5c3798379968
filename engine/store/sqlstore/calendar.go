package sqlstore

import (
	"context"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
)

const (
	windowColumns   = `id, provider, cron, duration_us, zone, from_at, to_at, reason, created_at`
	selectWindows   = `SELECT ` + windowColumns + ` FROM maintenance_windows ORDER BY created_at, id`
	insertWindow    = `INSERT INTO maintenance_windows (` + windowColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	deleteWindow    = `DELETE FROM maintenance_windows WHERE id = $1`
	selectSightings = `SELECT provider, at / 300000000, COUNT(*) FROM holds WHERE ending = 'maintenance' AND failed = 1 AND at >= $1
		GROUP BY provider, at / 300000000 ORDER BY provider, at / 300000000`
)

// AddWindow stores a window.
func (s *Store) AddWindow(ctx context.Context, w route.Window) error {
	w, err := store.CanonicalWindow(w)
	if err != nil {
		return err
	}
	return s.act(ctx, s.admin, &operation{
		need: func(n *needs) { n.windows = true },
		do:   func(u *unit) error { return u.addWindow(w) },
	})
}

func (u *unit) addWindow(w route.Window) error {
	if _, ok := u.windows[w.ID]; ok {
		return store.ErrWindowTwice
	}
	if len(u.windows) >= route.MaxWindows {
		return route.ErrTooManyWindows
	}
	u.windows[w.ID] = w
	u.writes = append(u.writes, statement{sql: insertWindow, args: []any{
		w.ID, w.Provider, w.Cron, w.Duration.Microseconds(), w.Zone, micros(w.From), micros(w.To), w.Reason, micros(w.Created),
	}})
	u.report(store.Change{Topic: store.TopicCalendar, ID: w.ID})
	return nil
}

// RemoveWindow removes a window and returns it.
func (s *Store) RemoveWindow(ctx context.Context, id string) (removed route.Window, err error) {
	if idv.CheckText(id, idv.MaxName) != idv.TextFits {
		return removed, route.ErrNoWindow
	}
	err = s.act(ctx, s.admin, &operation{
		need: func(n *needs) { n.windows = true },
		do: func(u *unit) error {
			w, ok := u.windows[id]
			if !ok {
				return route.ErrNoWindow
			}
			delete(u.windows, id)
			removed = w
			u.writes = append(u.writes, statement{sql: deleteWindow, args: []any{id}})
			u.report(store.Change{Topic: store.TopicCalendar, ID: id})
			return nil
		},
	})
	if err != nil {
		return route.Window{}, err
	}
	return removed, nil
}

// Windows returns all windows by creation.
func (s *Store) Windows(ctx context.Context) ([]route.Window, error) {
	return list(ctx, s.backend, selectWindows, nil, scanWindow)
}

// Sightings returns the calls since a time that met a maintenance code.
func (s *Store) Sightings(ctx context.Context, since time.Time) ([]route.Sighting, error) {
	return list(ctx, s.backend, selectSightings, []any{micros(since)}, func(r row) (found route.Sighting, err error) {
		var bucket int64
		err = r.Scan(&found.Provider, &bucket, &found.Calls)
		found.At = time.UnixMicro(bucket * route.SightingTime.Microseconds()).UTC()
		return found, err
	})
}

// readWindows reads all windows, which are few.
func (u *unit) readWindows(n *needs) []statement {
	if !n.windows {
		return nil
	}
	return []statement{{selectWindows, nil, func(r row) error {
		w, err := scanWindow(r)
		u.windows[w.ID] = w
		return err
	}}}
}

func scanWindow(r row) (w route.Window, err error) {
	var duration, from, to, created int64
	err = r.Scan(&w.ID, &w.Provider, &w.Cron, &duration, &w.Zone, &from, &to, &w.Reason, &created)
	w.Duration = time.Duration(duration) * time.Microsecond
	w.From, w.To, w.Created = timeOf(from), timeOf(to), timeOf(created)
	return w, err
}
