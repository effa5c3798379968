package replica

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/heyan-id/heyan/providers"
)

// encoding is a form in which a vendor wants a value. Hashes are not among them, since they
// cannot be decoded.
type encoding struct {
	encode, decode func(string) (string, bool)
}

// encodings returns the forms, the most common first.
func encodings() []encoding {
	always := func(f func(string) string) func(string) (string, bool) {
		return func(s string) (string, bool) { return f(s), true }
	}
	return []encoding{
		{always(func(s string) string { return s }), always(func(s string) string { return s })},
		{always(strings.ToLower), always(strings.ToUpper)},
		{toGBK, fromGBK},
		{
			always(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
			bytesOf(base64.StdEncoding.DecodeString),
		},
		{
			always(func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) }),
			bytesOf(base64.URLEncoding.DecodeString),
		},
		{always(func(s string) string { return hex.EncodeToString([]byte(s)) }), bytesOf(hex.DecodeString)},
		{always(providers.Escape), func(s string) (string, bool) {
			text, err := url.QueryUnescape(s)
			return text, err == nil
		}},
	}
}

func bytesOf(decode func(string) ([]byte, error)) func(string) (string, bool) {
	return func(s string) (string, bool) {
		b, err := decode(s)
		return string(b), err == nil
	}
}

func toGBK(s string) (string, bool) {
	text, err := simplifiedchinese.GBK.NewEncoder().String(s)
	return text, err == nil
}

func fromGBK(s string) (string, bool) {
	text, err := simplifiedchinese.GBK.NewDecoder().String(s)
	return text, err == nil
}

// around returns what stands before and after an encoded value in a text that holds it once.
func (e encoding) around(text, plain string) (prefix, suffix string, ok bool) {
	encoded, ok := e.encode(plain)
	if !ok || encoded == "" || strings.Count(text, encoded) != 1 {
		return "", "", false
	}
	prefix, suffix, _ = strings.Cut(text, encoded)
	return prefix, suffix, true
}
