package daemon_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// reloadWith sends SIGHUP after a change of the configuration, and returns when a message was
// logged about it.
func (h *fixture) reloadWith(message string, change func(*config.Config)) {
	h.t.Helper()
	c := h.config
	c.Providers, c.Routes = slices.Clone(c.Providers), slices.Clone(c.Routes)
	change(&c)
	h.config = c
	before := len(h.lines(message))
	h.reload <- os.Interrupt
	h.wait(func() bool { return len(h.lines(message)) > before })
}

// readiness is what a test reads of /readyz.
type readiness struct {
	Status        string
	Configuration struct {
		State           string
		Changed, Errors []string
	}
}

func (h *fixture) readiness() (status int, r readiness) {
	h.t.Helper()
	status, text := h.call("GET", "http://"+h.at.AdminListen+"/readyz", "")
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		h.t.Fatal(err)
	}
	return status, r
}

// TestReload: what changes is taken and named, and one without a change says so.
func TestReload(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	h.reloadWith("configuration unchanged", func(*config.Config) {})
	h.reloadWith("configuration reloaded", func(c *config.Config) {
		c.Timeout -= time.Second
		c.Routes[0].Providers = []string{"idcert-b"}
		c.Log.Level = "debug"
	})
	h.expect("configuration reloaded", "INFO", `"changed":["log.level","routes[0].providers[0]","timeout"]`)
	if r, text := h.verify("张三", number); r.Verdict != "match" || r.Attempts[0].Provider != "idcert-b" {
		t.Errorf("after the reload: %s", text)
	}
	if status, r := h.readiness(); status != http.StatusOK || r.Status != "ready" || r.Configuration.State != "current" {
		t.Errorf("readiness: %d, %+v", status, r)
	}
	h.metric(`heyan_config_reloads_total{result="loaded"} 1`, `heyan_config_reloads_total{result="unchanged"} 1`,
		`heyan_config_reloads_total{result="rejected"} 0`, `heyan_config_differs 0`)
}

// metric checks that lines stand among the metrics.
func (h *fixture) metric(lines ...string) {
	h.t.Helper()
	_, text := h.call("GET", "http://"+h.at.AdminListen+"/metrics", "")
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			h.t.Errorf("no %s among the metrics", line)
		}
	}
}

// TestRejectedReload: a configuration that cannot be taken changes nothing, and the daemon says
// everything that is wrong with it.
func TestRejectedReload(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	good := h.config
	h.reloadWith("configuration reload rejected", func(c *config.Config) {
		c.Listen, c.Store = "127.0.0.1:1", config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "heyan.db")}
		c.Routes[0].Providers = []string{"idcert-b"}
		c.Policy.Rules = []string{filepath.Join(t.TempDir(), "none.yaml")}
		c.Alerts.Webhooks = []config.Webhook{{Name: "ops", Format: "generic", URL: "env:NO_SUCH_VARIABLE"}}
	})
	h.expect("configuration reload rejected", "ERROR", `"restart to change: listen, store.driver, store.dsn"`, `none.yaml`, `NO_SUCH_VARIABLE`,
		`"changed":["alerts.webhooks[0].format",`)
	if r, text := h.verify("张三", number); r.Verdict != "match" || r.Attempts[0].Provider != "idcert-a" {
		t.Errorf("after the rejected reload: %s", text)
	}
	status, r := h.readiness()
	if status != http.StatusOK || r.Status != "ready" || r.Configuration.State != "rejected" || !slices.Contains(r.Configuration.Changed, "listen") ||
		!slices.Contains(r.Configuration.Errors, "restart to change: listen, store.driver, store.dsn") {
		t.Errorf("readiness: %d, %+v", status, r)
	}
	h.metric(`heyan_config_reloads_total{result="rejected"} 1`, `heyan_config_differs 1`)
	h.reloadWith("configuration unchanged", func(c *config.Config) { *c = good })
	if _, r := h.readiness(); r.Configuration.State != "current" || len(r.Configuration.Errors) > 0 {
		t.Errorf("readiness after the file was corrected: %+v", r)
	}
}

// TestRequestKeepsItsConfiguration: a request in flight completes by the routes, the vendors and
// the credentials with which it began; later ones go by the new ones. The provider that was
// removed keeps its connection until then.
func TestRequestKeepsItsConfiguration(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	if err := h.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: "normal", LatencyMS: 1500}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan result, 1)
	go func() {
		r, _ := h.verify("张三", number)
		answered <- r
	}()
	h.wait(func() bool { return h.sandbox.Stats()["idcert-a"].Requests == 1 })
	h.reloadWith("configuration reloaded", func(c *config.Config) {
		c.Providers = c.Providers[1:]
		c.Routes[0].Providers = []string{"idcert-b"}
	})
	if r, text := h.verify("张三", number); r.Verdict != "match" || r.Attempts[0].Provider != "idcert-b" {
		t.Errorf("a new request: %s", text)
	}
	if r := <-answered; r.Verdict != "match" || len(r.Attempts) != 1 || r.Attempts[0].Provider != "idcert-a" {
		t.Errorf("the request in flight: %+v", r)
	}
}

// TestReloadKeepsTheGates: a vendor that is known to be in maintenance, and one that an operator
// drained, stay as they are.
func TestReloadKeepsTheGates(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) {
		for i := range c.Providers {
			c.Providers[i].Limits.GateFirst, c.Providers[i].Limits.GateMax = unhurried, unhurried
		}
	}, "idcert-a", "idcert-b")
	h.verify("维护", number)
	h.post(http.StatusOK, "/v1/providers/idcert-b:drain", "")
	reasons := func(want ...string) {
		t.Helper()
		var got []string
		r, _ := h.verify("张三", number)
		for _, s := range r.Skipped {
			got = append(got, s.Provider+" "+s.Reason)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || len(r.Attempts) > 0 {
			t.Errorf("skipped %q with %d attempts, want %q", got, len(r.Attempts), want)
		}
	}
	reasons("idcert-a maintenance", "idcert-b drained")
	h.reloadWith("configuration reloaded", func(c *config.Config) { c.Providers[0].Limits.Rate = 1000; c.Providers[1].Limits.Concurrency++ })
	reasons("idcert-a maintenance", "idcert-b drained")
	h.reloadWith("configuration reloaded", func(c *config.Config) { // other credentials: only the drain is the operator's word
		for i, v := range h.sandbox.Vendors() {
			path := filepath.Join(t.TempDir(), v.Name)
			if err := os.WriteFile(path, []byte(v.AppCode.Reveal()), 0o600); err != nil {
				t.Error(err)
			}
			c.Providers[i].Settings = config.Settings{"base_url": v.URL, "appcode": "file:" + path}
		}
	})
	if r, text := h.verify("张三", number); r.Verdict != "match" || r.Attempts[0].Provider != "idcert-a" || len(r.Skipped) != 1 {
		t.Errorf("after the change of the credentials: %s", text)
	}
}

// TestFilesAreFollowed: a changed file of the configuration is taken without a signal, and a
// file of a product names its setting.
func TestFilesAreFollowed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../providers/declared/vendors/kz-idcard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kz.yaml")
	write := func(text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	h := start(t, func(c *config.Config) {
		kz := c.Providers[0]
		kz.Name, kz.Use, kz.Declared = "kz", "", path
		kz.Recipient = "示例数据有限公司"
		c.Providers = append(c.Providers, kz)
		c.Routes[0].Providers = append(c.Routes[0].Providers, "kz")
	}, "idcert-a")
	write(append(text, "# another line\n"...))
	h.waitForLog(`"msg":"configuration reloaded"`)
	h.expect("configuration reloaded", "INFO", `"changed":["providers[`, `].declared"]`)
	write(append(text, "another: key\n"...))
	h.waitForLog(`"msg":"configuration reload rejected"`)
	h.expect("configuration reload rejected", "ERROR", "kz.yaml", "another")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	h.wait(func() bool { return len(h.lines("configuration reload rejected")) == 2 })
	write(text)
	h.wait(func() bool { return len(h.lines("configuration reloaded")) == 2 })
}

// TestStopDuringReloads: a stop while reloads are asked for is orderly, and each request of the
// time is answered.
func TestStopDuringReloads(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case h.reload <- os.Interrupt:
			case err := <-h.ended:
				h.ended <- err
				return
			}
		}
	}()
	h.waitForLog(`"msg":"configuration unchanged"`)
	h.verify("张三", number)
	h.end()
	<-stopped
	h.expect("stopped", "INFO", `"orderly":true`)
}

// TestConfigurationIsShown: the admin address tells the values in use, without a secret.
func TestConfigurationIsShown(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	show := func() (r config.Running) {
		t.Helper()
		status, text := h.call("GET", "http://"+h.at.AdminListen+"/configuration", "")
		if err := json.Unmarshal([]byte(text), &r); err != nil || status != http.StatusOK {
			t.Fatalf("status %d, %v: %s", status, err, text)
		}
		for _, v := range h.sandbox.Vendors() {
			if strings.Contains(text, v.AppCode.Reveal()) {
				t.Errorf("it shows a secret: %s", text)
			}
		}
		return r
	}
	if changes := show().Diff(h.config); len(changes) > 0 {
		t.Errorf("it differs from what the daemon was started with: %+v", changes)
	}
	h.reloadWith("configuration reloaded", func(c *config.Config) { c.Timeout -= time.Second })
	if changes := show().Diff(h.config); len(changes) > 0 {
		t.Errorf("it differs from what was reloaded: %+v", changes)
	}
}
