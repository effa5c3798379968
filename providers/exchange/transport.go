package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

const (
	// writeBuffer is the transport's, in bytes. A request's head is kept below it
	// (wire.go), so that no byte leaves before the trace has told of it.
	writeBuffer = 4 << 10
	// maxReplyHead bounds a reply's header, interim 1xx replies included.
	maxReplyHead = 32 << 10
	// idle is how long a connection is kept. It is short, because one that the
	// vendor closes at the moment of use costs a call whose charge is unknown.
	idle = 15 * time.Second
)

func newTransport(c Config, base, proxy *url.URL) *http.Transport {
	dialer := &net.Dialer{Timeout: c.Connect}
	if base.Scheme == "http" {
		dialer.ControlContext = loopbackOnly
	}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.RootCAs},
		TLSHandshakeTimeout:    c.Connect,
		ResponseHeaderTimeout:  c.FirstByte,
		IdleConnTimeout:        idle,
		MaxConnsPerHost:        c.MaxConns,
		MaxIdleConns:           c.MaxConns,
		MaxIdleConnsPerHost:    c.MaxConns,
		MaxResponseHeaderBytes: maxReplyHead,
		WriteBufferSize:        writeBuffer,
		DisableCompression:     true,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true) // and nothing else: HTTP/2's debug switch logs keys and paths
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
	}
	return t
}

// loopbackOnly refuses to dial plain http anywhere else, whatever a resolver or a
// hosts file makes of "localhost".
func loopbackOnly(_ context.Context, _, address string, _ syscall.RawConn) error {
	if host, _, err := net.SplitHostPort(address); err == nil && loopback(host) {
		return nil
	}
	return errors.New("plain http is for loopback addresses only")
}
