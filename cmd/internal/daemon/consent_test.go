package daemon_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/config"
)

// asks makes a configuration ask for consents and keep them in a file of the folder.
func asks(folder string) func(*config.Config) {
	return func(c *config.Config) {
		c.Store = config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(folder, "heyan.db")}
		c.Policy.Consent.Mode, c.Policy.Consent.MinReview = "required", 0
		c.Policy.Consent.Controller = config.Party{Name: "某某商城有限公司", Contact: "400-000-0001"}
		for i := range c.Providers {
			c.Providers[i].RecipientContact = "400-000-0002"
		}
	}
}

// post sends a body and returns the answer, of which the status must be the wanted one.
func (h *fixture) post(want int, path, body string) []byte {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://"+h.at.Listen+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if h.key != "" {
		r.Header.Set("Authorization", "Bearer "+h.key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		h.t.Fatalf("%s: status %d, want %d, %v: %s", path, resp.StatusCode, want, err, text)
	}
	return text
}

const (
	subject = `{"name":"张三","id_number":"` + number + `"}`
	asking  = `{"check":"id_name","app":"shop","purpose":"开立账户","subject":` + subject + `,"consent_id":"`
)

// agree lets the person see and give a consent over REST, and returns its id.
func (h *fixture) agree() string { return h.agreeTo("开立账户") }

func (h *fixture) agreeTo(purpose string) string {
	h.t.Helper()
	var drafted struct {
		ID   string
		Text string
		Hash string `json:"text_hash"`
	}
	answer := h.post(http.StatusCreated, "/v1/consents", `{"app":"shop","purpose":"`+purpose+`","subject":`+subject+`}`)
	if err := json.Unmarshal(answer, &drafted); err != nil || !strings.Contains(drafted.Text, number) {
		h.t.Fatalf("the draft: %v", err)
	}
	h.post(http.StatusOK, "/v1/consents/"+drafted.ID+":present", `{"session":"`+number+`"}`) // a page that puts the number there
	h.post(http.StatusOK, "/v1/consents/"+drafted.ID+":give", `{"text_hash":"`+drafted.Hash+`","action":"checkbox"}`)
	return drafted.ID
}

// TestConsentOverREST is the way of a person through a daemon with a file: refused
// without a consent, asked about with it, not after its withdrawal, erased. Nothing of
// the person is in any file, log or metric, then or before.
func TestConsentOverREST(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	h := start(t, asks(folder), "idcert-a")
	h.silent(string(h.post(http.StatusForbidden, "/v1/verifications", asking+`"}`)))
	id := h.agree()
	h.silent(string(h.post(http.StatusOK, "/v1/verifications", asking+id+`"}`)))
	h.nothingInClear(folder)
	h.post(http.StatusOK, "/v1/consents/"+id+":withdraw", `{}`)
	h.silent(string(h.post(http.StatusForbidden, "/v1/verifications", asking+id+`"}`)))
	h.silent(string(h.post(http.StatusOK, "/v1/subjects:erase", `{"id_number":"`+number+`"}`)))
	h.nothingInClear(folder)
	if asked := h.sandbox.Stats()["idcert-a"].Requests; asked != 1 {
		t.Errorf("the vendor was asked %d times, want once", asked)
	}
}

// nothingInClear looks for the person in what the daemon wrote, in several writings.
func (h *fixture) nothingInClear(folder string) {
	h.t.Helper()
	h.silent(h.logged())
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for _, plain := range []string{"张三", number} {
			for _, form := range [][]byte{
				[]byte(plain), []byte(base64.StdEncoding.EncodeToString([]byte(plain))), []byte(hex.EncodeToString([]byte(plain))),
			} {
				if bytes.Contains(text, form[:len(form)-2]) {
					h.t.Errorf("%s stands in %s as %q", plain, filepath.Base(path), form)
				}
			}
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestGuessingIsTold tries names on one number until the guard stops it, and looks for
// the alarm in the log.
func TestGuessingIsTold(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) {
		asks(t.TempDir())(c)
		c.Policy.Consent.Mode = "external"
	}, "idcert-a")
	for n, name := range []string{"张三", "李四", "王五", "赵六"} {
		want := http.StatusOK
		if n == 3 {
			want = http.StatusTooManyRequests
		}
		h.post(want, "/v1/verifications", `{"check":"id_name","app":"shop","consent_id":"theirs","subject":{"name":"`+name+`","id_number":"`+number+`"}}`)
	}
	h.waitForLog(`"kind":"guessing","tenant":"default","app":"shop","dimension":"names_per_number"`)
}
