package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

func jsonField(t *testing.T, w *httptest.ResponseRecorder, name string) string {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	return m[name]
}

// golden is a signed request whose signature was computed by hand from the
// gateway's published rules, apart from this code and from providers/auth.
func golden() (VendorConfig, *http.Request, time.Time) {
	query := url.Values{"idCard": {"11010120990101005X"}, "name": {"测试"}}
	r := httptest.NewRequest(http.MethodGet, "/idcard?"+query.Encode(), nil)
	for name, value := range map[string]string{
		"Accept": "application/json", "X-Ca-Key": "test-key", "X-Ca-Timestamp": "1700000000000",
		"X-Ca-Nonce":             "00000000-0000-4000-8000-000000000001",
		"X-Ca-Signature-Headers": "X-Ca-Key,X-Ca-Nonce,X-Ca-Timestamp",
		"X-Ca-Signature":         "R6qbxNsZG/Va31UXr3tXa0PwSQCFxtIu1pjUOJHHUHI=",
	} {
		r.Header.Set(name, value)
	}
	cfg := VendorConfig{AppKey: "test-key", AppSecret: idv.NewSensitive("test-secret")}
	return cfg, r, time.UnixMilli(1_700_000_000_000)
}

func TestGoldenSignature(t *testing.T) {
	t.Parallel()
	tests := []struct {
		title   string
		change  func(http.Header)
		shift   time.Duration
		code    string // "" is accepted
		message string // its beginning
	}{
		{"as it is", func(http.Header) {}, 0, "", ""},
		{"colons", func(h http.Header) { h.Set("X-Ca-Signature-Headers", "X-Ca-Key:X-Ca-Nonce:X-Ca-Timestamp") }, 0, "", ""},
		{"spaces", func(h http.Header) { h.Set("X-Ca-Signature-Headers", "X-Ca-Key, X-Ca-Nonce, X-Ca-Timestamp") }, 0, "", ""},
		{"method named", func(h http.Header) { h.Set("X-Ca-Signature-Method", "HmacSHA256") }, 0, "", ""},
		{"at the edge", func(http.Header) {}, window, "", ""},
		{"too late", func(http.Header) {}, window + time.Millisecond, "I400HD", "Invalid Header `X-Ca-Timestamp` Timestamp Expired"},
		{"too early", func(http.Header) {}, -window - time.Millisecond, "I400HD", "Invalid Header `X-Ca-Timestamp` Timestamp Expired"},
		{"no time", func(h http.Header) { h.Set("X-Ca-Timestamp", "now") }, 0, "I400HD", "Invalid Header `X-Ca-Timestamp` Invalid Timestamp"},
		{"other key", func(h http.Header) { h.Set("X-Ca-Key", "test-kez") }, 0, "A400IK", "Invalid AppKey"},
		{"other method", func(h http.Header) { h.Set("X-Ca-Signature-Method", "none") }, 0, "I400HD", "Invalid Header `X-Ca-Signature-Method`"},
		{"signed header changed", func(h http.Header) { h.Set("X-Ca-Nonce", "2") }, 0, "A403IS", "Invalid Signature"},
		{"accept changed", func(h http.Header) { h.Set("Accept", "*/*") }, 0, "A403IS", "Invalid Signature"},
		{"header left out", func(h http.Header) { h.Set("X-Ca-Signature-Headers", "X-Ca-Key") }, 0, "A403IS", "Invalid Signature"},
		{"no signature", func(h http.Header) { h.Del("X-Ca-Signature") }, 0, "A403IS", "Invalid Signature"},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) {
			cfg, r, at := golden()
			tt.change(r.Header)
			no := newGateway(cfg).checkSignature(r, r.URL.Query(), at.Add(tt.shift))
			if no == nil {
				no = &refusal{}
			}
			if no.code != tt.code || !strings.HasPrefix(no.message, tt.message) {
				t.Errorf("refused with %q, %q; want %q, %q", no.code, no.message, tt.code, tt.message)
			}
		})
	}
}

// TestWrongSignatureTellsTheString looks for what the real gateway gives away.
func TestWrongSignatureTellsTheString(t *testing.T) {
	t.Parallel()
	cfg, r, at := golden()
	r.Header.Set("X-Ca-Signature", "AAAA")
	no := newGateway(cfg).checkSignature(r, r.URL.Query(), at)
	want := "Invalid Signature, Server StringToSign:`GET#application/json####X-Ca-Key:test-key#" +
		"X-Ca-Nonce:00000000-0000-4000-8000-000000000001#X-Ca-Timestamp:1700000000000#" +
		"/idcard?idCard=11010120990101005X&name=测试`"
	if no == nil || no.status != http.StatusForbidden || no.message != want {
		t.Errorf("refusal = %+v, want 403 with %s", no, want)
	}
}

func TestNonceIsUsedUpByRightRequestsOnly(t *testing.T) {
	t.Parallel()
	cfg, r, at := golden()
	g := newGateway(cfg)
	right := r.Header.Get("X-Ca-Signature")
	steps := []struct{ signature, code string }{{"AAAA", "A403IS"}, {right, ""}, {right, "I400HD"}}
	for i, step := range steps {
		r.Header.Set("X-Ca-Signature", step.signature)
		no := g.checkSignature(r, r.URL.Query(), at)
		if (no == nil) != (step.code == "") || no != nil && no.code != step.code {
			t.Errorf("step %d: %+v, want %q", i, no, step.code)
		}
	}
}
