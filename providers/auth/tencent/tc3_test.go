package tencent_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/tencent"
)

func param(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}

func call(action, contentType, body string) providers.Call {
	return providers.Call{
		Method: "POST", Path: "/", ContentType: contentType, Body: idv.NewSensitive(body),
		Header: []providers.Param{param("X-TC-Action", action), param("X-TC-Version", "2018-03-01")},
	}
}

// The first two keys are the vendor's, from its documentation.
const (
	docID  = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
	docKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
)

func TestTC3Vectors(t *testing.T) {
	t.Parallel()
	doc := call("DescribeInstances", "application/json; charset=utf-8",
		`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`)
	ours := call("IdCardVerification", "application/json", `{"IdCard":"11010120990101005X","Name":"测试"}`)
	docStamp := providers.Stamp{Host: "cvm.tencentcloudapi.com", At: time.Unix(1551113065, 0)}
	docSecret, ourSecret := idv.NewSensitive(docKey), idv.NewSensitive("test-secret-key")
	const ourSignature = "83c91e8ec041a06b9eb5cb826bb7b168ac4a44ae3d3ee309c989618b49c1abcc"
	tests := []struct {
		name         string
		signer       tencent.TC3
		call         providers.Call
		stamp        providers.Stamp
		scope        string
		signed, want string
	}{
		{
			"the vendor's example", tencent.TC3{SecretID: docID, SecretKey: docSecret}, doc, docStamp,
			"2019-02-25/cvm", "content-type;host", "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
		},
		{
			"the action signed", tencent.TC3{SecretID: docID, SecretKey: docSecret, SignAction: true}, doc, docStamp,
			"2019-02-25/cvm", "content-type;host;x-tc-action", "644be983de9a8a3f00db8eadaba61467c3b429e2215758ba897b738ca469fd26",
		},
		{
			"faceid", tencent.TC3{SecretID: "test-id", SecretKey: ourSecret, Region: "ap-guangzhou"}, ours,
			providers.Stamp{Host: "faceid.tencentcloudapi.com", At: time.Unix(1700000000, 0).In(time.FixedZone("", 8*3600))},
			"2023-11-14/faceid", "content-type;host", ourSignature,
		},
		{
			"the service given", tencent.TC3{SecretID: "test-id", SecretKey: ourSecret, Service: "faceid"}, ours,
			providers.Stamp{Host: "faceid.tencentcloudapi.com", At: time.Unix(1700000000, 0)},
			"2023-11-14/faceid", "content-type;host", ourSignature,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.signer.Authenticate(t.Context(), tt.call, tt.stamp)
			if err != nil {
				t.Fatal(err)
			}
			want := "TC3-HMAC-SHA256 Credential=" + tt.signer.SecretID + "/" + tt.scope + "/tc3_request, SignedHeaders=" + tt.signed + ", Signature=" + tt.want
			if header := got.HeaderValue("Authorization").Reveal(); header != want {
				t.Errorf("Authorization %q, want %q", header, want)
			}
			if region := got.HeaderValue("X-TC-Region").Reveal(); region != tt.signer.Region {
				t.Errorf("region %q, want %q", region, tt.signer.Region)
			}
		})
	}
}

func TestTC3Service(t *testing.T) {
	t.Parallel()
	authorization := func(s tencent.TC3, host string) string {
		s.SecretID, s.SecretKey = "id", idv.NewSensitive("key")
		got, err := s.Authenticate(t.Context(), call("A", "application/json", "{}"), providers.Stamp{Host: host, At: time.Unix(1, 0)})
		if err != nil {
			t.Fatal(err)
		}
		return got.HeaderValue("Authorization").Reveal()
	}
	if authorization(tencent.TC3{}, "127.0.0.1:80") == authorization(tencent.TC3{Service: "faceid"}, "127.0.0.1:80") {
		t.Error("the service does not replace the host's first label")
	}
}

func TestTC3Refuses(t *testing.T) {
	t.Parallel()
	whole, bare := call("A", "application/json", "{}"), call("A", "", "")
	lacking := whole
	lacking.Header = whole.Header[1:]
	key := idv.NewSensitive("key")
	tests := []struct {
		name   string
		signer tencent.TC3
		call   providers.Call
		want   idv.Error
	}{
		{"no action", tencent.TC3{SecretID: "id", SecretKey: key}, lacking, idv.Error{Failure: idv.Internal, Code: "X-TC-Action"}},
		{"no body", tencent.TC3{SecretID: "id", SecretKey: key}, bare, idv.Error{Failure: idv.Internal, Code: "Content-Type"}},
		{"the region's line break", tencent.TC3{SecretID: "id", SecretKey: key, Region: "a\r\nb: c"}, whole, idv.Error{Failure: idv.BadCredentials, Code: "region"}},
		{"a service with a space", tencent.TC3{SecretID: "id", SecretKey: key, Service: "a b"}, whole, idv.Error{Failure: idv.BadCredentials, Code: "service"}},
		{"no id", tencent.TC3{SecretKey: key}, whole, idv.Error{Failure: idv.BadCredentials, Code: "secret_id"}},
		{"the key's line break", tencent.TC3{SecretID: "id", SecretKey: idv.NewSensitive("key\n")}, whole, idv.Error{Failure: idv.BadCredentials, Code: "secret_key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.signer.Authenticate(t.Context(), tt.call, providers.Stamp{Host: "h"})
			got := idv.AsError(err)
			if err == nil || !tt.want.Is(got) || got.Delivery != idv.NotSent || got.Charge != idv.NotCharged {
				t.Errorf("got %+v, want %+v, not sent and not charged", got, tt.want)
			}
		})
	}
}
