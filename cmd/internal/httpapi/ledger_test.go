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
		{"again", "POST", "/v1/ledger/lots", `{"id":"L1","provider":"a","units":2,"amount":"1.5"}`, 409,
			[]string{"urn:heyan:problem:exists", "already booked, at 2"}},
		{"pasted", "POST", "/v1/ledger/lots", `{"id":"\u00a0Ｌ1\u200b ","provider":"a ","units":2,"amount":"1.5"}`, 409, []string{"already booked, at 2"}},
		{"pasted with two spaces within", "POST", "/v1/ledger/lots", `{"id":"L  1","provider":"a","units":2,"amount":"1.5"}`, 422, []string{`"location":"body.id"`}},
		{"an unknown provider", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"b","units":2,"amount":"1.5"}`, 422,
			[]string{`"location":"body.provider"`, "the configured ones are a"}},
		{"no currency", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":2,"amount":"1.5","currency":"XXX"}`, 422,
			[]string{`"location":"body.currency"`, "ISO 4217"}},
		{"signs for a currency", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":2,"amount":"1.5","currency":"¥¥¥"}`, 422, []string{`"location":"body.currency"`}},
		{"a second currency", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":2,"amount":"1.5","currency":"USD"}`, 422,
			[]string{`"location":"body.currency"`, "the ledger is kept in CNY"}},
		{"a bad amount", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":2,"amount":"1,5"}`, 422, []string{`"location":"body.amount"`}},
		{"no units", "POST", "/v1/ledger/lots", `{"id":"L2","provider":"a","units":0,"amount":"1"}`, 422, []string{`"location":"body.units"`}},
		{"one call", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`, `"amount":"0.75"`}},
		{"its package", "GET", "/v1/ledger/lots?provider=a", "", 200, []string{`"units":2,"available":1,"held":0,"posted":1`}},
		{"the sum", "GET", "/v1/ledger/balance", "", 200, []string{`"left":{"amount":"0.75","currency":"CNY"}`}},
		{"the lines", "GET", "/v1/ledger/entries?limit=2", "", 200, []string{`"seq":1`, `"next":"`}},
		{"the final ones", "GET", "/v1/ledger/entries?final=true", "", 200, []string{`"seq":3`, `"next":"3","final_until":"2`}},
		{"those behind", "GET", "/v1/ledger/entries?final=true&after=3", "", 200, []string{`{"entries":[],"final_until":"2`}},
		{"of a time", "GET", "/v1/ledger/entries?to=2000-01-01T00:00:00Z", "", 200, []string{`{"entries":[]}`}},
		{"a second call", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`}},
		{"nothing left to cancel", "POST", "/v1/ledger/lots/L1:cancel", `{"reason":"booked twice"}`, 409, []string{"no unit of the package is left"}},
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

// TestCancelLot: a package that was booked by mistake goes back, and what was used stays.
func TestCancelLot(t *testing.T) {
	t.Parallel()
	h := withLedger(t)
	steps := []struct {
		name, method, path, body string
		status                   int
		want                     []string
	}{
		{"a call without a package", "POST", "/v1/verifications", person, 200, []string{`"verdict":"match"`}},
		{"counts", "GET", "/v1/ledger/balance", "", 200, []string{`"provider":"a","lots":0`, `"unbooked":1,"unbooked_cost":{"amount":"0.05","currency":"CNY"}`}},
		{"in small letters", "POST", "/v1/ledger/lots", `{"id":"L1","provider":"a","units":15,"amount":"1","currency":"cny"}`, 201, []string{`"total":{"amount":"1.00","currency":"CNY"}`}},
		{"counts still", "GET", "/v1/ledger/balance", "", 200, []string{`"lots":1,"units":15`, `"unbooked":1`}},
		{"one call", "POST", "/v1/verifications", person, 200, []string{`"amount":"0.066666"`}},
		{"no reason", "POST", "/v1/ledger/lots/L1:cancel", `{"reason":""}`, 422, []string{`"location":"body.reason"`}},
		{"another action", "POST", "/v1/ledger/lots/L1:delete", `{"reason":"x"}`, 404, []string{"no resource has this path"}},
		{"an unknown package", "POST", "/v1/ledger/lots/L9:cancel", `{"reason":"x"}`, 404, []string{"no package has this id"}},
		{"cancel", "POST", "/v1/ledger/lots/%20L1%09:cancel", `{"reason":"wrong provider"}`, 200, []string{`"canceled":"2`, `"total":{"amount":"0.066666","currency":"CNY"},"units":1,"available":0,"held":0,"posted":1`}},
		{"again", "POST", "/v1/ledger/lots/L1:cancel", `{"reason":"wrong provider"}`, 409, []string{"was canceled at 2"}},
		{"its entry", "GET", "/v1/ledger/entries", "", 200, []string{`"from":"available","to":"bought","units":14,"amount":{"amount":"0.933334","currency":"CNY"},"reason":"wrong provider"`}},
		{"its id is taken", "POST", "/v1/ledger/lots", `{"id":"L1","provider":"a","units":15,"amount":"1"}`, 409, []string{"was canceled at 2"}},
		{"calls go on without a package", "POST", "/v1/verifications", person, 200, []string{`"amount":"0.05"`}},
		{"and count", "GET", "/v1/ledger/balance", "", 200, []string{`"lots":0`, `"unbooked":2`}},
		{"with a colon in its id", "POST", "/v1/ledger/lots", `{"id":"PO:7","provider":"a","units":1,"amount":"1"}`, 201, []string{`"PO:7"`}},
		{"canceled by it", "POST", "/v1/ledger/lots/PO%3A7:cancel", `{"reason":"x"}`, 200, []string{`"canceled":"2`}},
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
