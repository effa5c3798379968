package aliyun_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/aliyun"
)

// The inputs of the golden vectors.
const (
	number    = "11010120990101005X"
	name      = "测试"
	key       = "test-key"
	secret    = "test-secret"
	nonce     = "00000000-0000-4000-8000-000000000001"
	timestamp = "1700000000000"
)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestGoldenVectors(t *testing.T) {
	t.Parallel()
	all := []string{"X-Ca-Key", "X-Ca-Nonce", "X-Ca-Timestamp"}
	xca := []string{"Accept", "application/json", "X-Ca-Key", key, "X-Ca-Nonce", nonce, "X-Ca-Timestamp", timestamp}
	tests := []struct {
		name   string
		method string
		header http.Header
		signed []string
		path   string
		params url.Values
		text   string // "" if the vector gives none
		want   string
	}{{
		name: "get", method: "GET", header: header(xca...), signed: all, path: "/idcard",
		params: url.Values{"idCard": {number}, "name": {name}},
		text: "GET\napplication/json\n\n\n\nX-Ca-Key:test-key\nX-Ca-Nonce:" + nonce + "\nX-Ca-Timestamp:" + timestamp +
			"\n/idcard?idCard=11010120990101005X&name=测试",
		want: "R6qbxNsZG/Va31UXr3tXa0PwSQCFxtIu1pjUOJHHUHI=",
	}, {
		name: "get with the key alone", method: "GET", header: header(xca...), signed: []string{"X-Ca-Key"}, path: "/idcard",
		params: url.Values{"idCard": {number}, "name": {name}},
		want:   "Ov2qk8+mapR+UsjT/U63BJYztk8kM+RkToIE6F7tnzA=",
	}, {
		name: "form", method: "POST", header: header(append(xca, "Content-Type", providers.FormType)...), signed: all,
		path: "/idcheck/Post", params: url.Values{"cardNo": {number}, "realName": {name}},
		want: "pji0soUkLD+jlj6/nkvqoZRR6WP8/4AeUEyFGWxjyVk=",
	}, {
		name: "json", method: "POST", signed: all, path: "/v1/check",
		header: header(append(xca, "Content-Type", "application/json; charset=UTF-8", "Content-MD5", "EO9PAyj5FJ+k49bnCXTKTw==")...),
		want:   "R/QgHaX3MThp3LyK40XzERVacu4R+5jbmAgXFi/NEj8=",
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := aliyun.StringToSign(tt.method, tt.header, tt.signed, tt.path, tt.params)
			if tt.text != "" && text != tt.text {
				t.Errorf("string to sign = %q, want %q", text, tt.text)
			}
			if got := aliyun.Sum(idv.NewSensitive(secret), text); got != tt.want {
				t.Errorf("signature = %q, want %q; the string is %q", got, tt.want, text)
			}
		})
	}
}

func TestStringToSignRules(t *testing.T) {
	t.Parallel()
	h := header("Accept", "a", "Content-MD5", "m", "Content-Type", "c", "Date", "d", "X-Ca-Key", "k", "X-Ca-Stage", "TEST", "B", "b")
	tests := []struct {
		name   string
		signed []string
		params url.Values
		want   string
	}{
		{"no signed header, no parameter", nil, nil, "GET\na\nm\nc\nd\n/p"},
		{"sorted by name", []string{"X-Ca-Stage", "X-Ca-Key"}, nil, "GET\na\nm\nc\nd\nX-Ca-Key:k\nX-Ca-Stage:TEST\n/p"},
		{"case as listed, and sorted so", []string{"x-ca-key", "B"}, nil, "GET\na\nm\nc\nd\nB:b\nx-ca-key:k\n/p"},
		{"an absent header is empty", []string{"X-Ca-None"}, nil, "GET\na\nm\nc\nd\nX-Ca-None:\n/p"},
		{
			"headers with a line of their own are passed over",
			[]string{"accept", "Content-MD5", "content-type", "DATE", "X-Ca-Signature", "x-ca-signature-headers"}, nil,
			"GET\na\nm\nc\nd\n/p",
		},
		{"an empty value has no equals sign", nil, url.Values{"b": {""}, "a": {"1"}}, "GET\na\nm\nc\nd\n/p?a=1&b"},
		{"the first of repeated values", nil, url.Values{"a": {"1", "2"}}, "GET\na\nm\nc\nd\n/p?a=1"},
		{"raw, not encoded", nil, url.Values{"n": {"阿·卜 &=%"}}, "GET\na\nm\nc\nd\n/p?n=阿·卜 &=%"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := aliyun.StringToSign("get", h, tt.signed, "/p", tt.params); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func param(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}

// FuzzStringToSign signs whatever call it is given and verifies it as a gateway
// does, from nothing but the headers and the decoded parameters.
func FuzzStringToSign(f *testing.F) {
	f.Add("/idcard", "idCard", number, "name", name, "", nonce)
	f.Add("/p", "a", "", "a", "2", `{"x":"测试"}`, "n")
	f.Add("", "", "\n", "&", "=\x00", "\xff", "0")
	f.Fuzz(func(t *testing.T, path, k1, v1, k2, v2, body, nonce string) {
		call := providers.Call{
			Method: "POST", Path: path, Query: []providers.Param{param(k1, v1), param(k2, v2)},
			Body: idv.NewSensitive(body), ContentType: "application/json",
		}
		signed, err := aliyun.XCa(key, idv.NewSensitive(secret)).Authenticate(t.Context(), call, providers.Stamp{At: time.UnixMilli(1), Nonce: nonce})
		if err != nil {
			return
		}
		h := header("Accept", call.AcceptHeader())
		if ct := call.ContentTypeHeader(); ct != "" {
			h.Set("Content-Type", ct)
		}
		for _, x := range signed.Header {
			h.Set(x.Name, x.Value.Reveal())
		}
		verify(t, call, h, url.Values{}, k1, v1, k2, v2)
	})
}

func verify(t *testing.T, call providers.Call, h http.Header, values url.Values, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	signed := strings.Split(h.Get("X-Ca-Signature-Headers"), ",")
	text := aliyun.StringToSign(call.Method, h, signed, call.Path, values)
	if got, want := h.Get("X-Ca-Signature"), aliyun.Sum(idv.NewSensitive(secret), text); got != want {
		t.Errorf("signature %q does not verify, want %q over %q", got, want, text)
	}
	if other := aliyun.Sum(idv.NewSensitive("other"), text); other == h.Get("X-Ca-Signature") {
		t.Error("another secret gives the same signature")
	}
}
