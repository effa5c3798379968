// Package huawei signs calls to Huawei Cloud with SDK-HMAC-SHA256, which its services and
// the API gateway of its market accept.
//
// The package keeps no state. All of it is safe for concurrent use.
package huawei

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/canonical"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// NameSDKHMAC is the scheme's name, as descriptors list it, and the others are the settings
// that it needs.
const (
	NameSDKHMAC      = "sdk_hmac"
	SettingAccessKey = "access_key"
	SettingSecretKey = "secret_key"
)

const sdkHMAC = "SDK-HMAC-SHA256"

// Signer signs calls with SDK-HMAC-SHA256. It is an auth.Authenticator.
type Signer struct {
	key    string
	secret idv.Sensitive
}

// SDKHMAC returns the scheme "sdk_hmac" for an access key (AK) and its secret key (SK). The
// secret key is never sent; the vendor accepts a call for 15 minutes.
func SDKHMAC(accessKey string, secretKey idv.Sensitive) Signer { return Signer{accessKey, secretKey} }

// Name returns "sdk_hmac".
func (Signer) Name() string { return NameSDKHMAC }

// Authenticate adds X-Sdk-Date and the signature over method, path, query, content type,
// host, date and body. The signed path ends in "/", whatever the path that is sent.
func (s Signer) Authenticate(_ context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	if err := secret.CheckKeyPair(SettingAccessKey, s.key, SettingSecretKey, s.secret); err != nil {
		return providers.Call{}, err
	}
	date := stamp.At.UTC().Format("20060102T150405Z")
	headers := map[string]string{"host": stamp.Host, "x-sdk-date": date}
	if contentType := c.ContentTypeHeader(); contentType != "" {
		headers["content-type"] = contentType
	}
	signed := canonical.Request{
		Method: c.Method, Path: strings.TrimSuffix(c.Path, "/") + "/", Query: c.SortedQuery().Reveal(),
		Header: headers, Payload: c.Payload().Reveal(),
	}
	signature := canonical.HMAC([]byte(s.secret.Reveal()), sdkHMAC+"\n"+date+"\n"+canonical.Hash(signed.Text()))
	return c.WithHeader(
		providers.Param{Name: "X-Sdk-Date", Value: idv.NewSensitive(date)},
		providers.Param{Name: "Authorization", Value: idv.NewSensitive(
			sdkHMAC + " Access=" + s.key + ", SignedHeaders=" + signed.SignedHeaders() + ", Signature=" + hex.EncodeToString(signature))},
	), nil
}
