package tencent

import (
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/providertest"
)

// signed returns the product's own call with the product's own scheme, about the person of
// the fixtures.
func signed(t testing.TB, name string) providers.Call {
	t.Helper()
	c := made(t, name)
	q, err := providertest.Query(c.Describe())
	if err != nil {
		t.Fatal(err)
	}
	call, err := c.Encode(q)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{"secret_id": "test-id", "secret_key": "test-secret-key", "service": "faceid"}
	scheme, err := auth.Select(c.Describe().Schemes, auth.Env{Value: func(name string) idv.Sensitive { return idv.NewSensitive(settings[name]) }})
	if err != nil {
		t.Fatal(err)
	}
	call, err = scheme.Authenticate(t.Context(), call, providers.Stamp{Host: "faceid.tencentcloudapi.com", At: time.Unix(1700000000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return call
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// The canonical request is built here once more from the call as it is sent.
func TestSignedCall(t *testing.T) {
	t.Parallel()
	const (
		canonical = "598d0aacb76052db0ffa6388ba8fbccb31ef29229032bf9d19d59c36e9f2e2b6"
		signature = "83c91e8ec041a06b9eb5cb826bb7b168ac4a44ae3d3ee309c989618b49c1abcc"
	)
	call := signed(t, "tencent/idcard")
	text := strings.Join([]string{
		call.Method, call.Path, call.RawQuery().Reveal(), "content-type:" + call.ContentTypeHeader(), "host:faceid.tencentcloudapi.com", "",
		"content-type;host", hash(call.Payload().Reveal()),
	}, "\n")
	if got := hash(text); got != canonical {
		t.Errorf("canonical request %s, want %s:\n%s", got, canonical, text)
	}
	want := "TC3-HMAC-SHA256 Credential=test-id/2023-11-14/faceid/tc3_request, SignedHeaders=content-type;host, Signature=" + signature
	if got := call.HeaderValue("Authorization").Reveal(); got != want {
		t.Errorf("Authorization %s, want %s", got, want)
	}
}

// Each action gets its claims under the vendor's names, and no others.
func TestCalls(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ action, body string }{
		"tencent/idcard":    {"IdCardVerification", `{"IdCard":"11010120990101005X","Name":"测试"}`},
		"tencent/phone":     {"PhoneVerification", `{"IdCard":"11010120990101005X","Name":"测试","Phone":"19900000000"}`},
		"tencent/bankcard2": {"BankCard2EVerification", `{"Name":"测试","BankCard":"6228480000000000000"}`},
		"tencent/bankcard3": {"BankCardVerification", `{"IdCard":"11010120990101005X","Name":"测试","BankCard":"6228480000000000000"}`},
		"tencent/bankcard4": {"BankCard4EVerification", `{"IdCard":"11010120990101005X","Name":"测试","BankCard":"6228480000000000000","Phone":"19900000000"}`},
	}
	if len(tests) != len(Factories()) {
		t.Errorf("%d calls for %d products", len(tests), len(Factories()))
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			call := signed(t, name)
			if got := call.HeaderValue("X-TC-Action").Reveal(); got != want.action || call.HeaderValue("X-TC-Version").Reveal() != "2018-03-01" {
				t.Errorf("action %q, want %q", got, want.action)
			}
			if got := call.Payload().Reveal(); got != want.body || call.Method != http.MethodPost || call.Path != "/" {
				t.Errorf("%s %s %s, want POST / %s", call.Method, call.Path, got, want.body)
			}
		})
	}
}

// FuzzDecode: a verdict comes only from a result of the table, without an error.
func FuzzDecode(f *testing.F) {
	for _, p := range Factories() {
		for _, r := range recorded(f, p) {
			f.Add(r.Reply.Status, r.Reply.Body)
		}
	}
	f.Add(200, []byte(`{"Response":{"Error":{"Code":"0"},"Result":"0"}}`))
	f.Add(200, []byte(`{"Response":{"Result":"0"},"response":{"Result":"-1"}}`))
	codecs := map[string]providers.Codec{}
	for _, p := range Factories() {
		codecs[p.Descriptor.Name] = made(f, p.Descriptor.Name)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for name, c := range codecs {
			answer, err := c.Decode(idv.Query{}, providers.Reply{Status: status, Body: body})
			if err != nil {
				continue
			}
			var lenient reply
			row, ok := providers.Table(c.Describe().Codes).Row(providers.LayerVendor, answer.VendorCode)
			if stdjson.Unmarshal(body, &lenient) != nil || status != 200 || lenient.Response.Error != nil || lenient.Response.Result != answer.VendorCode ||
				!ok || row.Verdict != answer.Verdict || row.Verdict == idv.Undetermined {
				t.Fatalf("%s: %v from status %d and %q", name, answer.Verdict, status, body)
			}
		}
	})
}
