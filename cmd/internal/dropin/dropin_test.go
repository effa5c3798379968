package dropin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/canarytest"
	"github.com/heyan-id/heyan/cmd/internal/dropin"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/access"
	"github.com/heyan-id/heyan/policy/consent"
)

const (
	name     = "张三"
	number   = "11010519491231002X"
	kzPath   = "/api-mall/api/id_card/check"
	formType = "application/x-www-form-urlencoded; charset=UTF-8"
)

// known authenticates by one key, or fails.
type known struct {
	principal access.Principal
	err       error
}

func (k known) Authenticate(r *http.Request) (access.Principal, error) {
	if k.err == nil && r.Header.Get("Authorization") != "Bearer key" {
		return access.Principal{}, auth.ErrUnauthenticated
	}
	return k.principal, k.err
}

// front is a drop-in front over a scripted provider.
type front struct {
	http.Handler
	asked   *enginetest.Provider
	log     bytes.Buffer
	answers []string
}

func newFront(t testing.TB, change func(*dropin.Dependencies, *engine.Options), script ...enginetest.Reply) *front {
	t.Helper()
	f := &front{asked: enginetest.New("a", script...)}
	o := enginetest.Options(f.asked)
	d := dropin.Dependencies{
		Auth:    known{principal: access.Principal{Tenant: "bank", Apps: []string{"web"}, Key: "k1", Scopes: []access.Scope{access.Verify}}},
		Clients: []dropin.Client{{Tenant: "bank", Purpose: "test", ConsentID: "form-7"}},
		Log:     slog.New(slog.NewJSONHandler(&f.log, nil)), Refusals: auth.NewRefusals(),
		Answered: func(form, code string) { f.answers = append(f.answers, form+" "+code) },
	}
	if change != nil {
		change(&d, &o)
	}
	d.Engine = enginetest.Engine(t, o)
	f.Handler = dropin.Handler(d)
	return f
}

// get asks as a client of the guide does.
func (f *front) get(query string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/idcard", nil)
	r.URL.RawQuery = query
	return f.do(r, change...)
}

// post asks as a client of kz/idcard does.
func (f *front) post(form string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, kzPath, strings.NewReader(form))
	r.Header.Set("Content-Type", formType)
	return f.do(r, change...)
}

func (f *front) do(r *http.Request, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r.Host = "127.0.0.1:8082"
	r.Header.Set("Authorization", "APPCODE key")
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func query(name, number string) string {
	return url.Values{"idCard": {number}, "name": {name}}.Encode()
}

func kzForm(name, number string) string {
	return url.Values{"idcard": {number}, "name": {name}}.Encode()
}

// TestAnswer: the bodies are those of the vendors, with the masks of the guide.
func TestAnswer(t *testing.T) {
	t.Parallel()
	f := newFront(t, nil)
	w := f.get(query(name, number))
	var got map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d: %s: %v", w.Code, w.Body, err)
	}
	if got["status"] != "01" || got["msg"] != "实名认证通过!" || got["idCard"] != "11*****002X" || got["name"] != "张*" || !strings.HasPrefix(got["traceId"], "ver_") || len(got) != 5 {
		t.Errorf("got %v", got)
	}
	if w.Header().Get("X-Ca-Request-Id") == "" || w.Header().Get("X-Ca-Error-Code") != "" || w.Header().Get("Content-Type") != "application/json;charset=UTF-8" {
		t.Errorf("got %v", w.Header())
	}
	w = f.post(kzForm(name, number))
	if text := w.Body.String(); w.Code != http.StatusOK || !strings.HasPrefix(text, `{"msg":"成功","success":true,"code":200,"data":{"result":0,"desc":"一致","orderNo":"ver_`) {
		t.Errorf("%d: %s", w.Code, text)
	}
	q := f.asked.Queries()
	if len(q) != 2 || q[0].Subject.Name.Reveal() != name || q[1].Subject.IDNumber.Reveal() != number {
		t.Errorf("the provider got %v", q)
	}
	if len(f.answers) != 2 || f.answers[0] != "idcert 01" || f.answers[1] != "kz/idcard 200/0" {
		t.Errorf("counted %v", f.answers)
	}
}

// TestOutcomes: what the engine decides becomes the row of the table, in both forms.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	answer, fail := enginetest.Answer, enginetest.Fail
	for _, tt := range []struct {
		name, idcert, kz string
		change           func(*dropin.Dependencies, *engine.Options)
		script           enginetest.Reply
	}{
		{"match", "01", "200/0", nil, answer(idv.Match)},
		{"mismatch", "02", "200/1", nil, answer(idv.Mismatch)},
		{"no record", "202", "200/2", nil, answer(idv.NoRecord)},
		{"a vendor that answers in two ways", "203", "1001", nil, answer(idv.MismatchOrNoRecord)},
		{"a match that is to be reviewed", "203", "1001", func(_ *dropin.Dependencies, o *engine.Options) { o.Policy.Rules = reviewer{} }, answer(idv.Match)},
		{"maintenance", "9999", "501", nil, fail(idv.Maintenance, idv.Answered)},
		{"a reply that cannot be read", "203", "501", nil, fail(idv.Garbled, idv.Answered)},
		{"a lost reply", "203", "501", nil, fail(idv.Timeout, idv.DeliveryUnknown)},
		{"an invalid name, for the vendor", "204", "400", nil, fail(idv.InvalidInput, idv.Answered)},
		{"an invalid number, for the vendor", "205", "400", rejecting(idv.FieldIDNumber), fail(idv.InvalidInput, idv.Answered)},
		{"an invalid name, by the vendor's table", "204", "400", rejecting(idv.FieldName), fail(idv.InvalidInput, idv.Answered)},
		{"a rule", "203", "501", func(_ *dropin.Dependencies, o *engine.Options) {
			o.Policy.Rules = decider{policy.Deny(policy.Reason{Rule: "r"})}
		}, answer(idv.Match)},
		{"a vendor that throttles", "T429PR", "T429PR", nil, fail(idv.Throttled, idv.RefusedByGateway)},
		{"a used-up package", "B403MQ", "B403MQ", nil, fail(idv.QuotaExhausted, idv.RefusedByGateway)},
		{"our keys", "D503CB", "D503CB", nil, fail(idv.BadCredentials, idv.RefusedByGateway)},
		{"a vendor that is not reached", "D503CB", "D503CB", nil, fail(idv.Unavailable, idv.NotSent)},
		{"a document that the vendor does not take", "205", "400", nil, fail(idv.Unsupported, idv.RefusedByGateway)},
		{"a consent that no form can name", "I403AA", "I403AA", func(d *dropin.Dependencies, o *engine.Options) {
			o.Policy.Consent, o.Policy.Keyring, d.Clients[0].ConsentID = consent.Required, enginetest.Keyring(t), ""
		}, answer(idv.Match)},
		{"a purpose that there is not", "I403AA", "I403AA", func(_ *dropin.Dependencies, o *engine.Options) {
			o.Policy.Purposes = []policy.Purpose{{Name: "other"}}
		}, answer(idv.Match)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for form, want := range map[string]string{"idcert": tt.idcert, "kz/idcard": tt.kz} {
				f := newFront(t, tt.change, tt.script)
				w := f.get(query(name, number))
				if form == "kz/idcard" {
					f = newFront(t, tt.change, tt.script)
					w = f.post(kzForm(name, number))
				}
				if len(f.answers) != 1 || f.answers[0] != form+" "+want {
					t.Errorf("%v, want %s; %d %v %s", f.answers, want, w.Code, w.Header(), w.Body)
				}
			}
		})
	}
}

// rejecting gives the provider a code table whose code names the field that it rejects.
func rejecting(f idv.Field) func(*dropin.Dependencies, *engine.Options) {
	return func(_ *dropin.Dependencies, o *engine.Options) {
		o.Providers[0].Provider = tabled{o.Providers[0].Provider, []idv.CodeRow{
			{Layer: "gateway", Code: "scripted", Failure: idv.InvalidInput, Field: idv.FieldName},
			{Layer: "vendor", Code: "other", Failure: idv.InvalidInput, Field: idv.FieldName},
			{Layer: "vendor", Code: "scripted", Failure: idv.InvalidInput, Field: f},
		}}
	}
}

// tabled is a provider with a code table.
type tabled struct {
	idv.Provider
	codes []idv.CodeRow
}

// Describe describes it.
func (p tabled) Describe() idv.Descriptor {
	d := p.Provider.Describe()
	d.Codes = p.codes
	return d
}

type decider struct{ decision policy.Decision }

func (d decider) Decide(policy.Facts) policy.Decision { return d.decision }

// reviewer allows all, and requires a review of the result.
type reviewer struct{}

func (reviewer) Decide(policy.Facts) policy.Decision {
	return policy.Decision{Allowed: true, Obligations: policy.Obligations{Review: true}}
}

// TestInvalidClaims: no vendor is called for claims that are missing, doubled or malformed.
func TestInvalidClaims(t *testing.T) {
	t.Parallel()
	gbk := "%D5%C5%C8%FD"
	for _, tt := range []struct{ name, query, want string }{
		{"no name", "idCard=" + number, "204"},
		{"no number", "name=" + url.QueryEscape(name), "205"},
		{"neither", "", "204"},
		{"an empty name", "idCard=" + number + "&name=", "204"},
		{"a blank name", "idCard=" + number + "&name=+%20", "204"},
		{"a name twice", query(name, number) + "&name=x", "204"},
		{"the same name twice", query(name, number) + "&name=" + url.QueryEscape(name), "204"},
		{"a number twice", query(name, number) + "&idCard=" + number, "205"},
		{"GBK", "idCard=" + number + "&name=" + gbk, "204"},
		{"encoded twice", "idCard=" + number + "&name=" + url.QueryEscape(url.QueryEscape(name)), "204"},
		{"a wrong check digit", query(name, "110105194912310021"), "205"},
		{"a number that is none", query(name, "x"), "205"},
		{"a name of digits", query("1234", number), "204"},
		{"other parameter names", "idcard=" + number + "&name=" + url.QueryEscape(name), "205"},
		{"wrong percent encoding", "idCard=" + number + "&name=%zz", "I400RU"},
		{"a semicolon", "idCard=" + number + ";name=x", "I400RU"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFront(t, nil)
			w := f.get(tt.query)
			if f.answers[0] != "idcert "+tt.want || f.asked.Calls() != 0 || strings.Contains(w.Body.String(), number) {
				t.Errorf("got %v, %d calls, %s", f.answers, f.asked.Calls(), w.Body)
			}
			if tt.want == "204" || tt.want == "205" {
				var body struct{ TraceID string }
				if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.TraceID != w.Header().Get("X-Ca-Request-Id") {
					t.Errorf("%s: %v", w.Body, err)
				}
			}
		})
	}
}

// TestPlacesOfClaims: the name may be sent without percent encoding, as some published samples
// do, and a form may have its parameters in the query.
func TestPlacesOfClaims(t *testing.T) {
	t.Parallel()
	f := newFront(t, nil)
	for what, w := range map[string]*httptest.ResponseRecorder{
		"raw UTF-8":     f.get("idCard=" + number + "&name=" + name),
		"extra":         f.get(query(name, number) + "&appcode=x"),
		"in the query":  f.post("", func(r *http.Request) { r.URL.RawQuery = kzForm(name, number) }),
		"half and half": f.post("name="+url.QueryEscape(name), func(r *http.Request) { r.URL.RawQuery = "idcard=" + number }),
	} {
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"01"`) && !strings.Contains(w.Body.String(), `"result":0`) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
	}
	if w := f.post(kzForm(name, number), func(r *http.Request) { r.URL.RawQuery = "idcard=" + number }); !strings.Contains(w.Body.String(), `"code":400`) {
		t.Errorf("a number in both places: %s", w.Body)
	}
}

// TestRefusals: what the gateway refuses, with the status of the gateway's, an empty body, and
// without a call.
func TestRefusals(t *testing.T) {
	t.Parallel()
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[name] = values }
	}
	same := func(*dropin.Dependencies, *engine.Options) {}
	as := func(change func(*access.Principal)) func(*dropin.Dependencies, *engine.Options) {
		return func(d *dropin.Dependencies, _ *engine.Options) {
			k := d.Auth.(known)
			change(&k.principal)
			d.Auth = k
		}
	}
	failing := func(err error) func(*dropin.Dependencies, *engine.Options) {
		return func(d *dropin.Dependencies, _ *engine.Options) { d.Auth = known{err: err} }
	}
	full := func(d *dropin.Dependencies, _ *engine.Options) {
		d.Shares = admission.New(1)
		d.Shares.Take(t.Context(), "bank")
	}
	for _, tt := range []struct {
		name   string
		change func(*dropin.Dependencies, *engine.Options)
		ask    func(*http.Request)
		status int
		code   string
	}{
		{"no header", same, func(r *http.Request) { r.Header.Del("Authorization") }, 400, "A400MA"},
		{"no AppCode", same, header("Authorization", "APPCODE "), 400, "A400MA"},
		{"another scheme", same, header("Authorization", "Bearer key"), 400, "A400MA"},
		{"twice", same, header("Authorization", "APPCODE key", "APPCODE key"), 400, "A400MA"},
		{"a wrong key", same, header("Authorization", "APPCODE other"), 400, "A400AC"},
		{"small letters", same, header("Authorization", "appcode key"), 200, ""},
		{"two spaces", same, header("Authorization", "APPCODE  key "), 200, ""},
		{"too many wrong keys", failing(auth.ErrRateLimited), func(*http.Request) {}, 429, "T429PR"},
		{"a store that is away", failing(store.ErrUnavailable), func(*http.Request) {}, 503, "D503CB"},
		{"a store that fails", failing(errors.New("x")), func(*http.Request) {}, 503, "D503CB"},
		{"no scope", as(func(p *access.Principal) { p.Scopes = []access.Scope{access.Read} }), func(*http.Request) {}, 403, "I403AA"},
		{"another tenant", as(func(p *access.Principal) { p.Tenant = "other" }), func(*http.Request) {}, 403, "I403AA"},
		{"several apps, none named", as(func(p *access.Principal) { p.Apps = []string{"a", "b"} }), func(*http.Request) {}, 403, "I403AA"},
		{"no clients", func(d *dropin.Dependencies, _ *engine.Options) { d.Clients = nil }, func(*http.Request) {}, 403, "I403AA"},
		{"too many requests", full, func(*http.Request) {}, 429, "T429PR"},
		{"another host", same, func(r *http.Request) { r.Host = "rebound.example" }, 404, "I404DO"},
		{"another path", same, func(r *http.Request) { r.URL.Path = "/idcard/" }, 404, "I404NF"},
		{"HEAD", same, func(r *http.Request) { r.Method = http.MethodHead }, 405, "I405UM"},
		{"POST", same, func(r *http.Request) { r.Method = http.MethodPost }, 405, "I405UM"},
		{"OPTIONS", same, func(r *http.Request) { r.Method = http.MethodOptions }, 405, "I405UM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFront(t, tt.change)
			w := f.get(query(name, number), tt.ask)
			if w.Code != tt.status || w.Header().Get("X-Ca-Error-Code") != tt.code || w.Header().Get("X-Ca-Request-Id") == "" {
				t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
			}
			if tt.status != http.StatusOK && (w.Body.Len() > 0 || f.asked.Calls() > 0 || w.Header().Get("X-Ca-Error-Message") == "") {
				t.Errorf("%d calls, %v, body %q", f.asked.Calls(), w.Header(), w.Body)
			}
			if tt.status == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
}

// TestForms: what is refused of the body of a form.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, kind, body, code string }{
		{"JSON", "application/json", `{"name":"x"}`, "I400CT"},
		{"no type", "", kzForm(name, number), "I400CT"},
		{"GBK", "application/x-www-form-urlencoded; charset=GBK", kzForm(name, number), "I400CT"},
		{"wrong percent encoding", formType, "name=%zz", "I400BD"},
		{"too large", formType, "x=" + strings.Repeat("a", 64<<10), "I413RL"},
	} {
		f := newFront(t, nil)
		w := f.post(tt.body, func(r *http.Request) { r.Header.Set("Content-Type", tt.kind) })
		if w.Header().Get("X-Ca-Error-Code") != tt.code || f.asked.Calls() != 0 {
			t.Errorf("%s: %d %v", tt.name, w.Code, w.Header())
		}
	}
	f := newFront(t, nil)
	if w := f.post("", func(r *http.Request) { r.Method = http.MethodGet }); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
		t.Errorf("GET: %d %v", w.Code, w.Header())
	}
}

// TestClients: the first entry that fits the key says what the request is for.
func TestClients(t *testing.T) {
	t.Parallel()
	clients := []dropin.Client{
		{Tenant: "bank", App: "shop", Purpose: "one"}, {Tenant: "bank", App: "web", Purpose: "two"}, {Tenant: "bank", Purpose: "three"}, {Tenant: "other", Purpose: "four"},
	}
	for _, tt := range []struct {
		name    string
		tenant  idv.Tenant
		apps    []string
		purpose string
	}{
		{"an app", "bank", []string{"web"}, "two"},
		{"an app without an entry of its own", "bank", []string{"kiosk"}, "three"},
		{"any app", "bank", nil, "one"},
		{"several apps", "bank", []string{"kiosk", "web"}, "two"},
		{"another tenant", "other", nil, "four"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got string
			f := newFront(t, func(d *dropin.Dependencies, o *engine.Options) {
				d.Clients = clients
				d.Auth = known{principal: access.Principal{Tenant: tt.tenant, Apps: tt.apps, Scopes: []access.Scope{access.Verify}}}
				o.Policy.Rules = spy{&got}
			})
			if w := f.get(query(name, number)); w.Code != http.StatusOK || got != tt.purpose {
				t.Errorf("%d %v: the purpose is %q, want %q", w.Code, w.Header(), got, tt.purpose)
			}
		})
	}
}

// spy keeps the purpose of a request.
type spy struct{ purpose *string }

func (s spy) Decide(f policy.Facts) policy.Decision {
	*s.purpose = f.Purpose
	return policy.Decision{Allowed: true}
}

// panicking fails as a fault of heyan would, with a claim in its value.
type panicking struct{}

func (panicking) Decide(policy.Facts) policy.Decision { panic(number) }

// TestPanic: the value of a panic is neither answered nor logged.
func TestPanic(t *testing.T) {
	t.Parallel()
	f := newFront(t, func(_ *dropin.Dependencies, o *engine.Options) { o.Policy.Rules = panicking{} })
	w := f.get(query(name, number))
	if w.Code != http.StatusInternalServerError || w.Header().Get("X-Ca-Error-Code") != "X500ER" || strings.Contains(f.log.String(), number) {
		t.Errorf("%d %v %s; log %s", w.Code, w.Header(), w.Body, f.log.String())
	}
}

// TestAccessLog: a line names the form, the code and the ids, and nothing of the URL.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	for _, p := range canarytest.Persons() {
		f := newFront(t, nil)
		f.get(query(p.Name, p.IDNumber))
		f.post(kzForm(p.Name, p.IDNumber))
		f.get(query(p.Name, p.IDNumber) + "%zz")
		f.get(query(p.Name, p.IDNumber), func(r *http.Request) { r.URL.Path = "/" + p.IDNumber })
		f.get(query(p.Name, p.IDNumber), func(r *http.Request) { r.Header.Set("Authorization", "APPCODE "+p.IDNumber) })
		f.get(query(p.Name, p.IDNumber), func(r *http.Request) { r.Host = p.IDNumber })
		text := f.log.String()
		if hits := canarytest.Hits([]byte(text), canarytest.Claims(p)...); len(hits) > 0 {
			t.Errorf("the log has %v: %s", hits, text)
		}
		for _, want := range []string{`"route":"/idcard"`, `"route":"` + kzPath, `"route":"unmatched"`, `"code":"01"`, `"key":"k1"`, `"verification":"ver_`, `"request_id":"`} {
			if !strings.Contains(text, want) {
				t.Errorf("the log has no %s: %s", want, text)
			}
		}
	}
}

// TestCountedPairs: only pairs of the table are counted, so that the metric's labels are bounded.
func TestCountedPairs(t *testing.T) {
	t.Parallel()
	pairs := map[string]bool{}
	for _, p := range dropin.Answers() {
		pairs[p[0]+" "+p[1]] = true
	}
	f := newFront(t, nil, enginetest.Slow(time.Millisecond, enginetest.Answer(idv.Mismatch)))
	f.get(query(name, number))
	f.post(kzForm(name, number))
	f.get("", func(r *http.Request) { r.URL.Path = "/x" })
	f.get("", func(r *http.Request) { r.Host = "x.example" })
	for _, one := range f.answers {
		if !pairs[one] {
			t.Errorf("%q is none of the table", one)
		}
	}
	if len(f.answers) != 4 {
		t.Errorf("counted %v", f.answers)
	}
}
