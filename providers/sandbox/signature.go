package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/providers/auth/aliyun"
	"github.com/heyan-id/heyan/providers/sandbox/internal/replica"
)

// window is how long a signed request is valid and a nonce stays used.
const window = replica.NonceWindow

// checkSignature verifies an X-Ca signature as the gateway does. Timestamp and nonce
// are optional. Only a request that is otherwise valid uses up its nonce, so that a
// forged request cannot.
//
// It accepts HmacSHA256 only. The real gateway accepts HmacSHA1 too, which new clients
// should not use.
func (g *gateway) checkSignature(r *http.Request, query url.Values, now time.Time) *refusal {
	if r.Header.Get("X-Ca-Key") != g.appKey {
		return &refusal{status: http.StatusBadRequest, code: "A400IK", message: "Invalid AppKey"}
	}
	if m := r.Header.Get("X-Ca-Signature-Method"); m != "" && m != "HmacSHA256" {
		return invalidHeader("X-Ca-Signature-Method", "unsupported")
	}
	if f := checkTimestamp(r.Header.Get("X-Ca-Timestamp"), now); f != nil {
		return f
	}
	text := aliyun.StringToSign(r.Method, r.Header, signedHeaders(r), r.URL.Path, query)
	if r.Header.Get("X-Ca-Signature") != aliyun.Sum(g.appSecret, text) {
		return invalidSignature(text)
	}
	if nonce := r.Header.Get("X-Ca-Nonce"); nonce != "" && !g.nonces.Use(nonce, now) {
		return invalidHeader("X-Ca-Nonce", "Nonce Used")
	}
	return nil
}

// invalidSignature returns the text that the server signed, with '#' for line feeds.
// Like the real one, the header holds the name and the number in clear, and a client
// that logs it leaks them.
func invalidSignature(text string) *refusal {
	return &refusal{
		status: http.StatusForbidden, code: "A403IS",
		message: "Invalid Signature, Server StringToSign:`" + strings.ReplaceAll(text, "\n", "#") + "`",
	}
}

// signedHeaders returns the signed names. Implementations join them with commas; one
// page of the documentation shows colons.
func signedHeaders(r *http.Request) []string {
	names := strings.FieldsFunc(r.Header.Get("X-Ca-Signature-Headers"), func(c rune) bool { return c == ',' || c == ':' })
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// checkTimestamp refuses a time in milliseconds that is more than window before or
// after now.
func checkTimestamp(text string, now time.Time) *refusal {
	if text == "" {
		return nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return invalidHeader("X-Ca-Timestamp", "Invalid Timestamp")
	}
	if now.Sub(time.UnixMilli(ms)).Abs() > window {
		return invalidHeader("X-Ca-Timestamp", "Timestamp Expired")
	}
	return nil
}
