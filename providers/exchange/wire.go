package exchange

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/sign"
)

// This file is the only one of the package that sees values in clear: it builds
// what goes on the wire. Claims go into the query, the form or the body, never
// into the path or a header.

// request builds the signed request. Its errors say that nothing was sent.
func (x *Exchange) request(ctx context.Context, c providers.Call) (*http.Request, error) {
	if fault := misfit(c); fault != "" {
		return nil, refuse(idv.Internal, fault)
	}
	c.Path = x.base.Path + c.Path
	signed, err := x.scheme.Sign(c, time.Now(), nonce())
	if err != nil {
		e := *idv.AsError(err)
		e.Phase, e.Sent, e.Charge = "encode", idv.NotSent, idv.NotCharged
		return nil, &e
	}
	req := &http.Request{
		Method: c.Method,
		URL:    &url.URL{Scheme: x.base.Scheme, Host: x.base.Host, Path: c.Path, RawQuery: encode(c.Query)},
		Host:   x.base.Host,
		Header: headers(c, signed),
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	setBody(req, c)
	if headSize(req) > maxHead {
		return nil, refuse(idv.InvalidInput, "the claims are too long for a request's head")
	}
	return req.WithContext(ctx), nil
}

// headers returns the headers of a call. A header that marks a call as safe to
// repeat is dropped, whoever set it: net/http would take it at its word.
func headers(c providers.Call, signed []sign.Header) http.Header {
	h := http.Header{}
	h.Set("Accept", sign.Accept(c))
	h.Set("Accept-Encoding", "identity")
	h.Set("User-Agent", "heyan")
	if contentType := sign.ContentType(c); contentType != "" {
		h.Set("Content-Type", contentType)
	}
	for _, s := range signed {
		h.Set(s.Name, s.Value.Reveal())
	}
	h.Del("Idempotency-Key")
	h.Del("X-Idempotency-Key")
	return h
}

// setBody gives the request a body that cannot be wound back: there is no GetBody,
// and a GET's is neither nil nor http.NoBody, which net/http sends again in silence
// (isReplayable in net/http/request.go; golang/go issue 48438). Nothing more goes
// on the wire for it. A POST is not sent again unless it is marked so.
func setBody(req *http.Request, c providers.Call) {
	text := c.Body.Reveal()
	if len(c.Form) > 0 {
		text = encode(c.Form)
	}
	switch {
	case text != "":
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	case req.Method == http.MethodGet:
		req.Body = opaque{}
	default:
		req.Body = http.NoBody
	}
}

// opaque is an empty body that net/http does not recognise as one.
type opaque struct{}

func (opaque) Read([]byte) (int, error) { return 0, io.EOF }
func (opaque) Close() error             { return nil }

// encode percent-encodes parameters as UTF-8 in their order, a space as %20: a "+"
// is read as a plus sign by some gateways.
func encode(params []providers.Param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(p.Name) + "=" + escape(p.Value.Reveal()))
	}
	return b.String()
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// maxHead leaves room in the write buffer for what net/http adds by itself.
const maxHead = writeBuffer - 256

// headSize returns the bytes of the request line and our headers.
func headSize(req *http.Request) int {
	n := len(req.Method) + len(req.URL.RequestURI()) + len(req.Host)
	for name, values := range req.Header {
		for _, value := range values {
			n += len(name) + len(value) + len(": \r\n")
		}
	}
	return n
}

// nonce returns a random UUID (RFC 9562, version 4), the form that the gateway's
// own clients use.
func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// echoes reports whether a text repeats something of the call: a value long enough
// to be a claim, or a part of one.
func echoes(c providers.Call, text string) bool {
	values := []idv.Sensitive{c.Body}
	for _, list := range [][]providers.Param{c.Query, c.Form} {
		for _, p := range list {
			values = append(values, p.Value)
		}
	}
	for _, v := range values {
		if len(v.Reveal()) > 3 && v.Within(text) || strings.Contains(v.Reveal(), text) {
			return true
		}
	}
	return false
}
