package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"golang.org/x/net/http/httpguts"
)

// This file is the only one of the package that sees values in clear. It puts claims
// into the query, the form or the body, never into the path or a header.

// authenticate returns the call with its credentials. Its errors are failures before the
// first byte.
func (x *Exchange) authenticate(ctx context.Context, s *scheme, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	if fault := invalidCall(c); fault != "" {
		return providers.Call{}, notSent(idv.Internal, fault)
	}
	c.Path, c.Credential = x.base.Path+c.Path, providers.Credential{}
	c, err := s.Authenticate(ctx, c, stamp)
	c.Credential.Serial += s.number << serialBits
	if err != nil {
		e := *idv.AsError(err)
		if e.Failure == idv.BadCredentials && x.Replaced(c.Credential) {
			e = *notSent(idv.Unavailable, providers.ReplacedDetail)
		}
		e.Phase, e.Delivery, e.Charge = "encode", idv.NotSent, idv.NotCharged
		return providers.Call{}, &e
	}
	return c, nil
}

// Stamp returns what the next call is signed with.
func (x *Exchange) Stamp() providers.Stamp {
	return providers.Stamp{Host: x.base.Host, At: time.Now(), Nonce: nonce()}
}

// Prepare returns a call as Do would send it, authenticated, with the path of the base URL and
// with all headers, and sends nothing. An authenticator with access tokens fetches one as it
// does for Do. The result holds claims and secrets.
func (x *Exchange) Prepare(ctx context.Context, c providers.Call, stamp providers.Stamp) (providers.Call, error) {
	c, err := x.authenticate(ctx, x.scheme.Load(), c, stamp)
	if err != nil {
		return providers.Call{}, err
	}
	fields, err := x.fields(c)
	if err != nil {
		return providers.Call{}, err
	}
	c.Header = nil
	for _, f := range fields {
		c.Header = append(c.Header, providers.Param{Name: f.name, Value: idv.NewSensitive(f.value)})
	}
	return c, nil
}

// request returns the text of an authenticated call as it is sent. Its errors are failures
// before the first byte.
func (x *Exchange) request(c providers.Call) ([]byte, error) {
	if !plainPath(c.Path) {
		return nil, unsendable()
	}
	fields, err := x.fields(c)
	if err != nil {
		return nil, err
	}
	content := c.Payload().Reveal()
	var text bytes.Buffer
	text.Grow(usualHead + len(content))
	write := func(parts ...string) {
		for _, part := range parts {
			text.WriteString(part)
		}
	}
	write(c.Method, " ", c.Path)
	if query := c.RawQuery().Reveal(); query != "" {
		write("?", query)
	}
	write(" HTTP/1.1\r\n")
	for _, f := range fields {
		write(f.name, ": ", f.value, "\r\n")
	}
	write("\r\n")
	if text.Len() > maxRequestHead {
		return nil, notSent(idv.InvalidInput, "the claims are too long for the head of a request")
	}
	text.WriteString(content)
	return text.Bytes(), nil
}

// usualHead is as long as the head of most requests, in bytes.
const usualHead = 512

// maxRequestHead limits the request line and the headers, in bytes. Real ones are
// below 1 KiB; gateways reject longer ones, each in its own way.
const maxRequestHead = 4 << 10

// invalidCall returns what is wrong with a codec's call, or "". The sentences are
// constant because a call holds claims.
func invalidCall(c providers.Call) string {
	form, body := len(c.Form) > 0, !c.Body.IsZero()
	switch {
	case c.Method != http.MethodGet && c.Method != http.MethodPost:
		return "the adapter's call has a method other than GET and POST"
	case !plainPath(c.Path):
		return "the adapter's call has a path that does not begin with / or holds more than letters, digits and / . _ ~ -"
	case form && body:
		return "the adapter's call has both a form and a body"
	case c.Method == http.MethodGet && (form || body):
		return "the adapter's call is a GET with a body"
	case body && c.ContentType == "":
		return "the adapter's call has a body without a content type"
	case !validHeader(c.Accept) || !validHeader(c.ContentType):
		return "the adapter's call has a header with a control character or outside ASCII"
	}
	if slices.ContainsFunc(c.Header, func(p providers.Param) bool { return reserved(p.Name) || !validHeader(p.Value.Reveal()) }) {
		return "the adapter's call has a header that the host sets, with an invalid name, or with a control character or outside ASCII"
	}
	return ""
}

// reserved reports whether a codec may not set a header: the transport's own, those that
// authenticate, and invalid names.
func reserved(name string) bool {
	if !httpguts.ValidHeaderFieldName(name) {
		return true
	}
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding",
		"Connection", "Upgrade", "Te", "Trailer", "Expect", "User-Agent", "Authorization", "Cookie":
		return true
	}
	return strings.HasPrefix(http.CanonicalHeaderKey(name), "Proxy-")
}

// validHeader reports whether a header can have this value: ASCII without controls.
func validHeader(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// field is a header as it is sent.
type field struct{ name, value string }

// fields returns the headers of an authenticated call in the order in which they are sent:
// those of the transport, then the others by name, of two with one name the last. Its errors
// are failures before the first byte.
func (x *Exchange) fields(c providers.Call) ([]field, error) {
	list := make([]field, 0, len(c.Header)+6)
	list = append(list, field{"Host", x.base.Host}, field{"User-Agent", "heyan"})
	if c.Method == http.MethodPost {
		list = append(list, field{"Content-Length", strconv.Itoa(len(c.Payload().Reveal()))})
	}
	sent := len(list)
	for _, p := range c.Header {
		list = append(list, field{http.CanonicalHeaderKey(p.Name), p.Value.Reveal()})
	}
	list = append(list, field{"Accept", c.AcceptHeader()}, field{"Accept-Encoding", "identity"})
	if contentType := c.ContentTypeHeader(); contentType != "" {
		list = append(list, field{"Content-Type", contentType})
	}
	slices.SortStableFunc(list[sent:], func(a, b field) int { return strings.Compare(a.name, b.name) })
	for i := sent; i < len(list); i++ {
		switch f := list[i]; {
		case !httpguts.ValidHeaderFieldName(f.name) || !httpguts.ValidHeaderFieldValue(f.value):
			return nil, unsendable()
		case omitted(f.name) || i+1 < len(list) && list[i+1].name == f.name:
		default:
			list[sent] = f
			sent++
		}
	}
	return list[:sent], nil
}

func unsendable() error {
	return notSent(idv.Internal, "the adapter or its authentication scheme returned a value that HTTP cannot carry")
}

// omitted reports whether a header of a call is not sent: those of the transport are set
// already, and one that marks a call as safe to repeat could make a proxy repeat it.
func omitted(name string) bool {
	switch name {
	case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer", "Idempotency-Key", "X-Idempotency-Key":
		return true
	}
	return false
}

// nonce returns a random UUID (RFC 9562, version 4), the form that the gateway's own
// clients use.
func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := make([]byte, 0, 36)
	for i := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, b[i:i+1])
	}
	return string(text)
}

// repeatsValue reports whether a text contains a value of the call that is long
// enough to be a claim, or is a part of such a value.
func repeatsValue(c providers.Call, text string) bool {
	values := []idv.Sensitive{c.Body}
	for _, list := range [][]providers.Param{c.Header, c.Query, c.Form} {
		for _, p := range list {
			values = append(values, p.Value)
		}
	}
	for _, v := range values {
		if len(v.Reveal()) > 3 && v.ContainedIn(text) || strings.Contains(v.Reveal(), text) {
			return true
		}
	}
	return false
}
