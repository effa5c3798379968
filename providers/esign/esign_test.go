package esign

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/providertest"
)

func made(t testing.TB) providers.Codec {
	t.Helper()
	c, err := Factory().New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every recorded reply comes out as stated, and the codec keeps the contract.
func TestContract(t *testing.T) {
	t.Parallel()
	providertest.RunFactory(t, Factory(), nil)
}

// The call of the codec, signed by the scheme that the descriptor names, is the golden
// vector.
func TestSignedCall(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"app_id": "test-appid", "app_secret": "test-secret"}
	signer, err := auth.Select(descriptor().Schemes, auth.Env{Value: func(name string) idv.Sensitive { return idv.NewSensitive(settings[name]) }})
	if err != nil {
		t.Fatal(err)
	}
	q, err := providertest.Query(descriptor())
	if err != nil {
		t.Fatal(err)
	}
	call, err := made(t).Encode(q)
	if err != nil {
		t.Fatal(err)
	}
	call, err = signer.Authenticate(t.Context(), call, providers.Stamp{Host: "openapi.esign.cn", At: time.UnixMilli(1700000000000), Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := call.Payload().Reveal(), `{"idNo":"11010120990101005X","name":"测试"}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	for name, want := range map[string]string{
		"Content-MD5": "KWAjODERkea1w07hzDpbsg==", "X-Tsign-Open-App-Id": "test-appid",
		"X-Tsign-Open-Ca-Timestamp": "1700000000000", "X-Tsign-Open-Ca-Signature": "+1FGtb/l+OthHvBnGj2cdfbX+rgLr71kF06GnoR9RMM=",
	} {
		if got := call.HeaderValue(name).Reveal(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// FuzzDecode: a verdict comes only from one of the two exact codes.
func FuzzDecode(f *testing.F) {
	list, err := providertest.RecordingsOf(Factory())
	if err != nil || len(list) == 0 {
		f.Fatalf("%d recordings, %v", len(list), err)
	}
	for _, r := range list {
		f.Add(r.Reply.Status, r.Reply.Body)
	}
	f.Add(200, []byte(`{"code":30504001,"code":0,"data":{"verifyId":"1"}}`))
	c, q := made(f), idv.Query{Subject: providertest.Person().Only(idv.CheckIDName.Claims())}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		answer, err := c.Decode(q, providers.Reply{Status: status, Body: body})
		if err != nil {
			if answer != (idv.Answer{}) || q.Subject.ContainedIn(err.Error()) {
				t.Fatal("an error with an answer, or with a claim")
			}
			return
		}
		match := answer.Verdict == idv.Match && answer.VendorCode == "0" && answer.VendorRef != ""
		other := answer.Verdict == idv.MismatchOrNoRecord && answer.VendorCode == "30504001" && answer.Charge == idv.ChargeUnknown
		if status != 200 || !match && !other {
			t.Fatalf("%+v from status %d and %q", answer, status, body)
		}
	})
}
