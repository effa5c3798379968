// Package tencent signs calls to Tencent Cloud with TC3-HMAC-SHA256.
//
// The package keeps no state. All of it is safe for concurrent use.
package tencent

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/canonical"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// NameTC3 is the scheme's name, as descriptors list it, and the others are its settings.
// Service and region are optional.
const (
	NameTC3          = "tc3"
	SettingSecretID  = "secret_id"
	SettingSecretKey = "secret_key"
	SettingService   = "service"
	SettingRegion    = "region"
)

const tc3 = "TC3-HMAC-SHA256"

// TC3 signs calls with TC3-HMAC-SHA256. It is an auth.Authenticator. The key is never
// sent; the vendor accepts a call for 5 minutes. SecretID and SecretKey are required.
type TC3 struct {
	SecretID   string
	SecretKey  idv.Sensitive
	Service    string // such as "faceid"; if empty, the first label of the host
	Region     string // sent as X-TC-Region; if empty, the header is not sent
	SignAction bool   // signs X-TC-Action too, as newer examples of the vendor do
}

// Name returns "tc3".
func (TC3) Name() string { return NameTC3 }

// Authenticate adds X-TC-Timestamp, X-TC-Region if it is set, and the signature over host,
// content type and body. The codec's call has the headers X-TC-Action and X-TC-Version.
func (s TC3) Authenticate(_ context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	if err := s.check(c); err != nil {
		return providers.Call{}, err
	}
	at := stamp.At.UTC()
	timestamp, date := strconv.FormatInt(at.Unix(), 10), at.Format("2006-01-02")
	service, _, _ := strings.Cut(stamp.Host, ".")
	if s.Service != "" {
		service = s.Service
	}
	scope := date + "/" + service + "/tc3_request"
	signed := canonical.Request{
		Method: c.Method, Path: c.Path, Query: c.RawQuery().Reveal(), Header: s.headers(c, stamp.Host), Payload: c.Payload().Reveal(),
	}
	key := []byte("TC3" + s.SecretKey.Reveal())
	for _, part := range []string{date, service, "tc3_request"} {
		key = canonical.HMAC(key, part)
	}
	signature := canonical.HMAC(key, strings.Join([]string{tc3, timestamp, scope, canonical.Hash(signed.Text())}, "\n"))
	return c.WithHeader(s.added(timestamp, tc3+" Credential="+s.SecretID+"/"+scope+
		", SignedHeaders="+signed.SignedHeaders()+", Signature="+hex.EncodeToString(signature))...), nil
}

func (s TC3) check(c providers.Call) error {
	for _, name := range []string{"X-TC-Action", "X-TC-Version"} {
		if c.HeaderValue(name).IsZero() {
			return secret.AdapterFault(name, "the adapter's call lacks a header that the vendor requires")
		}
	}
	if c.ContentTypeHeader() == "" {
		return secret.AdapterFault("Content-Type", "the adapter's call lacks a body, which the signature covers")
	}
	for setting, value := range map[string]string{SettingService: s.Service, SettingRegion: s.Region} {
		if value != "" && !secret.Usable(idv.NewSensitive(value)) {
			return secret.Check(setting, idv.NewSensitive(value))
		}
	}
	return secret.CheckKeyPair(SettingSecretID, s.SecretID, SettingSecretKey, s.SecretKey)
}

// headers returns the headers that are signed, by name in lower case.
func (s TC3) headers(c providers.Call, host string) map[string]string {
	signed := map[string]string{"content-type": c.ContentTypeHeader(), "host": host}
	if s.SignAction {
		signed["x-tc-action"] = strings.ToLower(c.HeaderValue("X-TC-Action").Reveal())
	}
	return signed
}

func (s TC3) added(timestamp, authorization string) []providers.Param {
	headers := []providers.Param{
		{Name: "X-TC-Timestamp", Value: idv.NewSensitive(timestamp)},
		{Name: "Authorization", Value: idv.NewSensitive(authorization)},
	}
	if s.Region != "" {
		headers = append(headers, providers.Param{Name: "X-TC-Region", Value: idv.NewSensitive(s.Region)})
	}
	return headers
}
