package daemon_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/policy/access"
)

// guarded starts a daemon with keys on a SQLite file, and returns a key of every scope.
func guarded(t *testing.T, change func(*config.Config)) (h *fixture, dir, key string) {
	t.Helper()
	dir = t.TempDir()
	h = start(t, func(c *config.Config) {
		c.Auth.Mode, c.Store = "keys", config.Store{Driver: "sqlite", DSN: "file:" + filepath.Join(dir, "heyan.db")}
		if change != nil {
			change(c)
		}
	}, "idcert-a")
	_, text, err := h.keys.Issue(t.Context(), access.Key{Name: "test", Tenant: "bank", Apps: []string{"web"}, Scopes: access.Scopes()})
	if err != nil {
		t.Fatal(err)
	}
	return h, dir, text.Reveal()
}

// TestKeyIsKeptNowhere: the key is in no log, problem, metric and file, in the forms that
// it may take.
func TestKeyIsKeptNowhere(t *testing.T) {
	t.Parallel()
	h, dir, key := guarded(t, nil)
	base := "http://" + h.at.Listen
	var said strings.Builder
	for _, header := range []string{"Bearer " + key, "Bearer " + key + "x", "Basic " + key, key, "Bearer " + strings.ToUpper(key)} {
		for _, path := range []string{"/v1/verifications", "/v1/nothing", "/v1/keys"} {
			status, body := h.call("POST", base+path, question, "Authorization", header)
			if right := header == "Bearer "+key; right == (status == http.StatusUnauthorized) {
				t.Errorf("%s: status %d: %s", path, status, body)
			}
			said.WriteString(body)
		}
	}
	for _, path := range []string{"/metrics", "/readyz"} {
		_, body := h.call("GET", "http://"+h.at.AdminListen+path, "")
		said.WriteString(body)
	}
	h.stop()
	h.waitForLog(`"msg":"stopped"`)
	h.end()
	said.WriteString(h.logged())
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(text)
	}
	secret := key[len("heyan_")+13 : len(key)-7]
	for _, form := range []string{secret, strings.ToUpper(secret), secret[:20], secret[len(secret)-20:]} {
		if strings.Contains(said.String(), form) {
			t.Errorf("a part of %d characters of the key is kept", len(form))
		}
	}
	if !strings.Contains(said.String(), `"reason":"malformed"`) {
		t.Error("the log has no reason")
	}
}

// TestKeylessDaemonSaysSo: without a key every request is refused, and the log says why.
func TestKeylessDaemonSaysSo(t *testing.T) {
	t.Parallel()
	h := start(t, func(c *config.Config) { c.Auth.Mode = "keys" }, "idcert-a")
	h.waitForLog("there is no API key")
	if status, body := h.call("GET", "http://"+h.at.Listen+"/v1/providers", ""); status != http.StatusUnauthorized {
		t.Errorf("status %d: %s", status, body)
	}
	if n := h.sandbox.Stats()["idcert-a"].Requests; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// certified writes a certificate for 127.0.0.1 and returns a pool that trusts it.
func certified(t *testing.T, dir string, serial int64, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestTLS serves HTTP/2 over TLS; a new certificate is taken without closing a connection,
// and an unusable one is not taken.
func TestTLS(t *testing.T) {
	t.Parallel()
	files, pool := t.TempDir(), x509.NewCertPool()
	certified(t, files, 1, pool)
	h, _, key := guarded(t, func(c *config.Config) {
		c.TLS.Cert, c.TLS.Key = filepath.Join(files, "tls.crt"), filepath.Join(files, "tls.key")
	})
	newClient := func(change func(*tls.Config)) *http.Client {
		c := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
		if change != nil {
			change(c)
		}
		transport := &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	ask := func(client *http.Client) (serial int64, reused bool, err error) {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }})
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+h.at.Listen+"/v1/verifications", strings.NewReader(question))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(r)
		if err != nil {
			return 0, false, err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 || !strings.Contains(string(text), `"app":"web"`) {
			t.Errorf("status %d, HTTP/%d, %v: %s", resp.StatusCode, resp.ProtoMajor, err, text)
		}
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64(), reused, nil
	}
	old := newClient(nil)
	if serial, _, err := ask(old); err != nil || serial != 1 {
		t.Fatalf("serial %d, %v", serial, err)
	}
	if _, _, err := ask(newClient(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
	if status, _ := h.call("GET", "http://"+h.at.Listen+"/v1/providers", ""); status != http.StatusBadRequest {
		t.Errorf("plain HTTP: status %d", status)
	}
	certified(t, files, 2, pool)
	h.reload <- os.Interrupt
	h.waitForLog(`"msg":"certificate reloaded"`)
	if serial, reused, err := ask(old); err != nil || serial != 1 || !reused {
		t.Errorf("the open connection: serial %d, reused %v, %v", serial, reused, err)
	}
	if serial, _, err := ask(newClient(nil)); err != nil || serial != 2 {
		t.Errorf("a new connection: serial %d, %v", serial, err)
	}
	if err := os.WriteFile(filepath.Join(files, "tls.key"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.reload <- os.Interrupt
	h.waitForLog(`"msg":"certificate reload rejected"`)
	if serial, _, err := ask(newClient(nil)); err != nil || serial != 2 {
		t.Errorf("after a broken key: serial %d, %v", serial, err)
	}
	if strings.Contains(h.logged(), key) {
		t.Error("the log has the API key")
	}
}
