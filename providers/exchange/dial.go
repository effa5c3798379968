package exchange

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// dialer connects to the vendor, directly or through a proxy.
type dialer struct {
	tcp     func(ctx context.Context, network, address string) (net.Conn, error)
	base    *url.URL // of the vendor
	proxy   *url.URL // nil without a proxy
	network Network
	limit   time.Duration
}

func newDialer(n Network, base, proxy *url.URL, limit time.Duration) *dialer {
	tcp := &net.Dialer{}
	if n.SourceAddress.IsValid() {
		tcp.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(n.SourceAddress, 0))
	}
	if base.Scheme == "http" {
		tcp.ControlContext = loopbackOnly
	}
	return &dialer{tcp: tcp.DialContext, base: base, proxy: proxy, network: n, limit: limit}
}

func hostPort(u *url.URL) string { return net.JoinHostPort(u.Hostname(), portOf(u)) }

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	case u.Scheme == schemeSOCKS:
		return "1080"
	}
	return "80"
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
	if d.network.expired(time.Now()) {
		p.phase = phaseTLS
		return nil, errExpired
	}
	ctx, cancel := context.WithTimeout(p.limited, d.limit)
	defer cancel()
	tcp, stream, err := d.connect(ctx)
	if err != nil {
		if name := (*net.DNSError)(nil); errors.As(err, &name) {
			p.phase = "dns"
		}
		return nil, err
	}
	if d.base.Scheme != "http" {
		p.phase = phaseTLS
		secure, err := d.handshake(ctx, stream, d.base.Hostname(), d.network.RootCAs, d.network.Certificate)
		if err != nil {
			_ = tcp.Close()
			return nil, err
		}
		stream = secure
	}
	c := newConn(tcp, stream)
	c.certified = d.network.Certificate != nil
	return c, nil
}

// connect returns a connection to the vendor, and the one to the proxy that carries it.
func (d *dialer) connect(ctx context.Context) (tcp *countingConn, stream net.Conn, err error) {
	if d.proxy == nil {
		err = d.each(ctx, d.base, func(ctx context.Context, address string) error {
			raw, err := d.tcp(ctx, "tcp", address)
			tcp = &countingConn{Conn: raw}
			return err
		})
		return tcp, tcp, err
	}
	err = d.each(ctx, d.base, func(ctx context.Context, vendor string) error {
		return d.each(ctx, d.proxy, func(ctx context.Context, proxy string) error {
			raw, err := d.tcp(ctx, "tcp", proxy)
			if err != nil {
				return err
			}
			tcp = &countingConn{Conn: raw}
			if stream, err = d.tunnel(ctx, tcp, vendor); err != nil {
				_ = tcp.Close()
			}
			return err
		})
	})
	return tcp, stream, err
}

// each calls do with the addresses of a host, each with a fair share of the time that is
// left, until one succeeds. A host without addresses of its own is passed on by name.
func (d *dialer) each(ctx context.Context, u *url.URL, do func(ctx context.Context, address string) error) error {
	addresses := d.network.Addresses[strings.ToLower(u.Hostname())]
	if len(addresses) == 0 {
		return do(ctx, hostPort(u))
	}
	var err error
	for i, address := range addresses {
		deadline, _ := ctx.Deadline()
		share, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(addresses)-i))
		err = do(share, net.JoinHostPort(address.String(), portOf(u)))
		cancel()
		if err == nil || ctx.Err() != nil || errors.Is(err, errCredentials) {
			break
		}
	}
	return err
}

func (d *dialer) handshake(ctx context.Context, conn net.Conn, host string, roots *x509.CertPool, own *tls.Certificate) (net.Conn, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, ServerName: host, NextProtos: []string{"http/1.1"}}
	if own != nil {
		c.Certificates = []tls.Certificate{*own}
	}
	secure := tls.Client(conn, c)
	return secure, secure.HandshakeContext(ctx)
}

// proxyError is a refusal of the proxy: a constant sentence, since what the proxy says can
// be anything.
type proxyError string

// Error returns the sentence.
func (e proxyError) Error() string { return string(e) }

const (
	errCredentials = proxyError("the proxy refused our credentials or wants some; check network.proxy_user and network.proxy_password")
	errForbidden   = proxyError("the proxy does not allow connections to the vendor")
	errUnreached   = proxyError("the proxy could not reach the vendor")
	errTunnel      = proxyError("the proxy did not open the tunnel")
)

// tunnel asks the proxy for a connection to the vendor. The proxy learns the host only.
func (d *dialer) tunnel(ctx context.Context, tcp net.Conn, vendor string) (net.Conn, error) {
	conn := tcp
	if d.proxy.Scheme == "https" {
		secure, err := d.handshake(ctx, conn, d.proxy.Hostname(), d.network.ProxyCAs, nil)
		if err != nil {
			return nil, err
		}
		conn = secure
	}
	stop := context.AfterFunc(ctx, func() { _ = tcp.Close() })
	defer stop()
	ask := d.ask
	if d.proxy.Scheme == schemeSOCKS {
		ask = d.socks
	}
	err := ask(conn, vendor)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return conn, err
}

// ask sends a CONNECT.
func (d *dialer) ask(conn net.Conn, vendor string) error {
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: vendor}, Host: vendor, Header: http.Header{"User-Agent": {""}}}
	if !d.network.ProxyUser.IsZero() {
		pair := d.network.ProxyUser.Reveal() + ":" + d.network.ProxyPassword.Reveal()
		req.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	r := bufio.NewReader(io.LimitReader(conn, maxReplyHead))
	resp, err := http.ReadResponse(r, req) //nolint:bodyclose // a granted tunnel has no body; any other reply closes the connection
	switch {
	case err != nil:
		return err
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return errCredentials
	case resp.StatusCode == http.StatusForbidden:
		return errForbidden
	case resp.StatusCode == http.StatusBadGateway || resp.StatusCode == http.StatusServiceUnavailable || resp.StatusCode == http.StatusGatewayTimeout:
		return errUnreached
	case resp.StatusCode != http.StatusOK || r.Buffered() > 0:
		return errTunnel
	}
	return nil
}
