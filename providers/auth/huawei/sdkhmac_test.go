package huawei_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/huawei"
)

const (
	date = "20231114T221320Z"
	want = "SDK-HMAC-SHA256 Access=test-ak, SignedHeaders=content-type;host;x-sdk-date, " +
		"Signature=f46ff9e802f3ac96f69f21f580af84bbaf0177251714d3de324e0e55193657fb"
)

func call() providers.Call {
	return providers.Call{
		Method: "POST", Path: "/v2.0/ivs-idcard-extention", ContentType: "application/json;charset=utf8", //nolint:misspell // the vendor's path
		Body: idv.NewSensitive(`{"meta":{"uuid":"heyan-test"},"data":{"req_data":[{"verification_name":"测试","verification_id":"11010120990101005X"}]}}`),
	}
}

func TestVector(t *testing.T) {
	t.Parallel()
	stamp := providers.Stamp{Host: "ivs.cn-north-4.myhuaweicloud.com", At: time.UnixMilli(1700000000000)}
	ends := call()
	ends.Path += "/"
	for name, c := range map[string]providers.Call{"as documented": call(), "a path that ends in a slash": ends} {
		t.Run(name, func(t *testing.T) {
			got, err := huawei.SDKHMAC("test-ak", idv.NewSensitive("test-secret")).Authenticate(t.Context(), c, stamp)
			if err != nil {
				t.Fatal(err)
			}
			if header := got.HeaderValue("Authorization").Reveal(); header != want {
				t.Errorf("Authorization %q, want %q", header, want)
			}
			if header := got.HeaderValue("X-Sdk-Date").Reveal(); header != date || got.Path != c.Path {
				t.Errorf("date %q and path %q, want %q and %q", header, got.Path, date, c.Path)
			}
		})
	}
}

// A signature covers every part of the call that could be changed on its way.
func TestSignatureCovers(t *testing.T) {
	t.Parallel()
	stamp := providers.Stamp{Host: "ivs.cn-north-4.myhuaweicloud.com", At: time.UnixMilli(1700000000000)}
	tests := map[string]func(*providers.Call, *providers.Stamp){
		"path":         func(c *providers.Call, _ *providers.Stamp) { c.Path = "/other" },
		"query":        func(c *providers.Call, _ *providers.Stamp) { c.Query = []providers.Param{{Name: "a"}} },
		"content type": func(c *providers.Call, _ *providers.Stamp) { c.ContentType = "application/json" },
		"body":         func(c *providers.Call, _ *providers.Stamp) { c.Body = idv.NewSensitive("{}") },
		"host":         func(_ *providers.Call, s *providers.Stamp) { s.Host = "other.example" },
		"date":         func(_ *providers.Call, s *providers.Stamp) { s.At = s.At.Add(time.Second) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			c, s := call(), stamp
			change(&c, &s)
			got, err := huawei.SDKHMAC("test-ak", idv.NewSensitive("test-secret")).Authenticate(t.Context(), c, s)
			if err != nil || got.HeaderValue("Authorization").Reveal() == want {
				t.Errorf("the signature is the same, error %v", err)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for setting, signer := range map[string]huawei.Signer{
		"access_key": huawei.SDKHMAC("", idv.NewSensitive("s")), "secret_key": huawei.SDKHMAC("k", idv.NewSensitive("s\n")),
	} {
		_, err := signer.Authenticate(t.Context(), call(), providers.Stamp{Host: "h"})
		got, refusal := idv.AsError(err), idv.Error{Failure: idv.BadCredentials, Code: setting}
		if err == nil || !refusal.Is(got) || got.Delivery != idv.NotSent {
			t.Errorf("%s: got %+v, want a refusal that names it", setting, got)
		}
	}
}
