package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Health is the body of /healthz and /readyz. Status is ok, ready, shutting_down, restored,
// store_unwritable, store_damaged or plugin_failed.
type Health struct {
	Status    string         `json:"status"`
	Providers []api.Provider `json:"providers,omitempty"`
	Away      bool           `json:"fleet_away,omitzero"` // the store is away, so this node does not know which vendors others found away

	Configuration *api.Configuration `json:"configuration,omitempty"`
}

// Admin returns the handler of the admin address: /healthz, /readyz, /metrics and
// /configuration. If it is guarded, the last two need the scope admin, and so do providers and configuration of /readyz; without it the
// two others tell their status alone, since a probe has no key.
func Admin(d Dependencies, guarded bool) http.Handler {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	mux := router{http.NewServeMux(), "use /healthz, /readyz, /metrics or /configuration"}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, Health{Status: "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		health, status := d.ready(r.Context())
		if guarded && (r.Header.Get("Authorization") == "" || d.forbidden(r, access.Admin) != nil) {
			health.Providers, health.Configuration, health.Away = nil, nil, false
		}
		writeJSON(w, status, health)
	})
	serve := func(path string, h http.HandlerFunc) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			if guarded {
				if problem := d.forbidden(r, access.Admin); problem != nil {
					writeProblem(w, problem)
					return
				}
			}
			h(w, r)
		})
	}
	if d.Metrics != nil {
		serve("/metrics", d.Metrics.ServeHTTP)
	}
	if d.Running != nil {
		serve("/configuration", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, d.Running) })
	}
	return d.observed(mux, protect(d.admit(mux)))
}

// ready reports whether this node should get requests, as a body and a status. Closed
// vendors do not make it unready: heyan still checks locally and reports when they are
// back. A plugin that cannot be started, or a store that cannot write an intent, does.
func (d Dependencies) ready(ctx context.Context) (Health, int) {
	if d.Engine.Closing() || d.Stopping != nil && d.Stopping() {
		return Health{Status: "shutting_down"}, http.StatusServiceUnavailable
	}
	health := Health{Status: "ready", Providers: d.providers(), Away: d.Away != nil && d.Away()}
	if d.Configuration != nil {
		c := d.Configuration()
		health.Configuration = &c
	}
	if d.Ready != nil {
		if err := d.Ready(ctx); err != nil {
			health.Status = "store_unwritable"
			var gap *store.GapError
			switch {
			case errors.Is(err, store.ErrDamaged):
				health.Status = "store_damaged"
			case errors.As(err, &gap):
				health.Status = string(engine.ClassRestored)
			}
			return health, http.StatusServiceUnavailable
		}
	}
	for _, p := range health.Providers {
		if p.Plugin != nil && p.Plugin.Phase == plugins.Failed {
			health.Status = "plugin_failed"
			return health, http.StatusServiceUnavailable
		}
	}
	return health, http.StatusOK
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = strictjson.Write(w, v) // an error means that the client disconnected
}
