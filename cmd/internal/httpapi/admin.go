package httpapi

import (
	"context"
	"net/http"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Health is the body of /healthz and /readyz.
type Health struct {
	Status    string         `json:"status"`
	Providers []api.Provider `json:"providers,omitempty"`
}

// Admin returns the handler of the admin address: /healthz, /readyz and /metrics. It
// has no authentication and belongs on an address that callers do not reach.
func Admin(h Dependencies) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, Health{Status: "ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		health, status := h.ready(r.Context())
		writeJSON(w, status, health)
	})
	if h.Metrics != nil {
		mux.Handle("GET /metrics", h.Metrics)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, "not_found", "there are /healthz, /readyz and /metrics here"))
	})
	return guarded(mux)
}

// ready says whether requests should be sent here. It does not wait for vendors:
// while all of them are closed heyan still checks locally and says who is back
// when. But a plugin that cannot be started is a fault of this node, and where no
// intent can be written no call is made.
func (h Dependencies) ready(ctx context.Context) (Health, int) {
	if h.Engine.Closing() {
		return Health{Status: "shutting_down"}, http.StatusServiceUnavailable
	}
	health := Health{Status: "ready", Providers: h.views()}
	if h.Ready != nil && h.Ready(ctx) != nil {
		health.Status = "store_unwritable"
		return health, http.StatusServiceUnavailable
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
	_ = strictjson.Write(w, v) // the caller has gone if this fails
}
