package daemon_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

// TestOrdersOutliveTheDaemon: an order and its reason are there after a restart, in the list,
// in readiness and in the metrics, until the provider is resumed.
func TestOrdersOutliveTheDaemon(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	first := start(t, durable(path), "idcert-a", "idcert-b")
	status, body := first.call("POST", "http://"+first.at.Listen+"/v1/providers/idcert-a:close", `{"reason":"公告停机","until":"2099-01-01T00:00:00Z"}`)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, body)
	}
	first.end()
	second := start(t, durable(path), "idcert-a", "idcert-b")
	const want = `"order":{"kind":"close","reason":"公告停机","principal":"unauthenticated"`
	for _, url := range []string{"http://" + second.at.Listen + "/v1/providers", "http://" + second.at.AdminListen + "/readyz"} {
		if _, body := second.call("GET", url, ""); !strings.Contains(body, want) {
			t.Errorf("%s: %s", url, body)
		}
	}
	if _, body := second.call("GET", "http://"+second.at.AdminListen+"/metrics", ""); !strings.Contains(body, `heyan_provider_closed{`) {
		t.Error("no metric says that a provider is closed")
	}
	if r, text := second.verify("张三", number); r.Attempts[0].Provider != "idcert-b" || r.Skipped[0].Reason != "maintenance" {
		t.Errorf("got %s", text)
	}
	second.operate("idcert-a:resume")
	if r, text := second.verify("张三", number); r.Attempts[0].Provider != "idcert-a" {
		t.Errorf("after resume: %s", text)
	}
	if _, body := second.call("GET", "http://"+second.at.Listen+"/v1/audit", ""); !strings.Contains(body, `"act":"provider.close","target":"idcert-a","reason":"公告停机"`) ||
		!strings.Contains(body, `"act":"provider.resume"`) || strings.Contains(body, "policy_key") {
		t.Errorf("the audit log of the tenant: %s", body)
	}
}

// TestOrdersOfACommand: what a command writes to the store beside the daemon is carried out,
// and ends by itself.
func TestOrdersOfACommand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	h := start(t, durable(path), "idcert-a", "idcert-b")
	s, err := sqlstore.OpenSQLite(t.Context(), path, sqlstore.Options{Attached: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	order := func(o store.Order) {
		t.Helper()
		o.Provider, o.Principal = "idcert-a", "cli:0"
		if _, err := s.SetOrder(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	provider := func() string {
		r, _ := h.verify("张三", number)
		return r.Attempts[0].Provider
	}
	order(store.Order{Kind: store.OrderDrain, Reason: "test"})
	h.wait(func() bool { return provider() == "idcert-b" })
	order(store.Order{Kind: store.OrderResume})
	h.wait(func() bool { return provider() == "idcert-a" })
	order(store.Order{Kind: store.OrderDrain, Until: time.Now().Add(3 * time.Second)})
	h.waitForLog("operator's order expired")
	h.wait(func() bool { return provider() == "idcert-a" })
}

// TestShutdownDelay: a stopping daemon first tells load balancers, and serves meanwhile.
func TestShutdownDelay(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) { c.ShutdownDelay = 5 * time.Second }, "idcert-a")
	h.stop()
	h.wait(func() bool {
		status, body := h.call("GET", "http://"+h.at.AdminListen+"/readyz", "")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "shutting_down")
	})
	if r, text := h.verify("张三", number); r.Verdict != "match" {
		t.Errorf("got %s", text)
	}
	h.end()
}

// TestRestoredDaemonMakesNoCall: after a restore the daemon starts, is not ready, and makes no
// paid call until the gap is accepted, also by a command beside it.
func TestRestoredDaemonMakesNoCall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	s, err := sqlstore.OpenSQLite(t.Context(), path, sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	gap := store.NewGap(time.Unix(1_790_000_000, 0), time.Unix(1_790_003_600, 0))
	if err := s.MarkGap(t.Context(), gap); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	h := start(t, durable(path), "idcert-a")
	h.waitForLog(gap.String())
	status, body := h.call("POST", "http://"+h.at.Listen+"/v1/verifications", question)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "urn:heyan:problem:restored") || !strings.Contains(body, gap.String()) {
		t.Errorf("status %d: %s", status, body)
	}
	if status, body := h.call("GET", "http://"+h.at.AdminListen+"/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, `"status":"restored"`) {
		t.Errorf("readyz: status %d: %s", status, body)
	}
	if asked := h.sandbox.Stats()["idcert-a"].Requests; asked != 0 {
		t.Errorf("the vendor saw %d requests", asked)
	}
	beside, err := sqlstore.OpenSQLite(t.Context(), path, sqlstore.Options{Attached: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := beside.AcceptGap(t.Context(), gap); err != nil {
		t.Fatal(err)
	}
	if err := beside.Close(); err != nil {
		t.Fatal(err)
	}
	if r, text := h.verify("张三", number); r.Verdict != "match" {
		t.Errorf("after the gap was accepted: %s", text)
	}
}

// discardBody reads a response to its end, so that its connection is used again.
func discardBody(r *http.Response) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
}
