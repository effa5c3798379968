package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/policy/consent/notice"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// counter is an API with a consent service that requires consents, as in the daemon.
type counter struct {
	http.Handler
	deps   httpapi.Dependencies
	signer *receipt.Signer
	asked  *enginetest.Provider
}

// newCounter returns one. A change may set the engine's store and policy.
func newCounter(t testing.TB, change ...func(*engine.Options)) *counter {
	t.Helper()
	c := &counter{asked: enginetest.New("a")}
	o := enginetest.Options(c.asked)
	o.Store, o.Policy = memory.New(0), engine.Policy{Keyring: enginetest.Keyring(t)}
	for _, f := range change {
		f(&o)
	}
	notices, err := notice.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if c.signer, err = receipt.NewSigner(idv.NewSensitive(strings.Repeat("0f", 32))); err != nil {
		t.Fatal(err)
	}
	d, err := consents.New(consents.Options{
		Store: o.Store, Keyring: o.Policy.Keyring, Notices: notices, Signer: c.signer, Defaults: terms(),
		Recipients: func(_ context.Context, check idv.Check, _ idv.Document) ([]consent.Party, error) {
			if check == idv.CheckIDNameMobile {
				return nil, nil
			}
			return []consent.Party{{Name: "a Ltd", Contact: "400-000-0002"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.deps = httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store, Consents: d, Version: "test"}
	c.deps.Keys = auth.Issuer{Store: o.Store, Keyring: o.Policy.Keyring}
	c.Handler = httpapi.API(c.deps)
	return c
}

func terms() consents.NoticeDefaults {
	return consents.NoticeDefaults{
		Controller: consent.Party{Name: "某某商城有限公司", Contact: "400-000-0001"}, Notice: "identity-check", GuardianNotice: "identity-check-guardian",
		Language: "zh-CN", Titles: map[string]string{"test": "确认开户人的姓名与证件号码相符"}, Uses: 3, Valid: 48 * time.Hour,
		MinReview: time.Second, Pause: time.Hour, Verifications: 180 * 24 * time.Hour, Consents: 1095 * 24 * time.Hour,
	}
}

const (
	adult = `"subject":{"name":"张三","id_number":"11010519491231002X"}`
	child = `"subject":{"name":"小明","id_number":"110105202001010015"}`
	asks  = `"app":"web","purpose":"test"`
)

// claims lists what no problem and no record may contain.
func claims() []string {
	return []string{"张三", "小明", "李四", "11010519491231002", "110105202001010015", "192.0.2.7"}
}

// silent checks that a response contains no claim.
func silent(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	for _, claim := range claims() {
		if strings.Contains(w.Body.String(), claim) || strings.Contains(strings.Join(w.Header().Values("Location"), ""), claim) {
			t.Errorf("the answer holds %q: %s", claim, w.Body)
		}
	}
}

// drafted makes a draft and returns it with its text.
func (c *counter) drafted(t *testing.T, body string) api.Consent {
	t.Helper()
	w := do(c, "POST", "/v1/consents", body)
	if w.Code != http.StatusCreated {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return read[api.Consent](t, w)
}

func read[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("status %d, body %s: %v", w.Code, w.Body, err)
	}
	return v
}

// given makes a consent that was just given. It needs synctest's clock, since it waits for
// the time that reading takes.
func (c *counter) given(t *testing.T) api.Consent {
	t.Helper()
	d := c.drafted(t, `{`+asks+`,`+adult+`}`)
	for _, step := range []struct{ action, body string }{
		{":present", ""}, {":give", `{"text_hash":"` + d.Hash + `","action":"checkbox"}`},
	} {
		if w := do(c, "POST", "/v1/consents/"+d.ID+step.action, step.body); w.Code != http.StatusOK {
			t.Fatalf("%s: status %d: %s", step.action, w.Code, w.Body)
		}
		time.Sleep(2 * time.Second)
	}
	return d
}

// on returns a verification request that uses a consent.
func on(id string) string {
	return `{` + asks + `,"check":"id_name","consent_id":"` + id + `",` + adult + `}`
}

// problem checks that a response is a problem of a type, without a claim, and returns it.
func problem(t *testing.T, w *httptest.ResponseRecorder, status int, kind string) httpapi.Problem {
	t.Helper()
	silent(t, w)
	p := read[httpapi.Problem](t, w)
	if w.Code != status || p.Type != "urn:heyan:problem:"+kind || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("status %d, want %d %s: %s", w.Code, status, kind, w.Body)
	}
	return p
}
