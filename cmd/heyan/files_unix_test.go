//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// daemonOnSQLite starts a daemon in front of a sandbox, run by the wrapping command if there is
// one.
func daemonOnSQLite(t *testing.T, wrapped ...string) *callers {
	t.Helper()
	fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "idcert-a"}}})
	v := fake.Vendors()[0]
	dir := t.TempDir()
	c := &callers{
		t: t, config: filepath.Join(dir, "heyan.yaml"), answered: map[string]string{}, started: make(chan struct{}), wrapped: wrapped,
		environ: []string{"CODE=" + v.AppCode.Reveal(), "KEY=the key of a test's fingerprints"},
	}
	text := fmt.Sprintf("listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nauth: {mode: none}\nstore: {driver: sqlite, dsn: %q}\nidempotency: {key: \"env:KEY\"}\n"+
		"log: {level: error}\npolicy: {consent: {mode: off}}\nproviders:\n"+
		"  - {name: idcert-a, use: idcert, settings: {base_url: %q, appcode: \"env:CODE\"}}\nroutes: [{check: id_name, providers: [idcert-a]}]\n", "file:"+filepath.Join(dir, "heyan.db"), v.URL)
	if err := os.WriteFile(c.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	c.start()
	return c
}

// TestFewOpenFiles opens more connections than the daemon may have files, most of which send
// nothing. It still answers, with a call of the vendor and a write to the store.
func TestFewOpenFiles(t *testing.T) {
	t.Parallel()
	c := daemonOnSQLite(t, "sh", "-c", `ulimit -n 64 && HEYAN_LOG__LEVEL=debug exec "$@"`, "sh")
	var open []net.Conn
	defer func() {
		for _, conn := range open {
			_ = conn.Close()
		}
	}()
	for n := range 120 {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
		if n%2 == 0 {
			if _, err := io.WriteString(conn, "POST /v1/verifications HTTP/1.1\r\nHost:"); err != nil {
				t.Logf("connection %d is closed already", n) // a younger one took its place
			}
		}
	}
	for n := range 3 {
		if status, body := c.post(t.Context(), c.address, fmt.Sprint("key-", n)); status != http.StatusOK || !bytes.Contains(body, []byte(`"verdict":"match"`)) {
			t.Errorf("status %d: %s", status, body)
		}
	}
	c.kill()
	log := c.stderr.String()
	if !strings.Contains(log, "connections bounded") || strings.Contains(log, "too many open files") {
		t.Errorf("the log should have the bound, and no accept that failed:\n%s", log)
	}
}
