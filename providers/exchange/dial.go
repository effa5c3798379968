package exchange

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// dialer connects to the vendor, directly or through a proxy.
type dialer struct {
	tcp   func(ctx context.Context, network, address string) (net.Conn, error)
	base  *url.URL       // of the vendor
	proxy *url.URL       // nil without a proxy
	roots *x509.CertPool // nil means the system's
	limit time.Duration
}

func newDialer(c Config, base, proxy *url.URL) *dialer {
	tcp := &net.Dialer{}
	if base.Scheme == "http" {
		tcp.ControlContext = loopbackOnly
	}
	return &dialer{tcp: tcp.DialContext, base: base, proxy: proxy, roots: c.RootCAs, limit: c.Connect}
}

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port == "" && u.Scheme == "https":
		port = "443"
	case port == "":
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// loopbackOnly refuses addresses other than loopback for plain http, even if a
// resolver or a hosts file maps "localhost" to one.
func loopbackOnly(_ context.Context, _, address string, _ syscall.RawConn) error {
	if host, _, err := net.SplitHostPort(address); err == nil && loopback(host) {
		return nil
	}
	return errors.New("plain http is allowed for loopback addresses only")
}

// dial returns a connection that is ready for a request. The time limit covers name
// resolution, TCP, proxy and TLS together.
func (d *dialer) dial(p *progress) (*conn, error) {
	ctx, cancel := context.WithTimeout(p.limited, d.limit)
	defer cancel()
	raw, err := d.tcp(ctx, "tcp", d.address())
	if err != nil {
		if name := (*net.DNSError)(nil); errors.As(err, &name) {
			p.phase = "dns"
		}
		return nil, err
	}
	tcp := &countingConn{Conn: raw}
	stream, err := d.secure(ctx, tcp, p)
	if err != nil {
		_ = tcp.Close()
		return nil, err
	}
	return newConn(tcp, stream), nil
}

// address returns the address to dial: the proxy's, if one is configured.
func (d *dialer) address() string {
	if d.proxy != nil {
		return hostPort(d.proxy)
	}
	return hostPort(d.base)
}

// secure opens the tunnel through the proxy and performs the TLS handshake.
func (d *dialer) secure(ctx context.Context, conn net.Conn, p *progress) (net.Conn, error) {
	if d.proxy != nil {
		tunnel, err := d.tunnel(ctx, conn)
		if err != nil {
			return nil, err
		}
		conn = tunnel
	}
	if d.base.Scheme == "http" {
		return conn, nil
	}
	p.phase = "tls"
	return d.handshake(ctx, conn, d.base.Hostname())
}

func (d *dialer) handshake(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	secure := tls.Client(conn, &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: d.roots, ServerName: host, NextProtos: []string{"http/1.1"},
	})
	return secure, secure.HandshakeContext(ctx)
}

// tunnel asks the proxy to CONNECT to the vendor. The proxy learns the host only.
func (d *dialer) tunnel(ctx context.Context, conn net.Conn) (net.Conn, error) {
	if d.proxy.Scheme == "https" {
		secure, err := d.handshake(ctx, conn, d.proxy.Hostname())
		if err != nil {
			return nil, err
		}
		conn = secure
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	vendor := hostPort(d.base)
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: vendor}, Host: vendor, Header: http.Header{"User-Agent": {""}}}
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	r := bufio.NewReader(io.LimitReader(conn, maxReplyHead))
	resp, err := http.ReadResponse(r, req) //nolint:bodyclose // a granted tunnel has no body; any other reply closes the connection
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK || r.Buffered() > 0:
		return nil, errors.New("the proxy refused the tunnel")
	}
	return conn, nil
}
