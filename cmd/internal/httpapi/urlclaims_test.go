package httpapi_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/httpapi"
)

// TestClaimsInURLs sends claims in the URL, to served and unknown paths, and reads what the
// API says and logs of it.
func TestClaimsInURLs(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	var log bytes.Buffer
	c.deps.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	both := map[string]http.Handler{"api": httpapi.API(c.deps), "admin": httpapi.Admin(c.deps, false)}
	for name, claim := range map[string]string{
		"resident number": "11010519491231002X", "small x": "11010519491231002x", "mistyped": "110105194912310021", "fifteen digits": "110105491231002",
		"spaces": "110105 19491231 002X", "fullwidth": "１１０１０５１９４９１２３１００２Ｘ", "Hong Kong": "A123456(3)"[:7] + "3", "Taiwan": "A123456789", "permit": "H60123456",
		"mobile": "13800138000", "mobile abroad": "+8613800138000", "mobile with hyphens": "138-0013-8000", "card": "6222020200112230002",
		"visa": "4111111111111111", "name": "张三", "long name": "欧阳小明", "name of a minority": "买买提·吐尔逊",
	} {
		for _, target := range []string{
			"/v1/verifications/{}", "/v1/consents/{}/receipt", "/{}", "/v1/verifications?cursor={}", "/v1/ledger/entries?app={}", "/v1/consents?unknown={}",
			"/v1/verifications?{}=1", "/v1/verifications?app=web;{}", "/v1/providers/{}:drain", "/v1/verifications/x_{}",
		} {
			for form, escape := range map[string]func(string) string{
				"once": url.QueryEscape, "twice": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
			} {
				for side, h := range both {
					path := strings.ReplaceAll(target, "{}", escape(claim))
					if before, _, query := strings.Cut(target, "?"); !query || strings.Contains(before, "{}") {
						path = strings.ReplaceAll(target, "{}", strings.ReplaceAll(escape(claim), "+", "%20"))
					}
					r, w := httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder()
					r.Host = "127.0.0.1"
					h.ServeHTTP(w, r)
					p := read[httpapi.Problem](t, w)
					if w.Code != http.StatusBadRequest || p.Type != "urn:heyan:problem:personal_data_in_url" {
						t.Errorf("%s, %s, %s, escaped %s: status %d, %s", side, name, target, form, w.Code, p.Type)
					}
					if body := w.Body.String() + log.String(); strings.Contains(body, claim) || strings.Contains(body, escape(claim)) {
						t.Errorf("%s, %s: shown: %s", name, target, body)
					}
				}
			}
		}
	}
}

// TestOddURLs: other forms in which a claim may arrive.
func TestOddURLs(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for name, target := range map[string]string{
		"a parameter of that name": "/v1/verifications?name=Zhang", "in another case": "/v1/verifications?Id-Card=1", "GBK": "/v1/verifications?app=%D5%C5%C8%FD",
		"GBK in the path": "/v1/verifications/%D5%C5%C8%FD", "escaped too often": "/v1/verifications?app=%252525252531", "Chinese where none belongs": "/v1/verifications?provider=%E6%9F%9C%E5%8F%B0",
	} {
		w := do(c, "GET", target, "")
		if p := read[httpapi.Problem](t, w); w.Code != http.StatusBadRequest || p.Type != "urn:heyan:problem:personal_data_in_url" {
			t.Errorf("%s: status %d, %s", name, w.Code, w.Body)
		}
	}
}

// TestURLsWithoutClaims: what callers do send is not refused.
func TestURLsWithoutClaims(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	at := base64.RawURLEncoding.EncodeToString([]byte("1764525111000000.ver_01"))
	for _, target := range []string{
		"/v1/verifications?from=2026-11-01T00:00:00%2B08:00&to=2026-12-01T00:00:00Z&verdict=match&reason=timeout&provider=idcert-main&app=shop2&limit=100",
		"/v1/verifications?cursor=" + at, "/v1/ledger/entries?app=" + url.QueryEscape("柜台") + "&purpose=" + url.QueryEscape("开户核验"),
		"/v1/ledger/entries?after=1764525111000000.123456789012345678", "/v1/consents", "/v1/ledger/lots?provider=p13800138000x", "/v1/webhooks/messages?dead=true",
	} {
		if w := do(c, "GET", target, ""); w.Code == http.StatusBadRequest {
			t.Errorf("%s: status %d, %s", target, w.Code, w.Body)
		}
	}
	for _, id := range []string{"ver_3AJK2M4N5P6Q7R8S9TABCDEFGH", "20261130123456789", "202611301234567890", "L1", "550e8400-e29b-41d4-a716-446655440000", "M20261130", "4k7m2ptuv3xq"} {
		if w := do(c, "GET", "/v1/verifications/"+id, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, %s", id, w.Code, w.Body)
		}
	}
}
