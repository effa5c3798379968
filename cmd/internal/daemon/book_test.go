package daemon_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
)

// durable makes the daemon keep its ledger in a file.
func durable(path string) func(*config.Config) {
	return func(c *config.Config) { c.Store = config.Store{Driver: "sqlite", DSN: "file:" + path} }
}

// call sends a request to the API or the admin address and returns status and body.
func (h *fixture) call(method, url, body string, headers ...string) (int, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

const question = `{"check":"id_name","subject":{"name":"张三","id_number":"` + number + `"}}`

// TestRestart: what was answered is there after a restart, byte for byte, and the
// same key does not pay again.
func TestRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	first := start(t, durable(path), "idcert-a")
	status, body := first.call("POST", "http://"+first.at.Listen+"/v1/verifications", question, "Idempotency-Key", "k")
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, body)
	}
	var v struct{ ID string }
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	first.end()
	second := start(t, durable(path), "idcert-a")
	if _, again := second.call("GET", "http://"+second.at.Listen+"/v1/verifications/"+v.ID, ""); again != body {
		t.Errorf("after the restart: %s\nwant %s", again, body)
	}
	if _, again := second.call("POST", "http://"+second.at.Listen+"/v1/verifications", question, "Idempotency-Key", "k"); again != body {
		t.Errorf("the same key got: %s\nwant %s", again, body)
	}
	if n := second.sandbox.Stats()["idcert-a"].Requests; n != 0 {
		t.Errorf("the vendor was asked %d times for a key that has its answer", n)
	}
}

// TestBookAgreesWithTheVendor: what the vendor counted is what the ledger holds.
func TestBookAgreesWithTheVendor(t *testing.T) {
	t.Parallel()
	h := start(t, durable(filepath.Join(t.TempDir(), "heyan.db")), "idcert-a")
	h.call("POST", "http://"+h.at.Listen+"/v1/ledger/lots", `{"id":"L1","provider":"idcert-a","units":30,"amount":"1.50"}`)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { h.call("POST", "http://"+h.at.Listen+"/v1/verifications", question) })
	}
	wg.Wait()
	if n := h.sandbox.Stats()["idcert-a"].Billed; n != 30 {
		t.Errorf("the vendor billed %d calls of a package of 30", n)
	}
	if _, body := h.call("GET", "http://"+h.at.Listen+"/v1/ledger/lots", ""); !strings.Contains(body, `"units":30,"available":0,"held":0,"posted":30`) {
		t.Errorf("the ledger: %s", body)
	}
}

func TestReadyAsksTheStore(t *testing.T) {
	t.Parallel()
	h := start(t, durable(filepath.Join(t.TempDir(), "heyan.db")), "idcert-a")
	if status, body := h.call("GET", "http://"+h.at.AdminListen+"/readyz", ""); status != http.StatusOK {
		t.Errorf("status %d: %s", status, body)
	}
}

// TestAlertReachesTheHook: each level of a package that runs low is reported once, with
// counts and nothing else.
func TestAlertReachesTheHook(t *testing.T) {
	var mu sync.Mutex
	var got []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, string(text))
	}))
	defer hook.Close()
	t.Setenv("HEYAN_TEST_HOOK", hook.URL+"/ops")
	h := start(t, func(c *config.Config) {
		c.Alerts.Every = time.Second
		c.Alerts.Webhooks = []config.Webhook{{Name: "ops", Format: "generic", URL: "env:HEYAN_TEST_HOOK"}}
	}, "idcert-a")
	h.call("POST", "http://"+h.at.Listen+"/v1/ledger/lots", `{"id":"L1","provider":"idcert-a","units":10,"amount":"0.5"}`)
	for _, level := range []struct{ calls, left int }{{5, 5}, {3, 2}} {
		for range level.calls {
			h.verify("张三", number)
		}
		h.wait(func() bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Contains(strings.Join(got, ""), fmt.Sprintf(`"available":%d`, level.left))
		})
	}
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(got, "")
	for _, level := range []string{`"kind":"percent","level":50,"available":5`, `"kind":"days","level":7,"available":5`} {
		if n := strings.Count(all, level); n != 1 || !strings.Contains(got[0], `"provider":"idcert-a"`) {
			t.Errorf("the hook got %s %d times: %q", level, n, got)
		}
	}
	h.silent(all)
}
