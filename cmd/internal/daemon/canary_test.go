package daemon_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/canarytest"
	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/config"
)

// collector is an OTLP collector that keeps what it receives, by path.
type collector struct {
	*httptest.Server

	mu       sync.Mutex
	received map[string][]byte
	status   int // of the answers
}

func newCollector(t *testing.T) *collector {
	c := &collector{received: map[string][]byte{}, status: http.StatusOK}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP takes an export.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		zipped, err := gzip.NewReader(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body = zipped
	}
	text, _ := io.ReadAll(body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received[r.URL.Path] = append(c.received[r.URL.Path], text...)
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(c.status)
}

func (c *collector) has(path, text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Contains(c.received[path], []byte(text))
}

// export has the environment send everything to the collector, and soon.
func (c *collector) export(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_TRACES_SAMPLER": "always_on",
		"OTEL_METRIC_EXPORT_INTERVAL": "50", "OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BLRP_SCHEDULE_DELAY": "10",
		"OTEL_SERVICE_NAME": "heyan-test", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
	} {
		t.Setenv(name, value)
	}
}

// receiver takes the messages of webhooks and keeps them whole, by path.
func receiver(t *testing.T) *collector {
	c := &collector{received: map[string][]byte{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := httputil.DumpRequest(r, true)
		c.mu.Lock()
		c.received[r.URL.Path] = append(c.received[r.URL.Path], text...)
		c.mu.Unlock()
		_, _ = io.WriteString(w, `{"errcode":0,"code":0}`) // what the messengers answer
	}))
	t.Cleanup(c.Close)
	return c
}

// alertFormats are the formats of alerts.
func alertFormats() []string { return []string{"generic", "dingtalk", "wecom", "feishu"} }

// subscribe has the daemon send the receiver each verification, and each alert in each format.
func (c *collector) subscribe(t *testing.T, cfg *config.Config) {
	t.Setenv("CANARY_SECRET", "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 24)))
	t.Setenv("CANARY_EVENTS", c.URL+"/events")
	cfg.Webhooks = []config.Subscription{{Name: "events", URL: "env:CANARY_EVENTS", Secret: "env:CANARY_SECRET"}}
	for _, format := range alertFormats() {
		variable := "CANARY_" + strings.ToUpper(format)
		t.Setenv(variable, c.URL+"/"+format)
		cfg.Alerts.Webhooks = append(cfg.Alerts.Webhooks, config.Webhook{Name: format, Format: format, URL: "env:" + variable})
	}
	often(cfg)
}

// awaitMessages has the vendor refuse its credentials, waits until an event with each verdict
// and an alert in each format have come, and returns all messages by path.
func (h *fixture) awaitMessages(c *collector) map[string][]byte {
	h.set("idcert-a", "bad_appcode")
	h.operate("idcert-a:resume")
	h.verify(canarytest.Persons()[0].Name, canarytest.Persons()[0].IDNumber)
	for _, verdict := range []string{"match", "mismatch", "undetermined"} {
		h.wait(func() bool { return c.has("/events", `"verdict":"`+verdict+`"`) })
	}
	for _, format := range alertFormats() {
		h.wait(func() bool { return c.has("/"+format, "idcert-a") })
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.received)
}

// TestCanariesStayInside sends two persons through everything that a caller and a vendor can
// do, and searches what leaves the daemon beside its answers: the log with all levels, OTLP
// traces, metrics and logs, /metrics, problems, and the messages of webhooks.
func TestCanariesStayInside(t *testing.T) {
	c, hooks := newCollector(t), receiver(t)
	c.export(t)
	file := durable(filepath.Join(t.TempDir(), "heyan.db"))
	h := start(t, func(cfg *config.Config) {
		file(cfg)
		impatient(cfg)
		cfg.Telemetry.TenantLabel = true
		hooks.subscribe(t, cfg)
	}, "idcert-a", "idcert-b")
	var out bytes.Buffer
	for _, p := range canarytest.Persons() {
		h.spread(&out, p)
	}
	h.reload <- nil
	h.waitForLog(`"msg":"configuration unchanged"`)
	h.wait(func() bool {
		return c.has("/v1/traces", "heyan.exchange") && c.has("/v1/metrics", "heyan.verifications") && c.has("/v1/logs", "verification completed")
	})
	messages := h.awaitMessages(hooks)
	_, metrics := h.call("GET", "http://"+h.at.AdminListen+"/metrics", "")
	_, ready := h.call("GET", "http://"+h.at.AdminListen+"/readyz", "")
	out.WriteString(metrics + ready)
	h.end()
	claims := canarytest.Claims(canarytest.Persons()...)
	outputs := map[string][]byte{"problems, /metrics and /readyz": out.Bytes(), "the log": []byte(h.logged())}
	for _, path := range []string{"/v1/traces", "/v1/metrics", "/v1/logs"} {
		if len(c.received[path]) < 1000 {
			t.Errorf("the collector got %d bytes at %s", len(c.received[path]), path)
		}
		outputs["OTLP "+path] = c.received[path]
	}
	for path, text := range messages {
		outputs["webhook "+path] = text
	}
	for name, text := range outputs {
		if hits := canarytest.Hits(text, claims...); len(hits) > 0 {
			t.Errorf("%s: %v", name, hits)
		}
	}
}

// spread sends a person through the answers of the vendor, and through every part of a
// request. It keeps the bodies of problems.
func (h *fixture) spread(out *bytes.Buffer, p canarytest.Person) {
	subject := `{"name":"` + p.Name + `","id_number":"` + p.IDNumber + `"}`
	body := `{"check":"id_name","subject":` + subject + `}`
	for _, mode := range []string{
		"normal", "maintenance", "reset_before_answer", "reset_after_answer", "empty", "html", "truncated", "duplicate_status", "gbk", "huge", "redirect",
		"wrong_echo", "http_500", "http_450", "bad_appcode", "throttled_429", "stall",
	} {
		h.set("idcert-a", mode)
		h.operate("idcert-a:resume")
		h.call("POST", "http://"+h.at.Listen+"/v1/verifications", body)
	}
	api := "http://" + h.at.Listen
	for _, request := range []struct{ method, path, body string }{
		{"POST", "/v1/verifications", `{"check":"id_name","subject":{"name":"` + p.Name + `","id_number":"` + p.IDNumber[:17] + `Y"}}`},
		{"POST", "/v1/verifications", `{"check":"id_name","subject":{"name":"` + p.Name + `!?","id_number":"` + p.IDNumber + `"}}`},
		{"POST", "/v1/verifications", `{"check":"` + p.Name + `","subject":` + subject + `}`},
		{"POST", "/v1/verifications", `{"check":"id_name","` + p.Name + `":1,"subject":` + subject + `}`},
		{"POST", "/v1/verifications", `{"check":"id_name","subject":` + subject + `,"app":"` + p.IDNumber + strings.Repeat("x", 300) + `"}`},
		{"POST", "/v1/verifications", `{"check":"id_name","subject":` + subject + `,"app":"` + p.IDNumber + `"}`},
		{"POST", "/v1/verifications", `{"check":"id_name","subject":` + subject + `,"consent_id":"con_` + p.IDNumber + `"}`},
		{"POST", "/v1/verifications", `{"check":"id_name","subject":` + subject + `,"purpose":"` + p.IDNumber + `"}`},
		{"POST", "/v1/verifications", `{"check":"id_name","subject":"` + p.IDNumber + `"}`},
		{"POST", "/v1/verifications", `{"check":` + p.IDNumber + `,"subject":[` + p.IDNumber},
		{"POST", "/v1/verifications:explain", body},
		{"GET", "/v1/verifications/" + p.IDNumber, ""},
		{"GET", "/v1/verifications/" + url.PathEscape(p.Name), ""},
		{"GET", "/" + p.IDNumber + "/" + url.PathEscape(p.Name), ""},
		{"GET", "/v1/providers?" + url.QueryEscape(p.Name) + "=" + p.IDNumber, ""},
		{"POST", "/v1/providers/" + p.IDNumber + ":drain", ""},
		{p.IDNumber, "/v1/providers", ""},
		{"POST", "/heyan.v1.VerificationService/Verify", `{"check":"CHECK_ID_NAME","subject":` + subject + `}`},
		{"POST", "/heyan.v1.VerificationService/Verify", `{"check":"` + p.Name + `","subject":` + subject + `}`},
		{"POST", "/heyan.v1.VerificationService/Verify", `{"` + p.Name + `":"` + p.IDNumber + `"}`},
		{"POST", "/heyan.v1.VerificationService/Verify", `{"subject":"` + p.IDNumber + p.Name},
		{"POST", "/heyan.v1.VerificationService/Verify", `{"check":"CHECK_ID_NAME","subject":{"name":"` + p.Name + `","id_number":"` + p.IDNumber[:17] + `Y"}}`},
		{"POST", "/heyan.v1.VerificationService/GetVerification", `{"id":"` + p.IDNumber + `"}`},
		{"POST", "/heyan.v1.VerificationService/ListVerifications", `{"app":"` + p.Name + `","cursor":"` + p.IDNumber + `"}`},
		{"POST", "/heyan.v1.VerificationService/" + p.IDNumber, `{}`},
		{"POST", "/heyan.v1.ProviderService/DrainProvider", `{"name":"` + p.Name + `","reason":"` + p.IDNumber + `"}`},
		{"POST", "/grpc.health.v1.Health/Check", `{"service":"` + p.Name + `"}`},
		{"POST", "/grpc.health.v1.Health/Watch", `{"service":"` + p.Name + `"}`},
	} {
		status, text := h.call(request.method, api+request.path, request.body, "Idempotency-Key", p.IDNumber, "X-Name", url.QueryEscape(p.Name))
		if status >= http.StatusBadRequest {
			out.WriteString(text)
		}
	}
}

// TestCollectorThatFailsCostsNothing: an export that fails or never ends is counted and
// logged once, and no request waits for it.
func TestCollectorThatFailsCostsNothing(t *testing.T) {
	c := newCollector(t)
	c.status = http.StatusBadRequest // which is not retried
	c.export(t)
	h := start(t, nil, "idcert-a")
	failures := func(signal string) float64 {
		n, _ := sample(h.scrape()["heyan_telemetry_export_failures_total"], "signal="+signal)
		return n
	}
	for failures("traces") < 2 || failures("logs") < 2 || failures("metrics") < 2 {
		if r, _ := h.verify("张三", number); r.Verdict != "match" {
			t.Fatalf("%+v", r)
		}
	}
	for _, signal := range []string{"traces", "logs", "metrics"} {
		n := 0
		for _, line := range h.lines("telemetry export failed; what it held is lost") {
			if strings.Contains(line, `"signal":"`+signal+`"`) {
				n++
			}
			if strings.Contains(line, c.URL) {
				t.Error("the log shows the collector's address")
			}
		}
		if n != 1 {
			t.Errorf("%d lines about %s, want 1", n, signal)
		}
	}
	hung := make(chan struct{})
	stalled := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-hung }))
	t.Cleanup(stalled.Close)
	t.Cleanup(func() { close(hung) })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", stalled.URL)
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "4")
	t.Setenv("OTEL_BLRP_MAX_QUEUE_SIZE", "4")
	second := start(t, nil, "idcert-a")
	for range 100 {
		if r, _ := second.verify("张三", number); r.Verdict != "match" {
			t.Fatalf("%+v", r)
		}
	}
}

// TestExportChoices: what the variables turn on, and what they may not say.
func TestExportChoices(t *testing.T) {
	tests := []struct {
		name    string
		environ map[string]string
		want    string // in the log, or in the error
		fails   bool
	}{
		{"nothing", nil, "", false},
		{"a collector", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, `"signals":["logs","metrics","traces"]`, false},
		{"by grpc", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, `"signals":["logs","metrics","traces"]`, false},
		{"a collector of traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"}, `"signals":["traces"]`, false},
		{"all but logs", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_LOGS_EXPORTER": "none"}, `"signals":["metrics","traces"]`, false},
		{"metrics alone", map[string]string{"OTEL_METRICS_EXPORTER": "otlp"}, `"signals":["metrics"]`, false},
		{"disabled", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, "", false},
		{"console", map[string]string{"OTEL_TRACES_EXPORTER": "console"}, "OTEL_TRACES_EXPORTER: must be otlp or none", true},
		{"another port for Prometheus", map[string]string{"OTEL_METRICS_EXPORTER": "prometheus"}, "/metrics is always there", true},
		{"a wrong protocol", map[string]string{"OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "smoke"}, "the protocol is http/protobuf or grpc", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, value := range tt.environ {
				t.Setenv(name, value)
			}
			if tt.fails {
				if err := startError(t); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				return
			}
			h := start(t, nil, "idcert-a")
			if _, text := h.verify("张三", number); !strings.Contains(text, `"trace_id"`) {
				t.Errorf("no trace id in %s", text)
			}
			switch lines := h.lines("telemetry is exported"); {
			case tt.want == "" && len(lines) > 0:
				t.Errorf("exported: %v", lines)
			case tt.want != "" && (len(lines) != 1 || !strings.Contains(lines[0], tt.want)):
				t.Errorf("got %v, want %s", lines, tt.want)
			}
		})
	}
}

// TestLogsAndTracesAgree: a line about a verification has the ids of its span.
func TestLogsAndTracesAgree(t *testing.T) {
	c := newCollector(t)
	c.export(t)
	h := start(t, nil, "idcert-a")
	const parent = "4bf92f3577b34da6a3ce929d0e0e4736"
	h.call("POST", "http://"+h.at.Listen+"/v1/verifications", question, "Traceparent", "00-"+parent+"-00f067aa0ba902b7-01")
	h.waitForLog(`"msg":"verification completed"`)
	h.expect("verification completed", "INFO", `"trace_id":"`+parent+`"`, `"span_id":"`)
	h.expect("attempt completed", "DEBUG", `"trace_id":"`+parent+`"`, `"span_id":"`)
	h.wait(func() bool {
		for _, span := range []string{"heyan.verify", "heyan.authorize", "heyan.plan", "heyan.attempt", "heyan.exchange", "heyan.charge", "http.response.status_code", "heyan-test"} {
			if !c.has("/v1/traces", span) {
				return false
			}
		}
		return c.has("/v1/logs", "verification completed")
	})
}

// startError returns the error of a daemon that does not start.
func startError(t *testing.T) error {
	t.Helper()
	c := config.Defaults()
	c.Store, c.Policy.Consent.Mode, c.Auth.Mode = config.Store{Driver: "memory"}, "off", "none"
	c.Listen, c.AdminListen = "127.0.0.1:0", "127.0.0.1:0"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	return daemon.Run(ctx, daemon.Options{Config: c, Ready: func(daemon.Addresses) { cancel() }})
}
