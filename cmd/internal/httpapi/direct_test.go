package httpapi_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/policy/consent"
)

// FuzzDirect sends a request twice: once with the length of its body, so that it may be served
// directly, and once without, so that huma serves it. Both responses must be the same.
func FuzzDirect(f *testing.F) {
	const usual = "application/json"
	for _, body := range directBodies() {
		f.Add(body, usual, "", "")
	}
	valid := `{"check":"id_name",` + asks + `,` + adult + `}`
	for _, content := range []string{
		"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-8", "application/JSON",
		"application/problem+json", "application/cbor", "application/json, text/plain", "*/*", ";", "application/json;",
	} {
		f.Add(valid, content, "", "")
	}
	for _, accept := range []string{"*/*", usual, "text/html", "application/json;q=0.1, text/html", "application/cbor", ";;", "application/xml, */*;q=0.1"} {
		f.Add(valid, usual, accept, "")
	}
	for _, key := range []string{"order-1", " ", " order", "a\u202eb", "键", strings.Repeat("k", 100), strings.Repeat("k", 101), strings.Repeat("键", 300), "11010519491231002X", "\xff"} {
		f.Add(valid, usual, "", key)
	}
	apis := [2]*counter{}
	for i := range apis {
		apis[i] = newCounter(f, func(o *engine.Options) { o.Policy.Consent = consent.Off })
	}
	f.Fuzz(func(t *testing.T, body, content, accept, key string) {
		if body == "" {
			t.Skip("without a body the type of its content does not count")
		}
		for _, value := range []string{content, accept, key} {
			if strings.ContainsFunc(value, unicode.IsControl) {
				t.Skip("the server refuses such a header")
			}
		}
		direct, whole := apis[0].sent(t, true, body, content, accept, key), apis[1].sent(t, false, body, content, accept, key)
		if direct != whole {
			t.Errorf("with a length: %s\nwithout: %s", direct, whole)
		}
	})
}

// volatile are the parts of a result that differ from one verification to the next.
var volatile = regexp.MustCompile(`ver_[0-9A-V]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z|"trace_id":"[0-9a-f]{32}"|"duration_ms":[\d.e-]+`)

// sent sends a verification, with the length of its body or without, and returns the response and
// the number of calls so far.
func (c *counter) sent(t *testing.T, length bool, body, content, accept, key string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/verifications", strings.NewReader(body))
	r.Host = "localhost"
	for name, value := range map[string]string{"Content-Type": content, "Accept": accept, "Idempotency-Key": key} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if !length {
		r.ContentLength = -1
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return volatile.ReplaceAllString(fmt.Sprint(w.Code, w.Header(), c.asked.Calls(), w.Body), "…")
}

// directBodies are bodies of requests, valid ones and others.
func directBodies() []string {
	list := []string{"", " ", "null", "{}", "[]", "1", `"x"`, "{", "\ufeff{}", `{"check":null}`}
	with := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for _, subject := range []string{
		adult, child, `"subject":null`, `"subject":{}`, `"subject":[]`, `"subject":{"name":"张三"}`, `"subject":{"name":"","id_number":""}`, `"subject":{"name":null,"id_number":"11010519491231002X"}`,
		`"subject":{"name":"张三","id_number":"110105194912310021"}`, `"subject":{"name":"张三","id_number":"１１０１０５１９４９１２３１００２Ｘ"}`, `"subject":{"name":" 张三 ","id_number":"11010519491231002x"}`,
		`"subject":{"name":"张\u4e09","id_number":"11010519491231002X"}`, `"subject":{"name":"\ud800","id_number":"11010519491231002X"}`, `"subject":{"name":1,"id_number":2}`,
		`"subject":{"name":"张三","id_number":"11010519491231002X","document":"passport"}`, `"subject":{"name":"张三","id_number":"11010519491231002X","document":"resident18"}`,
		`"subject":{"name":"张三","id_number":"11010519491231002X","document":""}`, `"subject":{"name":"张三","id_number":"11010519491231002X","mobile":"13800138000"}`,
		`"subject":{"Name":"张三","ID_Number":"11010519491231002X"}`, `"subject":{"name":"张三","name":"张三","id_number":"11010519491231002X"}`,
		`"subject":{"name":"` + strings.Repeat("张", 200) + `","id_number":"11010519491231002X"}`, `"subject":{"name":"张三","id_number":"11010519491231002X","unknown":1}`,
		"\"subject\":{\"name\":\"\xff\",\"id_number\":\"11010519491231002X\"}", "\"subject\":{\"name\":\"a\nb\",\"id_number\":\"11010519491231002X\"}",
	} {
		with(`{"check":"id_name",%s,%s}`, asks, subject)
	}
	for _, member := range []string{
		`"check":"id_name"`, `"check":"ID_NAME"`, `"check":""`, `"check":"none"`, `"check":1`, `"check":"id_name_mobile"`, `"check":"id_name","check":"id_name"`, `"check":"id_name","unknown":true`, `"Check":"id_name"`,
		`"check":"id_name","consent_id":""`, `"check":"id_name","consent_id":"con_unknown"`, `"check":"id_name","app":"other"`,
	} {
		with(`{%s,"purpose":"test",%s}`, member, adult)
	}
	for _, text := range []string{"", " ", "web ", "Ｗｅｂ", "a\u202eb", `\u0000`, `\u202e`, "11010519491231002X", "张三", strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 101), strings.Repeat("键", 40)} {
		with(`{"check":"id_name","app":"%s","purpose":"test",%s}`, text, adult)
		with(`{"check":"id_name","app":"web","purpose":"%s",%s}`, text, adult)
		with(`{"check":"id_name","app":"web","purpose":"test","consent_id":"%s",%s}`, text, adult)
	}
	valid := `{"check":"id_name",` + asks + `,` + adult + `}`
	return append(list, valid+" ", " "+valid, valid+"x", valid+valid, valid[:len(valid)-1], valid+strings.Repeat(" ", 4<<10), "\ufeff"+valid, strings.Repeat("[", 200)+valid)
}

// brokenBody ends with an error, which it has once: a body is not read again after it.
type brokenBody struct {
	text string
	err  error
}

// Read returns the text, then the error.
func (b *brokenBody) Read(p []byte) (int, error) {
	if b.text != "" {
		n := copy(p, b.text)
		b.text = b.text[n:]
		return n, nil
	}
	err := b.err
	b.err = errors.New("read again")
	return 0, err
}

// TestBodyBreaksOff: a body that breaks off gets the same problem both ways.
func TestBodyBreaksOff(t *testing.T) {
	t.Parallel()
	c := newCounter(t, func(o *engine.Options) { o.Policy.Consent = consent.Off })
	for _, test := range []struct {
		name   string
		err    error
		status int
	}{
		{"too slow", os.ErrDeadlineExceeded, http.StatusRequestTimeout},
		{"reset", net.ErrClosed, http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got [2]string
			for i, length := range []int64{int64(len(person)), -1} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/verifications", &brokenBody{person[:20], test.err})
				r.Host, r.ContentLength = "localhost", length
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				c.ServeHTTP(w, r)
				if w.Code != test.status {
					t.Errorf("with length %d: status %d, want %d: %s", length, w.Code, test.status, w.Body)
				}
				got[i] = fmt.Sprint(w.Header(), w.Body)
			}
			if got[0] != got[1] {
				t.Errorf("with a length: %s\nwithout: %s", got[0], got[1])
			}
		})
	}
}

// TestDirectIsShorter: a plain request does not go through huma, which allocates far more.
func TestDirectIsShorter(t *testing.T) {
	c := newCounter(t, func(o *engine.Options) { o.Policy.Consent = consent.Off })
	direct := testing.AllocsPerRun(100, func() { c.sent(t, true, person, "application/json", "", "") })
	whole := testing.AllocsPerRun(100, func() { c.sent(t, false, person, "application/json", "", "") })
	if direct > whole-20 {
		t.Errorf("%.0f allocations with a length, %.0f without; want at least 20 fewer", direct, whole)
	}
}
