package daemon_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
)

// TestBothAddressesCheckTheHost: a configured name passes, the name of a page does not.
func TestBothAddressesCheckTheHost(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) { c.Hosts = []string{"heyan.internal"} }, "idcert-a")
	for _, url := range []string{"http://" + h.at.Listen + "/v1/providers", "http://" + h.at.AdminListen + "/healthz"} {
		for host, want := range map[string]int{"heyan.internal": http.StatusOK, "localhost:1": http.StatusOK, "rebound.example": http.StatusMisdirectedRequest} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s with Host %s: status %d, want %d", url, host, resp.StatusCode, want)
			}
		}
	}
}

// TestPageCannotActOnTheDaemon sends what a page in a browser on this machine can send.
func TestPageCannotActOnTheDaemon(t *testing.T) {
	t.Parallel()
	h := start(t, nil, "idcert-a")
	page := []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}
	for _, path := range []string{"/v1/verifications", "/v1/ledger/lots", "/v1/providers/idcert-a:drain"} {
		if status, body := h.call("POST", "http://"+h.at.Listen+path, question, page...); status != http.StatusForbidden || !strings.Contains(body, "cross_origin") {
			t.Errorf("%s: status %d: %s", path, status, body)
		}
	}
	if n := h.sandbox.Stats()["idcert-a"].Requests; n != 0 {
		t.Errorf("the vendor was asked %d times", n)
	}
}
