package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// fixture is a sandbox and a daemon in front of it, driven over HTTP.
type fixture struct {
	t       testing.TB
	sandbox *sandbox.Sandbox
	at      daemon.Addresses
	stop    context.CancelFunc
	ended   chan error
	reload  chan os.Signal
	keys    auth.Issuer
	config  config.Config // what a reload reads

	mu      sync.Mutex
	log     bytes.Buffer
	written *sync.Cond // on mu
}

// Write keeps the daemon's log.
func (h *fixture) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.written.Broadcast()
	return h.log.Write(p)
}

// waitForLog returns when the log holds the text. The limit of go test ends a wait in vain.
func (h *fixture) waitForLog(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for !strings.Contains(h.log.String(), text) {
		h.written.Wait()
	}
}

// logger keeps everything for a test, and is what a daemon has by default for a
// benchmark.
func (h *fixture) logger() *slog.Logger {
	if _, ok := h.t.(*testing.B); ok {
		return slog.New(slog.NewJSONHandler(io.Discard, nil))
	}
	return slog.New(slog.NewJSONHandler(h, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (h *fixture) logged() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.String()
}

// unhurried is a limit that no test is meant to reach, however busy the machine is: the
// longest that the configuration accepts.
const unhurried = time.Minute

// impatient sets a limit for the calls of vendors that never answer. It is long enough
// for a busy machine to send the request within it.
func impatient(c *config.Config) {
	for i := range c.Providers {
		c.Providers[i].Limits.Timeout = 3 * time.Second
	}
}

// start starts both; the daemon calls the vendors in the order given.
func start(t testing.TB, change func(*config.Config), vendors ...string) *fixture {
	t.Helper()
	h := &fixture{t: t, sandbox: sandboxtest.Start(t, sandbox.Config{}), ended: make(chan error, 1)}
	h.written = sync.NewCond(&h.mu)
	c := config.Defaults()
	c.Store, c.Policy.Consent.Mode, c.Auth.Mode = config.Store{Driver: "memory"}, "off", "none"
	c.Listen, c.AdminListen, c.Timeout, c.Grace = "127.0.0.1:0", "127.0.0.1:0", unhurried, unhurried
	route := config.DefaultRoute()
	route.Check, route.Providers = "id_name", vendors
	c.Routes = []config.Route{route}
	for _, v := range h.sandbox.Vendors() {
		p := config.DefaultProvider()
		p.Name, p.Use = v.Name, "idcert"
		p.Settings = config.Settings{"base_url": v.URL, "appcode": "env:CODE_" + strings.ToUpper(v.Name[len(v.Name)-1:])}
		p.Limits.Timeout, p.Limits.BreakerFailures = unhurried, 1000
		c.Providers = append(c.Providers, p)
	}
	if change != nil {
		change(&c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready := make(chan daemon.Addresses, 1)
	h.stop, h.config, h.reload = cancel, c, make(chan os.Signal)
	go func() {
		h.ended <- daemon.Run(ctx, daemon.Options{
			Config: c, LookupEnv: h.lookup, Version: "test", Started: func(_ context.Context, i auth.Issuer) error { h.keys = i; return nil }, Ready: func(a daemon.Addresses) { ready <- a },
			Log: h.logger(), Overrides: []string{"HEYAN_LISTEN"}, Reload: h.reload, Load: func() (*config.Loaded, error) { return &config.Loaded{Config: h.config}, nil },
		})
	}()
	select {
	case h.at = <-ready:
	case err := <-h.ended:
		t.Fatalf("the daemon ended: %v", err)
	}
	t.Cleanup(h.end)
	return h
}

func (h *fixture) end() {
	h.stop()
	if err := <-h.ended; err != nil {
		h.t.Errorf("the daemon ended with %v", err)
	}
	h.ended <- nil
}

func (h *fixture) lookup(name string) (string, bool) {
	for _, v := range h.sandbox.Vendors() {
		if name == "CODE_"+strings.ToUpper(v.Name[len(v.Name)-1:]) {
			return v.AppCode.Reveal(), true
		}
	}
	return os.LookupEnv(name)
}

// result is what a test reads of a verification.
type result struct {
	Verdict, Reason string
	Attempts        []struct {
		Provider, Verdict, Failure, Origin, Delivery, Charge string
		VendorCode                                           string `json:"vendor_code"`
	}
	Skipped []struct{ Provider, Reason string } `json:"skipped"`
}

func (h *fixture) verify(name, number string) (result, string) {
	h.t.Helper()
	text := h.post(http.StatusOK, "/v1/verifications", `{"check":"id_name","subject":{"name":"`+name+`","id_number":"`+number+`"}}`)
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		h.t.Fatal(err)
	}
	return r, string(text)
}

func (h *fixture) set(vendor, mode string) {
	h.t.Helper()
	if err := h.sandbox.SetScenario(sandbox.Scenario{Vendor: vendor, Mode: sandbox.Mode(mode)}); err != nil {
		h.t.Fatal(err)
	}
}

const number = "11010519491231002X"

// TestEveryMode drives the daemon against each way in which a vendor can be wrong:
// the class, how far the call got, and what may have been charged.
func TestEveryMode(t *testing.T) {
	t.Parallel()
	tests := []struct{ mode, verdict, failure, sent, charge string }{
		{"normal", "match", "", "answered", "charged"},
		{"extra_fields", "match", "", "answered", "charged"},
		{"maintenance", "undetermined", "maintenance", "answered", "unknown"},
		{"stall", "undetermined", "timeout", "unknown", "unknown"},
		{"slow_drip", "undetermined", "timeout", "unknown", "unknown"},
		{"reset_before_answer", "undetermined", "unavailable", "unknown", "unknown"},
		{"reset_after_answer", "undetermined", "unavailable", "unknown", "unknown"},
		{"empty", "undetermined", "garbled", "unknown", "unknown"},
		{"html", "undetermined", "garbled", "unknown", "unknown"},
		{"truncated", "undetermined", "garbled", "unknown", "unknown"},
		{"duplicate_status", "undetermined", "garbled", "unknown", "unknown"},
		{"case_status", "undetermined", "garbled", "unknown", "unknown"},
		{"number_status", "undetermined", "garbled", "unknown", "unknown"},
		{"gbk", "undetermined", "garbled", "unknown", "unknown"},
		{"gzip_bomb", "undetermined", "garbled", "unknown", "unknown"},
		{"huge", "undetermined", "garbled", "unknown", "unknown"},
		{"redirect", "undetermined", "garbled", "unknown", "unknown"},
		{"quota_exhausted", "undetermined", "quota_exhausted", "refused_by_gateway", "not_charged"},
		{"quota_expired", "undetermined", "quota_exhausted", "refused_by_gateway", "not_charged"},
		{"bad_appcode", "undetermined", "credentials", "refused_by_gateway", "not_charged"},
		{"throttled_429", "undetermined", "throttled", "refused_by_gateway", "not_charged"},
		{"throttled_403", "undetermined", "throttled", "refused_by_gateway", "not_charged"},
		{"http_450", "no_record", "", "answered", "unknown"},
		{"gateway_504_billed", "undetermined", "timeout", "unknown", "unknown"},
		{"wrong_echo", "undetermined", "garbled", "unknown", "unknown"},
		{"swap_answers", "undetermined", "garbled", "unknown", "unknown"},
		{"http_500", "undetermined", "unavailable", "unknown", "unknown"},
	}
	patient, hurried := start(t, nil, "idcert-a"), start(t, impatient, "idcert-a")
	modes := map[string]bool{}
	for _, tt := range tests {
		modes[tt.mode] = true
		t.Run(tt.mode, func(t *testing.T) {
			h := patient
			if tt.mode == "stall" || tt.mode == "slow_drip" {
				h = hurried
			}
			h.sandbox.Reset()
			h.operate("idcert-a:resume")
			h.set("idcert-a", tt.mode)
			r, text := h.verify("张三", number)
			if r.Verdict != tt.verdict || r.Reason != tt.failure || len(r.Attempts) != 1 {
				t.Fatalf("got %s", text)
			}
			if a := r.Attempts[0]; a.Failure != tt.failure || a.Delivery != tt.sent || a.Charge != tt.charge {
				t.Errorf("got failure %q, delivery %q, charge %q", a.Failure, a.Delivery, a.Charge)
			}
			st := h.sandbox.Stats()["idcert-a"]
			if st.Requests != 1 {
				t.Errorf("the vendor saw %d requests for one attempt", st.Requests)
			}
			if st.Billed > 0 && tt.charge == "not_charged" {
				t.Error("the vendor billed a call that heyan takes for free")
			}
			h.silent(text)
		})
	}
	for _, m := range sandbox.Modes() {
		refused := patient.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: m})
		if !modes[string(m)] && refused == nil {
			t.Errorf("the mode %s is not tested", m)
		}
	}
	patient.silent(patient.logged())
	hurried.silent(hurried.logged())
}

func (h *fixture) operate(action string) {
	h.t.Helper()
	resp, err := http.Post("http://"+h.at.Listen+"/v1/providers/"+action, "application/json", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: status %d", action, resp.StatusCode)
	}
}

// silent looks for what must not be said: claims, the app code and the vendor's URL.
func (h *fixture) silent(text string) {
	h.t.Helper()
	v := h.sandbox.Vendors()[0]
	for _, secret := range []string{"张三", number, `\u5f20`, "%E5%BC%A0", v.AppCode.Reveal(), v.URL, "idCard"} {
		if strings.Contains(text, secret) {
			h.t.Errorf("%q was said in %.300s", secret, text)
		}
	}
}

// TestFailover asks the spare vendor in every mode in which it may be asked.
func TestFailover(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode  string
		spare bool
	}{
		{"maintenance", true},
		{"quota_exhausted", true},
		{"bad_appcode", true},
		{"throttled_429", true},
		{"stall", false},
		{"reset_before_answer", false},
		{"wrong_echo", false},
		{"http_450", false},
	}
	patient, hurried := start(t, nil, "idcert-a", "idcert-b"), start(t, impatient, "idcert-a", "idcert-b")
	for _, tt := range tests {
		t.Run(tt.mode, func(t *testing.T) {
			h := patient
			if tt.mode == "stall" {
				h = hurried
			}
			h.sandbox.Reset()
			h.operate("idcert-a:resume")
			h.set("idcert-a", tt.mode)
			r, text := h.verify("张三", number)
			if asked := h.sandbox.Stats()["idcert-b"].Requests; (asked == 1) != tt.spare {
				t.Errorf("the spare vendor saw %d requests: %s", asked, text)
			}
			if tt.spare && r.Verdict != "match" {
				t.Errorf("got %s", text)
			}
		})
	}
}

func TestStopLetsCallsEnd(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	if err := h.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: sandbox.ModeNormal, LatencyMS: 300}); err != nil {
		t.Fatal(err)
	}
	done := make(chan result, 1)
	go func() {
		r, _ := h.verify("张三", number)
		done <- r
	}()
	h.wait(func() bool { return h.sandbox.Stats()["idcert-a"].Requests == 1 })
	h.end()
	if r := <-done; r.Verdict != "match" {
		t.Errorf("the call in flight ended as %+v", r)
	}
}

func TestStopCutsOffAfterTheGrace(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) {
		c.Grace = 200 * time.Millisecond
	}, "idcert-a")
	h.set("idcert-a", "stall")
	done := make(chan result, 1)
	go func() {
		r, _ := h.verify("张三", number)
		done <- r
	}()
	h.wait(func() bool { return h.sandbox.Stats()["idcert-a"].Requests == 1 })
	h.end()
	if r := <-done; r.Reason != "canceled" || r.Attempts[0].Delivery != "unknown" || r.Attempts[0].Charge != "unknown" {
		t.Errorf("the call that was cut off ended as %+v", r)
	}
}

// wait looks until it holds. The limit of go test ends a wait in vain.
func (h *fixture) wait(until func() bool) {
	for !until() {
		time.Sleep(time.Millisecond)
	}
}

// TestCallerGoesAway: the vendor charges for the call either way, so it ends, is
// recorded, and the same key gets its result.
func TestCallerGoesAway(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	if err := h.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: sandbox.ModeNormal, LatencyMS: 300}); err != nil {
		t.Fatal(err)
	}
	post := func(ctx context.Context) (*http.Response, error) {
		body := `{"check":"id_name","subject":{"name":"张三","id_number":"` + number + `"}}`
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.at.Listen+"/v1/verifications", strings.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "k")
		return http.DefaultClient.Do(r)
	}
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		h.wait(func() bool { return h.sandbox.Stats()["idcert-a"].Requests == 1 })
		leave()
	}()
	if _, err := post(ctx); err == nil {
		t.Fatal("the caller did not go away")
	}
	var text string
	h.wait(func() bool {
		resp, err := post(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, _ := io.ReadAll(resp.Body)
		text = string(b)
		return resp.StatusCode == http.StatusOK
	})
	if !strings.Contains(text, `"verdict":"match"`) || h.sandbox.Stats()["idcert-a"].Requests != 1 {
		t.Errorf("%d requests, %s", h.sandbox.Stats()["idcert-a"].Requests, text)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	h.verify("张三", number)
	resp, err := http.Get("http://" + h.at.AdminListen + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`heyan_attempts_total{charge="charged",check="id_name",outcome="match",provider="idcert-a"} 1`,
		`heyan_verifications_total{check="id_name",reason="",verdict="match"} 1`,
		`heyan_provider_closed{provider="idcert-b"} 0`, "heyan_attempt_duration_seconds_bucket", "go_goroutines",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
	h.silent(string(text))
}

func TestTakenAddress(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	c := config.Defaults()
	c.Store, c.Policy.Consent.Mode, c.Auth.Mode = config.Store{Driver: "memory"}, "off", "none"
	c.Listen, c.AdminListen = "127.0.0.1:0", h.at.AdminListen
	p := config.DefaultProvider()
	p.Name, p.Use, p.Settings = "a", "idcert", config.Settings{"appcode": "env:CODE_A"}
	c.Providers = []config.Provider{p}
	c.Routes = []config.Route{{Check: "id_name", Mode: "priority", Providers: []string{"a"}, MaxAttempts: 1}}
	err := daemon.Run(t.Context(), daemon.Options{Config: c, LookupEnv: h.lookup})
	if err == nil || !strings.Contains(err.Error(), "admin_listen: ") {
		t.Errorf("got %v, want an error that names admin_listen", err)
	}
}
