// Package exchange is the host's HTTP client for codecs: it sends a call once and
// reports how far the call got. It does not use http.Transport, which may send a request
// twice and prints claims; see reply.go.
package exchange

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Exchange makes calls to one vendor. It implements [providers.Transport] and is
// safe for concurrent use. It holds connections, so create one per configured
// provider with [New], keep it, and call Close.
//
// A call runs in its caller's goroutine on one connection, which is new or was parked
// in the pool.
type Exchange struct {
	base      *url.URL
	scheme    atomic.Pointer[scheme]
	dialer    atomic.Pointer[dialer]
	pool      *pool
	limit     time.Duration // of a connection
	firstByte time.Duration
	total     time.Duration
	maxBody   int64
}

var (
	_ providers.Transport = (*Exchange)(nil)
	_ providers.Renewer   = (*Exchange)(nil)
	_ providers.Rotating  = (*Exchange)(nil)
)

// New checks the configuration and returns an exchange. It does not dial. The error
// lists every fault by the name of its setting.
func New(c Config) (*Exchange, error) {
	c, base, proxy, err := c.checked()
	if err != nil {
		return nil, err
	}
	x := &Exchange{
		base: base, pool: newPool(c.MaxConns),
		limit: c.Connect, firstByte: c.FirstByte, total: c.Total, maxBody: c.MaxBody,
	}
	x.scheme.Store(&scheme{Authenticator: c.Auth})
	x.dialer.Store(newDialer(c.Network, base, proxy, c.Connect))
	return x, nil
}

// Close closes the parked connections. Later calls fail as not sent; calls in flight
// complete and then close their connections. Closing twice has no effect.
func (x *Exchange) Close() { x.pool.close() }

// Do signs the call and sends it once. It returns a complete reply within the size
// limits, whatever the status, and never follows a redirect.
//
// An error is an *idv.Error that wraps nothing. It holds the failure, the phase, the
// delivery, the charge, the gateway's request id if one was received, and a constant
// sentence. Once a byte was sent and no complete reply came, the charge is unknown
// and the caller must not call the same vendor again. Do ends with ctx in every
// phase.
//
// If ctx has a recorded span, the call has one within it.
func (x *Exchange) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	if parent := trace.SpanFromContext(ctx); parent.IsRecording() {
		return x.traced(ctx, parent, c)
	}
	return x.do(ctx, c)
}

func (x *Exchange) do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	limited, cancel := x.limited(ctx)
	defer cancel()
	p := &progress{caller: ctx, limited: limited, phase: phaseConnect}
	if limited.Err() != nil {
		return providers.Reply{}, p.classify(limited.Err())
	}
	scheme := x.scheme.Load()
	c, err := x.authenticate(limited, scheme, c, x.Stamp())
	if err != nil {
		return providers.Reply{}, err
	}
	req, text, err := x.request(c)
	if err != nil {
		return providers.Reply{}, err
	}
	if err := x.pool.acquire(limited); err != nil {
		return providers.Reply{}, p.classify(err)
	}
	defer x.pool.release()
	conn, err := x.connect(p)
	if err != nil {
		return providers.Reply{}, p.classify(err)
	}
	reply, failure := x.roundTrip(conn, req, text, p)
	reply.Header = codecHeaders(reply.Header, c.Replies)
	if failure != nil {
		failure.Ref = reference(reply.Header, c)
		return providers.Reply{}, failure
	}
	reply, err = scheme.open(reply)
	reply.Credential = c.Credential
	return reply, err
}

// limited returns a context that ends by the time limit of a call: ctx itself if it does.
func (x *Exchange) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= x.total {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, x.total)
}

// connect returns a parked connection, or dials a new one.
func (x *Exchange) connect(p *progress) (*conn, error) {
	c, age := x.pool.take()
	if c != nil {
		return c, nil
	}
	c, err := x.dialer.Load().dial(p)
	if err == nil {
		c.age = age
	}
	return c, err
}

// roundTrip writes the request and reads the reply. It parks the connection after a
// complete reply and closes it in every other case, together with unread bytes.
func (x *Exchange) roundTrip(c *conn, req *http.Request, text []byte, p *progress) (providers.Reply, *idv.Error) {
	stop := context.AfterFunc(p.limited, func() { closeAtEnd(p.limited, c) })
	reply, last, failure := x.send(c, req, text, p)
	if !stop() || failure != nil || last {
		c.close()
	} else {
		x.pool.put(c)
	}
	return reply, failure
}

// send does the work of roundTrip. last reports that the vendor closes the
// connection after this reply. With a failure, the reply holds at most headers.
func (x *Exchange) send(c *conn, req *http.Request, text []byte, p *progress) (reply providers.Reply, last bool, failure *idv.Error) {
	resp, err := x.head(c, req, text, p) //nolint:bodyclose // Close would read a body of any length to its end; the connection is closed instead
	if err != nil {
		return reply, true, p.classify(err)
	}
	p.phase = "body"
	reply.Status, reply.Header = resp.StatusCode, resp.Header
	reply.Body, failure = x.body(c, resp, p)
	return reply, resp.Close, failure
}
