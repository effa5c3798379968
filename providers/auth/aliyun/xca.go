// Package aliyun signs calls as Aliyun requires: [XCa] for the API gateway of the market,
// [ACS3] for the OpenAPI. The signer and the sandbox's gateway share [StringToSign] and
// [Sum]: two copies would diverge one day, and the gateway would then refuse every call.
//
// The package keeps no state. All of it is safe for concurrent use.
package aliyun

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/canonical"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// NameXCa is the scheme's name, as descriptors list it, and the others are the
// settings that it needs.
const (
	NameXCa          = "xca"
	SettingAppKey    = "app_key"
	SettingAppSecret = "app_secret"
)

// Signer signs calls with the HMAC-SHA256 signature of Aliyun's API gateway. It is
// an auth.Authenticator.
type Signer struct {
	key    string
	secret idv.Sensitive
}

// XCa returns the scheme "xca". The secret is never sent; the gateway accepts a call
// for 15 minutes and its nonce once.
func XCa(key string, secret idv.Sensitive) Signer { return Signer{key, secret} }

// Name returns "xca".
func (Signer) Name() string { return NameXCa }

// Authenticate adds the X-Ca headers, and Content-MD5 for a body that is not a form. The
// signed text holds a form's parameters but no other body, which only its digest
// protects. X-Ca-Signature-Method is left out because HmacSHA256 is the default.
func (s Signer) Authenticate(_ context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	if err := s.check(stamp.Nonce); err != nil {
		return providers.Call{}, err
	}
	h := http.Header{}
	set(h, "Accept", c.AcceptHeader())
	set(h, "Content-Type", c.ContentTypeHeader())
	set(h, "Content-MD5", contentMD5(c))
	set(h, "X-Ca-Key", s.key)
	set(h, "X-Ca-Nonce", stamp.Nonce)
	set(h, "X-Ca-Timestamp", strconv.FormatInt(stamp.At.UnixMilli(), 10))
	signed := []string{"X-Ca-Key", "X-Ca-Nonce", "X-Ca-Timestamp"}
	set(h, "X-Ca-Signature-Headers", strings.Join(signed, ","))
	set(h, "X-Ca-Signature", Sum(s.secret, StringToSign(c.Method, h, signed, c.Path, params(c))))
	return c.WithHeader(list(h, append(signed, "Content-MD5", "X-Ca-Signature-Headers", "X-Ca-Signature"))...), nil
}

func (s Signer) check(nonce string) error {
	if err := secret.CheckKeyPair(SettingAppKey, s.key, SettingAppSecret, s.secret); err != nil {
		return err
	}
	return secret.Check("nonce", idv.NewSensitive(nonce))
}

// set leaves an empty header out.
func set(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// list returns the named headers that are set. Accept and Content-Type are not
// among them because the transport sets those for every scheme.
func list(h http.Header, names []string) []providers.Param {
	out := make([]providers.Param, 0, len(names))
	for _, name := range names {
		if value := h.Get(name); value != "" {
			out = append(out, providers.Param{Name: name, Value: idv.NewSensitive(value)})
		}
	}
	return out
}

// params merges query and form into the one map that is signed, query first.
func params(c providers.Call) url.Values {
	values := url.Values{}
	for _, list := range [][]providers.Param{c.Query, c.Form} {
		for _, p := range list {
			values.Add(p.Name, p.Value.Reveal())
		}
	}
	return values
}

// contentMD5 returns the digest header of a body that is not a form, else "".
func contentMD5(c providers.Call) string {
	if len(c.Form) > 0 {
		return ""
	}
	return canonical.ContentMD5(c.Body.Reveal())
}
