package canonical

import (
	"crypto/md5"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// GatewayText returns the text that Aliyun's API gateway signs, and that e签宝 signs under
// other header names: method, Accept, Content-MD5, Content-Type and Date, each followed by
// a line feed even when empty; the signed headers, sorted, as "name:value"; then the path
// with the parameters of query and form. The text holds claims where the parameters do.
//
// signed holds the names as the call lists them. Headers that have a line of their own, and
// the signature itself, are skipped. Parameters are raw, not percent-encoded, and sorted by
// name; only the first value of a name counts, and an empty one is written without "=".
func GatewayText(method string, h http.Header, signed []string, path string, params url.Values) string {
	var b strings.Builder
	b.WriteString(strings.ToUpper(method))
	for _, name := range []string{"Accept", "Content-MD5", "Content-Type", "Date"} {
		b.WriteByte('\n')
		b.WriteString(h.Get(name))
	}
	b.WriteByte('\n')
	for _, name := range slices.Sorted(slices.Values(signed)) {
		if !ownLine(name) {
			b.WriteString(name + ":" + h.Get(name) + "\n")
		}
	}
	b.WriteString(path)
	writeParams(&b, params)
	return b.String()
}

// ownLine reports whether a header is never part of the sorted block.
func ownLine(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "X-Ca-Signature", "X-Ca-Signature-Headers", "Accept", "Content-Md5", "Content-Type", "Date":
		return true
	}
	return false
}

func writeParams(b *strings.Builder, params url.Values) {
	separator := "?"
	for _, name := range slices.Sorted(maps.Keys(params)) {
		b.WriteString(separator + name)
		if value := params.Get(name); value != "" {
			b.WriteString("=" + value)
		}
		separator = "&"
	}
}

// GatewaySum returns the signature of a text: HMAC-SHA256 in standard Base64 with padding.
func GatewaySum(key []byte, text string) string {
	return base64.StdEncoding.EncodeToString(HMAC(key, text))
}

// ContentMD5 returns the digest header of a body, "" for none. The rules name MD5; the HMAC
// over the digest protects the body.
func ContentMD5(body string) string {
	if body == "" {
		return ""
	}
	sum := md5.Sum([]byte(body)) //nolint:gosec // the gateway's rules name MD5
	return base64.StdEncoding.EncodeToString(sum[:])
}
