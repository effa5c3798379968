package daemon

import (
	"context"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/cmd/internal/dropin"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/telemetry"
)

// serverMetrics lists the metrics of the HTTP servers, by the semantic conventions of
// OpenTelemetry.
func serverMetrics() []telemetry.Metric {
	return []telemetry.Metric{
		{
			Name: "http.server.request.duration", Prometheus: "http_server_request_duration_seconds", Kind: telemetry.Histogram, Unit: "s",
			Labels:  []string{"http_request_method", "http_response_status_code", "http_route"},
			Help:    "Duration of requests to all addresses, by the template of the route, never its path.",
			Buckets: []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10},
		}, {
			Name: "http.server.active_requests", Prometheus: "http_server_active_requests", Kind: telemetry.Gauge,
			Help: "Requests in flight at all addresses.",
		}, {
			Name: "heyan.dropin.answers", Prometheus: "heyan_dropin_answers_total", Kind: telemetry.Counter, Labels: []string{"form", "code"},
			Help: "Answers of the drop-in address, by the vendor whose form they have and the code, both of docs/dropin-table.md.",
		},
	}
}

// measured counts and times the requests of a handler. Of a request it reads the method and
// the template of its route: a path may hold an id.
func (i *instruments) measured(route func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		i.active.Add(r.Context(), 1)
		defer i.active.Add(r.Context(), -1)
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(status, r)
		i.requests.Record(r.Context(), time.Since(begun).Seconds(), i.series(served{method(r.Method), route(r), status.status}))
	})
}

// served is the kind of a served request, of which each has a series.
type served struct {
	method, route string
	status        int
}

// series returns the attributes of a kind of request. They are made once, since that takes
// longer than recording.
func (i *instruments) series(s served) otelmetric.RecordOption {
	if made, ok := i.attributes.Load(s); ok {
		return made.(otelmetric.RecordOption)
	}
	made, _ := i.attributes.LoadOrStore(s, otelmetric.WithAttributeSet(attribute.NewSet(
		attribute.String("http.request.method", s.method), attribute.Int("http.response.status_code", s.status), attribute.String("http.route", s.route))))
	return made.(otelmetric.RecordOption)
}

// answered counts an answer of the drop-in address.
func (i *instruments) answered(form, code string) { i.countAnswers(form, code, 1) }

func (i *instruments) countAnswers(form, code string, n int64) {
	i.dropins.Add(context.Background(), n, otelmetric.WithAttributes(attribute.String("form", form), attribute.String("code", code)))
}

// dropin has the answers of a drop-in address counted from 0.
func (i *instruments) dropin(c config.Dropin) {
	if c.Listen == "" {
		return
	}
	for _, one := range dropin.Answers() {
		i.countAnswers(one[0], one[1], 0)
	}
}

// method returns a method of HTTP, "_OTHER" for the rest, which callers could make up
// without end.
func method(m string) string {
	known := []string{
		http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions,
		http.MethodConnect, http.MethodTrace,
	}
	if slices.Contains(known, m) {
		return m
	}
	return "_OTHER"
}

// statusWriter keeps the status of a response.
type statusWriter struct {
	http.ResponseWriter

	status  int
	written bool
}

// WriteHeader keeps the first final status.
func (w *statusWriter) WriteHeader(status int) {
	if !w.written && status >= http.StatusOK {
		w.status, w.written = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what the server's writer can do.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
