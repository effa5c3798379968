package exchange

import (
	"context"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The package writes requests and parses replies with net/http ([http.Request.Write],
// [http.ReadResponse]) and connects with net and crypto/tls. It does not use
// http.Transport, for four reasons that the package's tests reproduce:
//
//   - http.Transport silently sends a GET without a body again when a kept-alive
//     connection breaks. The vendor bills both requests; the caller sees one answer.
//   - It prints bytes that follow a reply to the standard logger, up to 4 KiB. They
//     can hold a name and a number.
//   - Its errors print the URL, which holds claims. Redirects, HTTP/2's debug switch
//     and the proxy of the environment leak more.
//   - It reports only through hooks whether a byte of the request was sent. This package
//     counts the bytes as they are written.

// head writes the request once and reads the head of the reply. No other code writes
// to the connection, so none can send the request again.
func (x *Exchange) head(c *conn, req *http.Request, text []byte, p *progress) (*http.Response, error) {
	p.phase = "write"
	if end, ok := p.limited.Deadline(); ok && !time.Now().Before(end) {
		return nil, context.DeadlineExceeded // nothing is sent when the time is over, also if that is not noticed yet
	}
	before := c.tcp.written
	_, err := c.stream.Write(text)
	p.sent = c.tcp.written > before
	if err != nil {
		return nil, err
	}
	p.phase = "first_byte"
	c.allow(maxReplyHead)
	c.readUntil(time.Now().Add(x.firstByte))
	resp, err := finalHead(c, req)
	p.received = c.bounded.remaining < maxReplyHead
	if err != nil {
		p.headTooLong = c.bounded.remaining <= 0
		err = c.cause(err)
		if c.certified && !c.used && !p.received && refusesCertificate(err) {
			p.phase, p.sent, p.uncertified = phaseTLS, false, true
		}
		return nil, err
	}
	c.used = true
	c.allow(math.MaxInt64)   // the reader of the body has a limit of its own
	c.readUntil(time.Time{}) // a connection that ended meanwhile may still hold the body
	return resp, nil
}

// finalHead skips interim replies (1xx), which share the limit of the head. It
// returns a 101, which no request asks for and which is an error.
func finalHead(c *conn, req *http.Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(c.r, req)
		if err != nil || resp.StatusCode >= http.StatusOK || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// body reads the complete body within the limit.
func (x *Exchange) body(c *conn, resp *http.Response, p *progress) ([]byte, *idv.Error) {
	switch {
	case resp.StatusCode < http.StatusOK:
		return nil, p.failure(idv.Garbled, "the reply switches protocols, which the request did not ask for")
	case encoded(resp.Header):
		return nil, p.failure(idv.Garbled, "the reply is compressed, which the request did not allow")
	case resp.ContentLength > x.maxBody:
		return nil, p.failure(idv.Garbled, "the reply is longer than the limit")
	}
	content, err := x.content(resp)
	switch {
	case err != nil:
		return nil, p.classify(c.cause(err))
	case int64(len(content)) > x.maxBody:
		return nil, p.failure(idv.Garbled, "the reply is longer than the limit")
	}
	return content, nil
}

// content reads a body of a length that is within the limit, or up to one byte more than the
// limit if the length is not announced.
func (x *Exchange) content(resp *http.Response) ([]byte, error) {
	if resp.ContentLength < 0 {
		return io.ReadAll(io.LimitReader(resp.Body, x.maxBody+1))
	}
	content := make([]byte, resp.ContentLength)
	_, err := io.ReadFull(resp.Body, content)
	return content, err
}

// encoded reports whether a reply's body is compressed or otherwise encoded. It is
// never decoded: 50 KB can expand to 50 MB.
func encoded(h http.Header) bool {
	for _, encoding := range h.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return true
		}
	}
	return false
}

// codecHeaders deletes the headers that the codec may not read. A header can repeat a name
// and a number (a gateway may answer a refused signature with the text that was signed):
// a codec may classify by one, but must not log or return it.
func codecHeaders(h http.Header, format idv.Replies) http.Header {
	maps.DeleteFunc(h, func(name string, _ []string) bool {
		return name != "Content-Type" && name != "Retry-After" &&
			!slices.ContainsFunc(format.Headers, func(read string) bool { return http.CanonicalHeaderKey(read) == name })
	})
	return h
}

// reference returns the value of the header with the reference of the call if it is
// plain and repeats no value of the call, else "".
func reference(h http.Header, c providers.Call) string {
	if c.Replies.RefHeader == "" {
		return ""
	}
	ref := providers.SafeRef(h.Get(c.Replies.RefHeader), idv.Subject{})
	if ref == "" || repeatsValue(c, ref) {
		return ""
	}
	return ref
}
