package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/policy/consent/receipt"
)

const number = `{"id_number":"11010519491231002x"}`

// TestSubject finds, copies and erases a person.
func TestSubject(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t)
		consent := c.given(t)
		v := read[api.Verification](t, do(c, "POST", "/v1/verifications", on(consent.ID)))
		if v.Basis != "consent" {
			t.Errorf("the verification is %+v", v)
		}
		w := do(c, "POST", "/v1/subjects:find", number)
		silent(t, w)
		kept := read[api.SubjectRecords](t, w)
		if len(kept.Consents) != 1 || kept.Consents[0].ID != consent.ID || len(kept.Verifications) != 1 || kept.Verifications[0].ID != v.ID || len(kept.Erasures) != 0 {
			t.Errorf("found %s", w.Body)
		}
		w = do(c, "POST", "/v1/subjects:export", number)
		if kept = read[api.SubjectRecords](t, w); len(kept.Consents) != 1 || kept.Consents[0].Text != consent.Text || !strings.Contains(w.Body.String(), `"controller":{"name":"某某商城有限公司"`) {
			t.Errorf("the copy is %s", w.Body)
		}
		if other := do(c, "POST", "/v1/subjects:find", `{"id_number":"110101199003070791"}`); other.Body.String() != `{"consents":[],"verifications":[],"erasures":[]}` {
			t.Errorf("found of another: %s", other.Body)
		}
		w = do(c, "POST", "/v1/subjects:erase", number)
		silent(t, w)
		proof, err := receipt.VerifyErasure(w.Body.Bytes(), c.signer.Keys()...)
		if err != nil || proof.Body.Consents != 1 || proof.Body.Verifications != 1 || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%v, headers %v: %s", err, w.Header(), w.Body)
		}
		erased(t, c, consent.ID, v.ID, proof.Body.ID)
	})
}

// erased checks what is left of a person.
func erased(t *testing.T, c *counter, consent, verification, erasure string) {
	t.Helper()
	kept := read[api.SubjectRecords](t, do(c, "POST", "/v1/subjects:find", number))
	if len(kept.Consents)+len(kept.Verifications) != 0 || len(kept.Erasures) != 1 || kept.Erasures[0].ID != erasure {
		t.Errorf("found %+v", kept)
	}
	if v := read[api.Verification](t, do(c, "GET", "/v1/verifications/"+verification, "")); v.Erased != erasure || v.Basis != "consent" {
		t.Errorf("the verification is %+v", v)
	}
	if d := read[api.Consent](t, do(c, "GET", "/v1/consents/"+consent, "")); d.Erased != erasure || d.State != "withdrawn" {
		t.Errorf("the consent is %+v", d)
	}
	for _, path := range []string{"/text", "/receipt", "/receipt.html"} {
		problem(t, do(c, "GET", "/v1/consents/"+consent+path, ""), http.StatusGone, "erased")
	}
	problem(t, do(c, "POST", "/v1/consents/"+consent+":present", ""), http.StatusGone, "erased")
	problem(t, do(c, "POST", "/v1/verifications", on(consent)), http.StatusForbidden, "denied")
}

func TestSubjectProblems(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, action := range []string{":find", ":export", ":erase"} {
		for _, tt := range []struct {
			name, path, body string
			status           int
			kind, says       string
		}{
			{"a wrong number", "", `{"id_number":"110105194912310021"}`, 422, "invalid_input", `"location":"body.id_number","rule":"check_digit"`},
			{"an empty number", "", `{"id_number":""}`, 422, "invalid_input", `"location":"body.id_number"`},
			{"no number", "", `{}`, 422, "invalid_input", `"location":"body.id_number","rule":"empty"`},
			{"a wrong card", "", `{"bank_card":"6222021234567890120"}`, 422, "invalid_input", `"location":"body.bank_card","rule":"check_digit"`},
			{"a document that is not known", "", `{"id_number":"52998224725","document":"br_rg"}`, 422, "bad_request", `"location":"body.document"`},
			{"a name too", "", `{"id_number":"11010519491231002X","name":"张三"}`, 422, "bad_request", ``},
			{"the number in the address", "?id_number=11010519491231002X", `{"id_number":"11010519491231002X"}`, 400, "personal_data_in_url", `query.id_number`},
		} {
			t.Run(action+" "+tt.name, func(t *testing.T) {
				w := do(c, "POST", "/v1/subjects"+action+tt.path, tt.body)
				problem(t, w, tt.status, tt.kind)
				if !strings.Contains(w.Body.String(), tt.says) {
					t.Errorf("no %s in %s", tt.says, w.Body)
				}
			})
		}
	}
}
