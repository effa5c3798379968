package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/consent"
)

// fixed authenticates every request alike.
type fixed struct {
	principal access.Principal
	err       error
}

func (f fixed) Authenticate(*http.Request) (access.Principal, error) { return f.principal, f.err }

// as returns the API for callers of an authenticator.
func (c *counter) as(a auth.Authenticator) http.Handler {
	deps := c.deps
	deps.Auth = a
	return httpapi.API(deps)
}

// of returns the API for a principal of a tenant with all scopes, and of some apps.
func (c *counter) of(tenant idv.Tenant, apps ...string) http.Handler {
	return c.as(fixed{principal: access.Principal{Tenant: tenant, Apps: apps, Key: "k", Scopes: access.Scopes()}})
}

// scopesOf reads the scope of each operation from the OpenAPI document.
func scopesOf(t *testing.T, h http.Handler) map[string]access.Scope {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			ID       string `json:"operationId"`
			Security []map[string][]access.Scope
		}
		Components struct {
			SecuritySchemes map[string]struct{ Type, Scheme string }
		}
	}
	if err := json.Unmarshal(do(h, "GET", "/openapi.json", "").Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	schemes := map[string]struct{ Type, Scheme string }{"api_key": {"http", "bearer"}, "jwt": {"http", "bearer"}, "mtls": {"mutualTLS", ""}}
	if !maps.Equal(doc.Components.SecuritySchemes, schemes) {
		t.Errorf("the security schemes are %+v", doc.Components.SecuritySchemes)
	}
	scopes := map[string]access.Scope{}
	for _, methods := range doc.Paths {
		for _, o := range methods {
			if len(o.Security) != len(schemes) || len(o.Security[0]["api_key"]) != 1 {
				t.Errorf("%s needs %v", o.ID, o.Security)
				continue
			}
			scopes[o.ID] = o.Security[0]["api_key"][0]
			for _, one := range o.Security { // any of them is enough, and needs the same scope
				for name, needed := range one {
					if _, known := schemes[name]; !known || len(one) != 1 || !slices.Equal(needed, []access.Scope{scopes[o.ID]}) {
						t.Errorf("%s needs %v", o.ID, o.Security)
					}
				}
			}
		}
	}
	return scopes
}

// TestEveryOperationNeedsItsScope calls each operation without a key, with every scope but
// its own, and with its own alone.
func TestEveryOperationNeedsItsScope(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	scopes := scopesOf(t, c)
	for _, o := range operations(t, c) {
		t.Run(o.ID, func(t *testing.T) {
			t.Parallel()
			scope := scopes[o.ID]
			if !slices.Contains(access.Scopes(), scope) {
				t.Fatalf("the scope is %q", scope)
			}
			w := o.ask(c.as(fixed{err: auth.ErrUnauthenticated}), "x", "", o.body())
			problem(t, w, http.StatusUnauthorized, "unauthenticated")
			if w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("the challenge is %q", w.Header().Get("WWW-Authenticate"))
			}
			problem(t, o.ask(c.as(nil), "x", "", o.body()), http.StatusUnauthorized, "unauthenticated")
			others := slices.DeleteFunc(access.Scopes(), func(s access.Scope) bool { return s == scope })
			w = o.ask(c.as(fixed{principal: access.Principal{Tenant: "default", Scopes: others}}), "x", "", "not JSON")
			if p := problem(t, w, http.StatusForbidden, "forbidden"); !strings.Contains(p.Detail, "scope "+string(scope)) {
				t.Errorf("the detail names no scope: %s", p.Detail)
			}
			w = o.ask(c.as(fixed{principal: access.Principal{Tenant: "default", Scopes: []access.Scope{scope}}}), "x", "", o.body())
			if w.Code == http.StatusUnauthorized || strings.Contains(w.Body.String(), "problem:forbidden") {
				t.Errorf("with its scope: status %d, %s", w.Code, w.Body)
			}
		})
	}
	if calls := c.asked.Calls(); calls != 0 {
		t.Errorf("%d calls", calls)
	}
}

// TestUnknownPathsNeedAKey: the paths cannot be explored without a key.
func TestUnknownPathsNeedAKey(t *testing.T) {
	t.Parallel()
	h := newCounter(t).as(fixed{err: auth.ErrUnauthenticated})
	for _, path := range []string{"/", "/v1/nothing", "/v1/verifications/", "/openapi.json/x", "//openapi.json", "/v1/../openapi.json"} {
		problem(t, do(h, "GET", path, ""), http.StatusUnauthorized, "unauthenticated")
	}
	if w := do(h, "GET", "/openapi.json", ""); w.Code != http.StatusOK {
		t.Errorf("the document: status %d", w.Code)
	}
}

// owned is a consent and a verification of tenant bank and app web.
func owned(t *testing.T) (c *counter, consented, verified string) {
	t.Helper()
	c = newCounter(t)
	bank := &counter{Handler: c.of("bank"), deps: c.deps}
	d := bank.given(t)
	w := do(bank, "POST", "/v1/verifications", on(d.ID))
	v := read[api.Verification](t, w)
	if w.Code != http.StatusOK || v.Verdict != idv.Match {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return c, d.ID, v.ID
}

// TestForeignTenant calls each operation as another tenant, and as another app of the same
// one, with the ids of the first: it finds nothing and changes nothing.
func TestForeignTenant(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]func(*counter) http.Handler{
		"tenant": func(c *counter) http.Handler { return c.of("shop") },
		"app":    func(c *counter) http.Handler { return c.of("bank", "other") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, consented, verified := owned(t)
				key := read[api.Key](t, do(c.of("bank"), "POST", "/v1/keys", aKey))
				h := foreign(c)
				for _, o := range operations(t, c) {
					id := map[bool]string{true: verified, false: consented}[o.ID == "getVerification"]
					if o.ID == "revokeKey" {
						id = key.ID
					}
					body := strings.ReplaceAll(o.body(), "con_1", consented)
					if o.ID == "giveConsent" {
						body = `{"text_hash":"sha256:00","action":"checkbox"}`
					}
					if name == "app" && (strings.Contains(o.ID, "Key") || o.ID == "listProviders") {
						continue // of the tenant
					}
					w := o.ask(h, id, "", body)
					for _, mine := range []string{consented, verified, key.ID, "bank"} {
						if strings.Contains(w.Body.String(), mine) {
							t.Errorf("%s shows %s: %s", o.ID, mine, w.Body)
						}
					}
					if strings.Contains(o.path, "{id}") && w.Code != http.StatusNotFound {
						t.Errorf("%s: status %d, want not found: %s", o.ID, w.Code, w.Body)
					}
				}
				own := c.of("bank")
				if w := do(own, "GET", "/v1/verifications/"+verified, ""); w.Code != http.StatusOK {
					t.Errorf("the owner's verification: status %d: %s", w.Code, w.Body)
				}
				if got := read[api.Consent](t, do(own, "GET", "/v1/consents/"+consented, "")); got.State != consent.Given || got.Erased != "" {
					t.Errorf("the owner's consent is %+v", got)
				}
				if w := do(own, "GET", "/v1/keys", ""); !strings.Contains(w.Body.String(), `"state":"live"`) {
					t.Errorf("the owner's key: %s", w.Body)
				}
				if calls := c.asked.Calls(); calls != 1 {
					t.Errorf("%d calls, want the owner's", calls)
				}
			})
		})
	}
}

// TestAppOfTheKey: the app of a request is that of the key, whatever the caller says.
func TestAppOfTheKey(t *testing.T) {
	t.Parallel()
	plain := strings.Replace(person, `,"app":"web"`, "", 1)
	other := strings.Replace(person, `"web"`, `"other"`, 1)
	for _, tt := range []struct {
		name, body string
		apps       []string
		status     int
		says       string
	}{
		{"the only one", plain, []string{"web"}, 200, `"app":"web"`},
		{"the only one, named", person, []string{"web"}, 200, `"app":"web"`},
		{"another", other, []string{"web"}, 403, `"location":"body.app"`},
		{"one of two", other, []string{"web", "other"}, 200, `"app":"other"`},
		{"none of two", plain, []string{"web", "other"}, 422, `"location":"body.app"`},
		{"any", other, nil, 200, `"app":"other"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCounter(t, func(o *engine.Options) { o.Policy.Consent = consent.Off })
			w := do(c.of("bank", tt.apps...), "POST", "/v1/verifications", tt.body)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			if called := c.asked.Calls() == 1; called != (tt.status == 200) {
				t.Errorf("%d calls", c.asked.Calls())
			}
			if tt.status != 200 {
				for _, path := range []string{"/v1/verifications:explain"} {
					if w := do(c.of("bank", tt.apps...), "POST", path, tt.body); w.Code != tt.status {
						t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
					}
				}
			}
		})
	}
}

// TestLimitOfACaller: limits per caller count by the key.
func TestLimitOfACaller(t *testing.T) {
	t.Parallel()
	c := newCounter(t, func(o *engine.Options) {
		o.Policy.Consent = consent.Off
		o.Policy.Abuse = guard(t, o, abuse.Config{
			Thresholds: abuse.Unwatched(), Limits: abuse.Limits{{Per: abuse.PerCaller, Window: abuse.Day, Most: 1}},
		})
	})
	for _, ask := range []struct {
		key    string
		status int
	}{{"a", 200}, {"a", 429}, {"b", 200}, {"b", 429}} {
		h := c.as(fixed{principal: access.Principal{Tenant: "bank", Key: ask.key, Scopes: access.Scopes()}})
		if w := do(h, "POST", "/v1/verifications", person); w.Code != ask.status {
			t.Errorf("key %s: status %d, want %d: %s", ask.key, w.Code, ask.status, w.Body)
		}
	}
}

// invalid sends a request of an operation that breaks a local rule.
func (o *operation) invalid(h http.Handler) *httptest.ResponseRecorder {
	switch {
	case o.ID == "suggestWindows":
		return o.ask(h, "", "?zone=Beijing", "")
	case o.ID == "addWindow":
		return o.ask(h, "", "", strings.Replace(aWindow, "2h", "2", 1))
	case o.method == "GET":
		parameter := "provider"
		if o.ID == "listMessages" {
			parameter = "cursor"
		}
		if o.ID == "listConsents" || o.ID == "listKeys" || o.ID == "listAudit" {
			parameter = "after"
		}
		return o.ask(h, "", "?"+parameter+"=%00", "")
	case o.ID == "verify" || o.ID == "explain":
		return o.ask(h, "", "", `{`+asks+`,"check":"id_name",`+typo+`}`)
	case o.ID == "draftConsent":
		return o.ask(h, "", "", `{`+asks+`,`+typo+`}`)
	case strings.HasSuffix(o.ID, "Provider"):
		return o.ask(h, "a", "", `{"reason":"of 13800138000"}`)
	case o.ID == "orderSecondOpinion":
		return o.ask(h, "x", "", strings.Replace(aSecond, "doubt", "of 13800138000", 1))
	case o.ID == "createKey":
		return o.ask(h, "", "", strings.Replace(aKey, `"web"`, `"web\u0000"`, 1))
	case o.ID == "addLot":
		return o.ask(h, "", "", strings.Replace(aLot, "L1", `L1\u0000`, 1))
	case strings.HasSuffix(o.ID, "Subject"):
		return o.ask(h, "", "", `{"id_number":"110105194912310021"}`)
	}
	return o.ask(h, "x", "", `{"`+map[bool]string{true: "reason", false: "text_hash"}[o.ID == "cancelLot"]+`":"\u0000"}`)
}

// TestKeysOverREST creates, lists and revokes keys of the tenant.
func TestKeysOverREST(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	h := c.of("bank")
	expires := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	w := do(h, "POST", "/v1/keys", fmt.Sprintf(`{"name":"web","scopes":["verify","read"],"apps":["web"],"networks":["10.0.0.1/8"],"expires_at":%q}`, expires.Format(time.RFC3339)))
	made := read[api.Key](t, w)
	if w.Code != http.StatusCreated || !strings.HasPrefix(made.Key, "heyan_"+made.ID+"_") || made.Tenant != "bank" || made.State != "live" ||
		made.Networks[0] != "10.0.0.0/8" || !made.ExpiresAt.Equal(expires) {
		t.Fatalf("status %d: %+v", w.Code, made)
	}
	if list := do(h, "GET", "/v1/keys", "").Body.String(); !strings.Contains(list, made.ID) || strings.Contains(list, made.Key) || strings.Contains(list, "hash") {
		t.Errorf("the list is %s", list)
	}
	if w := do(h, "POST", "/v1/keys/"+made.ID+":revoke", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"state":"revoked"`) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	for body, location := range map[string]string{
		`{"name":"a","scopes":["verify"],"networks":["10.0.0"]}`:               "body.networks",
		`{"name":"a","scopes":["verify"],"expires_at":"2020-01-01T00:00:00Z"}`: "body.expires_at",
		`{"name":"a","scopes":["all"]}`:                                        "body.scopes[0]",
		`{"name":"a","scopes":[]}`:                                             "body.scopes",
		`{"name":"a","scopes":["verify"],"apps":[""]}`:                         "body.apps",
		`{"name":"a","scopes":["verify"],"tenant":"shop"}`:                     "body.tenant",
	} {
		if w := do(h, "POST", "/v1/keys", body); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"location":"`+location+`"`) {
			t.Errorf("%s: status %d: %s", body, w.Code, w.Body)
		}
	}
	limited := c.of("bank", "web")
	if w := do(limited, "POST", "/v1/keys", `{"name":"b","scopes":["verify"],"apps":["other"]}`); w.Code != http.StatusForbidden {
		t.Errorf("an app that the caller lacks: status %d: %s", w.Code, w.Body)
	}
	if got := read[api.Key](t, do(limited, "POST", "/v1/keys", aKey)); len(got.Apps) != 1 || got.Apps[0] != "web" {
		t.Errorf("without apps the caller's are taken, got %+v", got)
	}
}

// TestGuardedAdmin: on an address that other machines reach, metrics and the providers need
// the scope admin.
func TestGuardedAdmin(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	admin := func(a auth.Authenticator) http.Handler {
		deps := c.deps
		deps.Auth, deps.Metrics = a, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("metrics")) })
		return httpapi.Admin(deps, true)
	}
	key := []string{"Authorization", "Bearer x"}
	for _, tt := range []struct {
		name    string
		auth    auth.Authenticator
		headers []string
		metrics int
		sees    bool
	}{
		{"no key", fixed{err: auth.ErrUnauthenticated}, nil, 401, false},
		{"a wrong key", fixed{err: auth.ErrUnauthenticated}, key, 401, false},
		{"another scope", fixed{principal: access.Principal{Scopes: []access.Scope{access.Ledger}}}, key, 403, false},
		{"its scope", fixed{principal: access.Principal{Scopes: []access.Scope{access.Admin}}}, key, 200, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := admin(tt.auth)
			if w := do(h, "GET", "/healthz", "", tt.headers...); w.Code != http.StatusOK {
				t.Errorf("health: status %d", w.Code)
			}
			if w := do(h, "GET", "/readyz", "", tt.headers...); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "providers") != tt.sees {
				t.Errorf("readiness: status %d: %s", w.Code, w.Body)
			}
			if w := do(h, "GET", "/metrics", "", tt.headers...); w.Code != tt.metrics {
				t.Errorf("metrics: status %d: %s", w.Code, w.Body)
			}
		})
	}
}
