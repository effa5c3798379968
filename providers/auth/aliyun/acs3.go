package aliyun

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/canonical"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// NameACS3 is the name of Aliyun's OpenAPI scheme, and the others are the settings that it
// needs.
const (
	NameACS3               = "acs3"
	SettingAccessKeyID     = "access_key_id"
	SettingAccessKeySecret = "access_key_secret"
)

const acs3 = "ACS3-HMAC-SHA256"

// ACS3Signer signs calls to Aliyun's OpenAPI, such as cloudauth and dytnsapi, with
// ACS3-HMAC-SHA256. It is an auth.Authenticator.
type ACS3Signer struct {
	id     string
	secret idv.Sensitive
}

// ACS3 returns the scheme "acs3". The secret is never sent; the vendor accepts a call for
// 15 minutes and its nonce once.
func ACS3(accessKeyID string, accessKeySecret idv.Sensitive) ACS3Signer {
	return ACS3Signer{accessKeyID, accessKeySecret}
}

// Name returns "acs3".
func (ACS3Signer) Name() string { return NameACS3 }

// Authenticate adds the x-acs headers of time, nonce and body, and the signature. It signs
// them together with host, content type and the codec's own x-acs headers. Of those,
// x-acs-action and x-acs-version are required.
func (s ACS3Signer) Authenticate(_ context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	if err := s.check(c, stamp.Nonce); err != nil {
		return providers.Call{}, err
	}
	payload := c.Payload().Reveal()
	c = c.WithHeader(
		header("x-acs-date", stamp.At.UTC().Format("2006-01-02T15:04:05Z")),
		header("x-acs-signature-nonce", stamp.Nonce),
		header("x-acs-content-sha256", canonical.Hash(payload)),
	)
	signed := canonical.Request{
		Method: c.Method, Path: c.Path, Query: c.SortedQuery().Reveal(), Header: acsHeaders(c, stamp.Host), Payload: payload,
	}
	signature := canonical.HMAC([]byte(s.secret.Reveal()), acs3+"\n"+canonical.Hash(signed.Text()))
	return c.WithHeader(header("Authorization",
		acs3+" Credential="+s.id+",SignedHeaders="+signed.SignedHeaders()+",Signature="+hex.EncodeToString(signature))), nil
}

func (s ACS3Signer) check(c providers.Call, nonce string) error {
	for _, name := range []string{"x-acs-action", "x-acs-version"} {
		if c.HeaderValue(name).IsZero() {
			return secret.AdapterFault(name, "the adapter's call lacks a header that the signature covers")
		}
	}
	if err := secret.Check("nonce", idv.NewSensitive(nonce)); err != nil {
		return err
	}
	return secret.CheckKeyPair(SettingAccessKeyID, s.id, SettingAccessKeySecret, s.secret)
}

// acsHeaders returns the headers that are signed, by name in lower case.
func acsHeaders(c providers.Call, host string) map[string]string {
	signed := map[string]string{"host": host}
	if contentType := c.ContentTypeHeader(); contentType != "" {
		signed["content-type"] = contentType
	}
	for _, p := range c.Header {
		if name := strings.ToLower(p.Name); strings.HasPrefix(name, "x-acs-") {
			signed[name] = p.Value.Reveal()
		}
	}
	return signed
}

func header(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}
