package providers

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/heyan-id/heyan/engine/idv"
)

// RawQuery returns the query string as it is sent.
func (c Call) RawQuery() idv.Sensitive { return idv.NewSensitive(encodeParams(c.Query)) }

// Payload returns the body as it is sent: the encoded form, or Body. Authenticator and
// transport both use it, since a signature covers the body.
func (c Call) Payload() idv.Sensitive {
	if len(c.Form) > 0 {
		return idv.NewSensitive(encodeParams(c.Form))
	}
	return c.Body
}

// SortedQuery returns the query string sorted by name and then by value, which most
// signatures cover in place of the one that is sent.
func (c Call) SortedQuery() idv.Sensitive {
	sorted := slices.Clone(c.Query)
	slices.SortStableFunc(sorted, func(a, b Param) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value.Reveal(), b.Value.Reveal()))
	})
	return idv.NewSensitive(encodeParams(sorted))
}

// HeaderValue returns the value that a header of the call is sent with: that of the last
// one of the name, in any letter case.
func (c Call) HeaderValue(name string) idv.Sensitive {
	for _, p := range slices.Backward(c.Header) {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return idv.Sensitive{}
}

// encodeParams joins parameters in their order as name=value with "&" between them, each
// name and value escaped.
func encodeParams(params []Param) string {
	if len(params) == 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(128) // most have less
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(Escape(p.Name))
		b.WriteByte('=')
		b.WriteString(Escape(p.Value.Reveal()))
	}
	return b.String()
}

// Escape percent-encodes every byte but the unreserved ones of RFC 3986. It writes a
// space as %20, because some gateways read "+" as a plus sign.
func Escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// JSON returns a value as JSON, for the body of a call. Its members of type idv.Sensitive
// are written in clear. The error is an *idv.Error: text that is not UTF-8 is invalid input,
// and is replaced by no other character, since the vendor would look up another name.
func JSON(v any) (idv.Sensitive, error) {
	inClear := json.MarshalFunc(func(s idv.Sensitive) ([]byte, error) { return json.Marshal(s.Reveal()) })
	text, err := json.Marshal(v, json.WithMarshalers(inClear))
	if err != nil {
		return idv.Sensitive{}, &idv.Error{Failure: idv.InvalidInput, Origin: idv.OriginEngine, Code: "charset", Detail: "a claim is not UTF-8"}
	}
	return idv.NewSensitive(string(text)), nil
}
