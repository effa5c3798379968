package store

import (
	"context"
	"errors"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
)

// ErrWindowTwice means that a window with this id is already stored.
var ErrWindowTwice = errors.New("a maintenance window with this id exists already")

// Calendar stores maintenance windows that operators declare while heyan runs. The provider of
// a window need not be configured.
type Calendar interface {
	// AddWindow stores a window in its canonical form, see CanonicalWindow. It returns a
	// *route.WindowError if the window is not valid, ErrWindowTwice if its id is taken, and
	// route.ErrTooManyWindows if there are route.MaxWindows.
	AddWindow(ctx context.Context, w route.Window) error
	// RemoveWindow removes a window and returns it, or route.ErrNoWindow.
	RemoveWindow(ctx context.Context, id string) (route.Window, error)
	// Windows returns all windows by creation. Nodes read them every second.
	Windows(ctx context.Context) ([]route.Window, error)
	// Sightings returns the calls since a time that met a maintenance code, by provider and
	// time.
	Sightings(ctx context.Context, since time.Time) ([]route.Sighting, error)
}

// WindowOf returns a stored window by its id, or route.ErrNoWindow.
func WindowOf(ctx context.Context, s Calendar, id string) (route.Window, error) {
	list, err := s.Windows(ctx)
	if err != nil {
		return route.Window{}, err
	}
	for _, w := range list {
		if w.ID == id {
			return w, nil
		}
	}
	return route.Window{}, route.ErrNoWindow
}

// CanonicalWindow returns the window as it is stored, or a *route.WindowError.
func CanonicalWindow(w route.Window) (route.Window, error) {
	if fault := idv.CheckText(w.ID, idv.MaxName); w.ID == "" || fault != idv.TextFits {
		return w, &route.WindowError{Field: "id", Message: "is missing or not legible"}
	}
	if fault := idv.CheckText(w.Provider, idv.MaxName); fault != idv.TextFits {
		return w, &route.WindowError{Field: "provider", Message: fault.Help()}
	}
	w.Created = w.Created.UTC().Truncate(time.Microsecond)
	w.Duration = w.Duration.Truncate(time.Microsecond)
	return w.Canonical()
}
