package catalogue_test

import (
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/catalogue"
	"github.com/heyan-id/heyan/providers/providertest"
)

// An error that no table lists keeps the vendor's code in every written adapter, so that an
// operator can look it up.
func TestUnlistedErrorKeepsItsCode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		product string
		status  int
		body    string
		want    string
	}{
		{"tencent/idcard", 200, `{"Response":{"Error":{"Code":"AuthFailure.NewReason"},"RequestId":"r-1"}}`, "AuthFailure.NewReason"},
		{"tencent/bankcard4", 200, `{"Response":{"Error":{"Code":"FailedOperation.Busy"},"RequestId":"r-1"}}`, "FailedOperation.Busy"},
		{"aliyun/bankmeta4", 200, `{"Code":"Throttling.NewReason","RequestId":"r-1"}`, "Throttling.NewReason"},
		{"aliyun/bankmeta4", 403, `{"Code":"Forbidden.NewReason","RequestId":"r-1"}`, "Forbidden.NewReason"},
		{"baidu/idmatch", 200, `{"error_code":997,"log_id":1}`, "997"},
		{"huawei/idcard", 401, `{"error_code":"APIG.0999","error_msg":"x"}`, "APIG.0999"},
		{"esign/individual-base", 200, `{"code":401,"message":"x","data":null}`, "401"},
	} {
		f, ok := catalogue.New().Find(tt.product)
		if !ok {
			t.Errorf("%s: no such product", tt.product)
			continue
		}
		codec, err := f.New(providertest.Settings(f.Descriptor))
		if err != nil {
			t.Fatal(err)
		}
		q, err := providertest.Query(f.Descriptor)
		if err != nil {
			t.Fatal(err)
		}
		_, err = codec.Decode(q, providers.Reply{Status: tt.status, Header: http.Header{}, Body: []byte(tt.body)})
		if e := idv.AsError(err); err == nil || e.Code != tt.want || e.Failure != idv.FailureUnknown || e.Charge != idv.ChargeUnknown {
			t.Errorf("%s, %s: got %v, code %q, want unknown, code %q", tt.product, tt.body, idv.FailureOf(err), e.Code, tt.want)
		}
	}
}
