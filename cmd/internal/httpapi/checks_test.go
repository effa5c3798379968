package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/consents"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store/memory"
	"github.com/heyan-id/heyan/policy/consent"
)

// TestEnums compares the words of the OpenAPI document with those of their types, wherever
// a member of such a type stands.
func TestEnums(t *testing.T) {
	t.Parallel()
	words := func(n int, word func(int) string) (list []string) {
		for i := range n {
			list = append(list, word(i))
		}
		return list
	}
	var checks, documents, states, actions []string
	for _, c := range idv.Checks() {
		checks = append(checks, c.String())
	}
	for _, d := range idv.Documents() {
		documents = append(documents, string(d))
	}
	for _, s := range consent.States() {
		states = append(states, string(s))
	}
	for _, a := range consent.Actions() {
		actions = append(actions, string(a))
	}
	verdicts := words(5, func(i int) string { return idv.Verdict(i).String() })
	want := map[string][]string{
		"VerifyRequest.check": checks, "Verification.check": checks, "ConsentDraft.check": checks,
		"Subject.document": documents, "Person.document": documents, "Verification.document": documents,
		"Verification.verdict": verdicts, "Attempt.verdict": verdicts,
		"Compared.field":        words(4, func(i int) string { return idv.Claim(i).String() }),
		"Compared.result":       words(3, func(i int) string { return idv.Comparison(i).String() }),
		"Attempt.charge":        words(3, func(i int) string { return idv.Charge(i).String() }),
		"Attempt.delivery":      words(4, func(i int) string { return idv.Delivery(i).String() }),
		"Attempt.origin":        words(6, func(i int) string { return idv.Origin(i).String() }),
		"Verification.fidelity": words(4, func(i int) string { return idv.Fidelity(i).String() }),
		"Provider.fidelity":     words(4, func(i int) string { return idv.Fidelity(i).String() }),
		"Consent.state":         states,
		"ConsentChange.action":  actions,
		"ConsentChange.channel": consents.Channels(),
		"ConsentDraft.channel":  consents.Channels(),
	}
	got := enums(t, do(newCounter(t), "GET", "/openapi.json", "").Body.Bytes())
	for _, member := range slices.Sorted(maps.Keys(want)) {
		if diff := cmp.Diff(want[member], got[member]); diff != "" {
			t.Errorf("%s, -type +document:\n%s", member, diff)
		}
	}
	if !slices.Contains(got["VerifyRequest.check"], "name_bankcard") {
		t.Error("name_bankcard cannot be asked")
	}
}

// enums reads the enumerations of an OpenAPI document, by schema and member.
func enums(t *testing.T, document []byte) map[string][]string {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	list := map[string][]string{}
	for schema, s := range doc.Components.Schemas {
		for member, p := range s.Properties {
			list[schema+"."+member] = p.Enum
		}
	}
	return list
}

// TestEveryCheck asks each check over REST, on a consent to that check.
func TestEveryCheck(t *testing.T) {
	t.Parallel()
	const person = `{"name":"张三","id_number":"11010519491231002X","mobile":"19900000000","bank_card":"6222021234567890128"}`
	for _, check := range idv.Checks() {
		if check == idv.CheckIDNameMobile {
			continue // the API of this test has no recipient for it
		}
		t.Run(check.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked := enginetest.New("a").For(check)
				c := newCounter(t, func(o *engine.Options) {
					base := enginetest.Options(asked)
					o.Providers, o.Routes = base.Providers, base.Routes
				})
				drafted := `{` + asks + `,"of_age":true,"check":"` + check.String() + `",` + adult + `}`
				if check == idv.CheckNameBankCard {
					drafted = strings.Replace(drafted, `"id_number":"11010519491231002X"`, `"bank_card":"6222021234567890128"`, 1)
				}
				d := c.drafted(t, drafted)
				for _, step := range []struct{ action, body string }{{":present", ""}, {":give", `{"text_hash":"` + d.Hash + `","action":"checkbox"}`}} {
					if w := do(c, "POST", "/v1/consents/"+d.ID+step.action, step.body); w.Code != http.StatusOK {
						t.Fatalf("%s: status %d: %s", step.action, w.Code, w.Body)
					}
					time.Sleep(2 * time.Second)
				}
				w := do(c, "POST", "/v1/verifications", `{`+asks+`,"check":"`+check.String()+`","consent_id":"`+d.ID+`","subject":`+person+`}`)
				v := read[api.Verification](t, w)
				if w.Code != http.StatusOK || v.Verdict != idv.Match || asked.Calls() != 1 || (v.Subject.BankCard != "") != check.Claims().Has(idv.ClaimBankCard) {
					t.Fatalf("status %d, %d calls: %s", w.Code, asked.Calls(), w.Body)
				}
				silent(t, w)
				if strings.Contains(w.Body.String(), "9900000000") || strings.Contains(w.Body.String(), "62220212") {
					t.Errorf("the answer holds a number: %s", w.Body)
				}
				by := number
				if check == idv.CheckNameBankCard {
					by = `{"bank_card":"6222 0212 3456 7890 128"}`
				}
				found := read[api.SubjectRecords](t, do(c, "POST", "/v1/subjects:find", by))
				if len(found.Consents) != 1 || len(found.Verifications) != 1 {
					t.Errorf("found %+v", found)
				}
				if w := do(c, "POST", "/v1/subjects:erase", by); w.Code != http.StatusOK {
					t.Errorf("the erasure: %s", w.Body)
				}
				if left := read[api.SubjectRecords](t, do(c, "POST", "/v1/subjects:find", by)); len(left.Verifications) != 0 || len(left.Erasures) != 1 {
					t.Errorf("after the erasure: %+v", left)
				}
			})
		})
	}
}

// TestDocumentIsNamed shows that eleven digits need the name of their document.
func TestDocumentIsNamed(t *testing.T) {
	t.Parallel()
	c := newCounter(t, func(o *engine.Options) { o.Policy.Consent = consent.Off })
	ask := func(subject string) (int, string) {
		w := do(c, "POST", "/v1/verifications", `{`+asks+`,"check":"id_name","subject":`+subject+`}`)
		return w.Code, w.Body.String()
	}
	for _, test := range []struct {
		name, subject string
		status        int
		says          string
	}{
		{"CPF", `{"name":"João da Silva","id_number":"529.982.247-25","document":"br_cpf"}`, 200, `"document":"br_cpf"`},
		{"NIN", `{"name":"Test O'Person","id_number":"11111111111","document":"ng_nin"}`, 200, `"document":"ng_nin"`},
		{"a CPF as NIN", `{"name":"TEST","id_number":"529.982.247-25","document":"ng_nin"}`, 422, `"location":"body.subject.id_number","rule":"length"`},
		{"no document", `{"name":"TEST","id_number":"52998224725"}`, 422, `"location":"body.subject.id_number","rule":"document_needed"`},
		{"an unknown document", `{"name":"TEST","id_number":"52998224725","document":"br_rg"}`, 422, `"location":"body.subject.document"`},
		{"the document that the number has", `{"name":"张三","id_number":"11010519491231002X","document":"resident18"}`, 200, `"document":"resident18"`},
	} {
		if status, body := ask(test.subject); status != test.status || !strings.Contains(body, test.says) || strings.Contains(body, "52998224725") {
			t.Errorf("%s: status %d: %s", test.name, status, body)
		}
	}
}

// TestUnconfirmedResult: a result that the store did not confirm in time is told with its
// id, under which it is found once it is written.
func TestUnconfirmedResult(t *testing.T) {
	t.Parallel()
	a := enginetest.New("a")
	o := enginetest.Options(a)
	o.Store = claimed{memory.New(0), nil}
	w := do(httpapi.API(httpapi.Dependencies{Auth: auth.None{}, Engine: enginetest.Engine(t, o), Store: o.Store}), "POST", "/v1/verifications", person)
	p := problem(t, w, http.StatusServiceUnavailable, "result_unconfirmed")
	if !strings.HasPrefix(p.Verification, "ver_") || w.Header().Get("Retry-After") != "5" || a.Calls() != 1 {
		t.Errorf("headers %v, %d calls, body %s", w.Header(), a.Calls(), w.Body)
	}
}
