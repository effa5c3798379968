package exchange

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// certify makes a certificate for the name that ends at the time, and the pool
// that trusts it.
func certify(t *testing.T, name string, begins, ends time.Duration) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(begins), NotAfter: time.Now().Add(ends),
		IsCA: true, BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	pool := x509.NewCertPool()
	pool.AddCert(leaf(t, certificate))
	return certificate, pool
}

func leaf(t *testing.T, c tls.Certificate) *x509.Certificate {
	t.Helper()
	parsed, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// serveTLS is serve with a certificate.
func serveTLS(t *testing.T, c *tls.Config, reply answer) *vendor {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, "https://"+l.Addr().String(), reply)
}

// A server that cannot prove who it is, or not by today's means, gets no byte of
// the request.
func TestBadTLS(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	tests := []struct {
		name         string
		host         string
		begins, ends time.Duration
		trusted      bool
		versions     [2]uint16
		fine         bool
	}{
		{"good", "127.0.0.1", -hour, hour, true, [2]uint16{tls.VersionTLS12, tls.VersionTLS13}, true},
		{"good, TLS 1.2", "127.0.0.1", -hour, hour, true, [2]uint16{tls.VersionTLS12, tls.VersionTLS12}, true},
		{"unknown issuer", "127.0.0.1", -hour, hour, false, [2]uint16{tls.VersionTLS12, tls.VersionTLS13}, false},
		{"another address", "127.0.0.2", -hour, hour, true, [2]uint16{tls.VersionTLS12, tls.VersionTLS13}, false},
		{"another name", "vendor.test", -hour, hour, true, [2]uint16{tls.VersionTLS12, tls.VersionTLS13}, false},
		{"expired", "127.0.0.1", -2 * hour, -hour, true, [2]uint16{tls.VersionTLS12, tls.VersionTLS13}, false},
		{"not yet valid", "127.0.0.1", hour, 2 * hour, true, [2]uint16{tls.VersionTLS12, tls.VersionTLS13}, false},
		{"TLS 1.1", "127.0.0.1", -hour, hour, true, [2]uint16{tls.VersionTLS10, tls.VersionTLS11}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			certificate, pool := certify(t, tt.host, tt.begins, tt.ends)
			v := serveTLS(t, &tls.Config{
				Certificates: []tls.Certificate{certificate}, MinVersion: tt.versions[0], MaxVersion: tt.versions[1],
			}, says(okay))
			c := Config{BaseURL: v.url, Network: Network{RootCAs: pool}}
			if !tt.trusted {
				c.Network.RootCAs = x509.NewCertPool()
			}
			x := open(t, c)
			if tt.fine {
				must(t, x, get())
				must(t, x, get())
				if v.conns.Load() != 1 {
					t.Errorf("%d connections for two calls", v.conns.Load())
				}
				return
			}
			fails(t, x, get(), unsent(idv.Unavailable, "tls"))
			if v.requests.Load() != 0 {
				t.Error("the server read the request")
			}
		})
	}
}

func TestPlainServerBehindHTTPS(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: "https://" + v.listener.Addr().String()})
	fails(t, x, get(), unsent(idv.Unavailable, "tls"))
	if v.requests.Load() != 0 {
		t.Error("the server read a request")
	}
}

func TestHTTP1Only(t *testing.T) {
	t.Parallel()
	proto := make(chan string, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { proto <- r.Proto }))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	x := open(t, Config{BaseURL: s.URL, Network: Network{RootCAs: pool}})
	defer x.Close() // before the server's
	must(t, x, get())
	if got := <-proto; got != "HTTP/1.1" {
		t.Errorf("spoke %s to a server that offers HTTP/2", got)
	}
}

func TestDialFailures(t *testing.T) {
	t.Parallel()
	refused := open(t, Config{BaseURL: "http://127.0.0.1"})
	refused.dialer.Load().tcp = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	fails(t, refused, get(), unsent(idv.Unavailable, "connect"))

	x := open(t, Config{BaseURL: "https://vendor.test"})
	x.dialer.Load().tcp = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "vendor.test", IsNotFound: true}
	}
	e := failed(t.Context(), t, x, get(), unsent(idv.Unavailable, "dns"))
	if want := "the host's name cannot be resolved"; e.Detail != want {
		t.Errorf("detail %q, want %q", e.Detail, want)
	}
}

// "localhost" may resolve to anything; plain http must still not leave.
func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for address, stays := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "10.0.0.1:80": false, "[2001:db8::1]:80": false, "nonsense": false,
	} {
		if got := loopbackOnly(context.Background(), "tcp", address, nil) == nil; got != stays {
			t.Errorf("%s may be dialed: %v, want %v", address, got, stays)
		}
	}
	// 0.0.0.0 reaches this machine, but is no loopback address.
	_, port, _ := net.SplitHostPort(serve(t, says(okay)).listener.Addr().String())
	x := open(t, Config{BaseURL: "http://localhost"})
	if c, err := x.dialer.Load().tcp(t.Context(), "tcp", "0.0.0.0:"+port); err == nil {
		_ = c.Close()
		t.Error("an address that is not loopback was dialed")
	}
}

// proxy is an HTTP proxy that leads every tunnel to one address.
func proxy(t *testing.T, to string, status string) *vendor {
	t.Helper()
	return serve(t, tunnelTo(to, status))
}

func tunnelTo(to, status string) answer {
	return func(c net.Conn, _ int32) bool {
		_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\n\r\n")
		vendor, err := net.Dial("tcp", to)
		if err != nil {
			return false
		}
		defer func() { _ = vendor.Close() }()
		go func() { _, _ = io.Copy(vendor, c); _ = vendor.Close() }()
		_, _ = io.Copy(c, bufio.NewReader(vendor))
		return false
	}
}

func sawHostOnly(t *testing.T, p *vendor) {
	t.Helper()
	r := p.request.Load().(*http.Request)
	if r.Method != http.MethodConnect || r.Host != "vendor.test:443" || len(r.Header) != 0 {
		t.Errorf("the proxy saw %s %s %v, want the host and nothing else", r.Method, r.Host, r.Header)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	certificate, pool := certify(t, "vendor.test", -time.Hour, time.Hour)
	v := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, says(okay))
	t.Run("granted", func(t *testing.T) {
		p := proxy(t, v.listener.Addr().String(), "200 OK")
		x := open(t, Config{BaseURL: "https://vendor.test", Network: Network{RootCAs: pool, ProxyURL: p.url}})
		defer x.Close()
		must(t, x, get())
		sawHostOnly(t, p)
	})
	t.Run("over TLS", func(t *testing.T) {
		own, trust := certify(t, "127.0.0.1", -time.Hour, time.Hour)
		p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12},
			tunnelTo(v.listener.Addr().String(), "200 OK"))
		fails(t, open(t, Config{BaseURL: "https://vendor.test", Network: Network{RootCAs: pool, ProxyURL: p.url}}), get(), unsent(idv.Unavailable, "connect"))
		x := open(t, Config{BaseURL: "https://vendor.test", Network: Network{RootCAs: pool, ProxyCAs: trust, ProxyURL: p.url}})
		defer x.Close()
		must(t, x, get())
		sawHostOnly(t, p)
	})
	for _, status := range []string{"407 Proxy Authentication Required " + number, "502 Bad Gateway", "302 Found", "abc", "200 OK\r\n\r\nSSH-2.0"} {
		t.Run(status, func(t *testing.T) {
			p := proxy(t, v.listener.Addr().String(), status)
			before := v.requests.Load()
			x := open(t, Config{BaseURL: "https://vendor.test", Network: Network{RootCAs: pool, ProxyURL: p.url}})
			fails(t, x, get(), unsent(idv.Unavailable, "connect"))
			if v.requests.Load() != before {
				t.Error("the request was sent all the same")
			}
		})
	}
	t.Run("stalled", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		x := open(t, Config{BaseURL: "https://vendor.test", Network: Network{ProxyURL: "http://" + l.Addr().String()}, Connect: 50 * time.Millisecond})
		fails(t, x, get(), unsent(idv.Timeout, "connect"))
	})
}
