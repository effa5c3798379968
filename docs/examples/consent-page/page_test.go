package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// The person of the tests, who does not exist.
const (
	personName   = "张三"
	personNumber = "11010519491231002X"
)

// fake is heyan as far as the page sees it. It notes what it is asked.
type fake struct {
	sync.Mutex
	requests []string          // method and path
	keys     map[string]int    // of the questions
	refuse   map[string]string // by path: the problem to answer with
	verdict  string            // the members of the answer
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.Lock()
	defer f.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.String())
	if keys, sent := r.Header["Idempotency-Key"]; sent && keys[0] == "" {
		w.WriteHeader(http.StatusBadRequest) // as heyan does
		return
	}
	if problem := f.refuse[r.URL.Path]; problem != "" {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, problem)
		return
	}
	var asked map[string]any
	_ = json.Unmarshal(body, &asked) // of a GET it is empty
	_, _ = io.WriteString(w, f.answer(r, asked))
}

func (f *fake) answer(r *http.Request, asked map[string]any) string {
	_, event, _ := strings.Cut(r.URL.Path, ":")
	switch {
	case r.URL.Path == "/v1/consents":
		return `{"id":"con_1","state":"drafted","text":"给` + personName + `的告知书","text_hash":"sha256:aa"}`
	case event == "present":
		return `{"id":"con_1","state":"presented"}`
	case event == "give" && asked["text_hash"] == "sha256:aa" && asked["action"] == "checkbox":
		return `{"id":"con_1","state":"given"}`
	case event == "refuse":
		return `{"id":"con_1","state":"refused"}`
	case event == "withdraw":
		return `{"id":"con_1","state":"withdrawn"}`
	case r.URL.Path == "/v1/verifications" && asked["consent_id"] == "con_1":
		f.keys[r.Header.Get("Idempotency-Key")]++
		return "{" + f.verdict + "}"
	case strings.HasSuffix(r.URL.Path, "/receipt"), strings.HasSuffix(r.URL.Path, "/receipt.html"):
		return "the receipt of con_1"
	}
	return ""
}

// asked counts the requests that begin so.
func (f *fake) asked(begin string) (n int) {
	f.Lock()
	defer f.Unlock()
	for _, r := range f.requests {
		if strings.HasPrefix(r, begin) {
			n++
		}
	}
	return n
}

// browser is a person's browser at the page.
type browser struct {
	*testing.T
	client *http.Client
	base   string
}

func open(t *testing.T, heyan string) browser {
	t.Helper()
	server := httptest.NewServer(newPage(heyan, "account_opening").routes())
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	return browser{t, client, server.URL}
}

func openFake(t *testing.T) (browser, *fake) {
	t.Helper()
	f := &fake{verdict: `"verdict":"match"`, keys: map[string]int{}, refuse: map[string]string{}}
	heyan := httptest.NewServer(f)
	t.Cleanup(heyan.Close)
	return open(t, heyan.URL), f
}

func (b browser) get(path string) string {
	b.Helper()
	return b.read(b.client.Get(b.base + path))
}

func (b browser) post(path string, form ...string) string {
	b.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return b.read(b.client.PostForm(b.base+path, values))
}

func (b browser) read(r *http.Response, err error) string {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil || r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" {
		b.Fatalf("status %d, %v, headers %v", r.StatusCode, err, r.Header)
	}
	return string(text)
}

// register fills the form in.
func (b browser) register() string {
	b.Helper()
	return b.post("/notice", "name", personName, "number", personNumber)
}

func (b browser) agree() string {
	b.Helper()
	return b.post("/decision", "decision", "agree", "read", "yes")
}

// wants fails for each text that the page lacks.
func (b browser) wants(text string, wanted ...string) {
	b.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			b.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

// TestStory follows a person who agrees. No claim gets into a log or an address.
func TestStory(t *testing.T) {
	var lines bytes.Buffer
	log.SetOutput(&lines)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	b, f := openFake(t)
	b.wants(b.get("/"), `action="/notice"`)
	shown := b.register()
	b.wants(shown, "给"+personName+"的告知书", `type="checkbox"`, ">同意<", ">不同意<")
	if strings.Contains(shown, "checked") {
		t.Error("the box is ticked before the person came")
	}
	b.wants(b.post("/decision", "decision", "agree"), "您尚未勾选", "给"+personName+"的告知书")
	if f.asked("POST /v1/consents/con_1:give")+f.asked("POST /v1/verifications") != 0 {
		t.Error("an empty box was taken for an agreement")
	}
	b.wants(b.agree(), "姓名与证件号码相符", `href="/receipt.html"`, "撤回同意")
	b.wants(b.get("/receipt.html"), "the receipt of con_1")
	b.wants(b.get("/receipt.json"), "the receipt of con_1")
	b.wants(b.post("/withdrawal"), "已撤回同意")
	if n := f.asked("POST /v1/consents/con_1:withdraw"); n != 1 {
		t.Errorf("the withdrawal was told %d times", n)
	}
	for _, kept := range append(f.requests, lines.String()) {
		if strings.Contains(kept, personName) || strings.Contains(kept, personNumber) {
			t.Errorf("a name or number stands in %q", kept)
		}
	}
}

func TestRefusalCallsNoVendor(t *testing.T) {
	b, f := openFake(t)
	b.register()
	b.wants(b.post("/decision", "decision", "refuse"), "您选择了“不同意”")
	b.wants(b.agree(), "您选择了“不同意”") // the button of a page that is still open elsewhere
	if f.asked("POST /v1/verifications") != 0 || f.asked("POST /v1/consents/con_1:refuse") != 1 {
		t.Errorf("heyan was asked %v", f.requests)
	}
}

// TestResults: only a mismatch asks to compare, and nothing is called a failure.
func TestResults(t *testing.T) {
	for verdict, want := range map[string]string{
		`"verdict":"match"`:                                       "姓名与证件号码相符",
		`"verdict":"mismatch"`:                                    "请对照证件核对后",
		`"verdict":"no_record"`:                                   "不代表您填写有误",
		`"verdict":"mismatch_or_no_record"`:                       "不代表您填写有误",
		`"verdict":"undetermined","reason":"maintenance"`:         "现在还没有结果",
		`"verdict":"undetermined","reason":"invalid_input"`:       "检查姓名和号码的写法",
		`"verdict":"a verdict that this page has never heard of"`: "现在还没有结果",
	} {
		t.Run(verdict, func(t *testing.T) {
			b, f := openFake(t)
			f.verdict = verdict
			b.register()
			said := b.agree()
			b.wants(said, want)
			for _, never := range []string{"失败", "不通过", "未通过", "错误", personName, personNumber} {
				if strings.Contains(said, never) {
					t.Errorf("the page says %q", never)
				}
			}
		})
	}
}

// TestProblems: the person is told what they can do, by heyan's codes alone.
func TestProblems(t *testing.T) {
	const drafts, gives, asks = "/v1/consents", "/v1/consents/con_1:give", "/v1/verifications"
	rule := func(r string) string {
		return fmt.Sprintf(`{"type":"urn:heyan:problem:denied","rules":[{"rule":%q}]}`, r)
	}
	tests := []struct{ name, path, problem, want string }{
		{"a typo", drafts, `{"type":"urn:heyan:problem:invalid_input"}`, "检查姓名和证件号码的写法"},
		{"a child", drafts, rule("consent.needs_guardian"), "监护人"},
		{"refused lately", drafts, rule("consent.asked_too_soon"), "不会反复询问"},
		{"too quick", gives, rule("consent.too_quick"), "请先读完"},
		{"withdrawn elsewhere", asks, rule("consent.withdrawn"), "服务暂时不可用"},
		{"no problem document", asks, "<html>", "服务暂时不可用"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, f := openFake(t)
			f.refuse[test.path] = test.problem
			shown := b.register()
			if test.path != drafts {
				shown = b.agree()
			}
			b.wants(shown, test.want)
		})
	}
}

// TestPressedTwice: one person who presses often is asked about and paid for once.
func TestPressedTwice(t *testing.T) {
	b, f := openFake(t)
	b.register()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { b.wants(b.agree(), "姓名与证件号码相符") })
	}
	group.Wait()
	if len(f.keys) != 1 || f.keys[""] != 0 || f.asked("POST /v1/verifications") != 1 {
		t.Errorf("%d questions with the keys %v", f.asked("POST /v1/verifications"), f.keys)
	}
}

func TestStrangersAndOtherSites(t *testing.T) {
	b, f := openFake(t)
	b.wants(b.post("/decision", "decision", "agree", "read", "yes"), `action="/notice"`) // an unknown visit starts again
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+"/withdrawal", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.register()
	answer, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden || f.asked("POST /v1/consents/con_1:withdraw") != 0 {
		t.Errorf("another site's form: status %d", answer.StatusCode)
	}
}
