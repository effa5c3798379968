package daemon

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/config"
)

// writeCertificate writes a certificate for 127.0.0.1 with a serial number, and returns it.
func writeCertificate(t *testing.T, files config.TLS, serial int64) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "heyan test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(100 * 365 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{files.Cert: {Type: "CERTIFICATE", Bytes: der}, files.Key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func tlsFiles(t *testing.T) config.TLS {
	t.Helper()
	dir := t.TempDir()
	return config.TLS{Mode: "files", Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}
}

// lockedBuffer is a buffer that a logger and a test share.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestCertificateIsReadAgain: files that change are taken, files that cannot be used are
// not, and both are logged once.
func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	files := tlsFiles(t)
	var log lockedBuffer
	synctest.Test(t, func(t *testing.T) {
		writeCertificate(t, files, 1)
		c, err := openCertificate(files, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); c.watch(ctx) }()
		expect := func(what string, serial int64, reloads, rejections int) {
			t.Helper()
			time.Sleep(3 * certificateEvery)
			synctest.Wait()
			served, err := c.config().GetCertificate(nil)
			if err != nil || served.Leaf.SerialNumber.Int64() != serial {
				t.Errorf("%s: serves %v, %v, want %d", what, served.Leaf.SerialNumber, err, serial)
			}
			if n := strings.Count(log.String(), "certificate reloaded"); n != reloads {
				t.Errorf("%s: %d reloads are logged, want %d", what, n, reloads)
			}
			if n := strings.Count(log.String(), "certificate reload rejected"); n != rejections {
				t.Errorf("%s: %d rejections are logged, want %d: %s", what, n, rejections, &log)
			}
		}
		expect("unchanged", 1, 0, 0)
		writeCertificate(t, files, 2)
		expect("changed", 2, 1, 0)
		other := tlsFiles(t)
		writeCertificate(t, other, 3)
		text, err := os.ReadFile(other.Key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(files.Key, text, 0o600); err != nil {
			t.Fatal(err)
		}
		expect("a key of another certificate", 2, 1, 1)
		if err := os.Remove(files.Cert); err != nil {
			t.Fatal(err)
		}
		expect("no certificate", 2, 1, 2)
		writeCertificate(t, files, 4)
		expect("whole again", 4, 2, 2)
		if strings.Contains(log.String(), "PRIVATE") {
			t.Error("the log has the key")
		}
		stop()
		<-ended
	})
}

func TestUnusableCertificates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(config.TLS) error
		says  string
	}{
		"no certificate":  {func(f config.TLS) error { return os.Remove(f.Cert) }, "tls.cert: "},
		"no key":          {func(f config.TLS) error { return os.Remove(f.Key) }, "tls.key: "},
		"a readable key":  {func(f config.TLS) error { return os.Chmod(f.Key, 0o644) }, "chmod 600"},
		"no PEM":          {func(f config.TLS) error { return os.WriteFile(f.Cert, []byte("x"), 0o600) }, "are no PEM certificate"},
		"the wrong order": {func(f config.TLS) error { return os.Rename(f.Key, f.Cert) }, "tls.key: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := tlsFiles(t)
			writeCertificate(t, files, 1)
			if err := tt.spoil(files); err != nil {
				t.Fatal(err)
			}
			if err := checkCertificate(files); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
			if _, err := openCertificate(files, slog.New(slog.DiscardHandler)); err == nil {
				t.Error("it is opened")
			}
		})
	}
	if c, err := openCertificate(config.TLS{Mode: "files"}, nil); c != nil || err != nil {
		t.Errorf("without files: %v, %v", c, err)
	}
}

// TestServingConnectionsAreKeptWithTLS: the limit of connections knows which of them serve,
// also below TLS, with HTTP/1.1 and HTTP/2.
func TestServingConnectionsAreKeptWithTLS(t *testing.T) {
	t.Parallel()
	for _, h2 := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[h2], func(t *testing.T) {
			t.Parallel()
			files := tlsFiles(t)
			root := writeCertificate(t, files, 1)
			cert, err := openCertificate(files, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			begun, finish := make(chan struct{}), make(chan struct{})
			s := server(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { begun <- struct{}{}; <-finish }), time.Minute, slog.New(slog.DiscardHandler))
			s.TLSConfig = cert.config()
			l := newConnLimit(inner, 1)
			l.install(s)
			go func() { _ = s.ServeTLS(l, "", "") }()
			t.Cleanup(func() { _ = s.Close() })
			results := make(chan error, 2)
			for i := range 2 {
				go func() { results <- once(root, inner.Addr().String(), h2) }()
				if i == 0 {
					<-begun // the only place is taken by one that serves
				}
			}
			close(finish)
			<-begun
			for range 2 {
				if err := <-results; err != nil {
					t.Errorf("a request failed: %v", err)
				}
			}
		})
	}
}

// once sends one request on a connection of its own.
func once(root *x509.Certificate, address string, h2 bool) error {
	pool := x509.NewCertPool()
	pool.AddCert(root)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: h2}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("https://" + address)
	if err != nil {
		return err
	}
	if want := map[bool]int{false: 1, true: 2}[h2]; resp.ProtoMajor != want {
		return http.ErrNotSupported
	}
	return resp.Body.Close()
}
