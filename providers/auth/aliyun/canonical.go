package aliyun

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
