package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/providers/auth/aliyun"
)

// window is how long a signed request is good for, and how long a nonce stays
// used.
const window = 15 * time.Minute

// checkSignature verifies an X-Ca signature as the gateway does. Timestamp and
// nonce are optional on the wire; a nonce is used up only by a request that is
// otherwise right, so a forger cannot burn another's.
//
// Only HmacSHA256 is taken. The real gateway takes HmacSHA1 as well, which no
// new client should send.
func (g *gateway) checkSignature(r *http.Request, query url.Values, now time.Time) *refusal {
	if r.Header.Get("X-Ca-Key") != g.appKey {
		return &refusal{status: http.StatusBadRequest, code: "A400IK", message: "Invalid AppKey"}
	}
	if m := r.Header.Get("X-Ca-Signature-Method"); m != "" && m != "HmacSHA256" {
		return invalidHeader("X-Ca-Signature-Method", "unsupported")
	}
	if no := checkTimestamp(r.Header.Get("X-Ca-Timestamp"), now); no != nil {
		return no
	}
	text := aliyun.StringToSign(r.Method, r.Header, signedHeaders(r), r.URL.Path, query)
	if r.Header.Get("X-Ca-Signature") != aliyun.Sum(g.appSecret, text) {
		return invalidSignature(text)
	}
	if nonce := r.Header.Get("X-Ca-Nonce"); nonce != "" && !g.nonces.use(nonce, now) {
		return invalidHeader("X-Ca-Nonce", "Nonce Used")
	}
	return nil
}

// invalidSignature tells the string that the server signed, line feeds as '#'.
// It holds the name and the number in clear, in a header: so does the real one,
// and a client that logs it leaks them.
func invalidSignature(text string) *refusal {
	return &refusal{
		status: http.StatusForbidden, code: "A403IS",
		message: "Invalid Signature, Server StringToSign:`" + strings.ReplaceAll(text, "\n", "#") + "`",
	}
}

// signedHeaders reads the list of signed names. Implementations join them with
// commas; one page of the documentation shows colons.
func signedHeaders(r *http.Request) []string {
	names := strings.FieldsFunc(r.Header.Get("X-Ca-Signature-Headers"), func(c rune) bool { return c == ',' || c == ':' })
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// checkTimestamp refuses a time, in milliseconds, that is too far from now on
// either side.
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
