package aliyun

import (
	"net/http"
	"net/url"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/auth/internal/canonical"
)

// StringToSign returns the text that Aliyun's API gateway signs, by the gateway's
// published rules: method, Accept, Content-MD5, Content-Type and Date, each followed
// by a line feed even when empty; the signed headers, sorted, as "name:value"; then
// the path with the parameters of query and form.
//
// signed holds the names as X-Ca-Signature-Headers lists them. Headers that have a
// line of their own, and the signature itself, are skipped. Parameters are raw, not
// percent-encoded, and sorted by name; only the first value of a name counts, and an
// empty one is written without "=".
//
// The result holds names and ID numbers in clear. Pass it to [Sum] only: never log
// it or return it outside the sandbox.
func StringToSign(method string, h http.Header, signed []string, path string, params url.Values) string {
	return canonical.GatewayText(method, h, signed, path, params)
}

// Sum returns the signature of a text: HMAC-SHA256 with the secret, in standard
// Base64 with padding.
func Sum(secret idv.Sensitive, stringToSign string) string {
	return canonical.GatewaySum([]byte(secret.Reveal()), stringToSign)
}
