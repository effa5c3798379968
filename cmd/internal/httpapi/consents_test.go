package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

// TestConsentStory takes a consent through its life: drafted, presented, given, used and
// withdrawn, with each step out of order refused.
func TestConsentStory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t)
		d := c.drafted(t, `{`+asks+`,`+adult+`,"channel":"web"}`)
		give := `{"text_hash":"` + d.Hash + `","action":"checkbox","session":"192.0.2.7","address":"192.0.2.7","agent":"张三"}`
		for _, s := range []struct {
			name, method, path, body string
			wait                     time.Duration
			status                   int
			want                     string
		}{
			{"no consent named", "POST", "/v1/verifications", person, 0, 403, `"rule":"consent.missing","zh":"`},
			{"before it was shown", "POST", "/v1/verifications", on(d.ID), 0, 403, `"rule":"consent.not_presented"`},
			{"explained before it was shown", "POST", "/v1/verifications:explain", on(d.ID), 0, 403, `"rule":"consent.not_presented"`},
			{"given before it was shown", "POST", "{id}:give", give, 0, 409, `"rule":"consent.wrong_order"`},
			{"refused before it was shown", "POST", "{id}:refuse", "", 0, 409, `urn:heyan:problem:consent_state`},
			{"no receipt yet", "GET", "{id}/receipt", "", 0, 409, `"rule":"consent.not_given"`},
			{"no page yet", "GET", "{id}/receipt.html", "", 0, 409, `"rule":"consent.not_given"`},
			{"shown", "POST", "{id}:present", `{"presenter":"sign-up","session":"192.0.2.7"}`, 0, 200, `"state":"presented"`},
			{"shown again", "POST", "{id}:present", "", 0, 200, `"state":"presented"`},
			{"before it was given", "POST", "/v1/verifications", on(d.ID), 0, 403, `"rule":"consent.not_given"`},
			{"given unread", "POST", "{id}:give", give, 0, 409, `"rule":"consent.too_quick"`},
			{"another text", "POST", "{id}:give", strings.Replace(give, "sha256:", "sha256:0", 1), 2 * time.Second, 409, `"rule":"consent.other_text"`},
			{"nothing done", "POST", "{id}:give", `{"text_hash":"` + d.Hash + `"}`, 0, 409, `"rule":"consent.no_action"`},
			{"given", "POST", "{id}:give", give, 0, 200, `"state":"given"`},
			{"given twice, as by a second click", "POST", "{id}:give", give, 0, 200, `"state":"given"`},
			{"given in another way", "POST", "{id}:give", strings.Replace(give, "checkbox", "signature", 1), 0, 409, `"rule":"consent.wrong_order"`},
			{"kept", "GET", "{id}", "", time.Second, 200, `"valid_until":"`},
			{"explained", "POST", "/v1/verifications:explain", on(d.ID), 0, 200, `"basis":"consent"`},
			{"asked", "POST", "/v1/verifications", on(d.ID), 0, 200, `"verdict":"match"`},
			{"of another app", "POST", "/v1/verifications", strings.Replace(on(d.ID), "web", "app", 1), 0, 403, `"rule":"consent.other_app"`},
			{"used once", "GET", "{id}", "", 0, 200, `"used":1`},
			{"taken back", "POST", "{id}:withdraw", "", 0, 200, `"state":"withdrawn"`},
			{"taken back again", "POST", "{id}:withdraw", "{}", 0, 200, `"state":"withdrawn"`},
			{"given after it was taken back", "POST", "{id}:give", give, 0, 409, `"rule":"consent.wrong_order"`},
			{"asked in vain", "POST", "/v1/verifications", on(d.ID), 0, 403, `"rule":"consent.withdrawn"`},
		} {
			t.Log(s.name)
			time.Sleep(s.wait)
			w := do(c, s.method, strings.Replace(s.path, "{id}", "/v1/consents/"+d.ID, 1), s.body)
			if w.Code != s.status || !strings.Contains(w.Body.String(), s.want) {
				t.Errorf("%s: status %d, want %d and %s: %s", s.name, w.Code, s.status, s.want, w.Body)
			}
			silent(t, w)
			if early := s.name == "given unread"; early != (w.Header().Get("Retry-After") == "1") || early != strings.Contains(w.Body.String(), "wait, then record the decision. Wait 1 second.") {
				t.Errorf("%s: Retry-After %q: %s", s.name, w.Header().Get("Retry-After"), w.Body)
			}
		}
		if c.asked.Calls() != 1 {
			t.Errorf("%d calls", c.asked.Calls())
		}
	})
}

func TestDraftAnswer(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	w := do(c, "POST", "/v1/consents", `{`+asks+`,`+adult+`,"recipients":["a Ltd"],"uses":2,"valid":"24h","business":"开立账户","values":{},"language":"zh-CN"}`)
	d := read[api.Consent](t, w)
	if w.Code != http.StatusCreated || w.Header().Get("Location") != "/v1/consents/"+d.ID || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, headers %v: %s", w.Code, w.Header(), w.Body)
	}
	for _, want := range []string{"张三", "11010519491231002X", "开立账户", "a Ltd", "2次", "1天"} {
		if !strings.Contains(d.Text, want) {
			t.Errorf("the text does not say %q: %s", want, d.Text)
		}
	}
	if d.State != "drafted" || d.Hash != d.Notice.Text || d.Uses != 2 || len(d.Recipients) != 1 || strings.Join(d.Items, " ") != "name id_number" || d.DraftedAt.IsZero() {
		t.Errorf("got %+v", d)
	}
	silent(t, do(c, "GET", "/v1/consents/"+d.ID, ""))
	again := read[struct {
		Text string `json:"text"`
		Hash string `json:"text_hash"`
	}](t, do(c, "GET", "/v1/consents/"+d.ID+"/text", ""))
	if again.Text != d.Text || again.Hash != d.Hash {
		t.Errorf("the text made again is %q", again.Text)
	}
}

func TestDraftProblems(t *testing.T) {
	t.Parallel()
	guardian := func(subject, relation string) string {
		return `{` + asks + `,` + child + `,"guardian":{` + subject + `,"relation":"` + relation + `"}}`
	}
	c := newCounter(t)
	for _, tt := range []struct {
		name, body string
		status     int
		kind, says string
	}{
		{"a wrong number", `{` + asks + `,"subject":{"name":"张三","id_number":"110105194912310021"}}`, 422, "invalid_input", `"location":"body.subject.id_number","rule":"check_digit"`},
		{"no name", `{` + asks + `,"subject":{"id_number":"11010519491231002X"}}`, 422, "invalid_input", `"location":"body.subject.name"`},
		{"no subject", `{` + asks + `}`, 422, "bad_request", ``},
		{"no purpose", `{` + adult + `}`, 422, "bad_request", `body`},
		{"an empty purpose", `{"purpose":"",` + adult + `}`, 422, "invalid_input", `"location":"body.purpose"`},
		{"no such check", `{` + asks + `,` + adult + `,"check":"face"}`, 422, "bad_request", `"location":"body.check"`},
		{"a check without a provider", `{` + asks + `,` + adult + `,"check":"id_name_mobile"}`, 422, "invalid_input", `"location":"body.check"`},
		{"another recipient", `{` + asks + `,` + adult + `,"recipients":["张三"]}`, 422, "invalid_input", `"location":"body.recipients","rule":"consent_draft"`},
		{"no recipient", `{` + asks + `,` + adult + `,"recipients":[]}`, 422, "bad_request", `"location":"body.recipients"`},
		{"nothing for recipients", `{` + asks + `,` + adult + `,"recipients":null}`, 422, "bad_request", `"location":"body.recipients"`},
		{"a person for a channel", `{` + asks + `,` + adult + `,"channel":"张三"}`, 422, "bad_request", `"location":"body.channel","message":"expected value to be one of \"web, app, counter, paper\""`},
		{"an empty body", "", 400, "bad_request", `"errors":[{"location":"body","message":"is empty`},
		{"no JSON", "张三", 400, "bad_request", `"errors":[{"location":"body","message":"`},
		{"a recipient that is none", `{` + asks + `,` + adult + `,"recipients":[1]}`, 422, "bad_request", `"location":"body.recipients[0]"`},
		{"no such notice", `{` + asks + `,` + adult + `,"notice":"张三"}`, 422, "invalid_input", `"location":"body.notice"`},
		{"no such language", `{` + asks + `,` + adult + `,"language":"fr"}`, 422, "invalid_input", `"location":"body.notice"`},
		{"a guardian's notice", `{` + asks + `,` + adult + `,"notice":"identity-check-guardian"}`, 422, "invalid_input", `"location":"body.notice"`},
		{"an example", `{` + asks + `,` + adult + `,"notice":"vendor-letter"}`, 422, "invalid_input", ``},
		{"too many uses", `{` + asks + `,` + adult + `,"uses":4}`, 422, "invalid_input", `"location":"body.uses"`},
		{"no time", `{` + asks + `,` + adult + `,"valid":"张三"}`, 422, "bad_request", `"location":"body.valid"`},
		{"a time before", `{` + asks + `,` + adult + `,"valid":"-24h"}`, 422, "bad_request", `"location":"body.valid"`},
		{"half a day", `{` + asks + `,` + adult + `,"valid":"12h"}`, 422, "invalid_input", `"location":"body.valid"`},
		{"an open blank in the business", `{` + asks + `,` + adult + `,"business":"【张三】"}`, 422, "invalid_input", `"location":"body.business","rule":"notice"`},
		{"a blank that is not there", `{` + asks + `,` + adult + `,"values":{"colour":"张三"}}`, 422, "invalid_input", `"location":"body.values","rule":"notice"`},
		{"a person for a blank", `{` + asks + `,` + adult + `,"values":{"张三":"李四"}}`, 422, "invalid_input", `"location":"body.values"`},
		{"a number for a text", `{` + asks + `,` + adult + `,"values":{"张三":1}}`, 422, "bad_request", `"location":"body.values"`},
		{"an unknown member", `{` + asks + `,` + adult + `,"张三":1}`, 422, "bad_request", `"location":"body"`},
		{"doubled", `{` + asks + `,` + adult + `,` + adult + `}`, 400, "bad_request", `"location":"body"`},
		{"a child alone", `{` + asks + `,` + child + `}`, 403, "denied", `"rules":[{"rule":"consent.needs_guardian","zh":"未满`},
		{"a guardian's wrong number", guardian(strings.Replace(adult, "002X", "0021", 1), "母亲"), 422, "invalid_input", `"location":"body.guardian.subject.id_number"`},
		{"a child's wrong number", strings.Replace(guardian(adult, "母亲"), "0015", "0016", 1), 422, "invalid_input", `"location":"body.subject.id_number"`},
		{"no relation", guardian(adult, ""), 422, "invalid_input", `"location":"body.guardian.relation"`},
		{"a child as its own guardian", guardian(child, "本人"), 422, "invalid_input", `"location":"body.guardian"`},
		{"an unclean relation", guardian(adult, "【】"), 422, "invalid_input", `"location":"body.guardian.relation"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(c, "POST", "/v1/consents", tt.body)
			problem(t, w, tt.status, tt.kind)
			if !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("no %s in %s", tt.says, w.Body)
			}
		})
	}
}

func TestGuardianDrafts(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	d := c.drafted(t, `{`+asks+`,`+child+`,"guardian":{`+adult+`,"relation":"母亲"}}`)
	if d.Guardian != "母亲" || !strings.Contains(d.Text, "小明") || !strings.Contains(d.Text, "张三") {
		t.Errorf("got %+v", d)
	}
	for body, asGuardian := range map[string]bool{number: true, `{"id_number":"110105202001010015"}`: false} {
		w := do(c, "POST", "/v1/subjects:export", body)
		kept := read[api.SubjectRecords](t, w)
		if len(kept.Consents) != 1 || kept.Consents[0].ID != d.ID || kept.Consents[0].Text != d.Text || kept.Consents[0].AsGuardian != asGuardian {
			t.Errorf("the copy is %s", w.Body)
		}
	}
}

func TestChangeProblems(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	id := c.drafted(t, `{`+asks+`,`+adult+`}`).ID
	for _, tt := range []struct {
		name, path, body string
		status           int
		kind, says       string
	}{
		{"unknown id", "con_none:present", "", 404, "not_found", ``},
		{"no action", id, "", 405, "method_not_allowed", `Allow`},
		{"not the caller's to say", id + ":expire", "", 404, "not_found", ``},
		{"nor this", id + ":supersede", "", 404, "not_found", ``},
		{"a hash for a presentation", id + ":present", `{"text_hash":"x"}`, 422, "bad_request", `"location":"body.text_hash"`},
		{"a person for a channel", id + ":present", `{"channel":"张三"}`, 422, "bad_request", `"location":"body.channel","message":"expected value to be one of`},
		{"an action for a presentation", id + ":present", `{"action":"checkbox"}`, 422, "bad_request", `"location":"body.action"`},
		{"a session for a refusal", id + ":refuse", `{"session":"张三"}`, 422, "bad_request", `"location":"body.session"`},
		{"a channel for a withdrawal", id + ":withdraw", `{"channel":"web"}`, 422, "bad_request", `"location":"body.channel"`},
		{"a way of no agreement", id + ":give", `{"action":"silence"}`, 422, "bad_request", `"location":"body.action"`},
		{"a time of the caller's", id + ":give", `{"at":"2020-01-01T00:00:00Z"}`, 422, "bad_request", `"location":"body.at"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := do(c, "POST", "/v1/consents/"+tt.path, tt.body)
			problem(t, w, tt.status, tt.kind)
			if !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("no %s in %s", tt.says, w.Body)
			}
		})
	}
	if d := read[api.Consent](t, do(c, "GET", "/v1/consents/"+id, "")); d.State != "drafted" {
		t.Errorf("the consent is %s", d.State)
	}
	for _, path := range []string{"", "/text", "/receipt", "/receipt.html"} {
		problem(t, do(c, "GET", "/v1/consents/con_none"+path, ""), 404, "not_found")
	}
}

func TestRefusalIsRespected(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	d := c.drafted(t, `{`+asks+`,`+adult+`}`)
	for _, action := range []string{":present", ":refuse"} {
		if w := do(c, "POST", "/v1/consents/"+d.ID+action, ""); w.Code != http.StatusOK {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
	w := do(c, "POST", "/v1/consents", `{`+asks+`,`+adult+`}`)
	p := problem(t, w, 409, "consent_state")
	if len(p.Rules) != 1 || p.Rules[0].Rule != "consent.asked_too_soon" || p.Rules[0].ZH == "" || p.Rules[0].EN == "" || w.Header().Get("Retry-After") != "" {
		t.Errorf("headers %v: %s", w.Header(), w.Body)
	}
	if w := do(c, "GET", "/v1/consents/"+d.ID+"/receipt", ""); w.Code != http.StatusOK {
		t.Errorf("no receipt of the refusal: %s", w.Body)
	}
}

// The schema accepts exactly the channels of the consent service.
func TestChannelsAreTheServices(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, channel := range consents.Channels() {
		if d := c.drafted(t, `{`+asks+`,`+adult+`,"channel":"`+channel+`"}`); d.Proof.Channel != channel {
			t.Errorf("%s is kept as %q", channel, d.Proof.Channel)
		}
	}
}

// Session, address and agent are stored as keyed hashes only.
func TestTracesAreMarked(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	d := c.drafted(t, `{`+asks+`,`+adult+`,"channel":"app"}`)
	w := do(c, "POST", "/v1/consents/"+d.ID+":present", `{"channel":"web","presenter":"sign-up","session":"192.0.2.7","address":"192.0.2.7","agent":"李四"}`)
	silent(t, w)
	p := read[api.Consent](t, w).Proof
	if p.Channel != "web" || p.Presenter != "sign-up" || len(p.Session) != 32 || len(p.Address) != 32 || len(p.Agent) != 32 || p.Session == p.Address {
		t.Errorf("got %+v", p)
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t)
		path := "/v1/consents/" + c.given(t).ID + "/receipt"
		w := do(c, "GET", path, "")
		silent(t, w)
		if doc, err := receipt.Verify(w.Body.Bytes(), c.signer.Keys()...); err != nil || doc.Body.State() != "given" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%v, headers %v: %s", err, w.Header(), w.Body)
		}
		page := do(c, "GET", path+".html", "")
		silent(t, page)
		h := page.Header()
		if page.Code != http.StatusOK || h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Content-Security-Policy") != "default-src 'none'; style-src 'unsafe-inline'" ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(page.Body.String(), "某某商城有限公司") {
			t.Errorf("status %d, headers %v", page.Code, h)
		}
		keys := read[struct{ Keys []httpapi.ReceiptKey }](t, do(c, "GET", "/v1/receipt-keys", "")).Keys
		if len(keys) != 1 {
			t.Fatalf("%d keys", len(keys))
		}
		public, err := receipt.ParsePublic(keys[0].PublicKey)
		if err != nil || receipt.KeyID(public) != keys[0].KeyID {
			t.Fatalf("%+v, %v", keys, err)
		}
		if _, err := receipt.Verify(w.Body.Bytes(), public); err != nil {
			t.Errorf("the published key does not fit: %v", err)
		}
	})
}

// A consent whose time is over is shown as expired even before the store records it.
func TestExpiredIsShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t)
		id := c.given(t).ID
		time.Sleep(terms().Valid)
		if got := read[api.Consent](t, do(c, "GET", "/v1/consents/"+id, "")); got.State != "expired" || got.ValidUntil.IsZero() {
			t.Errorf("got %+v", got)
		}
		w := do(c, "POST", "/v1/verifications", on(id))
		if p := problem(t, w, 403, "denied"); len(p.Rules) != 1 || p.Rules[0].Rule != "consent.expired" || p.Errors[0].Location != "body.consent_id" {
			t.Errorf("body %s", w.Body)
		}
	})
}

// TestOtherName: a consent that was drafted for one name is refused for another one of the
// same number, before any call.
func TestOtherName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t)
		d := c.given(t)
		if d.NameUnbound {
			t.Error("the name of a new consent is not bound")
		}
		p := problem(t, do(c, "POST", "/v1/verifications", strings.Replace(on(d.ID), "张三", "李四", 1)), http.StatusForbidden, "denied")
		if len(p.Rules) != 1 || p.Rules[0].Rule != "consent.other_name" || c.asked.Calls() != 0 {
			t.Errorf("%d calls, %+v", c.asked.Calls(), p)
		}
		if w := do(c, "POST", "/v1/verifications", strings.Replace(on(d.ID), "张三", " 张\u3000三", 1)); w.Code != http.StatusOK || c.asked.Calls() != 1 {
			t.Errorf("another spelling: status %d, %d calls: %s", w.Code, c.asked.Calls(), w.Body)
		}
	})
}
