package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine/drift"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/access"
)

func TestScore(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"))
	o.Store = memory.New(0)
	now := time.Now().UTC()
	deps := httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store, Drift: func(provider string) drift.State {
		return drift.State{Provider: provider, Answers: 7, Episode: &drift.Alarm{
			Change: drift.AlwaysMatch, Before: map[idv.Verdict]int64{idv.Mismatch: 3}, After: map[idv.Verdict]int64{idv.Match: 9}, Source: &drift.Source{Tenant: "other"},
		}}
	}}
	h := httpapi.API(deps)
	do(h, "POST", "/v1/verifications", person)
	w := do(h, "GET", "/v1/providers/a/score", "")
	got := read[api.Score](t, w)
	if w.Code != http.StatusOK || got.Provider != "a" || got.Calls != 1 || got.Availability == nil || *got.Availability != 1 || got.Verdicts["match"] != 1 ||
		got.PerVerdict.Amount != "0.05" || got.To.Sub(got.From) != 30*24*time.Hour || got.Latency == nil || len(got.Days) != 1 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if d := got.Drift; d == nil || d.Answers != 7 || d.Episode.Change != drift.AlwaysMatch || d.Episode.Before["mismatch"] != 3 || d.Episode.After["match"] != 9 {
		t.Errorf("the change is %s", w.Body)
	}
	if strings.Contains(w.Body.String(), "other") || strings.Contains(w.Body.String(), "agreement") {
		t.Errorf("the card names another tenant, or an agreement: %s", w.Body)
	}
	before := do(h, "GET", "/v1/providers/a/score?to="+now.Add(-time.Hour).Format(time.RFC3339), "")
	if got := read[api.Score](t, before); got.Calls != 0 || got.Availability != nil || got.Latency != nil || got.PerVerdict != nil {
		t.Errorf("before the call: %s", before.Body)
	}
	deps.Auth = fixed{principal: access.Principal{Tenant: "shop", Key: "k", Scopes: []access.Scope{access.Admin}}}
	if got := read[api.Score](t, do(httpapi.API(deps), "GET", "/v1/providers/a/score", "")); got.Calls != 0 || got.Drift.Answers != 0 || got.Drift.Episode.After != nil || got.Drift.Episode.Change == "" {
		t.Errorf("another tenant sees %+v", got)
	}
}

// slowSums is a store whose sums take longer than any request.
type slowSums struct{ store.Store }

func (s slowSums) Performance(ctx context.Context, _ ledger.Filter) (ledger.Performance, error) {
	<-ctx.Done()
	return ledger.Performance{}, fmt.Errorf("%w: %w", store.ErrUnavailable, ctx.Err())
}

// TestScoreOfLongPeriod: a period whose sums take too long is refused before the request is out of time.
func TestScoreOfLongPeriod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := enginetest.Options(enginetest.New("a"))
		h := httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: slowSums{memory.New(0)}})
		begin := time.Now()
		w := do(h, "GET", "/v1/providers/a/score", "")
		if took := time.Since(begin); w.Code != http.StatusUnprocessableEntity || took != 8*time.Second ||
			!strings.Contains(w.Body.String(), "query.from") || !strings.Contains(w.Body.String(), "within 8s") {
			t.Errorf("status %d after %v: %s", w.Code, took, w.Body)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		gone := httptest.NewRecorder()
		h.ServeHTTP(gone, httptest.NewRequestWithContext(ctx, "GET", "/v1/providers/a/score", http.NoBody))
		if gone.Code == http.StatusUnprocessableEntity {
			t.Errorf("a caller who left is told of the period: %s", gone.Body)
		}
	})
}

func TestFindings(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"))
	o.Store = memory.New(0)
	at := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	f := idv.Finding{Provider: "a", Version: "1.0.0", Count: 2, First: at, Last: at}
	code, gateway, added, seen, other := f, f, f, f, f
	code.Kind, code.Type, code.Code = idv.FindingCode, "vendor", "7"
	gateway.Kind, gateway.Type, gateway.Code = idv.FindingCode, "gateway", "http_403"
	added.Kind, added.Path, added.Type = idv.FindingNew, "/x", "string"
	seen.Kind, seen.Path = idv.FindingSeen, "/y"
	other.Provider, other.Kind, other.Path = "b", idv.FindingMissing, "/z"
	if err := o.Store.AddFindings(t.Context(), []idv.Finding{code, gateway, added, seen, other}); err != nil {
		t.Fatal(err)
	}
	h := httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store})
	w := do(h, "GET", "/v1/providers/a/findings", "")
	text := w.Body.String()
	if w.Code != http.StatusOK || strings.Count(text, `"kind"`) != 3 || strings.Contains(text, "/y") || strings.Contains(text, "/z") || strings.Count(text, `"row"`) != 1 ||
		!strings.Contains(text, `"row":"  - {code: \"7\", verdict: \"\", charge: unknown, text: \"\", source: \"\"}"`) {
		t.Errorf("status %d: %s", w.Code, text)
	}
}
