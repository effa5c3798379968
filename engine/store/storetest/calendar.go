package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/internal/storemodel"
)

func calendar() []rule {
	return []rule{
		{"a maintenance window is returned as it was added, and listed by creation", windowKept},
		{"a maintenance window is added once, and only if it is valid", windowOnce},
		{"a removed maintenance window is gone", windowRemoved},
		{"maintenance windows are bounded in number", windowsBounded},
		{"calls that met a maintenance code are counted by provider and time, others are not", sightings},
	}
}

func window(id string, created time.Time) route.Window {
	return route.Window{ID: id, Provider: "p", Cron: "0 2 * * 0", Duration: 2 * time.Hour, Zone: "Asia/Shanghai", Reason: "每周维护", Created: created}
}

func windowKept(ctx context.Context, s store.Store) error {
	then := time.Now().UTC().Truncate(time.Microsecond)
	once := route.Window{ID: "a", Provider: "p", From: then.Add(time.Hour), To: then.Add(2 * time.Hour), Created: then.Add(time.Second)}
	recurring := window("b", then)
	bare := recurring
	bare.Zone, bare.Cron = "", " 0 2  * * 0"
	if err := errors.Join(s.AddWindow(ctx, once), s.AddWindow(ctx, bare)); err != nil {
		return err
	}
	got, err := s.Windows(ctx)
	if diff := cmp.Diff([]route.Window{recurring, once}, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	return nil
}

func windowOnce(ctx context.Context, s store.Store) error {
	if err := s.AddWindow(ctx, window("a", time.Now())); err != nil {
		return err
	}
	if err := want(s.AddWindow(ctx, window("a", time.Now())), store.ErrWindowTwice); err != nil {
		return err
	}
	for field, change := range map[string]func(*route.Window){
		"id": func(w *route.Window) { w.ID = "" }, "provider": func(w *route.Window) { w.Provider = "a\x00" },
		"cron": func(w *route.Window) { w.Cron = "* *" }, "duration": func(w *route.Window) { w.Duration = 0 },
		"zone": func(w *route.Window) { w.Zone = "Mars/Base" }, "reason": func(w *route.Window) { w.Reason = strings.Repeat("a", 300) },
		"to": func(w *route.Window) { w.Cron, w.Duration, w.From = "", 0, time.Now() },
	} {
		w := window("b", time.Now())
		change(&w)
		var fault *route.WindowError
		if err := s.AddWindow(ctx, w); !errors.As(err, &fault) || fault.Field != field {
			return fmt.Errorf("%s: got %w", field, err)
		}
	}
	list, err := s.Windows(ctx)
	if err != nil || len(list) != 1 {
		return fmt.Errorf("%d windows are stored, %w", len(list), err)
	}
	return nil
}

func windowRemoved(ctx context.Context, s store.Store) error {
	for _, id := range append(illegible(), strings.Repeat("a", 300), "", "a") {
		if _, err := s.RemoveWindow(ctx, id); !errors.Is(err, route.ErrNoWindow) {
			return fmt.Errorf("%.20q: got %w", id, err)
		}
	}
	then := time.Now().UTC().Truncate(time.Microsecond)
	if err := errors.Join(s.AddWindow(ctx, window("a", then)), s.AddWindow(ctx, window("b", then))); err != nil {
		return err
	}
	removed, err := s.RemoveWindow(ctx, "a")
	if diff := cmp.Diff(window("a", then), removed); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	_, err = s.RemoveWindow(ctx, "a")
	if err := want(err, route.ErrNoWindow); err != nil {
		return err
	}
	list, err := s.Windows(ctx)
	if err != nil || len(list) != 1 || list[0].ID != "b" {
		return fmt.Errorf("the windows are %+v, %w", list, err)
	}
	return s.AddWindow(ctx, window("a", then))
}

func windowsBounded(ctx context.Context, s store.Store) error {
	for i := range route.MaxWindows {
		if err := s.AddWindow(ctx, window(fmt.Sprint("w", i), time.Now())); err != nil {
			return err
		}
	}
	if err := want(s.AddWindow(ctx, window("more", time.Now())), route.ErrTooManyWindows); err != nil {
		return err
	}
	if _, err := s.RemoveWindow(ctx, "w7"); err != nil {
		return err
	}
	return s.AddWindow(ctx, window("more", time.Now()))
}

// sightings makes calls that end in different ways.
func sightings(ctx context.Context, s store.Store) error {
	begin := time.Now().UTC().Truncate(route.SightingTime)
	failures := []idv.Failure{idv.Maintenance, idv.Maintenance, idv.Unavailable, idv.Maintenance, 0}
	for i, failure := range failures {
		intent := storemodel.Intent(fmt.Sprint("v", i), 1, begin.Add(time.Duration(i)*time.Second))
		intent.Provider = []string{"p", "p", "p", "q", "p"}[i]
		held, err := s.Hold(ctx, intent)
		if err != nil {
			return err
		}
		a := storemodel.Outcome(intent, held, idv.NotCharged)
		if failure != 0 {
			a.Verdict, a.Failed, a.Failure = idv.Undetermined, true, failure
		}
		if err := s.Settle(ctx, a); err != nil {
			return err
		}
	}
	got, err := s.Sightings(ctx, begin)
	wanted := []route.Sighting{{Provider: "p", At: begin, Calls: 2}, {Provider: "q", At: begin, Calls: 1}}
	if diff := cmp.Diff(wanted, got); err != nil || diff != "" {
		return fmt.Errorf("%w, want -, got +:\n%s", err, diff)
	}
	if got, err = s.Sightings(ctx, begin.Add(2*time.Second)); err != nil || len(got) != 1 || got[0].Provider != "q" {
		return fmt.Errorf("since later: %+v, %w", got, err)
	}
	return nil
}
