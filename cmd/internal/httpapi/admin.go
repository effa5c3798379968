package httpapi

import (
	"net/http"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/providers/strictjson"
)

// Health is the body of /healthz and /readyz.
type Health struct {
	Status    string     `json:"status"`
	Providers []Provider `json:"providers,omitempty"`
}

// Admin returns the handler of the admin address: /healthz, /readyz and, if metrics
// is not nil, /metrics. It has no authentication and belongs on an address that
// callers do not reach.
func Admin(e *engine.Engine, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, Health{Status: "ok"})
	})
	// Ready means that requests are taken. It does not wait for vendors: while all of
	// them are closed heyan still checks locally and says who is back when.
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if e.Closing() {
			writeJSON(w, http.StatusServiceUnavailable, Health{Status: "shutting_down"})
			return
		}
		writeJSON(w, http.StatusOK, Health{Status: "ready", Providers: views(e)})
	})
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, "not_found", "there are /healthz, /readyz and /metrics here"))
	})
	return guarded(mux)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = strictjson.Write(w, v) // the caller has gone if this fails
}
