package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
)

// AddWindow stores a window.
func (s *Store) AddWindow(ctx context.Context, w route.Window) error {
	w, err := store.CanonicalWindow(w)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acting(ctx, s.now(), func() error {
		if _, ok := s.windows[w.ID]; ok {
			return store.ErrWindowTwice
		}
		if len(s.windows) >= route.MaxWindows {
			return route.ErrTooManyWindows
		}
		s.windows[w.ID] = w
		return nil
	})
}

// RemoveWindow removes a window and returns it.
func (s *Store) RemoveWindow(ctx context.Context, id string) (removed route.Window, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.acting(ctx, s.now(), func() error {
		w, ok := s.windows[id]
		if !ok {
			return route.ErrNoWindow
		}
		delete(s.windows, id)
		removed = w
		return nil
	})
	return removed, err
}

// Windows returns all windows by creation.
func (s *Store) Windows(context.Context) ([]route.Window, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.windows), func(a, b route.Window) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	}), nil
}

// Sightings returns the calls since a time that met a maintenance code.
func (s *Store) Sightings(_ context.Context, since time.Time) ([]route.Sighting, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[route.Sighting]int64{}
	found := s.book.Holds(func(h *ledger.Hold) bool {
		return h.OutcomeRecorded && h.Outcome.Failed && h.Outcome.Failure == idv.Maintenance && !h.Intent.At.Before(since)
	})
	for i := range found {
		call := &found[i].Intent
		counts[route.Sighting{Provider: call.Provider, At: call.At.UTC().Truncate(route.SightingTime)}]++
	}
	var list []route.Sighting
	for one, n := range counts {
		one.Calls = n
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b route.Sighting) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), a.At.Compare(b.At))
	})
	return list, nil
}
