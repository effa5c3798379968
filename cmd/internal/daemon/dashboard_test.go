package daemon_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/providers/sandbox"
)

// panels is what the test reads of the dashboard.
type panels struct {
	Panels []struct {
		Title   string
		Targets []struct{ Expr string }
	}
}

// queries returns the queries of the shipped dashboard, with the variables that Grafana
// would put in.
func queries(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/deploy/grafana/heyan.json")
	if err != nil {
		t.Fatal(err)
	}
	var d panels
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$__rate_interval", "1m", "$provider", ".+")
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			list = append(list, fill.Replace(target.Expr))
		}
	}
	if len(list) < 25 {
		t.Errorf("the dashboard has %d queries; its form has changed", len(list))
	}
	return list
}

// prometheus runs Prometheus against the admin address of a daemon, and returns its URL.
func prometheus(t *testing.T, target string) string {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is not installed; it comes with Debian's package prometheus")
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 500ms}\nscrape_configs:\n  - job_name: heyan\n    static_configs: [{targets: [%q]}]\n", target)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return "http://" + address
}

// value returns the number of series with a finite value that a query has.
func values(t *testing.T, prometheus, query string) int {
	t.Helper()
	resp, err := http.Get(prometheus + "/api/v1/query?" + url.Values{"query": {query}}.Encode())
	if err != nil {
		return 0 // it starts
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusServiceUnavailable {
		return 0
	}
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %v %s", query, err, answer.Error)
	}
	n := 0
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// TestDashboardHasData runs every query of the dashboard in Prometheus, which scrapes a
// daemon under load, until each has data.
func TestDashboardHasData(t *testing.T) {
	t.Parallel()
	list := queries(t)
	file := durable(filepath.Join(t.TempDir(), "heyan.db"))
	h := start(t, func(c *config.Config) {
		file(c)
		often(c)
		c.TLS = daemon.TLSFiles(t)
	}, "idcert-a", "idcert-b")
	h.lot("idcert-a", 1_000_000)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // the test's own certificate
	defer client.CloseIdleConnections()
	ask := func() {
		resp, err := client.Post("https://"+h.at.Listen+"/v1/verifications", "application/json", strings.NewReader(question))
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
	}
	at := prometheus(t, h.at.AdminListen)
	modes := []sandbox.Mode{sandbox.ModeNormal, sandbox.ModeResetAfter, sandbox.ModeHTML}
	for round := 0; len(list) > 0 && !t.Failed(); round++ {
		if err := h.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: modes[round%len(modes)]}); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			ask()
		}
		var empty []string
		for _, query := range list {
			if values(t, at, query) == 0 {
				empty = append(empty, query)
			}
		}
		list = empty
		if deadline, ok := t.Deadline(); ok && time.Until(deadline) < 20*time.Second {
			t.Fatalf("without data:\n%s", strings.Join(list, "\n"))
		}
	}
}
