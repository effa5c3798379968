package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// withLedger returns an API with a ledger.
func withLedger(t *testing.T) http.Handler {
	t.Helper()
	o := enginetest.Options(enginetest.New("a"))
	o.Store = memory.New(0)
	return httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store})
}

func TestLedger(t *testing.T) {
	t.Parallel()
	h := withLedger(t)
	steps := []struct {
		name, method, path, body string
		status                   int
		want                     []string
	}{
		{"empty", "GET", "/v1/ledger/balance", "", 200, []string{`{"providers":[]}`}},
		{"add a package", "POST", "/v1/ledger/lots", `{"id":"L1","provider":"a","units":2,"amount":"1.5"}`, 201,
			[]string{`"price":{"amount":"0.75","currency":"CNY"}`, `"available":2`}},
		{"again", "POST", "/v1/ledger/lots", `{"id":"L1","provider":"a","units":2,"amount":"1.5"}`, 409, []string{"urn:heyan:problem:exists"}},
		{"a bad amount", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":2,"amount":"1,5"}`, 422, []string{`"location":"body.amount"`}},
		{"no units", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":0,"amount":"1"}`, 422, []string{`"location":"body.units"`}},
		{"one call", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`, `"amount":"0.75"`}},
		{"its package", "GET", "/v1/ledger/lots?provider=a", "", 200, []string{`"units":2,"available":1,"held":0,"posted":1`}},
		{"the sum", "GET", "/v1/ledger/balance", "", 200, []string{`"left":{"amount":"0.75","currency":"CNY"}`}},
		{"the lines", "GET", "/v1/ledger/entries?limit=2", "", 200, []string{`"seq":1`, `"next":"`}},
		{"of a time", "GET", "/v1/ledger/entries?to=2000-01-01T00:00:00Z", "", 200, []string{`{"entries":[]}`}},
		{"a second call", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`}},
		{"used up", "POST", "/v1/verifications", person, 200, []string{`"verdict":"undetermined"`, `"reason":"quota_exhausted"`, `"attempts":[]`}},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			w := do(h, s.method, s.path, s.body)
			if w.Code != s.status {
				t.Errorf("status %d, want %d: %s", w.Code, s.status, w.Body)
			}
			for _, want := range s.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("no %s in %s", want, w.Body)
				}
			}
		})
	}
}
