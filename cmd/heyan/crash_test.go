package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/engine/enginetest"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/route"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
	"github.com/heyan-id/heyan/policy/consent"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/exchange"
	"github.com/heyan-id/heyan/providers/idcert"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// beHeyan is the variable that makes the test binary run heyan, see TestMain.
const beHeyan = "TEST_BE_HEYAN"

// callers send requests to a daemon that is killed meanwhile. Each request has an
// idempotency key of its own and is repeated until it is answered, or until the daemon has
// reported 20 times that the first request is still running: then a crash has left the key
// for reconciliation.
type callers struct {
	t       *testing.T
	config  string
	environ []string
	wrapped []string // a command that runs the daemon; may be nil

	process *exec.Cmd
	stderr  *bytes.Buffer // complete after kill
	answers chan struct{} // receives after each answer

	mu       sync.Mutex
	address  string
	started  chan struct{}     // closed by the next start
	answered map[string]string // id → the answer
	gaveUp   int
}

func (c *callers) start() {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	args := append(slices.Clone(c.wrapped), self, "serve", "--config", c.config)
	c.process = exec.Command(args[0], args[1:]...)
	c.process.Env = append(os.Environ(), append(c.environ, beHeyan+"=1")...)
	c.stderr = new(bytes.Buffer)
	c.process.Stderr = c.stderr
	out, err := c.process.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.process.Start(); err != nil {
		c.t.Fatal(err)
	}
	var ready struct{ Listen string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil {
		c.kill() // so that stderr is complete
		c.t.Fatalf("the daemon did not start: %v, %s", err, c.stderr.String())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.address = ready.Listen
	close(c.started)
	c.started = make(chan struct{})
}

// await waits for n more answers.
func (c *callers) await(n int) {
	for len(c.answers) > 0 {
		<-c.answers
	}
	for range n {
		select {
		case <-c.answers:
		case <-c.t.Context().Done():
			return
		}
	}
}

// kill ends the daemon without a shutdown.
func (c *callers) kill() {
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
}

// ask repeats a request with one key until it is answered or given up.
func (c *callers) ask(ctx context.Context, key string) {
	busy := 0
	for ctx.Err() == nil && busy < 20 {
		c.mu.Lock()
		address, started := c.address, c.started
		c.mu.Unlock()
		status, body := c.post(ctx, address, key)
		switch status {
		case http.StatusOK:
			c.record(body)
			return
		case http.StatusConflict, http.StatusServiceUnavailable:
			busy++
		case 0: // the daemon was killed
			select {
			case <-started:
			case <-ctx.Done():
			}
		default:
			c.t.Errorf("status %d: %s", status, body)
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gaveUp++
}

// record keeps an answer.
func (c *callers) record(body []byte) {
	var v struct{ ID string }
	if err := json.Unmarshal(body, &v); err != nil {
		c.t.Errorf("not a verification: %s", body)
	}
	c.mu.Lock()
	c.answered[v.ID] = string(body)
	c.mu.Unlock()
	select {
	case c.answers <- struct{}{}:
	default:
	}
}

func (c *callers) post(ctx context.Context, address, key string) (int, []byte) {
	const body = `{"check":"id_name","subject":{"name":"张三","id_number":"11010519491231002X"}}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/v1/verifications", bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil // the daemon was killed while it answered
	}
	return resp.StatusCode, text
}

// count reads a number from the environment, for longer runs.
func count(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// TestKilledDaemon kills the daemon after a random number of answers while eight callers send
// requests; TEST_KILLS sets how often. Afterwards every answer is stored byte for byte, no key
// was paid for twice, and the vendor's bill lies between the charged and the possibly charged
// calls of the ledger.
func TestKilledDaemon(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "heyan.db")
		killed(t, fmt.Sprintf("{driver: sqlite, dsn: %q}", "file:"+path), "", func(ctx context.Context) (store.Store, error) {
			return sqlstore.OpenSQLite(ctx, "file:"+path, sqlstore.Options{})
		})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := sqlstoretest.StartPostgres(t).DSN(t)
		killed(t, `{driver: postgres, dsn: "env:STORE_DSN"}`, dsn, func(ctx context.Context) (store.Store, error) {
			return sqlstore.OpenPostgres(ctx, dsn, sqlstore.Options{})
		})
	})
}

func killed(t *testing.T, source, dsn string, open func(context.Context) (store.Store, error)) {
	fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "idcert-a"}}})
	v := fake.Vendors()[0]
	c := &callers{
		t: t, config: filepath.Join(t.TempDir(), "heyan.yaml"), answered: map[string]string{},
		answers: make(chan struct{}, 1000), started: make(chan struct{}),
		environ: []string{"CODE=" + v.AppCode.Reveal(), "KEY=the key of a test's fingerprints", "STORE_DSN=" + dsn},
	}
	text := fmt.Sprintf("listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nauth: {mode: none}\nstore: %s\nidempotency: {key: \"env:KEY\"}\nlog: {level: error}\n"+
		"policy: {consent: {mode: off}}\nproviders:\n  - {name: idcert-a, use: idcert, settings: {base_url: %q, appcode: \"env:CODE\"}, limits: {breaker_failures: 1000}}\n"+
		"routes:\n  - {check: id_name, providers: [idcert-a], max_attempts: 1}\n", source, v.URL)
	if err := os.WriteFile(c.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c.start()
	ctx, stop := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	var keys atomic.Int64
	for range 8 {
		callers.Go(func() {
			for ctx.Err() == nil {
				c.ask(ctx, fmt.Sprintf("key-%d", keys.Add(1)))
			}
		})
	}
	kills := count("TEST_KILLS", 5)
	for range kills {
		c.await(1 + rand.IntN(100)) // at least one, since a daemon without an answer proves nothing
		c.kill()
		c.start()
	}
	c.await(1)
	stop()
	callers.Wait()
	c.reread()
	c.kill()
	s, err := open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c.audit(s, fake.Stats()["idcert-a"], keys.Load(), kills)
}

// reread reads every answer again.
func (c *callers) reread() {
	for id, want := range c.answered {
		resp, err := http.Get("http://" + c.address + "/v1/verifications/" + id)
		if err != nil {
			c.t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(got) != want {
			c.t.Errorf("%s was answered as %s and is now %s", id, want, got)
		}
	}
}

// audit compares the ledger with the vendor's counter.
func (c *callers) audit(s store.Store, vendor sandbox.Stats, keys int64, kills int) {
	c.t.Helper()
	posted, unknown := sums(c.t, s)
	c.t.Logf("%d kills, %d keys, %d answered, %d left; the vendor billed %d, the ledger holds %d charged and %d possibly charged",
		kills, keys, len(c.answered), c.gaveUp, vendor.Billed, posted, unknown)
	if vendor.Billed < posted || vendor.Billed > posted+unknown {
		c.t.Error("the vendor's bill is not between what is charged and what may be")
	}
	if vendor.Requests > keys {
		c.t.Errorf("the vendor saw %d requests for %d keys", vendor.Requests, keys)
	}
	if len(c.answered) == 0 {
		c.t.Error("nothing was answered: the test proves nothing")
	}
}

// sums adds up the packages. Units that are still held belong to calls of a killed node, which
// are possibly charged.
func sums(t *testing.T, s store.Store) (posted, unknown int64) {
	t.Helper()
	lots, err := s.Lots(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range lots {
		if err := lots[i].Check(); err != nil {
			t.Error(err)
		}
		posted, unknown = posted+lots[i].Posted, unknown+lots[i].Unknown+lots[i].Held
	}
	return posted, unknown
}

// dieAt is the variable that makes the test binary run askOnce with a point.
const dieAt = "TEST_DIE_AT"

// crashingStore kills its process before or after one of its operations.
type crashingStore struct {
	store.Store
	at string
}

func (m crashingStore) die(point string) {
	if m.at == point {
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Kill()
		}
		select {}
	}
}

// Claim may kill the process before or after the claim.
func (m crashingStore) Claim(ctx context.Context, c store.Claim) (idv.Verification, bool, error) {
	m.die("before claim")
	v, done, err := m.Store.Claim(ctx, c)
	m.die("after claim")
	return v, done, err
}

// Hold may kill the process before or after the hold.
func (m crashingStore) Hold(ctx context.Context, i idv.Intent) (idv.Reservation, error) {
	m.die("before hold")
	held, err := m.Store.Hold(ctx, i)
	m.die("after hold")
	return held, err
}

// CompleteWithCall may kill the process before or after the completion.
func (m crashingStore) CompleteWithCall(ctx context.Context, a idv.Attempt, k store.Key, v idv.Verification) error {
	m.die("before the end")
	err := m.Store.CompleteWithCall(ctx, a, k, v)
	m.die("after the end")
	return err
}

// askOnce runs one verification with one key, with the store at path and the vendor at url,
// and is killed at point unless it is "". It returns the verdict.
func askOnce(path, url, appCode, point string) (idv.Verdict, error) {
	ctx := context.Background()
	s, err := sqlstore.OpenSQLite(ctx, "file:"+path, sqlstore.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.Close() }()
	codec, err := idcert.New(nil)
	if err != nil {
		return 0, err
	}
	transport, err := exchange.New(exchange.Config{BaseURL: url, Auth: auth.AppCode(idv.NewSensitive(appCode))})
	if err != nil {
		return 0, err
	}
	defer transport.Close()
	e, err := engine.New(engine.Options{
		Policy:    engine.Policy{Consent: consent.Off},
		Providers: []engine.ProviderConfig{{Name: "a", Provider: providers.NewProvider(codec, transport)}},
		Routes:    []route.Rule{{Check: idv.CheckIDName, Providers: []string{"a"}, MaxAttempts: 1}},
		Store:     crashingStore{s, point}, FingerprintKey: []byte("the key of a test"),
	})
	if err != nil {
		return 0, err
	}
	defer func() { _ = e.Close(ctx) }()
	r := enginetest.Request()
	r.IdempotencyKey = "k"
	v, err := e.Verify(ctx, r)
	return v.Verdict, err
}

// TestDiesAtEachPoint kills the process before and after each write to the ledger and repeats
// the request with the same key: a call that may have been charged is never made twice, and one
// that was not made is made now.
func TestDiesAtEachPoint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		point           string
		calls           int64 // at the vendor, after the second try
		posted, unknown int64
		verdict         idv.Verdict // of the second try
	}{
		{"before claim", 1, 1, 0, idv.Match},
		{"after claim", 1, 1, 0, idv.Match},
		{"before hold", 1, 1, 0, idv.Match},
		{"after hold", 0, 0, 1, idv.Undetermined}, // the call was not made, but the ledger cannot know that
		{"before the end", 1, 0, 1, idv.Undetermined},
		{"after the end", 1, 1, 0, idv.Match},
	}
	for _, tt := range tests {
		t.Run(tt.point, func(t *testing.T) {
			t.Parallel()
			fake := sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a"}}})
			v := fake.Vendors()[0]
			path := filepath.Join(t.TempDir(), "heyan.db")
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			child := exec.CommandContext(t.Context(), self, path, v.URL, v.AppCode.Reveal())
			child.Env = append(os.Environ(), dieAt+"="+tt.point)
			if out, err := child.CombinedOutput(); err == nil || child.ProcessState.Exited() {
				t.Fatalf("the process was not killed: %v, %s", err, out)
			}
			verdict, err := askOnce(path, v.URL, v.AppCode.Reveal(), "")
			if err != nil || verdict != tt.verdict {
				t.Errorf("asked again: %v, %v, want %v", verdict, err, tt.verdict)
			}
			if got := fake.Stats()["a"].Requests; got != tt.calls {
				t.Errorf("the vendor saw %d calls, want %d", got, tt.calls)
			}
			s, err := sqlstore.OpenSQLite(t.Context(), "file:"+path, sqlstore.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if posted, unknown := sums(t, s); posted != tt.posted || unknown != tt.unknown {
				t.Errorf("the ledger holds %d charged and %d possibly charged, want %d and %d", posted, unknown, tt.posted, tt.unknown)
			}
		})
	}
}
