// Package esign signs calls to e签宝 (esign.cn). Its signature is that of Aliyun's API
// gateway under other header names, without signed headers.
//
// The package keeps no state. All of it is safe for concurrent use.
package esign

import (
	"context"
	"net/http"
	"strconv"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth/internal/canonical"
	"github.com/heyan-id/heyan/providers/auth/internal/secret"
)

// NameTSign is the scheme's name, as descriptors list it, and the others are the settings
// that it needs.
const (
	NameTSign        = "tsign"
	SettingAppID     = "app_id"
	SettingAppSecret = "app_secret"
)

// Signer signs calls with the headers X-Tsign-Open-*. It is an auth.Authenticator.
type Signer struct {
	id     string
	secret idv.Sensitive
}

// TSign returns the scheme "tsign" for an application's id and secret. The secret is never
// sent. The vendor accepts a call for 15 minutes; the signature covers neither the time nor
// a nonce, so only TLS keeps others from sending a call again.
func TSign(appID string, appSecret idv.Sensitive) Signer { return Signer{appID, appSecret} }

// Name returns "tsign".
func (Signer) Name() string { return NameTSign }

// Authenticate adds the vendor's headers and Content-MD5. The signature covers method,
// Accept, content type, path and, by its digest, the body. A call with a query or a form is
// an error, since the vendor does not publish how those are signed.
func (s Signer) Authenticate(_ context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	if err := secret.CheckKeyPair(SettingAppID, s.id, SettingAppSecret, s.secret); err != nil {
		return providers.Call{}, err
	}
	if len(c.Query)+len(c.Form) > 0 {
		return providers.Call{}, secret.AdapterFault("query", "the adapter's call has a query or a form, which the scheme does not sign")
	}
	h, digest := http.Header{}, canonical.ContentMD5(c.Body.Reveal())
	h.Set("Accept", c.AcceptHeader())
	h.Set("Content-Type", c.ContentTypeHeader())
	h.Set("Content-MD5", digest)
	text := canonical.GatewayText(c.Method, h, nil, c.Path, nil)
	headers := []providers.Param{
		header("X-Tsign-Open-App-Id", s.id),
		header("X-Tsign-Open-Auth-Mode", "Signature"),
		header("X-Tsign-Open-Ca-Timestamp", strconv.FormatInt(stamp.At.UnixMilli(), 10)),
		header("X-Tsign-Open-Ca-Signature", canonical.GatewaySum([]byte(s.secret.Reveal()), text)),
	}
	if digest != "" {
		headers = append(headers, header("Content-MD5", digest))
	}
	return c.WithHeader(headers...), nil
}

func header(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}
