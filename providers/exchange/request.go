package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
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
	req, _, err := x.request(c)
	if err != nil {
		return providers.Call{}, err
	}
	c.Header = []providers.Param{{Name: "Host", Value: idv.NewSensitive(x.base.Host)}}
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		c.Header = append(c.Header, providers.Param{Name: name, Value: idv.NewSensitive(req.Header.Get(name))})
	}
	if req.ContentLength > 0 {
		c.Header = append(c.Header, providers.Param{Name: "Content-Length", Value: idv.NewSensitive(strconv.FormatInt(req.ContentLength, 10))})
	}
	return c, nil
}

// request builds the request of an authenticated call and its text as sent. Its errors
// are failures before the first byte.
func (x *Exchange) request(c providers.Call) (*http.Request, []byte, error) {
	content := c.Payload().Reveal()
	req := &http.Request{
		Method: c.Method,
		URL:    &url.URL{Scheme: x.base.Scheme, Host: x.base.Host, Path: c.Path, RawQuery: c.RawQuery().Reveal()},
		Header: headers(c), ContentLength: int64(len(content)),
	}
	if content != "" {
		req.Body = io.NopCloser(strings.NewReader(content))
	}
	var text bytes.Buffer
	text.Grow(usualHead + len(content))
	if req.Write(&text) != nil {
		return nil, nil, notSent(idv.Internal, "the adapter or its authentication scheme returned a value that HTTP cannot carry")
	}
	if text.Len()-len(content) > maxRequestHead {
		return nil, nil, notSent(idv.InvalidInput, "the claims are too long for the head of a request")
	}
	return req, text.Bytes(), nil
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

// headers returns the headers of an authenticated call. It drops headers that mark a
// call as safe to repeat, since a proxy could then repeat it.
func headers(c providers.Call) http.Header {
	h := http.Header{}
	for _, p := range c.Header {
		h.Set(p.Name, p.Value.Reveal())
	}
	h.Set("Accept", c.AcceptHeader())
	h.Set("Accept-Encoding", "identity")
	h.Set("User-Agent", "heyan")
	if contentType := c.ContentTypeHeader(); contentType != "" {
		h.Set("Content-Type", contentType)
	}
	h.Del("Idempotency-Key")
	h.Del("X-Idempotency-Key")
	return h
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
