package aliyun_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/aliyun"
)

// acsCall is a call as a codec makes it.
func acsCall(action, version string) providers.Call {
	return providers.Call{
		Method: "POST", Path: "/",
		Header: []providers.Param{param("X-Acs-Action", action), param("x-acs-version", version)},
	}
}

func TestACS3Vectors(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	claims := []providers.Param{param("UserName", name), param("IdentifyNum", number), param("ParamType", "normal")}
	sorted := []providers.Param{claims[1], claims[2], claims[0]}

	official := acsCall("RunInstances", "2014-05-26")
	official.Query = []providers.Param{
		param("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"), param("RegionId", "cn-shanghai"),
	}
	query := acsCall("Id2MetaVerify", "2019-03-07")
	query.Query = claims
	form := acsCall("Id2MetaVerify", "2019-03-07")
	form.Form, form.ContentType = sorted, "application/x-www-form-urlencoded"

	const plain = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	tests := []struct {
		name, id, secret string
		call             providers.Call
		stamp            providers.Stamp
		signed, want     string
	}{
		{
			"the vendor's example", "YourAccessKeyId", "YourAccessKeySecret", official,
			providers.Stamp{Host: "ecs.cn-shanghai.aliyuncs.com", At: time.Date(2023, 10, 26, 18, 22, 32, 0, time.FixedZone("", 8*3600)), Nonce: "3156853299f313e23d1673dc12e1703d"},
			plain, "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
		},
		{
			"query", key, secret, query, providers.Stamp{Host: "cloudauth.aliyuncs.com", At: at, Nonce: "00000000000000000000000000000001"},
			plain, "e0999c3302edc30980da91a7eb0ccc5e73e66f160d59ef973be7366891f93e79",
		},
		{
			"form", key, secret, form, providers.Stamp{Host: "cloudauth.aliyuncs.com", At: at, Nonce: "00000000000000000000000000000001"},
			"content-type;" + plain, "fad8101a2e02ba162b781e986952d92f4bb7a1f39bce9c436d5f460d94dd9788",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := aliyun.ACS3(tt.id, idv.NewSensitive(tt.secret)).Authenticate(t.Context(), tt.call, tt.stamp)
			if err != nil {
				t.Fatal(err)
			}
			want := "ACS3-HMAC-SHA256 Credential=" + tt.id + ",SignedHeaders=" + tt.signed + ",Signature=" + tt.want
			if header := got.HeaderValue("Authorization").Reveal(); header != want {
				t.Errorf("Authorization %q, want %q", header, want)
			}
			if len(tt.call.Header) != 2 {
				t.Error("the codec's call was changed")
			}
		})
	}
}

func TestACS3Refuses(t *testing.T) {
	t.Parallel()
	whole := acsCall("A", "1")
	lacking := whole
	lacking.Header = whole.Header[:1]
	tests := []struct {
		name, id, secret, nonce string
		call                    providers.Call
		want                    idv.Error
	}{
		{"a header of the codec is missing", key, secret, nonce, lacking, idv.Error{Failure: idv.Internal, Code: "x-acs-version"}},
		{"no header", key, secret, nonce, providers.Call{Method: "POST", Path: "/"}, idv.Error{Failure: idv.Internal, Code: "x-acs-action"}},
		{"the id's line break", key + "\n", secret, nonce, whole, idv.Error{Failure: idv.BadCredentials, Code: "access_key_id"}},
		{"no secret", key, "", nonce, whole, idv.Error{Failure: idv.BadCredentials, Code: "access_key_secret"}},
		{"no nonce", key, secret, "", whole, idv.Error{Failure: idv.BadCredentials, Code: "nonce"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := aliyun.ACS3(tt.id, idv.NewSensitive(tt.secret)).Authenticate(t.Context(), tt.call, providers.Stamp{Nonce: tt.nonce})
			got := idv.AsError(err)
			if err == nil || !tt.want.Is(got) || got.Delivery != idv.NotSent || got.Charge != idv.NotCharged {
				t.Errorf("got %+v, want %+v, not sent and not charged", got, tt.want)
			}
		})
	}
}

// FuzzACS3 verifies what it signs as the vendor does: from the query as sent and the
// headers that the signature lists.
func FuzzACS3(f *testing.F) {
	f.Add("IdentifyNum", number, "UserName", name, `{"a":1}`, "Id2MetaVerify")
	f.Add("b", "+ *~%", "a", "", "", " A ")
	f.Add("a", "2", "a", "1", "", "x")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, body, action string) {
		call := acsCall(action, "1")
		call.Query = []providers.Param{param(k1, v1), param(k2, v2)}
		call.Body, call.ContentType = idv.NewSensitive(body), "application/json"
		stamp := providers.Stamp{Host: "vendor.example", At: time.UnixMilli(1), Nonce: "n"}
		signed, err := aliyun.ACS3(key, idv.NewSensitive(secret)).Authenticate(t.Context(), call, stamp)
		if err != nil {
			return
		}
		authorization := signed.HeaderValue("Authorization").Reveal()
		_, list, _ := strings.Cut(authorization, ",SignedHeaders=")
		list, signature, _ := strings.Cut(list, ",Signature=")
		if want := acsSignature(signed, stamp.Host, list); signature != want {
			t.Errorf("signature %q, want %q", signature, want)
		}
	})
}

// acsSignature is the vendor's side, written from its rules apart from the signer.
func acsSignature(c providers.Call, host, list string) string {
	lines := []string{c.Method, c.Path, vendorQuery(c.RawQuery().Reveal())}
	for _, name := range strings.Split(list, ";") {
		value := c.HeaderValue(name).Reveal()
		switch name {
		case "host":
			value = host
		case "content-type":
			value = c.ContentTypeHeader()
		}
		lines = append(lines, name+":"+strings.TrimSpace(value))
	}
	body := sha256.Sum256([]byte(c.Payload().Reveal()))
	lines = append(lines, "", list, hex.EncodeToString(body[:]))
	whole := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(whole[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

func vendorQuery(raw string) string {
	values, _ := url.ParseQuery(raw)
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Sorted(slices.Values(values[name])) {
			pairs = append(pairs, strings.ReplaceAll(url.QueryEscape(name)+"="+url.QueryEscape(value), "+", "%20"))
		}
	}
	return strings.Join(pairs, "&")
}
