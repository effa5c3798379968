package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
)

// operation is an operation of the OpenAPI document.
type operation struct {
	ID        string `json:"operationId"`
	Responses map[string]struct {
		Description string
		Content     map[string]struct {
			Schema struct {
				AllOf []struct {
					Properties map[string]struct{ Enum []string }
				}
			}
		}
	}
	Body *struct{} `json:"requestBody"`

	method, path string
}

// operations reads the OpenAPI document of the whole API.
func operations(t testing.TB, h http.Handler) (list []operation) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]operation
	}
	r, w := httptest.NewRequest(http.MethodGet, "/openapi.json", nil), httptest.NewRecorder()
	r.Host = "localhost"
	h.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			o.method, o.path = strings.ToUpper(method), path
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// problems lists the problems of an operation as "status name".
func (o *operation) problems() (list []string) {
	for status, r := range o.Responses {
		for _, part := range r.Content["application/problem+json"].Schema.AllOf {
			for _, kind := range part.Properties["type"].Enum {
				list = append(list, status+" "+strings.TrimPrefix(kind, "urn:heyan:problem:"))
			}
		}
	}
	slices.Sort(list)
	return list
}

// serves reports whether a path with its ids is one of the operation's.
func (o *operation) serves(method, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	want, got := strings.Split(o.path, "/"), strings.Split(path, "/")
	if o.method != method || len(want) != len(got) {
		return false
	}
	for i := range want {
		_, action, _ := strings.Cut(got[i], ":")
		wildcard, after, _ := strings.Cut(want[i], ":")
		if strings.HasPrefix(wildcard, "{") && action != after || !strings.HasPrefix(wildcard, "{") && want[i] != got[i] {
			return false
		}
	}
	return true
}

// documented is the document that every test's problems are compared with.
var documented = sync.OnceValue(func() []operation {
	return operations(&testing.T{}, httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Keys: auth.Issuer{Store: noKeys{}}, Consents: new(consents.Service)}))
})

// undocumented returns what is wrong with a problem: the operation does not list it.
func undocumented(method, path string, w *httptest.ResponseRecorder) string {
	var p httpapi.Problem
	if w.Header().Get("Content-Type") != "application/problem+json" || json.Unmarshal(w.Body.Bytes(), &p) != nil ||
		strings.HasPrefix(p.Detail, "no resource has this path") { // the handler has fewer paths than the document
		return ""
	}
	for _, o := range documented() {
		problem := fmt.Sprintf("%d %s", w.Code, strings.TrimPrefix(p.Type, "urn:heyan:problem:"))
		if o.serves(method, path) && !slices.Contains(o.problems(), problem) {
			return fmt.Sprintf("%s returned %s, which the OpenAPI document does not list for it: %v", o.ID, problem, o.problems())
		}
	}
	return ""
}

const (
	aLot    = `{"id":"L1","provider":"a","units":1,"amount":"0"}`
	aWindow = `{"provider":"a","cron":"0 2 * * 0","duration":"2h"}`
	aKey    = `{"name":"web","scopes":["verify"]}`
	aDraft  = `{` + asks + `,` + adult + `}`
	typo    = `"subject":{"name":"张三","id_number":"110105194912310021"}`
	onNone  = `{` + asks + `,"check":"id_name","consent_id":"con_1",` + adult + `}`
)

// body returns a valid body of an operation.
func (o *operation) body() string {
	switch {
	case o.ID == "verify" || o.ID == "explain":
		return onNone
	case o.ID == "addLot":
		return aLot
	case o.ID == "cancelLot":
		return `{"reason":"booked twice"}`
	case o.ID == "orderSecondOpinion":
		return aSecond
	case o.ID == "draftConsent":
		return aDraft
	case o.ID == "closeProvider":
		return `{"reason":"announced"}`
	case o.ID == "createKey":
		return aKey
	case o.ID == "addWindow":
		return aWindow
	case strings.HasSuffix(o.ID, "Subject"):
		return number
	}
	return ""
}

// ask sends a request of an operation with an id, and what is added to the query.
func (o *operation) ask(h http.Handler, id, query, body string, headers ...string) *httptest.ResponseRecorder {
	return do(h, o.method, strings.NewReplacer("{id}", id, "{name}", id).Replace(o.path)+query, body, headers...)
}

// TestEveryDocumentedProblem produces each problem that the OpenAPI document lists, at
// the operation that it is listed for.
func TestEveryDocumentedProblem(t *testing.T) {
	t.Parallel()
	list := operations(t, newCounter(t))
	if len(list) != 41 {
		t.Errorf("%d operations", len(list))
	}
	for _, o := range list {
		if o.Responses["default"].Description != "" || len(o.problems()) < 5 {
			t.Errorf("%s lists %v", o.ID, o.problems())
		}
		for _, problem := range o.problems() {
			t.Run(o.ID+" "+problem, func(t *testing.T) {
				t.Parallel()
				status, kind, _ := strings.Cut(problem, " ")
				run := func(t *testing.T) {
					t.Helper()
					w := provoke(t, &o, status, kind)
					var p httpapi.Problem
					if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || strconv.Itoa(w.Code) != status || p.Type != "urn:heyan:problem:"+kind || p.Detail == "" {
						t.Errorf("status %d, body %s, %v", w.Code, w.Body, err)
					}
					if (w.Header().Get("Retry-After") != "") != (status == "503" || status == "429" || kind == "idempotency_in_progress") {
						t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
					}
				}
				if kind == "consent_state" || kind == "erased" { // reading takes time
					synctest.Test(t, run)
					return
				}
				run(t)
			})
		}
	}
}

// noKeys is a store of keys that panics.
type noKeys struct{ store.Store }

// late is a body that does not arrive in time.
type late struct{}

func (late) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// provoke makes an operation return a problem.
func provoke(t *testing.T, o *operation, status, kind string) *httptest.ResponseRecorder {
	t.Helper()
	switch c := newCounter(t); status + " " + kind {
	case "400 bad_request":
		return o.ask(c, "x", "?limit=1&limit=2", o.body())
	case "400 personal_data_in_url":
		return o.ask(c, "x", "?id_number=1", o.body())
	case "406 not_acceptable":
		return o.ask(c, "x", "", "", "Accept", "text/html")
	case "422 bad_request":
		return o.ask(c, "x", "?unknown=1", o.body())
	case "401 unauthenticated":
		return o.ask(c.as(fixed{err: auth.ErrUnauthenticated}), "x", "", o.body())
	case "429 rate_limited":
		return o.ask(c.as(fixed{err: auth.ErrRateLimited}), "x", "", o.body())
	case "503 overloaded":
		return o.overloaded(c)
	case "403 forbidden":
		return o.ask(c.as(fixed{}), "x", "", o.body())
	case "421 unknown_host":
		return o.sent(c, strings.NewReader(o.body()), func(r *http.Request) { r.Host = "evil.example" })
	case "408 timeout":
		return o.sent(c, late{}, func(*http.Request) {})
	case "403 cross_origin":
		return o.ask(c, "x", "", o.body(), "Sec-Fetch-Site", "cross-site")
	case "415 unsupported_media_type":
		return o.ask(c, "x", "", "{}", "Content-Type", "text/plain")
	case "413 too_large":
		return o.ask(c, "x", "", strings.Repeat(" ", 70<<10))
	case "500 internal": // a panic
		return o.ask(httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Keys: auth.Issuer{Store: noKeys{}}, Consents: new(consents.Service)}), "x", "", o.body())
	case "503 store_unwritable":
		c = newCounter(t, func(o *engine.Options) {
			o.Store = broken{memory.New(0), fmt.Errorf("%w: %w", store.ErrUnavailable, io.EOF)}
		})
		if w := o.ask(c, "x", "", o.body()); w.Code == http.StatusServiceUnavailable {
			return w
		}
		return o.ask(c.as(fixed{err: store.ErrUnavailable}), "x", "", o.body()) // the operation needs no store, its key does
	case "404 not_found":
		return o.ask(c, "unknown", "", o.body())
	case "422 invalid_input":
		return o.invalid(c)
	case "409 too_many_keys":
		o.ask(c, "", "", o.body())
		o.ask(c, "", "", o.body())
		return o.ask(c, "", "", o.body())
	case "409 too_many_windows":
		for range route.MaxWindows {
			o.ask(c, "", "", o.body())
		}
		return o.ask(c, "", "", o.body())
	case "409 lot_state":
		do(c, http.MethodPost, "/v1/ledger/lots", aLot)
		o.ask(c, "L1", "", o.body())
		return o.ask(c, "L1", "", o.body())
	case "409 exists":
		o.ask(c, "", "", o.body())
		return o.ask(c, "", "", o.body())
	}
	if o.ID == "orderSecondOpinion" {
		return o.provokeSecond(t, kind)
	}
	if strings.Contains(o.path, "consents") {
		return o.provokeConsent(t, kind)
	}
	return o.provokeVerify(t, kind)
}

// sent sends a request of an operation that is changed first.
func (o *operation) sent(h http.Handler, body io.Reader, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(o.method, strings.NewReplacer("{id}", "x", "{name}", "x").Replace(o.path), body)
	r.Host = "127.0.0.1"
	r.Header.Set("Content-Type", "application/json")
	change(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// claimed is a store whose idempotency keys are taken, and which confirms no result.
type claimed struct {
	store.Store

	err error
}

func (c claimed) Claim(ctx context.Context, claim store.Claim) (idv.Verification, bool, error) {
	if c.err != nil {
		return idv.Verification{}, false, c.err
	}
	return c.Store.Claim(ctx, claim)
}

func (claimed) CompleteWithCall(context.Context, idv.Attempt, store.Key, idv.Verification) error {
	return store.ErrUnavailable
}

func (o *operation) provokeVerify(t *testing.T, kind string) *httptest.ResponseRecorder {
	t.Helper()
	var keys error
	limit := abuse.Config{Thresholds: abuse.Unwatched()}
	switch kind {
	case "idempotency_in_progress":
		keys = store.ErrInProgress
	case "idempotency_key_reused":
		keys = store.ErrKeyReused
	case "subject_limited":
		limit.Limits = abuse.Limits{{Per: abuse.PerSubject, Window: abuse.Minute, Most: 1}}
	case "throttled":
		limit.Limits = abuse.Limits{{Per: abuse.PerApp, Window: abuse.Minute, Most: 1}}
	}
	if kind == "restored" {
		c := newCounter(t, func(o *engine.Options) { o.Policy.Consent = consent.Off })
		if err := c.deps.Store.MarkGap(t.Context(), store.NewGap(time.Unix(0, 0), time.Unix(60, 0))); err != nil {
			t.Fatal(err)
		}
		return o.ask(c, "", "", person)
	}
	c := newCounter(t, func(o *engine.Options) {
		o.Store = claimed{o.Store, keys}
		if kind != "denied" {
			o.Policy.Consent = consent.Off
		}
		if kind == "subject_limited" {
			limit.Honeytokens = honeytoken(t, o)
		}
		o.Policy.Abuse = guard(t, o, limit)
	})
	switch kind {
	case "unsupported":
		return o.ask(c, "", "", strings.Replace(person, `"id_name"`, `"id_name_bankcard"`, 1))
	case "shutting_down":
		if err := c.deps.Engine.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	case "subject_limited":
		return o.ask(c, "", "", strings.Replace(person, "11010519491231002X", "110105202001010015", 1))
	case "throttled":
		o.ask(c, "", "", person)
	}
	return o.ask(c, "", "", person, "Idempotency-Key", "k")
}

func (o *operation) provokeConsent(t *testing.T, kind string) *httptest.ResponseRecorder {
	t.Helper()
	c := newCounter(t)
	switch kind {
	case "denied":
		return o.ask(c, "", "", `{`+asks+`,`+child+`}`)
	case "subject_limited":
		var of *engine.Options
		c = newCounter(t, func(o *engine.Options) { of = o })
		c.deps.Consents.Abuse = guard(t, of, abuse.Config{Thresholds: abuse.Unwatched(), Honeytokens: honeytoken(t, of)})
		return o.ask(c, "", "", strings.Replace(`{`+asks+`,`+child+`,"guardian":{`+adult+`,"relation":"mother"}}`, "小明", "张三", 1))
	case "erased":
		id := c.given(t).ID
		do(c, "POST", "/v1/subjects:erase", number)
		return o.ask(c, id, "", "")
	case "notice_lost":
		id := c.drafted(t, aDraft).ID
		c.deps.Consents.Notices = new(notice.Catalogue)
		return o.ask(c, id, "", "")
	}
	d := c.drafted(t, aDraft)
	if o.ID == "giveConsent" || o.ID == "refuseConsent" || o.method == "GET" {
		return o.ask(c, d.ID, "", "") // it was not shown
	}
	path := "/v1/consents/" + d.ID
	do(c, "POST", path+":present", "")
	time.Sleep(2 * time.Second)
	do(c, "POST", path+":refuse", "")
	return o.ask(c, d.ID, "", o.body()) // the person refused
}

// TestMethods: a path that has other methods names them, and an action is none of its
// resource's names.
func TestMethods(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"DELETE", "/v1/verifications", 405, "GET, HEAD, POST"},
		{"GET", "/v1/verifications:explain", 405, "POST"},
		{"PUT", "/v1/ledger/lots", 405, "GET, HEAD, POST"},
		{"GET", "/v1/providers/a:drain", 405, "POST"},
		{"POST", "/v1/providers", 405, "GET, HEAD"},
		{"GET", "/v1/consents/con_1:give", 405, "POST"},
		{"POST", "/v1/consents/con_1", 405, "GET, HEAD"},
		{"POST", "/openapi.json", 405, "GET, HEAD"},
		{"POST", "/v1/providers/a:burn", 404, ""},
		{"POST", "/v1/providers/a", 404, ""},
		{"POST", "/:drain/v1/providers/a", 404, ""},
		{"POST", "/v1/providers/:drain", 404, ""},
		{"POST", "/v1/providers/a%3Adrain", 404, ""},
		{"POST", "/v1/providers/a:resume:drain", 404, ""},
		{"GET", "/v1//verifications/x", 404, ""},
	} {
		w := do(c, tt.method, tt.path, "")
		if w.Code != tt.status || w.Header().Get("Allow") != tt.allow || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: status %d, Allow %q, body %s; want %d and %q", tt.method, tt.path, w.Code, w.Header().Get("Allow"), w.Body, tt.status, tt.allow)
		}
	}
	if w := do(httpapi.Admin(c.deps, false), "POST", "/readyz", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /readyz: status %d, body %s", w.Code, w.Body)
	}
}

// TestUnknownMembers: a plain name is told, and a name that may be a claim is not.
func TestUnknownMembers(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for member, want := range map[string]string{
		"idCard": "body.idCard", "name": "body.name", "id_number": "body.id_number",
		"张三": "body", "11010519491231002X": "body", "x13800138000": "body", "a b": "body", "": "body", strings.Repeat("x", 41): "body", "a.b": "body.a.b",
	} {
		w := do(c, "POST", "/v1/verifications", strings.Replace(person, "{", `{"`+member+`":"李四",`, 1))
		p := problem(t, w, 422, "bad_request")
		if len(p.Errors) != 1 || p.Errors[0].Location != want {
			t.Errorf("%q: %+v, want %s", member, p.Errors, want)
		}
	}
	p := problem(t, do(c, "POST", "/v1/verifications?idCard=11010519491231002X", person), 400, "personal_data_in_url")
	if len(p.Errors) != 1 || p.Errors[0].Location != "query.idCard" {
		t.Errorf("a query parameter: %+v", p.Errors)
	}
}

// TestBrokenBody: a body that ends too early, or whose chunks are malformed, is the
// caller's fault.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newCounter(t))
	t.Cleanup(server.Close)
	const head = "POST /v1/verifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
	for name, request := range map[string]string{
		"half a body":      head + "Content-Length: 500\r\n\r\n{\"check\":",
		"malformed chunk":  head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
		"no last chunk":    head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
		"half of a chunk":  head + "Transfer-Encoding: chunked\r\n\r\n50\r\n{}",
		"half of the JSON": head + "Content-Length: 9\r\n\r\n{\"check\":",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := exchange(t, server.Listener.Addr().String(), request)
			if !strings.HasPrefix(answer, "HTTP/1.1 400 ") || !strings.Contains(answer, `"type":"urn:heyan:problem:bad_request"`) || !strings.Contains(answer, `"location":"body"`) {
				t.Errorf("got %s", answer)
			}
		})
	}
	err := errors.New("unrelated")
	if w := (&operation{method: "POST", path: "/v1/verifications"}).sent(newCounter(t), failing{err}, func(*http.Request) {}); w.Code != 400 {
		t.Errorf("a body that cannot be read: status %d", w.Code)
	}
}

// exchange sends the bytes of a request, ends the sending side, and returns the answer.
func exchange(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
