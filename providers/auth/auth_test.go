package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
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

func param(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}

func stamp(nonce string) providers.Stamp {
	return providers.Stamp{Host: "vendor.example", At: time.UnixMilli(1700000000000), Nonce: nonce}
}

// plain returns signed headers as plain text, and fails if printing them leaks.
func plain(t *testing.T, headers []providers.Param) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, h := range headers {
		if value := h.Value.Reveal(); strings.Contains(fmt.Sprintf("%v %+v %#v", h, h, h), value) {
			t.Errorf("header %s prints its value", h.Name)
		}
		out[h.Name] = h.Value.Reveal()
	}
	return out
}

func TestSign(t *testing.T) {
	t.Parallel()
	query := []providers.Param{param("idCard", number), param("name", name)}
	xca := aliyun.XCa(key, idv.NewSensitive(secret))
	common := map[string]string{
		"X-Ca-Key": key, "X-Ca-Nonce": nonce, "X-Ca-Timestamp": timestamp,
		"X-Ca-Signature-Headers": "X-Ca-Key,X-Ca-Nonce,X-Ca-Timestamp",
	}
	with := func(pairs ...string) map[string]string {
		out := map[string]string{}
		for k, v := range common {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	tests := []struct {
		name   string
		scheme auth.Authenticator
		call   providers.Call
		want   map[string]string
	}{
		{"none", auth.None(), providers.Call{Method: "GET", Path: "/idcard", Query: query}, map[string]string{}},
		{
			"appcode", auth.AppCode(idv.NewSensitive("0123abcd")), providers.Call{Method: "GET", Path: "/idcard", Query: query},
			map[string]string{"Authorization": "APPCODE 0123abcd"},
		},
		{
			"xca get", xca, providers.Call{Method: "GET", Path: "/idcard", Query: query},
			with("X-Ca-Signature", "R6qbxNsZG/Va31UXr3tXa0PwSQCFxtIu1pjUOJHHUHI="),
		},
		{
			"xca form", xca,
			providers.Call{Method: "POST", Path: "/idcheck/Post", Form: []providers.Param{param("realName", name), param("cardNo", number)}},
			with("X-Ca-Signature", "pji0soUkLD+jlj6/nkvqoZRR6WP8/4AeUEyFGWxjyVk="),
		},
		{
			"xca json", xca,
			providers.Call{
				Method: "POST", Path: "/v1/check", ContentType: "application/json; charset=UTF-8",
				Body: idv.NewSensitive(`{"idcard":"11010120990101005X","name":"测试"}`),
			},
			with("X-Ca-Signature", "R/QgHaX3MThp3LyK40XzERVacu4R+5jbmAgXFi/NEj8=", "Content-MD5", "EO9PAyj5FJ+k49bnCXTKTw=="),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			call, err := tt.scheme.Authenticate(t.Context(), tt.call, stamp(nonce))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, plain(t, call.Header)); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSignRefusesUnsafeSecrets(t *testing.T) {
	t.Parallel()
	good := idv.NewSensitive("good")
	for _, bad := range []string{"", " ", "a b", "ab\n", "a\r\nX-Evil: 1", "a\tb", "a\x00b", "a\x7fb", "密钥"} {
		value := idv.NewSensitive(bad)
		schemes := map[string]auth.Authenticator{
			"appcode": auth.AppCode(value), "app_key": aliyun.XCa(bad, good), "app_secret": aliyun.XCa("good", value),
		}
		for setting, scheme := range schemes {
			t.Run(fmt.Sprintf("%s %q", setting, bad), func(t *testing.T) {
				refused(t, scheme, setting, nonce)
			})
		}
	}
	t.Run("nonce", func(t *testing.T) { refused(t, aliyun.XCa("good", good), "nonce", "a\r\nb") })
}

func refused(t *testing.T, scheme auth.Authenticator, setting, nonce string) {
	t.Helper()
	signed, err := scheme.Authenticate(t.Context(), providers.Call{Method: "GET", Path: "/"}, stamp(nonce))
	want := &idv.Error{Failure: idv.BadCredentials, Code: setting}
	if signed.Header != nil || !want.Is(idv.AsError(err)) || err == nil {
		t.Fatalf("got %v, %v; want a refusal that names %s", signed, err, setting)
	}
	if e := idv.AsError(err); e.Delivery != idv.NotSent || e.Charge != idv.NotCharged {
		t.Errorf("sent %v, charge %v; want not sent and not charged", e.Delivery, e.Charge)
	}
}

// env has settings and connects to nothing.
func env(settings map[string]string) auth.Env {
	return auth.Env{Value: func(name string) idv.Sensitive { return idv.NewSensitive(settings[name]) }}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	both := []string{"xca", "appcode"}
	tests := []struct {
		name    string
		schemes []string
		set     map[string]string
		want    string // the scheme's name, or
		fault   string // what the error must name
	}{
		{"the first whose settings are there", both, map[string]string{"app_key": "k", "app_secret": "s", "appcode": "c"}, "xca", ""},
		{"the second when the first has none", both, map[string]string{"appcode": "c"}, "appcode", ""},
		{"the second when the first lacks one", both, map[string]string{"app_key": "k", "appcode": "c"}, "appcode", ""},
		{"none needs nothing", []string{"none"}, nil, "none", ""},
		{"all missing", both, nil, "", "xca needs app_key and app_secret; appcode needs appcode"},
		{"one missing", []string{"xca"}, map[string]string{"app_key": "kkkk"}, "", "xca needs app_secret"},
		{"no list", nil, map[string]string{"appcode": "cccc"}, "", "none"},
		{"an unknown scheme", []string{"tc9"}, nil, "", `"tc9"`},
		{"a line break", []string{"appcode"}, map[string]string{"appcode": "cccc\n"}, "", "setting appcode"},
		{"an unusable secret does not fall through", both, map[string]string{"app_key": "kkkk", "app_secret": "ssss ", "appcode": "c"}, "", "setting app_secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scheme, err := auth.Select(tt.schemes, env(tt.set))
			if tt.fault == "" {
				if err != nil || scheme.Name() != tt.want {
					t.Fatalf("got %v, %v; want %s", scheme, err, tt.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.fault) {
				t.Fatalf("error %v does not name %q", err, tt.fault)
			}
			for _, value := range tt.set {
				if len(value) > 1 && strings.Contains(err.Error(), value) {
					t.Errorf("error %q holds a value", err)
				}
			}
		})
	}
}

func TestSelectedSchemeUsesItsSecrets(t *testing.T) {
	t.Parallel()
	scheme, err := auth.Select([]string{"xca"}, env(map[string]string{"app_key": key, "app_secret": secret}))
	if err != nil {
		t.Fatal(err)
	}
	call := providers.Call{Method: "GET", Path: "/idcard", Query: []providers.Param{param("idCard", number), param("name", name)}}
	signed, err := scheme.Authenticate(t.Context(), call, stamp(nonce))
	if err != nil {
		t.Fatal(err)
	}
	const want = "R6qbxNsZG/Va31UXr3tXa0PwSQCFxtIu1pjUOJHHUHI="
	if got := plain(t, signed.Header)["X-Ca-Signature"]; got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
}

// Each scheme of the table is built from exactly the settings that it needs.
func TestEachSchemeIsBuilt(t *testing.T) {
	t.Parallel()
	for _, scheme := range auth.Schemes() {
		t.Run(scheme.Name, func(t *testing.T) {
			settings := map[string]string{"base_url": "https://vendor.example"}
			for _, name := range scheme.Needs {
				settings[name] = "https://vendor.example/" + name
			}
			e := (&replies{}).env(settings)
			a, err := auth.Select([]string{scheme.Name}, e)
			if err != nil || a.Name() != scheme.Name {
				t.Fatalf("got %v, %v; want the scheme", a, err)
			}
			for _, name := range scheme.Needs {
				value := settings[name]
				delete(settings, name)
				if _, err := auth.Select([]string{scheme.Name}, e); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), value) {
					t.Errorf("without %s: %v, want an error that names it", name, err)
				}
				settings[name] = value
			}
		})
	}
}
