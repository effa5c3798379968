package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/plugins"
)

const person = `{"check":"id_name","subject":{"name":"张三","id_number":"11010519491231002X"},"purpose":"test","app":"web"}`

func handler(t *testing.T, providers ...*enginetest.Provider) http.Handler {
	t.Helper()
	return httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, enginetest.Options(providers...)), Store: memory.New(0), Version: "test"})
}

// do sends a request and returns status, headers and body.
func do(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if wrong := undocumented(method, path, w); wrong != "" {
		panic(wrong)
	}
	return w
}

func TestVerify(t *testing.T) {
	t.Parallel()
	h := handler(t, enginetest.New("a"))
	w := do(h, "POST", "/v1/verifications", person)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, headers %v, body %s", w.Code, w.Header(), w.Body)
	}
	var got api.Verification
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != idv.Match || got.App != "web" || got.Subject.Name != "张*" || len(got.Attempts) != 1 || got.Cost.Amount != "0.05" {
		t.Errorf("got %+v", got)
	}
	again := do(h, "GET", "/v1/verifications/"+got.ID, "")
	if again.Body.String() != w.Body.String() {
		t.Errorf("got back %s\nwant %s", again.Body, w.Body)
	}
}

func TestUndeterminedIsProcessed(t *testing.T) {
	t.Parallel()
	h := handler(t, enginetest.New("a", enginetest.Fail(idv.Maintenance, idv.Answered)))
	w := do(h, "POST", "/v1/verifications", person)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"verdict":"undetermined","reason":"maintenance"`) {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}

// TestResultWithoutACall: a result that is not stored has no id, and an id can be looked up.
func TestResultWithoutACall(t *testing.T) {
	t.Parallel()
	h := handler(t, enginetest.New("a", enginetest.Fail(idv.Maintenance, idv.Answered)))
	do(h, "POST", "/v1/verifications", person) // closes the gate
	w := do(h, "POST", "/v1/verifications", person)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"id":`) || !strings.Contains(w.Body.String(), `"attempts":[]`) {
		t.Errorf("without a key: status %d, body %s", w.Code, w.Body)
	}
	w = do(h, "POST", "/v1/verifications", person, "Idempotency-Key", "k")
	var got api.Verification
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.ID == "" || len(got.Attempts) != 0 {
		t.Fatalf("with a key: body %s, %v", w.Body, err)
	}
	w = do(h, "GET", "/v1/verifications/"+got.ID, "")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"reason":"maintenance"`) || strings.Contains(w.Body.String(), "张") {
		t.Errorf("stored: status %d, body %s; want the short form", w.Code, w.Body)
	}
	var spec struct {
		Components struct {
			Schemas map[string]struct{ Required []string }
		}
	}
	if err := json.Unmarshal(do(h, "GET", "/openapi.json", "").Body.Bytes(), &spec); err != nil {
		t.Fatal(err)
	}
	if required := spec.Components.Schemas["Verification"].Required; !slices.Contains(required, "verdict") || slices.Contains(required, "id") {
		t.Errorf("the OpenAPI document requires %v of a result; want the verdict and not the id", required)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	spoil := func(part, by string) string { return strings.Replace(person, part, by, 1) }
	tests := []struct {
		name, method, path, body string
		status                   int
		kind, says               string
	}{
		{"wrong check digit", "POST", "/v1/verifications", spoil("002X", "0021"), 422, "invalid_input", `"location":"body.subject.id_number","rule":"check_digit"`},
		{"no name", "POST", "/v1/verifications", spoil(`"name":"张三",`, ""), 422, "invalid_input", `"location":"body.subject.name","rule":"empty"`},
		{"unknown check", "POST", "/v1/verifications", spoil("id_name", "face"), 422, "bad_request", `"location":"body.check"`},
		{"no subject", "POST", "/v1/verifications", `{"check":"id_name"}`, 422, "bad_request", `body`},
		{"not an object", "POST", "/v1/verifications", `[1]`, 422, "bad_request", ``},
		{"no JSON", "POST", "/v1/verifications", `{"check":`, 400, "bad_request", ``},
		{"doubled member", "POST", "/v1/verifications", spoil(`"name"`, `"name":"李四","name"`), 400, "bad_request", ``},
		{"other letter case", "POST", "/v1/verifications", spoil(`"name":`, `"Name":`), 422, "bad_request", `"location":"body.subject.Name"`},
		{"unknown member", "POST", "/v1/verifications", spoil(`"purpose"`, `"张三":1,"purpose"`), 422, "bad_request", `"location":"body"`},
		{"number as a number", "POST", "/v1/verifications", spoil(`"11010519491231002X"`, `110105194912310021`), 422, "bad_request", `"location":"body.subject.id_number"`},
		{"person in the URL", "POST", "/v1/verifications?idCard=11010519491231002X", person, 400, "personal_data_in_url", `query.idCard`},
		{"large", "POST", "/v1/verifications", spoil("test", strings.Repeat("x", 70<<10)), 413, "too_large", `64 KiB`},
		{"unknown id", "GET", "/v1/verifications/ver_none", "", 404, "not_found", ``},
		{"unknown path", "GET", "/v2/x", "", 404, "not_found", `openapi.json`},
		{"unknown provider", "POST", "/v1/providers/zz:drain", "", 404, "not_found", `/v1/providers`},
		{"unknown action", "POST", "/v1/providers/a:burn", "", 404, "not_found", `openapi.json`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := enginetest.New("a")
			w := do(handler(t, a), tt.method, tt.path, tt.body)
			var p httpapi.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("status %d, body %s: %v", w.Code, w.Body, err)
			}
			if w.Code != tt.status || p.Status != tt.status || p.Type != "urn:heyan:problem:"+tt.kind || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("status %d, %s, body %s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("no %s in %s", tt.says, w.Body)
			}
			for _, claim := range []string{"张三", "李四", "11010519491231002", "110105194912310021"} {
				if strings.Contains(w.Body.String(), claim) {
					t.Errorf("the problem repeats %q: %s", claim, w.Body)
				}
			}
			if a.Calls() != 0 {
				t.Errorf("%d calls", a.Calls())
			}
		})
	}
}

func TestMediaTypeIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := do(handler(t, enginetest.New("a")), "POST", "/v1/verifications", person, "Content-Type", "text/张三")
	if w.Code != http.StatusUnsupportedMediaType || !strings.Contains(w.Body.String(), "unsupported_media_type") || strings.Contains(w.Body.String(), "张三") {
		t.Errorf("status %d, body %s", w.Code, w.Body)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a", enginetest.Slow(50*time.Millisecond, enginetest.Answer(idv.Match)))
	h := handler(t, a)
	type reply struct {
		status int
		body   string
	}
	replies := make(chan reply, 20)
	for range cap(replies) {
		go func() {
			w := do(h, "POST", "/v1/verifications", person, "Idempotency-Key", "k")
			replies <- reply{w.Code, w.Body.String()}
		}()
	}
	bodies := map[string]bool{}
	for range cap(replies) {
		switch r := <-replies; r.status {
		case http.StatusOK:
			bodies[r.body] = true
		case http.StatusConflict:
			if !strings.Contains(r.body, "idempotency_in_progress") {
				t.Errorf("body %s", r.body)
			}
		default:
			t.Errorf("status %d, body %s", r.status, r.body)
		}
	}
	bodies[do(h, "POST", "/v1/verifications", person, "Idempotency-Key", "k").Body.String()] = true
	if len(bodies) != 1 || a.Calls() != 1 {
		t.Errorf("%d different answers and %d calls, want one each", len(bodies), a.Calls())
	}
	w := do(h, "POST", "/v1/verifications", strings.Replace(person, "张三", "李四", 1), "Idempotency-Key", "k")
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "idempotency_key_reused") {
		t.Errorf("another question: status %d, body %s", w.Code, w.Body)
	}
}

// fullStore cannot write intents.
type fullStore struct{ store.Store }

func (fullStore) Hold(context.Context, idv.Intent) (idv.Reservation, error) {
	return idv.Reservation{}, store.ErrUnwritable
}

func TestUnwritableStore(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a")
	o := enginetest.Options(a)
	o.Store = fullStore{memory.New(0)}
	w := do(httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store}), "POST", "/v1/verifications", person)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "store_unwritable") || a.Calls() != 0 {
		t.Errorf("status %d, headers %v, %d calls, body %s", w.Code, w.Header(), a.Calls(), w.Body)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a")
	w := do(handler(t, a), "POST", "/v1/verifications:explain", person)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"steps":[{"provider":"a"}],"skipped":[]`) || a.Calls() != 0 {
		t.Errorf("status %d, %d calls, body %s", w.Code, a.Calls(), w.Body)
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	h := handler(t, enginetest.New("a"), enginetest.New("b"))
	steps := []struct{ action, body, want string }{
		{"a:drain", "", `"available":false,"reason":"drained"`},
		{"a:resume", "", `"name":"a","use":"a"`},
		{"a:close", `{"reason":"公告停机","until":"2099-01-01T00:00:00Z"}`, `"available":false,"reason":"maintenance","until":"2099-01-01T00:00:00Z","activity":{"in_flight":0,"failures_in_a_row":0,"outages":2,"latency_ms":0},"order":{"kind":"close","reason":"公告停机","principal":"unauthenticated",`},
	}
	for _, s := range steps {
		t.Run(s.action, func(t *testing.T) {
			if w := do(h, "POST", "/v1/providers/"+s.action, s.body); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), s.want) {
				t.Errorf("status %d, body %s", w.Code, w.Body)
			}
		})
	}
	if w := do(h, "POST", "/v1/verifications", person); !strings.Contains(w.Body.String(), `"provider":"b"`) || !strings.Contains(w.Body.String(), `"skipped":[{"provider":"a","reason":"maintenance"`) {
		t.Errorf("body %s", w.Body)
	}
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	w := do(newCounter(t), "GET", "/openapi.json", "")
	var doc struct {
		OpenAPI string         `json:"openapi"`
		Paths   map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) != 36 {
		t.Errorf("version %q, %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for _, want := range []string{`"no_record"`, `"Idempotency-Key"`, `problem+json`, `"text/html"`, `"Location"`,
		`The legal basis of the processing`, `The legal basis that the verification would have`, `Policy requires a manual review`, `"reused"`, `"erased"`, `The policy rules that deny the request`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the description lacks %s", want)
		}
	}
	if strings.Contains(w.Body.String(), "base64") {
		t.Error("a list of words is described as bytes")
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	o := enginetest.Options(enginetest.New("a"))
	e, err := engine.New(o)
	if err != nil {
		t.Fatal(err)
	}
	deps := httpapi.Dependencies{Auth: auth.None{}, Engine: e, Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "metrics") })}
	h := httpapi.Admin(deps, false)
	for path, want := range map[string]string{"/healthz": `"ok"`, "/readyz": `"ready"`, "/metrics": "metrics"} {
		if w := do(h, "GET", path, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, body %s", path, w.Code, w.Body)
		}
	}
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := do(h, "GET", "/readyz", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("while closing: status %d", w.Code)
	}
	if w := do(httpapi.API(deps), "POST", "/v1/verifications", person); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("a request while closing: status %d, headers %v", w.Code, w.Header())
	}
}

// TestStoreStates: the status of readiness names what is wrong with the store.
func TestStoreStates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
		code int
	}{
		{nil, "ready", http.StatusOK},
		{store.ErrUnwritable, "store_unwritable", http.StatusServiceUnavailable},
		{fmt.Errorf("check: %w", store.ErrDamaged), "store_damaged", http.StatusServiceUnavailable},
	} {
		deps := httpapi.Dependencies{
			Auth:   auth.None{},
			Engine: enginetest.Engine(t, enginetest.Options(enginetest.New("a"))), Ready: func(context.Context) error { return test.err },
		}
		if w := do(httpapi.Admin(deps, false), "GET", "/readyz", ""); w.Code != test.code || !strings.Contains(w.Body.String(), `"status":"`+test.want+`"`) {
			t.Errorf("%v: status %d, body %s; want %s", test.err, w.Code, w.Body, test.want)
		}
	}
}

func TestPluginStates(t *testing.T) {
	t.Parallel()
	state := plugins.State{Phase: plugins.Ready, Version: "1.2.3"}
	deps := httpapi.Dependencies{
		Auth:   auth.None{},
		Engine: enginetest.Engine(t, enginetest.Options(enginetest.New("a"))),
		Plugin: func(name string) (plugins.State, bool) { return state, name == "a" },
	}
	if w := do(httpapi.API(deps), "GET", "/v1/providers", ""); !strings.Contains(w.Body.String(), `"plugin":{"phase":"ready"`) || !strings.Contains(w.Body.String(), `"version":"1.2.3"`) {
		t.Errorf("body %s", w.Body)
	}
	for phase, want := range map[plugins.Phase]int{plugins.Ready: 200, plugins.Restarting: 200, plugins.Failed: 503} {
		state = plugins.State{Phase: phase, Reason: plugins.ReasonCrashed}
		if w := do(httpapi.Admin(deps, false), "GET", "/readyz", ""); w.Code != want || strings.Contains(w.Body.String(), `"reason":"crashed"`) == (phase == plugins.Ready) ||
			strings.Contains(w.Body.String(), `"last_restart":"crashed"`) != (phase == plugins.Ready) {
			t.Errorf("%s: status %d, want %d, body %s", phase, w.Code, want, w.Body)
		}
	}
}
