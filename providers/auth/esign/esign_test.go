package esign_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/esign"
)

const (
	appID  = "test-appid"
	secret = "test-secret"
)

func call() providers.Call {
	return providers.Call{
		Method: "POST", Path: "/v2/identity/verify/individual/base", Accept: "*/*", ContentType: "application/json; charset=UTF-8",
		Body: idv.NewSensitive(`{"idNo":"11010120990101005X","name":"测试"}`),
	}
}

func stamp() providers.Stamp {
	return providers.Stamp{Host: "openapi.esign.cn", At: time.UnixMilli(1700000000000), Nonce: "n"}
}

// signed returns the headers that the scheme adds.
func signed(t *testing.T, c providers.Call, s providers.Stamp) map[string]string {
	t.Helper()
	got, err := esign.TSign(appID, idv.NewSensitive(secret)).Authenticate(t.Context(), c, s)
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{}
	for _, p := range got.Header {
		headers[p.Name] = p.Value.Reveal()
	}
	return headers
}

func TestVector(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"X-Tsign-Open-App-Id":       appID,
		"X-Tsign-Open-Auth-Mode":    "Signature",
		"X-Tsign-Open-Ca-Timestamp": "1700000000000",
		"X-Tsign-Open-Ca-Signature": "+1FGtb/l+OthHvBnGj2cdfbX+rgLr71kF06GnoR9RMM=",
		"Content-MD5":               "KWAjODERkea1w07hzDpbsg==",
	}
	if diff := cmp.Diff(want, signed(t, call(), stamp())); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

// The signature covers every part of the call but the time, which the vendor reads apart
// from it.
func TestSignatureCovers(t *testing.T) {
	t.Parallel()
	const name = "X-Tsign-Open-Ca-Signature"
	want := signed(t, call(), stamp())[name]
	for part, change := range map[string]func(*providers.Call){
		"method":       func(c *providers.Call) { c.Method = "GET" },
		"path":         func(c *providers.Call) { c.Path += "/other" },
		"accept":       func(c *providers.Call) { c.Accept = "" },
		"content type": func(c *providers.Call) { c.ContentType = "application/json" },
		"body":         func(c *providers.Call) { c.Body = idv.NewSensitive("{}") },
		"no body":      func(c *providers.Call) { c.Body = idv.Sensitive{} },
	} {
		t.Run(part, func(t *testing.T) {
			c := call()
			change(&c)
			got := signed(t, c, stamp())
			if _, digest := got["Content-MD5"]; got[name] == want || digest == c.Body.IsZero() {
				t.Errorf("headers %v, want another signature than %q, and a digest of a body only", got, want)
			}
		})
	}
	later := stamp()
	later.At = later.At.Add(time.Second)
	if got := signed(t, call(), later); got[name] != want || got["X-Tsign-Open-Ca-Timestamp"] != "1700000001000" {
		t.Errorf("a second later: %v, want the same signature and its time", got)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	query, form := call(), call()
	query.Query = []providers.Param{{Name: "a", Value: idv.NewSensitive("1")}}
	form.Form, form.Body = query.Query, idv.Sensitive{}
	tests := []struct {
		name, id, secret string
		call             providers.Call
		want             idv.Error
	}{
		{"no id", "", secret, call(), idv.Error{Failure: idv.BadCredentials, Code: "app_id"}},
		{"the secret's line break", appID, secret + "\n", call(), idv.Error{Failure: idv.BadCredentials, Code: "app_secret"}},
		{"a query", appID, secret, query, idv.Error{Failure: idv.Internal, Code: "query"}},
		{"a form", appID, secret, form, idv.Error{Failure: idv.Internal, Code: "query"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := esign.TSign(tt.id, idv.NewSensitive(tt.secret)).Authenticate(t.Context(), tt.call, stamp())
			got := idv.AsError(err)
			if err == nil || !tt.want.Is(got) || got.Delivery != idv.NotSent || got.Charge != idv.NotCharged {
				t.Errorf("got %+v, want %+v, not sent and not charged", got, tt.want)
			}
		})
	}
}
