package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// hanging is a daemon whose database can be made to hang.
type hanging struct {
	t       *testing.T
	vendor  *sandbox.Sandbox
	process *exec.Cmd
	stderr  bytes.Buffer
	at      struct {
		Listen      string `json:"listen"`
		AdminListen string `json:"admin_listen"`
	}
}

// harnessTime ends a test whose daemon answers nothing at all. It is far above every time
// that the daemon promises.
const harnessTime = 2 * time.Minute

// startHanging starts a daemon with the settings of the report: three seconds for a
// request, four for a stop.
func startHanging(t *testing.T, store, dsn string) *hanging {
	t.Helper()
	h := &hanging{t: t, vendor: sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "idcert-a"}}})}
	v := h.vendor.Vendors()[0]
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := fmt.Sprintf("listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nauth: {mode: none}\ntimeout: 3s\ngrace: 4s\nstore: %s\nidempotency: {key: \"env:KEY\"}\n"+
		"policy: {consent: {mode: off}}\nproviders:\n  - {name: idcert-a, use: idcert, settings: {base_url: %q, appcode: \"env:CODE\"}}\n"+
		"routes:\n  - {check: id_name, providers: [idcert-a], max_attempts: 1}\n", store, v.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h.process = exec.Command(self, "serve", "--config", path)
	h.process.Env = append(os.Environ(), beHeyan+"=1", "CODE="+v.AppCode.Reveal(), "KEY=the key of a test's fingerprints", "STORE_DSN="+dsn)
	h.process.Stderr = &h.stderr
	out, err := h.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.process.Process.Kill() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &h.at) != nil {
		t.Fatalf("the daemon did not start: %v", err)
	}
	return h
}

// answer is what a test reads of a response.
type answer struct {
	status int
	kind   string // the media type
	body   string
}

func (h *hanging) do(method, url, key string) (a answer, err error) {
	ctx, cancel := context.WithTimeout(h.t.Context(), harnessTime)
	defer cancel()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(`{"check":"id_name","subject":{"name":"张三","id_number":"11010519491231002X"}}`)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+url, body)
	if err != nil {
		return a, err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(text)}, err
}

func (h *hanging) verify(key string) (answer, error) {
	return h.do(http.MethodPost, h.at.Listen+"/v1/verifications", key)
}

// unavailable checks that a request got a problem that says that the store is unavailable.
func (h *hanging) unavailable(what string, a answer, err error) {
	h.t.Helper()
	if err != nil || a.status != http.StatusServiceUnavailable || a.kind != "application/problem+json" ||
		!strings.Contains(a.body, "urn:heyan:problem:store_unwritable") {
		h.t.Errorf("%s: %v, status %d, %s: %s; want a problem with status 503", what, err, a.status, a.kind, a.body)
	}
}

// ready waits until the daemon is ready.
func (h *hanging) ready() {
	h.t.Helper()
	for {
		if a, err := h.do(http.MethodGet, h.at.AdminListen+"/readyz", ""); err != nil {
			h.t.Fatal(err)
		} else if a.status == http.StatusOK {
			return
		}
	}
}

// paid repeats a request until it is answered: while the database undoes what was cut off,
// the key may still be in use.
func (h *hanging) paid(key string) {
	h.t.Helper()
	for {
		switch a, err := h.verify(key); {
		case err != nil:
			h.t.Fatal(err)
		case a.status == http.StatusOK && strings.Contains(a.body, `"verdict":"match"`):
			return
		case a.status != http.StatusConflict && a.status != http.StatusServiceUnavailable:
			h.t.Fatalf("%s: status %d: %s", key, a.status, a.body)
		}
	}
}

// hang makes the database hang and continue, and asks for answers meanwhile. reads are
// paths that cannot be answered either.
func (h *hanging) hang(freeze, thaw func(), reads ...string) {
	h.t.Helper()
	h.paid("before")
	freeze()
	const keys = 8
	var waiting sync.WaitGroup
	for n := range keys {
		waiting.Go(func() {
			a, err := h.verify(fmt.Sprint("key-", n))
			h.unavailable("verify", a, err)
		})
	}
	for _, path := range reads {
		waiting.Go(func() {
			a, err := h.do(http.MethodGet, h.at.Listen+path, "")
			h.unavailable(path, a, err)
		})
	}
	began := time.Now()
	a, err := h.do(http.MethodGet, h.at.AdminListen+"/readyz", "")
	if err != nil || a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, `"store_unwritable"`) {
		h.t.Errorf("readiness: %v after %v, status %d: %s; want 503", err, time.Since(began), a.status, a.body)
	}
	waiting.Wait()
	if n := h.vendor.Stats()["idcert-a"].Requests; n != 1 {
		h.t.Errorf("the vendor saw %d requests, want only the one from before", n)
	}
	thaw()
	h.ready()
	for n := range keys {
		h.paid(fmt.Sprint("key-", n))
	}
	if n := h.vendor.Stats()["idcert-a"].Requests; n != keys+1 {
		h.t.Errorf("the vendor saw %d requests for %d keys", n, keys+1)
	}
	freeze()
	h.stop()
}

// stop stops the daemon while requests wait.
func (h *hanging) stop() {
	h.t.Helper()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = h.verify("at the stop") // it may be answered or cut off
	}()
	if err := h.process.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = h.process.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(harnessTime):
		h.t.Fatal("the daemon did not end")
	}
	<-sent
}

// TestLockedDatabase: another process holds the write lock of the SQLite file.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.db")
	h := startHanging(t, fmt.Sprintf("{driver: sqlite, dsn: %q}", "file:"+path), "")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec := func(text string) func() {
		return func() {
			if _, err := conn.ExecContext(t.Context(), text); err != nil {
				t.Error(err)
			}
		}
	}
	h.hang(exec("BEGIN IMMEDIATE"), exec("ROLLBACK"))
	exec("ROLLBACK")()
}

// TestFrozenServer: the PostgreSQL server accepts connections and answers nothing.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	server := sqlstoretest.StartPostgres(t)
	h := startHanging(t, `{driver: postgres, dsn: "env:STORE_DSN"}`, server.DSN(t))
	h.hang(func() { server.Freeze(t) }, func() { server.Thaw(t) }, "/v1/ledger/lots", "/v1/verifications/ver_none")
}
