package exchange

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/sign"
)

// Exchange makes calls to one vendor. It implements [providers.Exchanger] and is
// safe for concurrent use. Make one per configured provider with [New] and keep
// it: it holds the connections.
type Exchange struct {
	base      *url.URL
	scheme    sign.Scheme
	transport *http.Transport
	total     time.Duration
	maxBody   int64
	closed    atomic.Bool
}

var _ providers.Exchanger = (*Exchange)(nil)

// New checks the configuration and returns an exchange; it dials nothing. The
// error lists every fault by its setting's name.
func New(c Config) (*Exchange, error) {
	c, base, proxy, err := c.checked()
	if err != nil {
		return nil, err
	}
	return &Exchange{
		base: base, scheme: c.Scheme, transport: newTransport(c, base, proxy),
		total: c.Total, maxBody: c.MaxBody,
	}, nil
}

// Close closes the idle connections and refuses further calls as not sent. Calls
// in flight go on to their own end and then close their connections.
func (x *Exchange) Close() {
	x.closed.Store(true)
	x.transport.CloseIdleConnections()
}

// Do signs the call and sends it, once. A reply is whole and within the limits,
// whatever its status; a 3xx is returned, never followed.
//
// An error is an *idv.Error that wraps nothing and holds class, phase, how far the
// call got, what is known of the charge, the gateway's request id if one came, and
// a constant sentence. Without a whole reply the charge is unknown from the moment
// a header was written, and the caller must not ask the same vendor again.
//
// The context's deadline and cancellation are kept; its values are not seen, so
// that no httptrace hook in it is shown a key.
func (x *Exchange) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	if x.closed.Load() {
		return providers.Reply{}, refuse(idv.Unavailable, "this connection was closed by a change of configuration")
	}
	w := &watch{caller: ctx}
	own, stop := x.deadline(ctx)
	defer stop()
	w.own = own
	if own.Err() != nil {
		return providers.Reply{}, w.fail(own.Err())
	}
	req, err := x.request(w.trace(own), c)
	if err != nil {
		return providers.Reply{}, err
	}
	defer x.tidy()
	resp, err := x.transport.RoundTrip(req)
	if err != nil {
		return providers.Reply{}, w.fail(err)
	}
	defer resp.Body.Close()
	return x.read(resp, c, w)
}

// deadline returns a context of our own that ends with the caller's, or after the
// total time, whichever is first.
func (x *Exchange) deadline(ctx context.Context) (own context.Context, stop func()) {
	end := time.Now().Add(x.total)
	if earlier, ok := ctx.Deadline(); ok && earlier.Before(end) {
		end = earlier
	}
	own, cancel := context.WithDeadline(context.Background(), end)
	if ctx.Err() != nil {
		cancel()
	}
	detach := context.AfterFunc(ctx, cancel)
	return own, func() { detach(); cancel() }
}

// tidy closes what a call that was in flight during Close left idle.
func (x *Exchange) tidy() {
	if x.closed.Load() {
		x.transport.CloseIdleConnections()
	}
}
