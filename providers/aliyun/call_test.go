package aliyun

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/providertest"
)

// Where the vendor's pages put the parameters of each product, about the fictitious person.
func TestCalls(t *testing.T) {
	t.Parallel()
	const id, name = "11010120990101005X", "%E6%B5%8B%E8%AF%95"
	tests := []struct{ product, address, action, version, query, form string }{
		{
			"aliyun/bankmeta4", "https://cloudauth.cn-shanghai.aliyuncs.com", "BankMetaVerify", "2019-03-07",
			"BankCard=6228480000000000000&IdentifyNum=" + id + "&IdentityType=01&Mobile=19900000000&ParamType=normal" +
				"&ProductType=BANK_CARD_4_META&UserName=" + name + "&VerifyMode=VERIFY_BANK_CARD", "",
		},
		{
			"aliyun/dytns-id2", "https://dytnsapi.aliyuncs.com", "CertNoTwoElementVerification", "2020-02-17",
			"AuthCode=test-authcode&CertName=" + name + "&CertNo=" + id, "",
		},
		{
			"aliyun/dytns-mobile3", "https://dytnsapi.aliyuncs.com", "ThreeElementsVerification", "2020-02-17",
			"AuthCode=test-authcode&CertCode=" + id + "&InputNumber=19900000000&Mask=NORMAL&Name=" + name, "",
		},
		{
			"aliyun/id2meta", "https://cloudauth.aliyuncs.com", "Id2MetaVerify", "2019-03-07",
			"", "IdentifyNum=" + id + "&ParamType=normal&UserName=" + name,
		},
		{
			"aliyun/intl-id2meta", "https://cloudauth-intl.cn-hongkong.aliyuncs.com", "Id2MetaVerifyIntl", "2022-08-09",
			"IdentifyNum=" + id + "&ParamType=normal&ProductCode=ID_2META&UserName=" + name, "",
		},
		{
			"aliyun/mobile3-detail", "https://cloudauth.aliyuncs.com", "Mobile3MetaDetailVerify", "2019-03-07",
			"", "IdentifyNum=" + id + "&Mobile=19900000000&ParamType=normal&UserName=" + name,
		},
		{
			"aliyun/mobile3-simple", "https://cloudauth.aliyuncs.com", "Mobile3MetaSimpleVerify", "2019-03-07",
			"", "IdentifyNum=" + id + "&Mobile=19900000000&ParamType=normal&UserName=" + name,
		},
	}
	if len(tests) != len(products()) {
		t.Fatalf("%d products, want %d", len(products()), len(tests))
	}
	for _, tt := range tests {
		t.Run(tt.product, func(t *testing.T) {
			codec := made(t, tt.product)
			call := encoded(t, codec)
			for what, pair := range map[string][2]string{
				"address": {codec.Describe().Settings[0].Default, tt.address},
				"method":  {call.Method, "POST"},
				"path":    {call.Path, "/"},
				"action":  {call.HeaderValue("x-acs-action").Reveal(), tt.action},
				"version": {call.HeaderValue("x-acs-version").Reveal(), tt.version},
				"query":   {call.RawQuery().Reveal(), tt.query},
				"form":    {call.Payload().Reveal(), tt.form},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s %q, want %q", what, pair[0], pair[1])
				}
			}
		})
	}
}

// The calls of the codec, signed by the scheme that the descriptor names, are the golden
// vectors, for a form and for a query.
func TestSignedCall(t *testing.T) {
	t.Parallel()
	form, ok := find("aliyun/id2meta")
	if !ok {
		t.Fatal("no product aliyun/id2meta")
	}
	query := form
	query.query = true
	const plain = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	for name, tt := range map[string]struct {
		product product
		want    string
	}{
		"form":  {form, "content-type;" + plain + ",Signature=fad8101a2e02ba162b781e986952d92f4bb7a1f39bce9c436d5f460d94dd9788"},
		"query": {query, plain + ",Signature=e0999c3302edc30980da91a7eb0ccc5e73e66f160d59ef973be7366891f93e79"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]string{"access_key_id": "test-key", "access_key_secret": "test-secret"}
			signer, err := auth.Select(tt.product.descriptor().Schemes, auth.Env{Value: func(name string) idv.Sensitive { return idv.NewSensitive(settings[name]) }})
			if err != nil {
				t.Fatal(err)
			}
			call, err := signer.Authenticate(t.Context(), encoded(t, newCodec(tt.product, nil)), providers.Stamp{
				Host: "cloudauth.aliyuncs.com", At: time.UnixMilli(1700000000000), Nonce: "00000000000000000000000000000001",
			})
			if err != nil {
				t.Fatal(err)
			}
			want := "ACS3-HMAC-SHA256 Credential=test-key,SignedHeaders=" + tt.want
			if got := call.HeaderValue("Authorization").Reveal(); got != want {
				t.Errorf("Authorization %q, want %q", got, want)
			}
		})
	}
}

// A missing authorisation code is found before a claim leaves.
func TestAuthCodeMissing(t *testing.T) {
	t.Parallel()
	p, ok := find("aliyun/dytns-id2")
	if !ok {
		t.Fatal("no product aliyun/dytns-id2")
	}
	c := newCodec(p, providers.Settings{})
	q, err := providertest.Query(c.Describe())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Encode(q)
	if got := idv.AsError(err); err == nil || got.Failure != idv.BadCredentials || got.Code != "auth_code" {
		t.Errorf("got %v, want credentials that names auth_code", err)
	}
}

func find(name string) (product, bool) {
	for _, p := range products() {
		if p.name == name {
			return p, true
		}
	}
	return product{}, false
}

func encoded(t *testing.T, c providers.Codec) providers.Call {
	t.Helper()
	q, err := providertest.Query(c.Describe())
	if err != nil {
		t.Fatal(err)
	}
	call, err := c.Encode(q)
	if err != nil {
		t.Fatal(err)
	}
	return call
}
