package daemon_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// scrape reads /metrics.
func (h *fixture) scrape() map[string]*dto.MetricFamily {
	h.t.Helper()
	resp, err := http.Get("http://" + h.at.AdminListen + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return families
}

// sample returns the value of a series, and whether there is one, by its labels in the form
// a="b".
func sample(f *dto.MetricFamily, labels ...string) (float64, bool) {
	for _, m := range f.GetMetric() {
		have := map[string]bool{}
		for _, l := range m.GetLabel() {
			have[l.GetName()+"="+l.GetValue()] = true
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !have[l] }) {
			continue
		}
		return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount()), true
	}
	return 0, false
}

// runtimeMetric reports whether a metric is one of the Go runtime, the process or the
// exporters, whose libraries describe them.
func runtimeMetric(name string) bool {
	return slices.ContainsFunc([]string{"go_", "process_", "promhttp_", "target_info"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// TestMetricsAreThoseOfTheTable compares /metrics with the table in both directions: name,
// type, unit, labels and help. A new metric needs a line in the table.
func TestMetricsAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	file := durable(filepath.Join(t.TempDir(), "heyan.db"))
	h := start(t, func(c *config.Config) { file(c); often(c); dropinFront(c) }, "idcert-a", "idcert-b")
	h.lot("idcert-a", 100)
	h.verify("张三", number)
	h.wait(func() bool { _, ok := sample(h.scrape()["heyan_ledger_days_left"], "provider=idcert-a"); return ok })
	families := h.scrape()
	table := map[string]telemetry.Metric{}
	for _, m := range daemon.Metrics() {
		if _, twice := table[m.Prometheus]; twice {
			t.Errorf("%s stands twice in the table", m.Prometheus)
		}
		table[m.Prometheus] = m
	}
	for name, f := range families {
		m, ok := table[name]
		if !ok {
			if !runtimeMetric(name) {
				t.Errorf("%s is not in the table; add it to daemon.Metrics", name)
			}
			continue
		}
		check(t, m, f)
	}
	for name, m := range table {
		switch {
		case strings.HasPrefix(m.Name, "heyan.plugin."): // needs a plugin
		case strings.HasPrefix(m.Name, "heyan.webhook."): // needs a webhook
		case m.Name == "heyan.second_opinions": // needs a purpose that asks for them
		case name == "heyan_certificate_expiry_timestamp_seconds": // needs TLS
		case families[name] == nil:
			t.Errorf("/metrics has no %s", name)
		}
	}
}

// check compares a family with its line in the table.
func check(t *testing.T, m telemetry.Metric, f *dto.MetricFamily) {
	t.Helper()
	if got := strings.ToLower(f.GetType().String()); got != string(m.Kind) {
		t.Errorf("%s is a %s, the table says %s", m.Prometheus, got, m.Kind)
	}
	if f.GetHelp() != m.Help {
		t.Errorf("%s: help %q, the table says %q", m.Prometheus, f.GetHelp(), m.Help)
	}
	if m.Unit == "s" && !strings.HasSuffix(m.Prometheus, "_seconds") || m.Kind == telemetry.Counter && !strings.HasSuffix(m.Prometheus, "_total") {
		t.Errorf("%s breaks the naming rules of Prometheus", m.Prometheus)
	}
	want := slices.Sorted(slices.Values(m.Labels))
	for _, one := range f.GetMetric() {
		var have []string
		for _, l := range one.GetLabel() {
			have = append(have, l.GetName())
		}
		if slices.Sort(have); !slices.Equal(have, want) {
			t.Errorf("%s has the labels %v, the table says %v", m.Prometheus, have, want)
		}
	}
}

// TestCountersExistFromTheStart: an alert on an increase would miss the first event of a
// series that begins with it.
func TestCountersExistFromTheStart(t *testing.T) {
	t.Parallel()
	families := start(t, nil, "idcert-a").scrape()
	tests := []struct {
		name   string
		labels []string
	}{
		{"heyan_verifications_total", []string{"check=id_name", "verdict=match", "reason="}},
		{"heyan_verifications_total", []string{"check=id_name", "verdict=undetermined", "reason=maintenance"}},
		{"heyan_attempts_total", []string{"provider=idcert-a", "class=no_record", "charge=unknown", "phase="}},
		{"heyan_attempts_total", []string{"provider=idcert-b", "class=credentials", "charge=not_charged", "phase="}},
		{"heyan_attempts_total", []string{"provider=idcert-a", "class=timeout", "charge=unknown", "phase=first_byte"}},
		{"heyan_saved_calls_total", []string{"failure=invalid_input", "rule=check_digit", "field=id_number"}},
		{"heyan_provider_closed", []string{"provider=idcert-a", "reason=breaker_open"}},
		{"heyan_alerts_total", []string{"provider=idcert-a", "kind=used_up"}},
		{"heyan_config_reloads_total", []string{"result=rejected"}},
		{"heyan_config_differs", nil},
		{"heyan_fleet_away", nil},
		{"heyan_requests_refused_total", []string{"reason=wrong_secret"}},
		{"heyan_provider_outages_total", []string{"provider=idcert-a"}},
		{"heyan_telemetry_export_failures_total", []string{"signal=logs"}},
		{"heyan_telemetry_dropped_total", []string{"signal=traces"}},
		{"heyan_telemetry_dropped_total", []string{"signal=logs"}},
		{"heyan_store_queue", nil},
		{"heyan_build_info", []string{"version=test"}},
	}
	for _, tt := range tests {
		t.Run(tt.name+fmt.Sprint(tt.labels), func(t *testing.T) {
			want := 0.0
			if tt.name == "heyan_build_info" {
				want = 1
			}
			if got, ok := sample(families[tt.name], tt.labels...); !ok || got != want {
				t.Errorf("got %v, %v, want %v", got, ok, want)
			}
		})
	}
}

// TestServerMetricsHaveTemplates: no id and no name of a path becomes a label.
func TestServerMetricsHaveTemplates(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	h.post(http.StatusOK, "/v1/verifications", question)
	h.call("GET", "http://"+h.at.Listen+"/v1/verifications/ver_canary", "")
	h.call("POST", "http://"+h.at.Listen+"/v1/providers/idcert-a:drain", "")
	h.call("GET", "http://"+h.at.Listen+"/"+number, "")
	h.call("GET", "http://"+h.at.Listen+"/canary", "")
	h.call("BREW", "http://"+h.at.Listen+"/v1/providers", "")
	h.call("GET", "http://"+h.at.AdminListen+"/readyz", "")
	families := h.scrape()
	f := families["http_server_request_duration_seconds"]
	for _, labels := range [][]string{
		{"http_request_method=POST", "http_route=/v1/verifications", "http_response_status_code=200"},
		{"http_request_method=GET", "http_route=/v1/verifications/{id}", "http_response_status_code=404"},
		{"http_request_method=POST", "http_route=/v1/providers/{name}:drain", "http_response_status_code=200"},
		{"http_request_method=GET", "http_route=unmatched", "http_response_status_code=400"}, // it has personal data
		{"http_request_method=GET", "http_route=unmatched", "http_response_status_code=404"},
		{"http_request_method=_OTHER", "http_route=unmatched", "http_response_status_code=405"},
		{"http_request_method=GET", "http_route=/readyz", "http_response_status_code=200"},
	} {
		if n, ok := sample(f, labels...); !ok || n != 1 {
			t.Errorf("%v: %v, %v, want 1", labels, n, ok)
		}
	}
	if text := fmt.Sprint(families); strings.Contains(text, "canary") || strings.Contains(text, number) {
		t.Error("a label holds a part of a path")
	}
}

// TestStockIsMeasured: packages, days left, and what waits for reconciliation.
func TestStockIsMeasured(t *testing.T) {
	t.Parallel()
	h := start(t, often, "idcert-a")
	lot := h.lot("idcert-a", 100)
	h.verify("张三", number)
	if err := h.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: sandbox.ModeResetAfter}); err != nil {
		t.Fatal(err)
	}
	units := func(state string) func() bool {
		want := map[string]float64{"available": 98, "unknown": 1}[state]
		return func() bool {
			got, ok := sample(h.scrape()["heyan_ledger_units"], "provider=idcert-a", "lot="+lot.ID, "state="+state)
			return ok && got == want
		}
	}
	h.verify("李四", number)
	h.wait(units("unknown"))
	h.wait(units("available"))
	families := h.scrape()
	if days, ok := sample(families["heyan_ledger_days_left"], "provider=idcert-a"); !ok || days != 7*98.0/2 {
		t.Errorf("%v days are left, %v", days, ok)
	}
	if expiry, ok := sample(families["heyan_ledger_lot_expiry_timestamp_seconds"], "lot="+lot.ID); !ok || expiry != float64(lot.Expires.Unix()) {
		t.Errorf("the package expires at %v, want %v", expiry, lot.Expires.Unix())
	}
}

// TestMetricsFollowAReload: they are those of the configuration in use, and a counter goes on.
func TestMetricsFollowAReload(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	h.verify("张三", number)
	series := []string{"heyan_provider_in_flight", "heyan_provider_stale", "heyan_provider_closed"}
	has := func(provider string) (n int) {
		families := h.scrape()
		for _, name := range series {
			if _, ok := sample(families[name], "provider="+provider); ok {
				n++
			}
		}
		return n
	}
	if a, b := has("idcert-a"), has("idcert-b"); a != len(series) || b != len(series) {
		t.Fatalf("%d and %d of the metrics %v are there", a, b, series)
	}
	h.reloadWith("configuration reloaded", func(c *config.Config) { c.Providers = c.Providers[:1] })
	h.wait(func() bool { return has("idcert-b") == 0 })
	if n := has("idcert-a"); n != len(series) {
		t.Errorf("%d of the metrics %v are left", n, series)
	}
	h.verify("张三", number)
	if n, _ := sample(h.scrape()["heyan_attempts_total"], "provider=idcert-a", "class=match", "charge=charged"); n != 2 {
		t.Errorf("%v calls are counted, want one before and one after the reload", n)
	}
}

// TestTenantLabelIsBounded: only on request, and never more than the bound.
func TestTenantLabelIsBounded(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) { c.Telemetry.TenantLabel = true }, "idcert-a")
	h.verify("张三", number)
	if n, ok := sample(h.scrape()["heyan_verifications_total"], "tenant=default", "verdict=match"); !ok || n != 1 {
		t.Errorf("%v, %v with the label", n, ok)
	}
}

// lot books a package.
func (h *fixture) lot(provider string, units int64) ledger.Lot {
	h.t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	l := ledger.Lot{
		ID: provider + "-lot", Provider: provider, Units: units, Total: idv.Money{Micros: 100 * units, Currency: "CNY"},
		Bought: now, Expires: now.AddDate(0, 1, 0),
	}
	if err := h.keys.Store.(store.Lots).AddLot(h.t.Context(), l); err != nil {
		h.t.Fatal(err)
	}
	return l
}

// often has the ledger looked at every second.
func often(c *config.Config) { c.Alerts.Every = time.Second }
