//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// rotation is a daemon under load whose keys, vendor secrets, certificates and configuration
// are replaced.
type rotation struct {
	t       *testing.T
	dir     string
	listen  string
	admin   string
	process *exec.Cmd
	client  *http.Client
	sandbox *sandbox.Sandbox
	front   string              // of the vendor that answers
	codes   map[string]struct{} // that were sent to it
	seen    sync.Mutex

	keys    sync.RWMutex // held for writing while the key of the callers changes
	key     *callerKey
	loads   int // of the configuration
	answers []time.Duration
	failed  atomic.Int64
}

// callerKey is an API key and the requests that use it.
type callerKey struct {
	id, text string
	uses     sync.WaitGroup
}

// TestRotations: keys, secrets, certificates and configurations are replaced under load, and no
// request fails. A vendor that is in maintenance is not called again meanwhile.
func TestRotations(t *testing.T) {
	rounds := 4
	if os.Getenv("HEYAN_PROVE") != "" {
		rounds = 100
	}
	r := newRotation(t)
	r.start()
	if err := r.sandbox.SetScenario(sandbox.Scenario{Vendor: "idcert-b", Mode: sandbox.ModeMaintenance}); err != nil {
		t.Fatal(err)
	}
	if status, text := r.verify(); status != http.StatusOK { // closes the gate of the first vendor
		t.Fatalf("status %d: %s", status, text)
	}
	calls := r.sandbox.Stats()["idcert-b"].Requests
	stop := r.load(8)
	began := time.Now()
	for i := range rounds {
		r.rotateKey(i)
		r.rotateSecret(i)
		r.rotateCertificate(i)
		r.rotateConfig(i)
	}
	took := time.Since(began)
	stop()
	if n := r.failed.Load(); n > 0 {
		t.Errorf("%d of %d requests failed", n, len(r.answers))
	}
	if now := r.sandbox.Stats()["idcert-b"].Requests; now != calls {
		t.Errorf("the vendor in maintenance was called %d times, want %d: its gate was reset", now, calls)
	}
	slices.Sort(r.answers)
	at := func(share float64) time.Duration { return r.answers[int(share*float64(len(r.answers)-1))] }
	t.Logf("%d rotations each of keys, secrets, certificates and configurations in %v: %d requests (%.0f a second), %d failed, p50 %v, p99 %v, most %v; calls of the closed vendor: 0",
		rounds, took.Round(time.Millisecond), len(r.answers), float64(len(r.answers))/took.Seconds(), r.failed.Load(), at(0.5), at(0.99), at(1))
}

func newRotation(t *testing.T) *rotation {
	t.Helper()
	r := &rotation{t: t, dir: t.TempDir(), sandbox: sandboxtest.Start(t, sandbox.Config{}), codes: map[string]struct{}{}}
	vendor := r.sandbox.Vendors()[0]
	target, err := url.Parse(vendor.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { // it takes any code, as a vendor does while a key is rotated
		r.seen.Lock()
		r.codes[p.In.Header.Get("Authorization")] = struct{}{}
		r.seen.Unlock()
		p.SetURL(target)
		p.Out.Header.Set("Authorization", "APPCODE "+vendor.AppCode.Reveal())
	}}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	r.front = front.URL
	return r
}

// file replaces a file as orchestrators do.
func (r *rotation) file(name string, text []byte) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rotation) writeConfig(i int) {
	b := r.sandbox.Vendors()[1]
	r.file("heyan.yaml", fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
tls: {cert: %[1]s/tls.crt, key: %[1]s/tls.key}
log: {level: warn}
store: {driver: sqlite, dsn: "file:%[1]s/heyan.db"}
policy: {consent: {mode: off}, purposes: [{name: open-%[2]d}, {name: open}]}
timeout: %[3]ds
providers:
  - {name: idcert-b, use: idcert, settings: {base_url: "%[4]s", appcode: "env:CODE_B"}, limits: {gate_first: 1h, gate_max: 1h, rate: %[5]d}}
  - {name: idcert-a, use: idcert, settings: {base_url: "%[6]s", appcode: "file:%[1]s/code"}, limits: {concurrency: 64, breaker_failures: %[7]d}}
routes:
  - {check: id_name, providers: [idcert-b, idcert-a], max_attempts: 2}
`, r.dir, i, 20+i%5, b.URL, 100+i, r.front, 5+i%3))
}

func (r *rotation) start() {
	r.t.Helper()
	r.file("code", []byte("code-start"))
	certificates := x509.NewCertPool()
	for i := range 2 {
		certificates.AddCert(r.makeCertificate(i))
	}
	r.placeCertificate(0)
	r.writeConfig(0)
	environ := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HEYAN_") })
	environ = append(environ, "CODE_B="+r.sandbox.Vendors()[1].AppCode.Reveal(), beHeyan+"=1")
	code, out, errs := once(r.t, environ, "", "key", "create", "--config", filepath.Join(r.dir, "heyan.yaml"), "--name", "start", "--scope", "verify,admin", "--json")
	var made struct{ ID, Key string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != exitDone {
		r.t.Fatalf("key create: %d, %v, %s", code, err, errs)
	}
	r.key = &callerKey{id: made.ID, text: made.Key}
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	r.process = exec.Command(self, "serve", "--config", filepath.Join(r.dir, "heyan.yaml"))
	var log bytes.Buffer
	r.process.Env, r.process.Stderr = environ, &log
	stdout, err := r.process.StdoutPipe()
	if err == nil {
		err = r.process.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = r.process.Process.Signal(syscall.SIGTERM)
		if err := r.process.Wait(); err != nil || strings.Contains(log.String(), `"ERROR"`) {
			r.t.Errorf("the daemon ended with %v and said %s", err, log.String())
		}
	})
	var ready struct {
		Listen string
		Admin  string `json:"admin_listen"`
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil {
		r.t.Fatalf("the daemon did not start: %v, %s", err, log.String())
	}
	r.listen, r.admin = ready.Listen, ready.Admin
	r.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: certificates}, MaxIdleConnsPerHost: 16}, Timeout: time.Minute}
}

// call sends a request with a key.
func (r *rotation) call(key, path, body string) (int, string) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://"+r.listen+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

func (r *rotation) verify() (int, string) {
	r.keys.RLock()
	key := r.key
	key.uses.Add(1)
	r.keys.RUnlock()
	defer key.uses.Done()
	return r.call(key.text, "/v1/verifications", `{"check":"id_name","purpose":"open","subject":{"name":"张三","id_number":"11010519491231002X"}}`)
}

// load sends requests from several callers until the returned function is called.
func (r *rotation) load(callers int) (end func()) {
	stop := make(chan struct{})
	var running sync.WaitGroup
	var mu sync.Mutex
	for range callers {
		running.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				began := time.Now()
				status, text := r.verify()
				took := time.Since(began)
				if status != http.StatusOK || !strings.Contains(text, `"verdict":"match"`) {
					if r.failed.Add(1) <= 3 {
						r.t.Errorf("status %d: %s", status, text)
					}
				}
				mu.Lock()
				r.answers = append(r.answers, took)
				mu.Unlock()
			}
		})
	}
	return func() {
		close(stop)
		running.Wait()
	}
}

// rotateKey gives the callers a new key, and revokes the old one when no request uses it.
func (r *rotation) rotateKey(i int) {
	r.t.Helper()
	old := r.key
	status, text := r.call(old.text, "/v1/keys", fmt.Sprintf(`{"name":"rotation-%d","scopes":["verify","admin"]}`, i))
	var made struct{ ID, Key string }
	if status != http.StatusCreated && status != http.StatusOK || json.Unmarshal([]byte(text), &made) != nil {
		r.t.Fatalf("create a key: %d, %s", status, text)
	}
	r.keys.Lock()
	r.key = &callerKey{id: made.ID, text: made.Key}
	r.keys.Unlock()
	old.uses.Wait()
	if status, text := r.call(made.Key, "/v1/keys/"+old.id+":revoke", ""); status >= 300 {
		r.t.Fatalf("revoke a key: %d, %s", status, text)
	}
}

func (r *rotation) signal() {
	r.t.Helper()
	if err := r.process.Process.Signal(syscall.SIGHUP); err != nil {
		r.t.Fatal(err)
	}
}

// rotateSecret replaces the vendor's code, and waits until the vendor sees the new one.
func (r *rotation) rotateSecret(i int) {
	code := fmt.Sprintf("code-%d", i)
	r.file("code", []byte(code))
	r.signal()
	r.wait("the new code at the vendor", func() bool {
		r.seen.Lock()
		defer r.seen.Unlock()
		_, ok := r.codes["APPCODE "+code]
		return ok
	})
}

// rotateCertificate replaces the certificate, and waits until a new connection gets it.
func (r *rotation) rotateCertificate(i int) {
	want := (i + 1) % 2
	r.placeCertificate(want)
	r.signal()
	r.wait("the new certificate", func() bool {
		dialer := tls.Dialer{Config: r.client.Transport.(*http.Transport).TLSClientConfig.Clone()}
		conn, err := dialer.DialContext(r.t.Context(), "tcp", r.listen)
		if err != nil {
			r.t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64() == int64(want)+1
	})
	r.client.CloseIdleConnections()
}

// rotateConfig replaces the configuration, and waits until it is in use. Every second one is
// taken without a signal.
func (r *rotation) rotateConfig(i int) {
	r.writeConfig(i + 1)
	if i%2 == 0 {
		r.signal()
	}
	r.loads++
	want := fmt.Sprintf("heyan_config_reloads_total{result=\"loaded\"} %d\n", r.loads)
	r.wait("the new configuration", func() bool {
		resp, err := http.Get("http://" + r.admin + "/metrics")
		if err != nil {
			r.t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			r.t.Fatal(err)
		}
		return strings.Contains(string(text), want)
	})
}

// wait returns when something has happened. The limit of go test ends a wait in vain.
func (r *rotation) wait(what string, until func() bool) {
	r.t.Helper()
	for !until() {
		if r.t.Context().Err() != nil {
			r.t.Fatalf("waiting for %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (r *rotation) makeCertificate(i int) *x509.Certificate {
	r.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(i) + 1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		r.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		r.t.Fatal(err)
	}
	r.file(fmt.Sprintf("crt-%d", i), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	r.file(fmt.Sprintf("key-%d", i), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	made, err := x509.ParseCertificate(der)
	if err != nil {
		r.t.Fatal(err)
	}
	return made
}

// placeCertificate puts a certificate and then its key where the daemon reads them.
func (r *rotation) placeCertificate(i int) {
	for _, kind := range []struct{ from, to string }{{"key", "tls.key"}, {"crt", "tls.crt"}} {
		text, err := os.ReadFile(filepath.Join(r.dir, fmt.Sprintf("%s-%d", kind.from, i)))
		if err != nil {
			r.t.Fatal(err)
		}
		r.file(kind.to, text)
	}
}
