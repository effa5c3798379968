package exchange

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// This file is the only one of the package that sees values in clear: it builds
// what goes on the wire. Claims go into the query, the form or the body, never
// into the path or a header.

// request builds the signed request, and its text as it goes on the wire. Its
// errors say that nothing was sent.
func (x *Exchange) request(c providers.Call) (*http.Request, []byte, error) {
	if fault := misfit(c); fault != "" {
		return nil, nil, refuse(idv.Internal, fault)
	}
	c.Path = x.base.Path + c.Path
	signed, err := x.auth.Sign(c, time.Now(), nonce())
	if err != nil {
		e := *idv.AsError(err)
		e.Phase, e.Delivery, e.Charge = "encode", idv.NotSent, idv.NotCharged
		return nil, nil, &e
	}
	content := c.Body.Reveal()
	if len(c.Form) > 0 {
		content = encode(c.Form)
	}
	req := &http.Request{
		Method: c.Method,
		URL:    &url.URL{Scheme: x.base.Scheme, Host: x.base.Host, Path: c.Path, RawQuery: encode(c.Query)},
		Header: headers(c, signed),
		Body:   io.NopCloser(strings.NewReader(content)), ContentLength: int64(len(content)),
	}
	if content == "" {
		req.Body = http.NoBody
	}
	var text bytes.Buffer
	if req.Write(&text) != nil {
		return nil, nil, refuse(idv.Internal, "the adapter or the signing scheme gave something that cannot be sent")
	}
	if text.Len()-len(content) > maxHead {
		return nil, nil, refuse(idv.InvalidInput, "the claims are too long for a request's head")
	}
	return req, text.Bytes(), nil
}

// maxHead bounds the request line and the headers, in bytes. The longest honest
// ones are under 1 KiB; gateways refuse more than this in ways of their own.
const maxHead = 4 << 10

// headers returns the headers of a call. A header that marks a call as safe to
// repeat is dropped, whoever set it: a proxy on the way would take it at its word.
func headers(c providers.Call, signed []providers.Param) http.Header {
	h := http.Header{}
	h.Set("Accept", c.AcceptHeader())
	h.Set("Accept-Encoding", "identity")
	h.Set("User-Agent", "heyan")
	if contentType := c.ContentTypeHeader(); contentType != "" {
		h.Set("Content-Type", contentType)
	}
	for _, s := range signed {
		h.Set(s.Name, s.Value.Reveal())
	}
	h.Del("Idempotency-Key")
	h.Del("X-Idempotency-Key")
	return h
}

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
		if len(v.Reveal()) > 3 && v.ContainedIn(text) || strings.Contains(v.Reveal(), text) {
			return true
		}
	}
	return false
}
