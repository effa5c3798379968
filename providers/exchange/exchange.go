package exchange

import (
	"context"
	"net/url"
	"time"

	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// Exchange makes calls to one vendor. It implements [providers.Exchanger] and is
// safe for concurrent use. Make one per configured provider with [New] and keep
// it: it holds the connections.
type Exchange struct {
	base      *url.URL
	auth      auth.Authenticator
	dialer    *dialer
	pool      *pool
	firstByte time.Duration
	total     time.Duration
	maxBody   int64
}

var _ providers.Transport = (*Exchange)(nil)

// New checks the configuration and returns an exchange; it dials nothing. The
// error lists every fault by its setting's name.
func New(c Config) (*Exchange, error) {
	c, base, proxy, err := c.checked()
	if err != nil {
		return nil, err
	}
	return &Exchange{
		base: base, auth: c.Auth, dialer: newDialer(c, base, proxy), pool: newPool(c.MaxConns),
		firstByte: c.FirstByte, total: c.Total, maxBody: c.MaxBody,
	}, nil
}

// Close closes the connections at rest and refuses further calls as not sent.
// Calls in flight go on to their own end and then close their connections.
func (x *Exchange) Close() { x.pool.close() }

// Do signs the call and sends it, once. A reply is whole and within the limits,
// whatever its status; a 3xx is returned, never followed.
//
// An error is an *idv.Error that wraps nothing and holds class, phase, how far the
// call got, what is known of the charge, the gateway's request id if one came, and
// a constant sentence. Without a whole reply the charge is unknown from the first
// byte that left, and the caller must not ask the same vendor again. The context's
// deadline and cancellation are kept in every phase.
func (x *Exchange) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	own, cancel := context.WithTimeout(ctx, x.total)
	defer cancel()
	p := &progress{caller: ctx, own: own, phase: "dial"}
	if own.Err() != nil {
		return providers.Reply{}, p.fail(own.Err())
	}
	req, text, err := x.request(c)
	if err != nil {
		return providers.Reply{}, err
	}
	if err := x.pool.enter(own); err != nil {
		return providers.Reply{}, p.fail(err)
	}
	defer x.pool.leave()
	l, err := x.connect(p)
	if err != nil {
		return providers.Reply{}, p.fail(err)
	}
	reply, failure := x.converse(l, req, text, p)
	if failure != nil {
		failure.Ref = reference(reply.Header, c)
		return providers.Reply{}, failure
	}
	return reply, nil
}

// connect takes a connection that is at rest, or makes one.
func (x *Exchange) connect(p *progress) (*link, error) {
	if l := x.pool.take(); l != nil {
		return l, nil
	}
	return x.dialer.dial(p)
}
