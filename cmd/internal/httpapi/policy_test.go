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
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy"
	"github.com/heyan-id/heyan/policy/abuse"
	"github.com/heyan-id/heyan/policy/consent"
)

// gated is a store whose consents are withdrawn between the policy decision and the call.
type gated struct{ store.Store }

func (g gated) Hold(context.Context, idv.Intent) (idv.Reservation, error) {
	return idv.Reservation{}, consent.WasWithdrawn
}

// A consent withdrawn after the policy decision denies the request with its rule.
func TestGateDenies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, func(o *engine.Options) { o.Store = gated{o.Store} })
		w := do(c, "POST", "/v1/verifications", on(c.given(t).ID))
		p := problem(t, w, http.StatusForbidden, "denied")
		if len(p.Rules) != 1 || p.Rules[0].Rule != "consent.withdrawn" || p.Rules[0].ZH == "" || len(p.Errors) != 1 || p.Errors[0].Location != "body.consent_id" {
			t.Errorf("body %s", w.Body)
		}
		if c.asked.Calls() != 0 {
			t.Errorf("%d calls", c.asked.Calls())
		}
	})
}

// rules is a decider that returns itself.
type rules policy.Decision

func (r rules) Decide(policy.Facts) policy.Decision { return policy.Decision(r) }

func TestRulesAreTold(t *testing.T) {
	t.Parallel()
	c := newCounter(t, func(o *engine.Options) {
		o.Policy.Consent = consent.Off
		o.Policy.Rules = rules{Rules: []string{"night", "web"}, Reasons: []policy.Reason{{Rule: "night", ZH: "夜间", EN: "By night."}, {Rule: "web", ZH: "网页", EN: "On the web."}}}
	})
	for _, path := range []string{"/v1/verifications", "/v1/verifications:explain"} {
		w := do(c, "POST", path, person)
		problem(t, w, http.StatusForbidden, "denied")
		if want := `"detail":"By night. On the web.","rules":[{"rule":"night","zh":"夜间","en":"By night."},{"rule":"web","zh":"网页","en":"On the web."}]`; !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in %s", want, w.Body)
		}
	}
	if c.asked.Calls() != 0 {
		t.Errorf("%d calls", c.asked.Calls())
	}
}

func TestPolicyIsShown(t *testing.T) {
	t.Parallel()
	c := newCounter(t, func(o *engine.Options) {
		o.Policy.Consent = consent.Off
		o.Policy.Purposes = []policy.Purpose{{Name: "test", Basis: policy.ByContract, Reference: "§ 3"}}
		o.Policy.Rules = rules{Allowed: true, Rules: []string{"grown-up"}, Obligations: policy.Obligations{Review: true}}
	})
	want := `"basis":"contract","rules":["grown-up"],"review":true`
	w := do(c, "POST", "/v1/verifications", person)
	got := do(c, "GET", "/v1/verifications/"+read[api.Verification](t, w).ID, "")
	for name, w := range map[string]*httptest.ResponseRecorder{"made": w, "kept": got, "explained": do(c, "POST", "/v1/verifications:explain", person)} {
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, no %s in %s", name, w.Code, want, w.Body)
		}
	}
}

// Every detected guess gets the same response, whatever detected it: numbers of one
// birth date, names of one number, or a honeytoken.
func TestGuessersLearnNothing(t *testing.T) {
	t.Parallel()
	ask := func(name, number string) string {
		return fmt.Sprintf(`{"check":"id_name","subject":{"name":%q,"id_number":%q},"purpose":"test","app":"web"}`, name, number)
	}
	answers := map[string]string{}
	for _, tt := range []struct {
		name   string
		bounds abuse.Thresholds
		tries  []string
	}{
		{"names of a number", abuse.Thresholds{abuse.NamesPerNumber: 1}, []string{ask("张三", "11010519491231002X"), ask("李四", "11010519491231002X")}},
		{"numbers of a name", abuse.Thresholds{abuse.NumbersPerBirth: 1, abuse.NumbersPerPrefix: 1}, []string{ask("张三", "11010519491231002X"), ask("张三", "110105194912310038")}},
		{"a canary", abuse.Unwatched(), []string{ask("张三", "110105202001010015")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounter(t, func(o *engine.Options) {
				o.Policy.Consent = consent.Off
				canaries, err := abuse.NewHoneytokens(o.Policy.Keyring, map[idv.Tenant][]idv.Sensitive{"default": {idv.NewSensitive("110105202001010015")}})
				if err != nil {
					t.Fatal(err)
				}
				o.Policy.Abuse = guard(t, o, abuse.Config{Thresholds: tt.bounds, Honeytokens: canaries})
			})
			var last *httptest.ResponseRecorder
			for _, body := range tt.tries {
				last = do(c, "POST", "/v1/verifications", body)
			}
			p := problem(t, last, http.StatusTooManyRequests, "subject_limited")
			if p.Detail == "" || len(p.Rules)+len(p.Errors) != 0 || c.asked.Calls() != len(tt.tries)-1 {
				t.Errorf("%d calls, body %s", c.asked.Calls(), last.Body)
			}
			answers[last.Header().Get("Retry-After")+last.Body.String()] = tt.name
		})
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
}

func guard(t *testing.T, o *engine.Options, c abuse.Config) *abuse.Detector {
	t.Helper()
	c.Indexer = o.Policy.Keyring
	g, err := abuse.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Retry-After is in whole seconds, rounded up, and never 0.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, kind string
		per        abuse.Per
		past       time.Duration // since the minute began
		want       string
	}{
		{"of the person", "subject_limited", abuse.PerSubject, 0, "60"},
		{"of the app", "throttled", abuse.PerApp, 18500 * time.Millisecond, "42"},
		{"at the last moment", "throttled", abuse.PerTenant, 59999 * time.Millisecond, "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // its clock begins with a minute
				c := newCounter(t, func(o *engine.Options) {
					o.Policy.Consent = consent.Off
					o.Policy.Abuse = guard(t, o, abuse.Config{Thresholds: abuse.Unwatched(), Limits: abuse.Limits{{Per: tt.per, Window: abuse.Minute, Most: 1}}})
				})
				time.Sleep(tt.past)
				if w := do(c, "POST", "/v1/verifications", person); w.Code != http.StatusOK {
					t.Fatalf("status %d: %s", w.Code, w.Body)
				}
				w := do(c, "POST", "/v1/verifications", person)
				if problem(t, w, http.StatusTooManyRequests, tt.kind); w.Header().Get("Retry-After") != tt.want {
					t.Errorf("Retry-After %q, want %q", w.Header().Get("Retry-After"), tt.want)
				}
			})
		})
	}
}

// Without a consent service there are no paths for consents and subjects.
func TestNoConsentService(t *testing.T) {
	t.Parallel()
	h := handler(t, enginetest.New("a"))
	problem(t, do(h, "POST", "/v1/consents", `{`+asks+`,`+adult+`}`), http.StatusNotFound, "not_found")
	problem(t, do(h, "POST", "/v1/subjects:find", number), http.StatusNotFound, "not_found")
}
