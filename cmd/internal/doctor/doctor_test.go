package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
)

// secretCode is the secret of the tests, which no finding may hold.
const secretCode = "c967b908738b4eed9cf0b43daba002e0"

// installation is one of a test: a folder, and a vendor with TLS whose authority is known.
type installation struct {
	dir      string
	vendor   *httptest.Server
	requests atomic.Int64
	environ  []string
}

func install(t *testing.T) *installation {
	t.Helper()
	in := &installation{dir: t.TempDir(), environ: []string{"CODE=" + secretCode}}
	in.vendor = httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { in.requests.Add(1) }))
	in.vendor.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes without a request
	in.vendor.StartTLS()
	t.Cleanup(in.vendor.Close)
	in.write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: in.vendor.Certificate().Raw})), 0o644)
	in.configure(t, "", "")
	return in
}

func (in *installation) path(name string) string { return filepath.Join(in.dir, name) }

func (in *installation) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(in.path(name), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(in.path(name), mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

// configure writes the configuration: top is added at its top, and network to that of the
// provider.
func (in *installation) configure(t *testing.T, top, network string) {
	t.Helper()
	if !strings.Contains(top, "listen:") {
		top += "\nlisten: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n"
	}
	in.write(t, "heyan.yaml", fmt.Sprintf(`%s
store: {driver: sqlite, dsn: %q}
policy: {consent: {mode: "off"}}
providers:
  - name: main
    use: idcert
    settings: {base_url: %q, appcode: "env:CODE"}
    network: {ca_file: %q%s}
routes: [{check: id_name, providers: [main]}]
`, top, in.path("heyan.db"), in.vendor.URL, in.path("ca.pem"), network), 0o644)
}

// replace changes the configuration.
func (in *installation) replace(t *testing.T, old, now string) {
	t.Helper()
	text, err := os.ReadFile(in.path("heyan.yaml"))
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("the configuration lacks %q: %v", old, err)
	}
	in.write(t, "heyan.yaml", strings.ReplaceAll(string(text), old, now), 0o644)
}

func (in *installation) lookup(name string) (string, bool) {
	for _, entry := range in.environ {
		if rest, ok := strings.CutPrefix(entry, name+"="); ok {
			return rest, true
		}
	}
	return "", false
}

func (in *installation) examine(ctx context.Context) []Finding {
	return Examine(ctx, Options{
		Path: in.path("heyan.yaml"), Environ: in.environ, LookupEnv: in.lookup, Timeout: time.Minute,
		Secrets: func(c config.Config) error { return daemon.CheckSecrets(c, in.lookup) },
	})
}

// store opens the database for a moment.
func (in *installation) store(t *testing.T, do func(*sqlstore.Store)) {
	t.Helper()
	s, err := sqlstore.OpenSQLite(t.Context(), in.path("heyan.db"), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	do(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func (in *installation) lot(t *testing.T, units int64, left time.Duration) {
	t.Helper()
	in.store(t, func(s *sqlstore.Store) {
		l := ledger.Lot{ID: "o", Provider: "main", Units: units, Total: idv.Money{Micros: 1_000_000, Currency: idv.CNY}, Bought: time.Now().Add(-100 * 24 * time.Hour)}
		l.Expires = time.Now().Add(left)
		if err := s.AddLot(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	})
}

// pair writes a certificate and its key.
func (in *installation) pair(t *testing.T, name string, ends time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends, DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	in.write(t, "tls.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), 0o644)
	in.write(t, "tls.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})), 0o600)
	in.configure(t, fmt.Sprintf("hosts: [heyan.internal]\ntls: {cert: %q, key: %q}", in.path("tls.crt"), in.path("tls.key")), "")
}

func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// TestAllIsWell: an installation without faults has no failure, and no request is sent.
func TestAllIsWell(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.store(t, func(*sqlstore.Store) {})
	list := in.examine(t.Context())
	for i := range list {
		if f := &list[i]; f.Status == Fail || f.Status != OK && f.Check != "user" && f.Check != "api_keys" && f.Check != "disk" && f.Check != "open_files" {
			t.Errorf("%+v", *f)
		}
	}
	for _, check := range []string{"configuration", "secret", "permissions", "store", "vendor", "listen", "package"} {
		if !has(list, check, OK, "") {
			t.Errorf("no finding of %s in %+v", check, list)
		}
	}
	if n := in.requests.Load(); n != 0 {
		t.Errorf("%d requests to the vendor, want none", n)
	}
}

func has(list []Finding, check string, status Status, text string) bool {
	for i := range list {
		if f := &list[i]; f.Check == check && f.Status == status && strings.Contains(f.Subject+" "+f.Text.EN, text) {
			return true
		}
	}
	return false
}

// TestFaults plants one fault each, and expects it with a remedy in both languages and without
// the secret.
func TestFaults(t *testing.T) {
	t.Parallel()
	refusing := func(status int) func(*testing.T, *installation) {
		return func(t *testing.T, in *installation) {
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			t.Cleanup(proxy.Close)
			in.configure(t, "", ", proxy: "+proxy.URL)
		}
	}
	for _, test := range []struct {
		name   string
		plant  func(*testing.T, *installation)
		check  string
		status Status
		text   string
	}{
		{"no file", func(t *testing.T, in *installation) { _ = os.Remove(in.path("heyan.yaml")) }, "configuration", Fail, ""},
		{"an unknown key", func(t *testing.T, in *installation) { in.configure(t, "limit: 1", "") }, "configuration", Fail, "limit"},
		{"no secret", func(_ *testing.T, in *installation) { in.environ = nil }, "secret", Fail, "not set"},
		{"no secret, and the vendor all the same", func(_ *testing.T, in *installation) { in.environ = nil }, "vendor", OK, "127.0.0.1"},
		{"a placeholder", func(_ *testing.T, in *installation) { in.environ = []string{"CODE=change-me"} }, "secret", Warn, "placeholder"},
		{"white space", func(_ *testing.T, in *installation) { in.environ = []string{"CODE=" + secretCode + " "} }, "secret", Warn, "white space"},
		{"full-width letters", func(_ *testing.T, in *installation) { in.environ = []string{"CODE=ａｂｃ"} }, "secret", Warn, "full-width"},
		{"the scheme's name", func(_ *testing.T, in *installation) { in.environ = []string{"CODE=APPCODE " + secretCode} }, "secret", Warn, "scheme"},
		{"a configuration that all may write", func(t *testing.T, in *installation) { _ = os.Chmod(in.path("heyan.yaml"), 0o666) }, "permissions", Warn, "heyan.yaml"},
		{"a database that others read", func(t *testing.T, in *installation) { in.write(t, "heyan.db", "", 0o644) }, "configuration", Fail, "mode 0644"},
		{"no database", func(t *testing.T, in *installation) {
			in.write(t, "heyan.db", strings.Repeat("no database ", 500), 0o600)
		}, "store", Fail, "damaged"},
		{"the memory store", func(t *testing.T, in *installation) {
			in.replace(t, "driver: sqlite, dsn: \""+in.path("heyan.db")+"\"", "driver: memory")
		}, "store", Warn, "memory"},
		{"a database of the future", func(t *testing.T, in *installation) {
			in.store(t, func(*sqlstore.Store) {})
			_ = os.Chtimes(in.path("heyan.db"), time.Time{}, time.Now().Add(time.Hour))
		}, "clock", Fail, "future"},
		{"a package that ends", func(t *testing.T, in *installation) { in.lot(t, 10, 24*time.Hour) }, "package", Warn, "expire on"},
		{"a package that ended", func(t *testing.T, in *installation) { in.lot(t, 10, -24*time.Hour) }, "package", Fail, "used up or expired"},
		{"no key", func(t *testing.T, in *installation) { in.store(t, func(*sqlstore.Store) {}) }, "api_keys", Warn, "no live API key"},
		{"another authority", func(t *testing.T, in *installation) {
			in.pair(t, "other", time.Now().AddDate(1, 0, 0))
			in.replace(t, in.path("ca.pem"), in.path("tls.crt"))
		}, "vendor", Fail, "unknown authority"},
		{"a vendor that is down", func(_ *testing.T, in *installation) { in.vendor.Close() }, "vendor", Fail, "connect: "},
		{"a proxy that wants a password", refusing(http.StatusProxyAuthRequired), "vendor", Fail, "credentials"},
		{"a proxy that forbids", refusing(http.StatusForbidden), "vendor", Fail, "does not allow"},
		{"a proxy that is blind", refusing(http.StatusBadGateway), "vendor", Fail, "could not reach"},
		{"a host that does not exist", func(t *testing.T, in *installation) {
			in.replace(t, in.vendor.URL, "https://vendor..invalid") // which no resolver is asked for
		}, "vendor", Fail, "dns: "},
		{"a taken address", func(t *testing.T, in *installation) {
			in.configure(t, "listen: "+taken(t)+"\nadmin_listen: 127.0.0.1:0", "")
		}, "listen", Fail, "in use"},
		{"a certificate that ended", func(t *testing.T, in *installation) { in.pair(t, "heyan.internal", time.Now().Add(-time.Hour)) }, "certificate", Fail, "expired on"},
		{"a certificate that ends", func(t *testing.T, in *installation) { in.pair(t, "heyan.internal", time.Now().Add(time.Hour)) }, "certificate", Warn, "expires on"},
		{"a certificate of another", func(t *testing.T, in *installation) { in.pair(t, "other.internal", time.Now().AddDate(1, 0, 0)) }, "certificate", Warn, "heyan.internal"},
		{"an unknown time zone", func(_ *testing.T, in *installation) { in.environ = append(in.environ, "TZ=Nowhere/Else") }, "time_zone", Warn, "TZ"},
		{"a plugin that is no plugin", func(t *testing.T, in *installation) {
			in.write(t, "plugin", "#!/bin/sh\nexit 1\n", 0o700)
			in.replace(t, "    use: idcert\n", fmt.Sprintf("    plugin: {path: %q, sha256: %q, start_timeout: 2s}\n", in.path("plugin"), "86fbdd42a5a41ba9bf1e4df56f83ea4ac9cf4dbbd5d1dbd8e92e9b2f8d5a4c33"))
		}, "configuration", Fail, "plugin"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := install(t)
			test.plant(t, in)
			list := in.examine(t.Context())
			if !has(list, test.check, test.status, test.text) {
				t.Errorf("no %s of %s with %q in %+v", test.status, test.check, test.text, list)
			}
			for i := range list {
				f := &list[i]
				if text := fmt.Sprint(*f); strings.Contains(text, secretCode) || strings.Contains(text, "ａｂｃ") {
					t.Errorf("%s shows the secret", f.Check)
				}
				if f.Status != OK && f.Check != "configuration" && (f.Remedy.EN == "" || f.Remedy.ZH == "") {
					t.Errorf("%+v has no remedy", *f)
				}
			}
			if n := in.requests.Load(); n != 0 {
				t.Errorf("%d requests to the vendor, want none", n)
			}
		})
	}
}

// TestRunningDaemon: the addresses of a running daemon are not reported as taken.
func TestRunningDaemon(t *testing.T) {
	t.Parallel()
	in := install(t)
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"ok"}` + "\n")) }))
	t.Cleanup(admin.Close)
	in.configure(t, "listen: "+taken(t)+"\nadmin_listen: "+strings.TrimPrefix(admin.URL, "http://"), "")
	list := in.examine(t.Context())
	if !has(list, "listen", OK, "running daemon") || has(list, "listen", Fail, "") {
		t.Errorf("%+v, want both addresses as those of a running daemon", list)
	}
}

// TestInterrupted: nothing more is checked, and the result is no success.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	in := install(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list := in.examine(ctx); Worst(list) != Fail || has(list, "vendor", OK, "") {
		t.Errorf("%+v, want a failure and no vendor", list)
	}
}

// TestManyVendorsAtOnce: vendors that do not answer are waited for together.
func TestManyVendorsAtOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs 127.0.0.0/8")
	}
	in := install(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and never speaks
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	_, port, _ := net.SplitHostPort(silent.Addr().String())
	var accepted atomic.Int64
	both := make(chan struct{})
	go func() {
		for {
			c, err := silent.Accept()
			if err != nil {
				return
			}
			defer func() { _ = c.Close() }()
			if accepted.Add(1) == 2 {
				close(both)
			}
		}
	}()
	in.replace(t, "routes:", fmt.Sprintf(`  - {name: second, use: idcert, settings: {base_url: "https://localhost:%[1]s", appcode: "env:CODE"}, limits: {connect: 1m, timeout: 1m}}
routes:`, port))
	in.replace(t, in.vendor.URL, "https://127.0.0.1:"+port)
	in.replace(t, "    network:", "    limits: {connect: 1m, timeout: 1m}\n    network:")
	in.replace(t, "providers: [main]", "providers: [main, second]")
	in.replace(t, "\nstore:", "\ntimeout: 2m\nstore:")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-both // only then, so that one after the other would wait for ever
		cancel()
	}()
	if list := in.examine(ctx); !has(list, "vendor", Fail, "main") || !has(list, "vendor", Fail, "second") {
		t.Errorf("%+v, want two vendors that failed", list)
	}
}
