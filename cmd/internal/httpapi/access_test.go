package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// fronts returns the handlers of both addresses, which a provider and a ledger are behind.
func fronts(t *testing.T, asked *enginetest.Provider) map[string]http.Handler {
	t.Helper()
	o := enginetest.Options(asked)
	o.Store = memory.New(0)
	d := httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store, Hosts: []string{"heyan.internal"}}
	return map[string]http.Handler{"api": httpapi.API(d), "admin": httpapi.Admin(d, false)}
}

func TestHost(t *testing.T) {
	t.Parallel()
	known := []string{
		"127.0.0.1", "127.0.0.1:8080", "10.0.0.7:80", "[::1]", "[::1]:8080", "[fe80::1%25lo]:1", "localhost", "LOCALHOST:8080", "localhost.",
		"heyan.internal", "Heyan.Internal:8080", "heyan.internal.:8080",
	}
	unknown := []string{
		"", ":8080", "evil.example", "evil.example:8080", "heyan.internal.evil.example", "x.heyan.internal", "localhost.evil.example", "a.localhost",
		"127.0.0.1.evil.example", "2130706433", "127.1", "localhost:x", "localhost:99999", "[evil.example]", "[]", ".",
	}
	for name, h := range fronts(t, enginetest.New("a")) {
		for _, host := range append(known, unknown...) {
			r := httptest.NewRequest(http.MethodGet, "/unknown", nil)
			r.Host = host
			want := http.StatusMisdirectedRequest
			if slices.Contains(known, host) {
				want = http.StatusNotFound
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want || w.Header().Get("Content-Type") != "application/problem+json" || host != "" && strings.Contains(w.Body.String(), "evil") {
				t.Errorf("%s, Host %q: status %d, want %d, body %s", name, host, w.Code, want, w.Body)
			}
		}
	}
}

// TestReboundNameReadsNothing: the host is looked at before anything else.
func TestReboundNameReadsNothing(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, path := range []string{"/v1/consents", "/v1/consents/con_x/text", "/v1/verifications/ver_x", "/v1/ledger/lots", "/openapi.json"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host, r.Header = "rebound.example:8080", http.Header{"Sec-Fetch-Site": {"same-origin"}}
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if w.Code != http.StatusMisdirectedRequest || !strings.Contains(w.Body.String(), "urn:heyan:problem:unknown_host") {
			t.Errorf("%s: status %d, body %s", path, w.Code, w.Body)
		}
	}
}

func TestPageOfAnotherOrigin(t *testing.T) {
	t.Parallel()
	lot := `{"id":"L1","provider":"a","units":1,"amount":"0"}`
	acts := []struct{ path, body string }{{"/v1/verifications", person}, {"/v1/ledger/lots", lot}, {"/v1/providers/a:drain", ""}}
	for _, tt := range []struct {
		name    string
		headers []string
		refused bool
	}{
		{"no browser", nil, false},
		{"same origin", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:8080"}, false},
		{"typed by the user", []string{"Sec-Fetch-Site", "none"}, false},
		{"cross site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, true},
		{"same site, other port", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:9000"}, true},
		{"unknown word", []string{"Sec-Fetch-Site", "x"}, true},
		{"older browser, same origin", []string{"Origin", "http://127.0.0.1:8080"}, false},
		{"older browser, other origin", []string{"Origin", "https://evil.example"}, true},
		{"older browser, other port", []string{"Origin", "http://127.0.0.1:9000"}, true},
		{"sandboxed frame", []string{"Origin", "null"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, act := range acts {
				a := enginetest.New("a")
				for name, h := range fronts(t, a) {
					w := do(h, "POST", act.path, act.body, tt.headers...)
					refused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "urn:heyan:problem:cross_origin")
					if refused != tt.refused {
						t.Errorf("%s %s: status %d, body %s", name, act.path, w.Code, w.Body)
					}
				}
				if tt.refused && a.Calls() != 0 {
					t.Errorf("%d calls", a.Calls())
				}
			}
		})
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	for kind, accepted := range map[string]bool{
		"application/json": true, "application/json;": true, "Application/JSON": true, "application/json; charset=utf-8": true,
		"application/json ;Charset=\"UTF-8\"": true, "application/json; profile=x": true,
		"": false, ";": false, "json": false, "text/json": false, "text/plain": false, "text/plain+json": false, "application/problem+json": false,
		"application/x-www-form-urlencoded": false, "multipart/form-data; boundary=application/json": false,
		"application/json, text/plain": false, "text/plain; application/json": false, "application/jsonx": false,
		"application/json; charset=gbk": false, "application/json; charset=": false, "application/json; charset=utf-8; charset=gbk": false,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a := enginetest.New("a")
			for name, h := range fronts(t, a) {
				w := do(h, "POST", "/v1/verifications", person, "Content-Type", kind)
				if refused := w.Code == http.StatusUnsupportedMediaType; refused == accepted {
					t.Errorf("%s: status %d, body %s", name, w.Code, w.Body)
				}
			}
			if called := a.Calls() == 1; called != accepted {
				t.Errorf("%d calls", a.Calls())
			}
		})
	}
}

// TestActionsNeedNoBody: curl -X POST sends neither a body nor a type, curl -d "" a type alone.
func TestActionsNeedNoBody(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "application/x-www-form-urlencoded"} {
		h := fronts(t, enginetest.New("a"))["api"]
		for _, action := range []string{"drain", "resume"} {
			if w := do(h, "POST", "/v1/providers/a:"+action, "", "Content-Type", kind); w.Code != http.StatusOK {
				t.Errorf("%s with %q: status %d, body %s", action, kind, w.Code, w.Body)
			}
		}
	}
}

func TestDoubledHeaders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Idempotency-Key", "Authorization", "Content-Type", "Origin", "Sec-Fetch-Site"} {
		for _, second := range []string{"application/json", "same-origin", "other", ""} {
			a := enginetest.New("a")
			r := httptest.NewRequest(http.MethodPost, "/v1/verifications", strings.NewReader(person))
			r.Host = "127.0.0.1"
			r.Header.Set("Content-Type", "application/json")
			if r.Header.Get(name) == "" {
				r.Header.Set(name, "same-origin")
			}
			r.Header.Add(name, second)
			w := httptest.NewRecorder()
			fronts(t, a)["api"].ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"location":"header.`+name+`"`) || a.Calls() != 0 {
				t.Errorf("%s and %q: status %d, %d calls, body %s", name, second, w.Code, a.Calls(), w.Body)
			}
		}
	}
	if w := do(fronts(t, enginetest.New("a"))["api"], "GET", "/v1/ledger/lots?provider=a&provider=b", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"location":"query"`) {
		t.Errorf("a doubled parameter: status %d, body %s", w.Code, w.Body)
	}
}

func TestBlankTexts(t *testing.T) {
	t.Parallel()
	for location, tt := range map[string]struct{ body, key string }{
		"body.consent_id":        {strings.Replace(person, `"app"`, `"consent_id":" ","app"`, 1), "k"},
		"body.purpose":           {strings.Replace(person, `"test"`, `"\u3000"`, 1), "k"},
		"body.app":               {strings.Replace(person, `"web"`, `"\u200b"`, 1), "k"},
		"header.Idempotency-Key": {person, " \u3000"},
	} {
		a := enginetest.New("a")
		w := do(fronts(t, a)["api"], "POST", "/v1/verifications", tt.body, "Idempotency-Key", tt.key)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"location":"`+location+`","rule":"empty"`) || a.Calls() != 0 {
			t.Errorf("%s: status %d, %d calls, body %s", location, w.Code, a.Calls(), w.Body)
		}
	}
	// net/http trims a value of spaces to nothing.
	if w := do(fronts(t, enginetest.New("a"))["api"], "POST", "/v1/verifications", person, "Idempotency-Key", ""); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty key: status %d, body %s", w.Code, w.Body)
	}
	for _, lot := range []string{`{"id":"\u00a0","provider":"a","units":1,"amount":"0"}`, `{"id":"L1","provider":" ","units":1,"amount":"0"}`} {
		if w := do(fronts(t, enginetest.New("a"))["api"], "POST", "/v1/ledger/lots", lot); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, body %s", lot, w.Code, w.Body)
		}
	}
	c := newCounter(t)
	for _, body := range []string{
		`{"app":" ","purpose":"test",` + adult + `}`, `{"app":"web","purpose":"\u2060",` + adult + `}`, `{"app":"web","purpose":"test","presenter":" ",` + adult + `}`,
	} {
		if w := do(c, "POST", "/v1/consents", body); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d, body %s", body, w.Code, w.Body)
		}
	}
	for _, member := range []string{"presenter", "session", "address", "agent"} {
		w := do(c, "POST", "/v1/consents/con_x:present", `{"`+member+`":" "}`)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"location":"body.`+member+`"`) {
			t.Errorf("%s: status %d, body %s", member, w.Code, w.Body)
		}
	}
}
