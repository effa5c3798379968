package exchange

import (
	"context"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// converse writes the request and reads the reply. The connection is laid to rest
// only after a whole reply; in every other case it is closed, and whatever is
// still on it with it.
func (x *Exchange) converse(l *link, req *http.Request, text []byte, p *progress) (providers.Reply, *idv.Error) {
	stop := context.AfterFunc(p.own, l.close)
	reply, last, failure := x.talk(l, req, text, p)
	if !stop() || failure != nil || last {
		l.close()
	} else {
		x.pool.put(l)
	}
	return reply, failure
}

// talk is the exchange itself. last says that the vendor wants no further call on
// this connection. A reply that failed has a header at most.
func (x *Exchange) talk(l *link, req *http.Request, text []byte, p *progress) (reply providers.Reply, last bool, failure *idv.Error) {
	resp, err := x.ask(l, req, text, p) //nolint:bodyclose // closing reads a body to its end, however long; the connection is closed instead
	if err != nil {
		return reply, true, p.fail(err)
	}
	p.phase = "body"
	reply.Status, reply.Header = resp.StatusCode, kept(resp.Header)
	reply.Body, failure = x.content(l, resp, p)
	return reply, resp.Close, failure
}

// ask writes the request, once, and reads the head of its reply.
func (x *Exchange) ask(l *link, req *http.Request, text []byte, p *progress) (*http.Response, error) {
	p.phase = "write"
	before := l.raw.out
	_, err := l.conn.Write(text)
	p.sent = l.raw.out > before
	if err != nil {
		return nil, err
	}
	p.phase = "first_byte"
	l.allow(maxReplyHead)
	_ = l.conn.SetReadDeadline(time.Now().Add(x.firstByte))
	resp, err := head(l, req)
	p.heard = l.feed.left < maxReplyHead
	if err != nil {
		p.flooded = l.feed.left <= 0
		return nil, l.cause(err)
	}
	l.allow(math.MaxInt64) // the reader of the body has a limit of its own
	return resp, l.conn.SetReadDeadline(time.Time{})
}

// head reads the head of the reply and passes over interim ones (1xx), which are
// bounded together with it. 101 is none of them: nobody asked for a switch.
func head(l *link, req *http.Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(l.r, req)
		if err != nil || resp.StatusCode >= http.StatusOK || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// content reads the body whole, within the limit.
func (x *Exchange) content(l *link, resp *http.Response, p *progress) ([]byte, *idv.Error) {
	switch {
	case resp.StatusCode < http.StatusOK:
		return nil, p.failure(idv.Garbled, "a switch of protocols, which nobody asked for")
	case encoded(resp.Header):
		return nil, p.failure(idv.Garbled, "the answer is compressed, which nobody asked for")
	case resp.ContentLength > x.maxBody:
		return nil, p.failure(idv.Garbled, "the answer is longer than the limit")
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, x.maxBody+1))
	switch {
	case err != nil:
		return nil, p.fail(l.cause(err))
	case int64(len(content)) > x.maxBody:
		return nil, p.failure(idv.Garbled, "the answer is longer than the limit")
	}
	return content, nil
}
