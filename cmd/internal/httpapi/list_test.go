package httpapi_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/access"
)

// stored puts n verifications of a tenant and app into the store, a second apart.
func (c *counter) stored(t *testing.T, tenant idv.Tenant, app string, n int) {
	t.Helper()
	for i := range n {
		v := idv.Verification{
			ID: fmt.Sprintf("ver_%s_%s_%04d", tenant, app, i), Tenant: tenant, App: app, Check: idv.CheckIDName, Verdict: idv.Match,
			CreatedAt: time.Date(2026, 11, 1, 0, 0, i, 0, time.UTC), Attempts: []idv.Attempt{},
			Evidence: []idv.Evidence{{Provider: "a"}}, Subject: idv.MaskedSubject{Name: "张*"}, Purpose: "=1+1",
		}
		if i%2 == 1 {
			v.Verdict, v.Reason, v.Evidence, v.Attempts = idv.Undetermined, "timeout", nil, []idv.Attempt{{ID: v.ID + "-1", Provider: "b", VendorRef: "@x"}}
		}
		if err := c.deps.Store.Complete(t.Context(), store.Key{}, v); err != nil {
			t.Fatal(err)
		}
	}
}

func pageOf(t *testing.T, h http.Handler, query string) httpapi.VerificationPage {
	t.Helper()
	w := do(h, "GET", "/v1/verifications"+query, "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: status %d, %s", query, w.Code, w.Body)
	}
	return read[httpapi.VerificationPage](t, w)
}

func TestListVerifications(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.stored(t, api.DefaultTenant, "web", 4)
	c.stored(t, "other", "web", 2)
	for query, want := range map[string]string{
		"": "3 2 1 0", "?limit=2": "3 2", "?verdict=match": "2 0", "?verdict=undetermined&reason=timeout": "3 1", "?reason=maintenance": "",
		"?provider=a": "2 0", "?provider=b": "3 1", "?app=web": "3 2 1 0", "?app=shop": "",
		"?from=2026-11-01T00:00:01Z&to=2026-11-01T00:00:03Z": "2 1", "?from=2026-11-01T08:00:03%2B08:00": "3",
	} {
		var got []string
		for _, v := range pageOf(t, c, query).Verifications {
			got = append(got, strings.TrimPrefix(v.ID, "ver_default_web_000"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	first := pageOf(t, c, "?limit=3")
	second := pageOf(t, c, "?limit=3&cursor="+first.Next)
	if len(first.Verifications) != 3 || len(second.Verifications) != 1 || second.Next != "" || second.Verifications[0].ID != "ver_default_web_0000" {
		t.Errorf("pages of %d and %d", len(first.Verifications), len(second.Verifications))
	}
}

// TestListIsOfThePrincipal: nothing of another tenant or app is listed or exported, by any
// filter.
func TestListIsOfThePrincipal(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, tenant := range []idv.Tenant{"t1", "t2"} {
		c.stored(t, tenant, "web", 2)
		c.stored(t, tenant, "shop", 2)
	}
	for _, test := range []struct {
		who         access.Principal
		query, want string
	}{
		{access.Principal{Tenant: "t1"}, "", "ver_t1_"},
		{access.Principal{Tenant: "t1", Apps: []string{"web"}}, "", "ver_t1_web"},
		{access.Principal{Tenant: "t2", Apps: []string{"web"}}, "?app=web", "ver_t2_web"},
	} {
		test.who.Key, test.who.Scopes = "k", []access.Scope{access.Read}
		h := c.as(fixed{principal: test.who})
		for _, form := range []string{"application/json", "application/jsonl", "text/csv"} {
			w := do(h, "GET", "/v1/verifications"+test.query, "", "Accept", form)
			text := w.Body.String()
			if w.Code != http.StatusOK || !strings.Contains(text, test.want) || strings.Count(text, "ver_") != strings.Count(text, test.want) {
				t.Errorf("%+v, %s: status %d, %s", test.who, form, w.Code, text)
			}
		}
	}
	h := c.as(fixed{principal: access.Principal{Tenant: "t1", Key: "k", Apps: []string{"web"}, Scopes: []access.Scope{access.Read}}})
	problem(t, do(h, "GET", "/v1/verifications?app=shop", ""), http.StatusForbidden, "forbidden")
	problem(t, do(h, "GET", "/v1/verifications/ver_t1_shop_0000/evidence", ""), http.StatusNotFound, "not_found")
	problem(t, do(h, "GET", "/v1/verifications/ver_t2_web_0000/evidence", ""), http.StatusNotFound, "not_found")
}

func TestExports(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	const n = 1203 // three pages
	c.stored(t, api.DefaultTenant, "web", n)
	for _, test := range []struct {
		query string
		want  int
	}{{"", n}, {"?limit=7", 7}, {"?limit=1001", 1001}, {"?verdict=match", n/2 + 1}, {"?provider=none", 0}} {
		w := do(c, "GET", "/v1/verifications"+test.query, "", "Accept", "application/jsonl")
		lines := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
		if test.want == 0 {
			lines = lines[:0]
		}
		if len(lines) != test.want || w.Header().Get("Content-Type") != "application/jsonl" {
			t.Errorf("%s: %d lines, want %d, as %s", test.query, len(lines), test.want, w.Header().Get("Content-Type"))
		}
		seen := map[string]bool{}
		for _, line := range lines {
			var v api.Verification
			if err := json.Unmarshal([]byte(line), &v); err != nil || seen[v.ID] {
				t.Fatalf("%s: %q, %v", test.query, line, err)
			}
			seen[v.ID] = true
		}
		w = do(c, "GET", "/v1/verifications"+test.query, "", "Accept", "text/csv")
		rows, err := csv.NewReader(w.Body).ReadAll()
		if err != nil || len(rows) != test.want+1 || !slices.Equal(rows[0], api.VerificationColumns()) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
			t.Fatalf("%s: %d rows, %v", test.query, len(rows), err)
		}
		for _, row := range rows[1:] {
			if row[slices.Index(rows[0], "purpose")] != "'=1+1" {
				t.Fatalf("a formula is not marked: %q", row)
			}
		}
	}
}

func TestFormOfAList(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "text/csv": "text/csv", "text/*": "text/csv", "application/jsonl": "application/jsonl",
		"text/html, text/csv;q=0.5, application/jsonl;q=0.9": "application/jsonl", "application/json;q=0.1, */*;q=0.5": "application/json",
		"text/html": "", "text/csv;q=0": "", "x": "", "application/xml, x/;;, text/csv": "text/csv",
	} {
		w := do(c, "GET", "/v1/verifications", "", "Accept", accept)
		if got := w.Header().Get("Content-Type"); want == "" && w.Code != http.StatusNotAcceptable || want != "" && !strings.HasPrefix(got+";", want+";") {
			t.Errorf("%q: status %d, %s, want %s", accept, w.Code, got, want)
		}
	}
}

func TestBadListInput(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for query, location := range map[string]string{
		"?from=yesterday": "query.from", "?to=2026-11-31T00:00:00Z": "query.to", "?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z": "query.to",
		"?verdict=maybe": "query.verdict", "?limit=0": "query.limit", "?limit=x": "query.limit", "?cursor=x": "query.cursor", "?page=2": "query.page",
		"?reason=" + strings.Repeat("x", 50): "query.reason",
	} {
		if p := problem(t, do(c, "GET", "/v1/verifications"+query, ""), 422, "bad_request"); len(p.Errors) == 0 || p.Errors[0].Location != location || p.Errors[0].Message == "" {
			t.Errorf("%s: %+v", query, p.Errors)
		}
	}
}

// breaking is a store whose list fails after some pages.
type breaking struct {
	store.Store

	pages *int
}

func (f breaking) FindVerifications(ctx context.Context, filter store.VerificationFilter, p ledger.Page) ([]idv.Verification, string, error) {
	if *f.pages--; *f.pages < 0 {
		return nil, "", errors.New("張三")
	}
	return f.Store.FindVerifications(ctx, filter, p)
}

// TestExportIsCutOff: a client sees that an export is incomplete.
func TestExportIsCutOff(t *testing.T) {
	t.Parallel()
	pages := 2
	c := newCounter(t, func(o *engine.Options) { o.Store = breaking{memory.New(0), &pages} })
	c.stored(t, api.DefaultTenant, "web", 1203)
	s := httptest.NewServer(c)
	defer s.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/verifications", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/jsonl")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var text strings.Builder
	if _, err := io.Copy(&text, answer.Body); err == nil || strings.Count(text.String(), "\n") < 500 {
		t.Errorf("%d lines, %v", strings.Count(text.String(), "\n"), err)
	}
	w := do(c, "GET", "/v1/verifications", "", "Accept", "text/csv")
	problem(t, w, http.StatusInternalServerError, "internal") // nothing was written before
}
