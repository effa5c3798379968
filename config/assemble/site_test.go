package assemble_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/telemetry"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// The secrets that no log and no error may show.
const (
	keyCanary   = "appcode-canary-0a1b2c"
	proxyCanary = "proxy-canary-9f8e7d"
)

// pair is a certificate that signs itself, in PEM form, with its key.
type pair struct{ cert, key string }

func newPair(t *testing.T, name string, ends time.Duration) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(ends),
		DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return pair{block("CERTIFICATE", der), block("PRIVATE KEY", private)}
}

func (p pair) tls(t *testing.T) tls.Certificate {
	t.Helper()
	c, err := tls.X509KeyPair([]byte(p.cert), []byte(p.key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// site is a vendor behind TLS that asks for a client certificate, and a proxy with a
// password in front of it. What they accept can change.
type site struct {
	folder  string
	vendor  *httptest.Server
	proxy   *httptest.Server
	backend *sandbox.Sandbox

	server            pair
	codes, passwords  sync.Map // the accepted ones
	lastCode          atomic.Value
	lastSerial        atomic.Value
	tunnels, requests atomic.Int32
}

// newSite starts a site that trusts the clients.
func newSite(t *testing.T, clients ...pair) *site {
	t.Helper()
	s := &site{folder: t.TempDir(), backend: sandboxtest.Start(t, sandbox.Config{}), server: newPair(t, "vendor.test", time.Hour)}
	behind := s.backend.Vendors()[0]
	to, err := url.Parse(behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Header.Set("Authorization", "APPCODE "+behind.AppCode.Reveal())
	}}
	s.vendor = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		code := strings.TrimPrefix(r.Header.Get("Authorization"), "APPCODE ")
		s.lastCode.Store(code)
		s.lastSerial.Store(r.TLS.PeerCertificates[0].SerialNumber.String())
		if _, ok := s.codes.Load(code); !ok {
			w.Header().Set("X-Ca-Error-Message", "Invalid AppCode")
			w.WriteHeader(http.StatusForbidden)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	pool := x509.NewCertPool()
	for _, c := range clients {
		pool.AppendCertsFromPEM([]byte(c.cert))
	}
	s.vendor.TLS = &tls.Config{Certificates: []tls.Certificate{s.server.tls(t)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	s.vendor.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.vendor.StartTLS()
	t.Cleanup(s.vendor.Close)
	s.proxy = httptest.NewServer(http.HandlerFunc(s.tunnel))
	t.Cleanup(s.proxy.Close)
	return s
}

// tunnel serves a CONNECT.
func (s *site) tunnel(w http.ResponseWriter, r *http.Request) {
	pair, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Proxy-Authorization"), "Basic "))
	if _, ok := s.passwords.Load(string(pair)); !ok || r.Method != http.MethodConnect {
		w.Header().Set("Proxy-Authenticate", "Basic")
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	s.tunnels.Add(1)
	to, err := net.Dial("tcp", s.vendor.Listener.Addr().String())
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	go relay(to, buffered, from)
	relay(from, bufio.NewReader(to), to)
}

func relay(to net.Conn, from io.Reader, and io.Closer) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), and.Close()
}

func (s *site) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(s.folder, name)
	next := path + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// config returns a configuration whose every secret and certificate is a file.
func (s *site) config(t *testing.T, client pair) config.Config {
	t.Helper()
	s.codes.Store(keyCanary, true)
	s.passwords.Store("user:"+proxyCanary, true)
	p := config.DefaultProvider()
	p.Name, p.Use, p.Limits.BreakerFailures = "main", "idcert", 1000
	p.Limits.Timeout, p.Limits.Connect = time.Minute, time.Minute
	p.Settings = config.Settings{"base_url": "https://vendor.test", "appcode": "file:" + s.write(t, "appcode", keyCanary)}
	p.Network = config.Network{
		Proxy: s.proxy.URL, ProxyUser: "file:" + s.write(t, "user", "user"), ProxyPassword: "file:" + s.write(t, "password", proxyCanary),
		CAFile: s.write(t, "ca.pem", s.server.cert), CertFile: s.write(t, "cert.pem", client.cert), KeyFile: s.write(t, "key.pem", client.key),
	}
	r := config.DefaultRoute()
	r.Check, r.Providers, r.MaxAttempts = "id_name", []string{"main"}, 1
	c := config.Defaults()
	c.Store, c.Policy.Consent.Mode, c.Timeout = config.Store{Driver: "memory"}, "off", time.Minute
	c.Providers, c.Routes = []config.Provider{p}, []config.Route{r}
	return c
}

// syncBuffer is a log that may be read meanwhile.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func buildLogged(t *testing.T, c config.Config) (*assemble.App, *syncBuffer) {
	t.Helper()
	log := new(syncBuffer)
	app, err := assemble.New(t.Context(), assemble.Options{
		Config: c, LookupEnv: lookup(nil), Telemetry: telemetry.Options{Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Close(context.Background()) })
	return app, log
}

// ask makes a verification and returns its one attempt.
func ask(t *testing.T, app *assemble.App) idv.Attempt {
	t.Helper()
	v, err := app.Engine.Verify(t.Context(), request("张三", even))
	if err != nil || len(v.Attempts) != 1 {
		t.Errorf("%v with %d attempts and %+v, want one attempt", err, len(v.Attempts), v.Skipped)
		return idv.Attempt{}
	}
	return v.Attempts[0]
}

func matches(t *testing.T, app *assemble.App) {
	t.Helper()
	if a := ask(t, app); a.Verdict != idv.Match {
		t.Errorf("got %v by %v at %s (%v), want a match", a.Verdict, a.Failure, a.Phase, a.Delivery)
	}
}

// noCanary fails if a text holds a secret in a form that a program may print.
func noCanary(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for _, form := range []string{
			secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		} {
			if strings.Contains(text, form) {
				t.Errorf("%q stands in\n%s", form, text)
			}
		}
	}
}
