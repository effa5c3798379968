package exchange

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// The user and password of the proxies, which no error may show.
const (
	proxyUser     = "egress-canary"
	proxyPassword = "pr0xy-canary-5150"
)

func proxied(url, user, password string) Network {
	return Network{ProxyURL: url, ProxyUser: idv.NewSensitive(user), ProxyPassword: idv.NewSensitive(password)}
}

// vendorTLS is a vendor with a certificate for vendor.test.
func vendorTLS(t *testing.T, c *tls.Config) (*vendor, *x509.CertPool) {
	t.Helper()
	certificate, pool := certify(t, "vendor.test", -time.Hour, time.Hour)
	c.Certificates, c.MinVersion = []tls.Certificate{certificate}, tls.VersionTLS12
	return serveTLS(t, c, says(okay)), pool
}

func portOfServer(v *vendor) string {
	_, port, _ := net.SplitHostPort(v.listener.Addr().String())
	return port
}

// connectProxy wants Basic credentials.
func connectProxy(t *testing.T, to string) *vendor {
	t.Helper()
	var v *vendor
	v = serve(t, func(c net.Conn, n int32) bool {
		r := v.request.Load().(*http.Request)
		r.Header = http.Header{"Authorization": r.Header["Proxy-Authorization"]}
		if user, password, ok := r.BasicAuth(); !ok || user != proxyUser || password != proxyPassword {
			_, _ = io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\""+proxyPassword+"\"\r\nContent-Length: 0\r\n\r\n")
			return false
		}
		return tunnelTo(to, "200 OK")(c, n)
	})
	return v
}

// socksProxy is a SOCKS5 proxy that wants a user, and leads every connection to one
// address. It answers the request with a code.
type socksProxy struct {
	url    string
	target atomic.Value // what was asked for last, string
}

func startSOCKS(t *testing.T, to string, code byte) *socksProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &socksProxy{url: "socks5://" + l.Addr().String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { defer func() { _ = c.Close() }(); p.talk(c, to, code) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); running.Wait() })
	return p
}

func (p *socksProxy) talk(c net.Conn, to string, code byte) {
	r := bufio.NewReader(c)
	take := func(n int) []byte { b := make([]byte, n); _, _ = io.ReadFull(r, b); return b }
	methods := take(int(take(2)[1]))
	if len(methods) == 0 || methods[0] != socksPassword {
		_, _ = c.Write([]byte{5, 0xff})
		return
	}
	_, _ = c.Write([]byte{5, socksPassword})
	user := string(take(int(take(2)[1])))
	if password := string(take(int(take(1)[0]))); user != proxyUser || password != proxyPassword {
		_, _ = c.Write([]byte{1, 1})
		return
	}
	_, _ = c.Write([]byte{1, 0})
	switch head := take(4); head[3] {
	case socksName:
		p.target.Store(string(take(int(take(1)[0]))))
	case socksIPv4:
		p.target.Store(netip.AddrFrom4([4]byte(take(4))).String())
	}
	_ = take(2)
	// The address is a name, so that the reply is longer than most are.
	_, _ = c.Write([]byte{5, code, 0, socksName, 3, 'a', '.', 'b', 0, 80})
	if code != socksGranted {
		return
	}
	vendor, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(vendor, r); _ = vendor.Close() }()
	_, _ = io.Copy(c, vendor)
	_ = c.Close()
	<-done
}

func TestProxyWithCredentials(t *testing.T) {
	t.Parallel()
	v, pool := vendorTLS(t, &tls.Config{})
	to := v.listener.Addr().String()
	connect, socks := connectProxy(t, to), startSOCKS(t, to, socksGranted)
	forbidding, failing := startSOCKS(t, to, socksForbidden), startSOCKS(t, to, 5)
	tests := []struct {
		name    string
		network Network
		detail  string // "" if the call is answered
	}{
		{"CONNECT", proxied(connect.url, proxyUser, proxyPassword), ""},
		{"CONNECT, wrong password", proxied(connect.url, proxyUser, "wrong"), "network.proxy_password"},
		{"CONNECT, no password", Network{ProxyURL: connect.url}, "network.proxy_password"},
		{"CONNECT, forbidden", Network{ProxyURL: proxy(t, to, "403 Forbidden").url}, "does not allow"},
		{"CONNECT, unreachable", Network{ProxyURL: proxy(t, to, "502 Bad Gateway").url}, "could not reach"},
		{"CONNECT, server error", Network{ProxyURL: proxy(t, to, "500 Oops").url}, "did not open the tunnel"},
		{"SOCKS5", proxied(socks.url, proxyUser, proxyPassword), ""},
		{"SOCKS5, wrong password", proxied(socks.url, proxyUser, "wrong"), "network.proxy_password"},
		{"SOCKS5, no password", Network{ProxyURL: socks.url}, "network.proxy_password"},
		{"SOCKS5, forbidden", proxied(forbidding.url, proxyUser, proxyPassword), "does not allow"},
		{"SOCKS5, unreachable", proxied(failing.url, proxyUser, proxyPassword), "could not reach"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.network.RootCAs = pool
			x := open(t, Config{BaseURL: "https://vendor.test", Network: tt.network})
			defer x.Close()
			before := v.requests.Load()
			if tt.detail == "" {
				must(t, x, get())
				return
			}
			e := failed(t.Context(), t, x, get(), unsent(idv.Unavailable, "connect"))
			if !strings.Contains(e.Detail, tt.detail) {
				t.Errorf("detail %q does not say %q", e.Detail, tt.detail)
			}
			if v.requests.Load() != before {
				t.Error("the vendor saw a request")
			}
			for _, secret := range []string{proxyUser, proxyPassword, "wrong"} {
				if strings.Contains(fmt.Sprintf("%+v %#v", e, e), secret) {
					t.Errorf("the error shows %q", secret)
				}
			}
		})
	}
	if got := socks.target.Load(); got != "vendor.test" {
		t.Errorf("the SOCKS5 proxy was asked for %v, want the vendor's name", got)
	}
}

// What another kind of server says is not read on.
func TestNoSOCKS(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{"HTTP/1.1 400 Bad Request\r\n\r\n", "\x05\x00HTTP", "\x05\x00\x05\x00\x00\x09\x00\x00"} {
		conn, far := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.WriteString(far, reply)
		}()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		if err := new(dialer).socks(conn, "vendor.test:443"); err != errSOCKS { //nolint:errorlint // a constant
			t.Errorf("%q: got %v, want %v", reply, err, errSOCKS)
		}
		_, _ = conn.Close(), far.Close()
		<-done
	}
}

// A proxy's authority does not sign for the vendor, nor the vendor's for the proxy.
func TestAuthoritiesAreSeparate(t *testing.T) {
	t.Parallel()
	v, vendors := vendorTLS(t, &tls.Config{})
	own, proxies := certify(t, "127.0.0.1", -time.Hour, time.Hour)
	p := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}, tunnelTo(v.listener.Addr().String(), "200 OK"))
	for name, tt := range map[string]struct {
		vendors, proxies *x509.CertPool
		phase            string
	}{
		"right":                        {vendors, proxies, ""},
		"the vendor's for the proxy":   {vendors, vendors, "connect"},
		"the proxy's for the vendor":   {proxies, proxies, "tls"},
		"the system's for the proxy":   {vendors, nil, "connect"},
		"the system's for the vendor":  {nil, proxies, "tls"},
		"none for the vendor":          {x509.NewCertPool(), proxies, "tls"},
		"the wrong way round for both": {proxies, vendors, "connect"},
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, Config{BaseURL: "https://vendor.test", Network: Network{ProxyURL: p.url, RootCAs: tt.vendors, ProxyCAs: tt.proxies}})
			defer x.Close()
			if tt.phase == "" {
				must(t, x, get())
				return
			}
			fails(t, x, get(), unsent(idv.Unavailable, tt.phase))
		})
	}
}

func TestPinnedAddresses(t *testing.T) {
	t.Parallel()
	v, pool := vendorTLS(t, &tls.Config{})
	here, nowhere := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.77") // no listener
	base := "https://Vendor.test:" + portOfServer(v)
	pin := func(list ...netip.Addr) map[string][]netip.Addr {
		return map[string][]netip.Addr{"vendor.test": list}
	}
	t.Run("first", func(t *testing.T) {
		x := open(t, Config{BaseURL: base, Network: Network{RootCAs: pool, Addresses: pin(here)}})
		defer x.Close()
		must(t, x, get())
	})
	t.Run("second", func(t *testing.T) {
		x := open(t, Config{BaseURL: base, Network: Network{RootCAs: pool, Addresses: pin(nowhere, here)}})
		defer x.Close()
		must(t, x, get())
	})
	t.Run("none that listens", func(t *testing.T) {
		fails(t, open(t, Config{BaseURL: base, Network: Network{RootCAs: pool, Addresses: pin(nowhere)}}), get(), unsent(idv.Unavailable, "connect"))
	})
	t.Run("the name stays verified", func(t *testing.T) {
		x := open(t, Config{BaseURL: "https://other.test:" + portOfServer(v), Network: Network{RootCAs: pool, Addresses: map[string][]netip.Addr{"other.test": {here}}}})
		fails(t, x, get(), unsent(idv.Unavailable, "tls"))
	})
	t.Run("through a proxy", func(t *testing.T) {
		p := startSOCKS(t, v.listener.Addr().String(), socksGranted)
		n := proxied(strings.Replace(p.url, "127.0.0.1", "proxy.test", 1), proxyUser, proxyPassword)
		n.RootCAs, n.Addresses = pool, map[string][]netip.Addr{"vendor.test": {nowhere}, "proxy.test": {here}}
		x := open(t, Config{BaseURL: base, Network: n})
		defer x.Close()
		must(t, x, get())
		if got := p.target.Load(); got != nowhere.String() {
			t.Errorf("the proxy was asked for %v, want %v", got, nowhere)
		}
	})
	t.Run("plain http stays on this machine", func(t *testing.T) {
		x := open(t, Config{BaseURL: "http://localhost", Network: Network{Addresses: map[string][]netip.Addr{"localhost": {netip.MustParseAddr("10.0.0.1")}}}})
		fails(t, x, get(), unsent(idv.Unavailable, "connect"))
	})
}

func TestSourceAddress(t *testing.T) {
	t.Parallel()
	from := make(chan string, 1)
	v := serve(t, func(c net.Conn, _ int32) bool {
		from <- c.RemoteAddr().(*net.TCPAddr).IP.String()
		_, _ = io.WriteString(c, okay)
		return false
	})
	x := open(t, Config{BaseURL: v.url, Network: Network{SourceAddress: netip.MustParseAddr("127.0.0.5")}})
	must(t, x, get())
	if got := <-from; got != "127.0.0.5" {
		t.Errorf("the call came from %s", got)
	}
	foreign := open(t, Config{BaseURL: v.url, Network: Network{SourceAddress: netip.MustParseAddr("192.0.2.1")}})
	fails(t, foreign, get(), unsent(idv.Unavailable, "connect"))
}

// A vendor that refuses our certificate has not read the request, though with TLS 1.3 its
// bytes have left.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	good, clients := certify(t, "client.test", -time.Hour, time.Hour)
	good.Leaf = leaf(t, good)
	stranger, _ := certify(t, "client.test", -time.Hour, time.Hour)
	stranger.Leaf = leaf(t, stranger)
	old, _ := certify(t, "client.test", -2*time.Hour, -time.Hour)
	old.Leaf = leaf(t, old)
	early, _ := certify(t, "client.test", time.Hour, 2*time.Hour)
	early.Leaf = leaf(t, early)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		v, pool := vendorTLS(t, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MaxVersion: version})
		for name, tt := range map[string]struct {
			own    *tls.Certificate
			detail string
		}{
			"good":          {&good, ""},
			"unknown":       {&stranger, "refused our client certificate"},
			"expired":       {&old, "expired"},
			"not yet valid": {&early, "not yet valid"},
		} {
			t.Run(tls.VersionName(version)+", "+name, func(t *testing.T) {
				conns, requests := v.conns.Load(), v.requests.Load()
				x := open(t, Config{BaseURL: "https://vendor.test:" + portOfServer(v), Network: Network{
					RootCAs: pool, Certificate: tt.own, Addresses: map[string][]netip.Addr{"vendor.test": {netip.MustParseAddr("127.0.0.1")}},
				}})
				defer x.Close()
				if tt.detail == "" {
					must(t, x, get())
					return
				}
				e := failed(t.Context(), t, x, get(), unsent(idv.Unavailable, "tls"))
				if version == tls.VersionTLS13 && !strings.Contains(e.Detail, tt.detail) {
					t.Errorf("detail %q does not say %q", e.Detail, tt.detail)
				}
				if v.requests.Load() != requests {
					t.Error("the vendor read the request")
				}
				if tt.own != &stranger && v.conns.Load() != conns {
					t.Error("a useless connection was made")
				}
			})
		}
	}
}

// A change of the network under load fails no call, and ends the use of the old one.
func TestSetNetworkUnderLoad(t *testing.T) {
	t.Parallel()
	v, pool := vendorTLS(t, &tls.Config{})
	first, second := proxy(t, v.listener.Addr().String(), "200 OK"), proxy(t, v.listener.Addr().String(), "200 OK")
	x := open(t, Config{BaseURL: "https://vendor.test", Network: Network{ProxyURL: first.url, RootCAs: pool}})
	defer x.Close()
	rotate(t, 100, func(i int) {
		if err := x.SetNetwork(Network{ProxyURL: []string{first.url, second.url}[(i+1)%2], RootCAs: pool}); err != nil {
			t.Error(err)
		}
	}, func() { must(t, x, get()) })
	if err := x.SetNetwork(Network{ProxyURL: first.url, RootCAs: pool}); err != nil {
		t.Fatal(err)
	}
	before := second.conns.Load()
	for range 20 {
		must(t, x, get())
	}
	if second.conns.Load() != before {
		t.Error("the old network was used after the change")
	}
	if err := x.SetNetwork(Network{ProxyURL: "ftp://x"}); err == nil {
		t.Error("a faulty network was taken")
	}
	must(t, x, get())
}

// rotate makes changes one after the other while others call. Each change waits for a call
// that began after the one before.
func rotate(t *testing.T, changes int, change func(i int), call func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	called := make(chan struct{})
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for ctx.Err() == nil && !t.Failed() {
				call()
				select {
				case called <- struct{}{}:
				default:
				}
			}
			stop()
		})
	}
	for i := range changes {
		select {
		case <-called:
			change(i)
		case <-ctx.Done():
		}
	}
	stop()
	running.Wait()
}

// keyed is a scheme whose key the vendor sees.
func keyed(key string) auth.Authenticator { return auth.AppCode(idv.NewSensitive(key)) }

func TestSetAuthUnderLoad(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, Auth: keyed("k-0")})
	defer x.Close()
	rotate(t, 100, func(i int) { x.SetAuth(keyed(fmt.Sprint("k-", i+1))) }, func() { must(t, x, get()) })
	must(t, x, get())
	if got := v.request.Load().(*http.Request).Header.Get("Authorization"); got != "APPCODE k-100" {
		t.Errorf("the vendor saw %q after the last change", got)
	}
}

// A call that is refused for the key that was replaced meanwhile says nothing about the new
// one.
func TestReplaced(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, Auth: &ticket{Authenticator: keyed("a")}})
	defer x.Close()
	used := must(t, x, get()).Credential
	if x.Replaced(used) {
		t.Error("replaced before any change")
	}
	next := &ticket{Authenticator: keyed("b")}
	x.SetAuth(next)
	if !x.Replaced(used) || !x.Renew(used) || next.refused != (providers.Credential{}) {
		t.Errorf("the new scheme was told of the old one's token %+v", next.refused)
	}
	used = must(t, x, get()).Credential
	if x.Replaced(used) {
		t.Error("the new credential counts as replaced")
	}
	if x.Renew(used); next.refused != (providers.Credential{Serial: 3, Fresh: true}) {
		t.Errorf("the scheme was told of %+v, want its own serial", next.refused)
	}
}

// refusing is a scheme whose token endpoint refuses the credentials, after they were
// replaced.
type refusing struct{ replace func() }

func (refusing) Name() string { return "refusing" }

func (r refusing) Authenticate(context.Context, providers.Call, providers.Stamp) (providers.Call, error) {
	r.replace()
	return providers.Call{}, &idv.Error{Failure: idv.BadCredentials}
}

func TestTokenRefusedForReplacedCredentials(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, Auth: refusing{func() {}}})
	defer x.Close()
	fails(t, x, get(), unsent(idv.BadCredentials, "encode"))
	x.SetAuth(refusing{func() { x.SetAuth(keyed("new")) }})
	fails(t, x, get(), unsent(idv.Unavailable, "encode"))
	must(t, x, get())
}
