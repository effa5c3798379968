package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// badTexts are what no field may hold: a NUL, no UTF-8, a terminal sequence, a forged line,
// a mark that turns the line round, an invisible character.
func badTexts() []string {
	return []string{"a\x00", "a\xff", "a\x1b[2J", "a\r\nb", "a\u202eb", "a\u200bb"}
}

// pasted reports whether a location holds an identifier, which has a canonical form.
func pasted(location string) bool {
	return slices.Contains([]string{"app", "purpose", "consent_id", "id", "provider"}, location[strings.LastIndex(location, ".")+1:])
}

// stored runs a test with the API on each database.
func stored(t *testing.T, test func(t *testing.T, c *counter)) {
	t.Helper()
	run := func(t *testing.T, s store.Store, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		test(t, newCounter(t, func(o *engine.Options) { o.Store, o.FingerprintKey = s, []byte(strings.Repeat("k", 32)) }))
	}
	t.Run("memory", func(t *testing.T) { t.Parallel(); test(t, newCounter(t)) })
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		s, err := sqlstore.OpenSQLite(t.Context(), t.TempDir()+"/heyan.db", sqlstore.Options{})
		run(t, s, err)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		s, err := sqlstore.OpenPostgres(t.Context(), sqlstoretest.StartPostgres(t).DSN(t), sqlstore.Options{})
		run(t, s, err)
	})
}

// TestImpossibleIDs: an id that no row can have is answered as any unknown id.
func TestImpossibleIDs(t *testing.T) {
	t.Parallel()
	stored(t, func(t *testing.T, c *counter) {
		for _, id := range append(badTexts(), strings.Repeat("x", 5000)) {
			for _, request := range []struct{ method, path, after string }{
				{"GET", "/v1/verifications/", ""}, {"GET", "/v1/consents/", ""}, {"GET", "/v1/consents/", "/text"}, {"GET", "/v1/consents/", "/receipt"},
				{"GET", "/v1/consents/", "/receipt.html"}, {"POST", "/v1/consents/", ":present"}, {"POST", "/v1/consents/", ":withdraw"}, {"POST", "/v1/providers/", ":drain"},
			} {
				got := do(c, request.method, request.path+url.PathEscape(id)+request.after, "")
				unknown := do(c, request.method, request.path+"unknown"+request.after, "")
				if got.Code != http.StatusNotFound || got.Body.String() != unknown.Body.String() {
					t.Errorf("%s %s%.8q%s: status %d, %s; want %s", request.method, request.path, id, request.after, got.Code, got.Body, unknown.Body)
				}
			}
		}
	})
}

// TestTextsAreRefused: a text that cannot be kept is refused in every field, with the
// field's location and before any call.
func TestTextsAreRefused(t *testing.T) {
	t.Parallel()
	const (
		verify = "/v1/verifications"
		lots   = "/v1/ledger/lots"
		drafts = "/v1/consents"
		subj   = `"subject":{"name":"张三","id_number":"11010519491231002X"}`
		lot    = `"units":1,"amount":"1"`
	)
	tests := []struct{ location, method, path, body string }{
		{"body.app", "POST", verify, `{"check":"id_name","purpose":"test","app":$,` + subj + `}`},
		{"body.purpose", "POST", verify, `{"check":"id_name","purpose":$,` + subj + `}`},
		{"body.consent_id", "POST", verify, `{"check":"id_name","purpose":"test","consent_id":$,` + subj + `}`},
		{"body.consent_id", "POST", verify + ":explain", `{"check":"id_name","purpose":"test","consent_id":$,` + subj + `}`},
		{"header.Idempotency-Key", "POST", verify, `{"check":"id_name","purpose":"test",` + subj + `}`},
		{"body.id", "POST", lots, `{"id":$,"provider":"a",` + lot + `}`},
		{"body.provider", "POST", lots, `{"id":"l","provider":$,` + lot + `}`},
		{"body.note", "POST", lots, `{"id":"l","provider":"a","note":$,` + lot + `}`},
		{"query.provider", "GET", lots + "?provider=$", ""},
		{"query.provider", "GET", "/v1/ledger/balance?provider=$", ""},
		{"query.app", "GET", "/v1/ledger/entries?app=$", ""},
		{"query.purpose", "GET", "/v1/ledger/entries?purpose=$", ""},
		{"query.after", "GET", "/v1/ledger/entries?after=$", ""},
		{"query.after", "GET", drafts + "?after=$", ""},
		{"body.app", "POST", drafts, `{"purpose":"test","app":$,` + adult + `}`},
		{"body.presenter", "POST", drafts, `{"purpose":"test","presenter":$,` + adult + `}`},
		{"body.notice", "POST", drafts, `{"purpose":"test","notice":$,` + adult + `}`},
		{"body.recipients[0]", "POST", drafts, `{"purpose":"test","recipients":[$],` + adult + `}`},
		{"body.values", "POST", drafts, `{"purpose":"test","values":{"x":$},` + adult + `}`},
		{"body.values", "POST", drafts, `{"purpose":"test","values":{$:"x"},` + adult + `}`},
		{"body.guardian.relation", "POST", drafts, `{"purpose":"test","guardian":{"relation":$,` + adult + `},` + child + `}`},
		{"body.presenter", "POST", drafts + "/con_x:present", `{"presenter":$}`},
		{"body.text_hash", "POST", drafts + "/con_x:give", `{"text_hash":$,"action":"checkbox"}`},
	}
	stored(t, func(t *testing.T, c *counter) {
		for _, test := range tests {
			for _, text := range badTexts() {
				if _, fault := identity.Identifier(text); fault == idv.TextFits && pasted(test.location) {
					continue // what never shows is no part of an identifier
				}
				key := []string{}
				if strings.HasPrefix(test.location, "header.") {
					key = []string{"Idempotency-Key", text}
				}
				quoted, _ := json.Marshal(text) // a text that is not UTF-8 is a different one in JSON
				body := strings.ReplaceAll(test.body, "$", string(quoted))
				if strings.Contains(text, "\xff") && body != "" && len(key) == 0 {
					body = strings.ReplaceAll(test.body, "$", `"a`+"\xff"+`"`)
				}
				w := do(c, test.method, strings.ReplaceAll(test.path, "$", url.QueryEscape(text)), body, key...)
				var p httpapi.Problem
				if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
					t.Errorf("%s with %q: status %d, body %s", test.location, text, w.Code, w.Body)
					continue
				}
				// JSON that is not UTF-8 has no members that could be named.
				if want := test.location; !strings.Contains(text, "\xff") && (len(p.Errors) != 1 || p.Errors[0].Location != want || !strings.Contains(p.Errors[0].Message, "type it again")) {
					t.Errorf("%s with %q: %s", want, text, w.Body)
				}
			}
		}
		if c.asked.Calls() != 0 {
			t.Errorf("%d calls", c.asked.Calls())
		}
		if w := do(c, "GET", lots, ""); !strings.Contains(w.Body.String(), `"lots":[]`) {
			t.Errorf("a package was kept: %s", w.Body)
		}
	})
}
