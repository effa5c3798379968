package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/heyan-id/heyan/config"
)

// running is a command that runs in this process.
type running struct {
	lines  *bufio.Scanner
	stop   context.CancelFunc
	code   chan int
	stderr bytes.Buffer // read after the command has ended
}

func start(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	out, in := io.Pipe()
	r := &running{lines: bufio.NewScanner(out), stop: cancel, code: make(chan int, 1)}
	go func() {
		r.code <- run(ctx, args, strings.NewReader(""), in, &r.stderr, environ)
		_ = in.Close()
	}()
	return r
}

// next returns the next line of the output.
func (r *running) next(t *testing.T) string {
	t.Helper()
	if !r.lines.Scan() {
		t.Fatalf("the output ended with code %d: %s", <-r.code, r.stderr.String())
	}
	return r.lines.Text()
}

// end cancels the command, reads the rest of its output, and returns the exit code.
func (r *running) end() int {
	r.stop()
	for r.lines.Scan() {
	}
	return <-r.code
}

func TestSandboxEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r := start(t, nil, "sandbox", "--json")
	for _, want := range []string{"idcert-a", "idcert-b"} {
		var vendor struct{ Vendor, URL, AppCode string }
		line := r.next(t)
		if err := json.Unmarshal([]byte(line), &vendor); err != nil || vendor.Vendor != want || vendor.AppCode == "" {
			t.Fatalf("%s (%v), want the line of %s", line, err, want)
		}
		get(t, vendor.URL+"/_sandbox/stats", http.StatusOK)
	}
	if code := r.end(); code != exitDone {
		t.Errorf("code %d: %s", code, r.stderr.String())
	}
}

// TestSandboxOfAConfiguration serves the vendors of a configuration under their names and
// prints none of its secrets.
func TestSandboxOfAConfiguration(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	if err := os.WriteFile(path, []byte(config.Example), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, []string{"HEYAN_IDCERT_MAIN_APPCODE=the-real-one"}, "sandbox", "--config", path)
	var screen strings.Builder
	for !strings.Contains(screen.String(), "/_sandbox/stats") {
		screen.WriteString(r.next(t) + "\n")
	}
	if code := r.end(); code != exitDone {
		t.Errorf("code %d: %s", code, r.stderr.String())
	}
	if !strings.Contains(screen.String(), "\nidcert-main ") || !strings.Contains(screen.String(), "\nidcert-spare ") ||
		strings.Contains(screen.String(), "the-real-one") {
		t.Errorf("output:\n%s", screen.String())
	}
}

// TestSandboxOfAFile serves vendors of three products, one of them twice, in the mode and with
// the credentials of the file.
func TestSandboxOfAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vendors.yaml")
	const file = `vendors:
  - {name: hand, use: idcert, settings: {appcode: given}}
  - {name: kz, use: kz/idcard, count: 2, mode: http_500, latency: 1ms}
  - {name: tencent, use: tencent/idcard}
`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, nil, "sandbox", "--json", "--config", path)
	var last string
	for _, want := range [][3]string{{"hand", "", "given"}, {"kz-1", "kz/idcard", ""}, {"kz-2", "kz/idcard", ""}, {"tencent", "tencent/idcard", ""}} {
		var vendor struct {
			Vendor, URL, Product, AppCode string
			SecretKey                     string `json:"secret_key"`
		}
		line := r.next(t)
		if err := json.Unmarshal([]byte(line), &vendor); err != nil || vendor.Vendor != want[0] || vendor.Product != want[1] {
			t.Fatalf("%s (%v), want the line of %v", line, err, want)
		}
		if want[2] != "" && vendor.AppCode != want[2] || vendor.AppCode == "" && vendor.SecretKey == "" {
			t.Errorf("the credentials are not those of the file, or missing: %s", line)
		}
		last = vendor.URL
	}
	if codes := get(t, last+"/_sandbox/codes", http.StatusOK); !strings.Contains(codes, `{"name":"码一","latin":"Code A","layer":"vendor","code":"0","verdict":"match"`) {
		t.Errorf("codes %.300s", codes)
	}
	if code := r.end(); code != exitDone {
		t.Errorf("code %d: %s", code, r.stderr.String())
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:0", "127.0.0.1:8081", "127.0.0.1:0").Replace(config.Example)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"HEYAN_STORE__DSN=file:" + filepath.Join(t.TempDir(), "heyan.db"), "HEYAN_IDCERT_MAIN_APPCODE=a", "HEYAN_IDCERT_SPARE_APPCODE=b"}
	r := start(t, environ, "serve", "--config", path)
	var addresses struct {
		Listen      string `json:"listen"`
		AdminListen string `json:"admin_listen"`
	}
	line := r.next(t)
	if err := json.Unmarshal([]byte(line), &addresses); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	get(t, "http://"+addresses.AdminListen+"/readyz", http.StatusOK)
	get(t, "http://"+addresses.Listen+"/openapi.json", http.StatusOK)
	if code := r.end(); code != exitDone {
		t.Errorf("code %d: %s", code, r.stderr.String())
	}
}

// TestServeReportsAMissingSecret before it listens.
func TestServeReportsAMissingSecret(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	if err := os.WriteFile(path, []byte(config.Example), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := once(t, nil, "", "serve", "--config", path)
	if code != exitUsage || stdout != "" || !strings.Contains(stderr, "env:HEYAN_IDCERT_MAIN_APPCODE") {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

// TestDemoServes calls the daemon that the demonstration keeps running.
func TestDemoServes(t *testing.T) {
	t.Parallel()
	r := start(t, nil, "demo", "--serve", "--traffic", "600")
	var listen, body, key string
	for listen == "" {
		line := r.next(t)
		if _, rest, ok := strings.Cut(line, "  KEY="); ok {
			key = rest
		}
		if _, rest, ok := strings.Cut(line, "curl -s http://"); ok {
			listen, _, _ = strings.Cut(rest, "/")
			_, body, _ = strings.Cut(strings.TrimSuffix(line, "'"), "-d '")
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+listen+"/v1/verifications", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.Contains(string(answer), `"verdict":"match"`) {
		t.Errorf("%d %s", response.StatusCode, answer)
	}
	http.DefaultClient.CloseIdleConnections()
	if code := r.end(); code != exitDone {
		t.Errorf("code %d: %s", code, r.stderr.String())
	}
}

// TestSignalsEndTheProcess sends the signals of a terminal and of a supervisor to a child
// process.
func TestSignalsEndTheProcess(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Args = []string{"heyan", "sandbox", "--json"} // TestMain depends on the name
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for range 2 {
				if !lines.Scan() {
					t.Error("it printed fewer than two vendors")
				}
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Error(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

func get(t *testing.T, url string, want int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != want || err != nil {
		t.Errorf("%s: %d, want %d (%v)", url, response.StatusCode, want, err)
	}
	return string(body)
}

// configWithStore writes a configuration with the given store and returns its path.
func configWithStore(t *testing.T, store string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := `
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
auth: {mode: none}
log: {level: error}
store: ` + store + `
idempotency: {key: "env:HEYAN_TEST_KEY"}
policy:
  keys: [{id: k1, secret: "env:HEYAN_TEST_KEY"}]
  consent: {controller: {name: 某某商城有限公司, contact: 400-000-0001}, receipt_key: "env:HEYAN_TEST_SEED"}
providers:
  - {name: main, use: idcert, recipient_contact: 400-000-0002, settings: {appcode: "env:HEYAN_TEST_KEY"}}
routes:
  - {check: id_name, providers: [main]}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func storeEnviron() []string {
	return []string{"HEYAN_TEST_KEY=" + strings.Repeat("k", 32), "HEYAN_TEST_SEED=" + strings.Repeat("0f", 32)}
}

// TestDatabaseUnavailable: an unavailable database is not a usage error, since no other command
// line would help.
func TestDatabaseUnavailable(t *testing.T) {
	t.Parallel()
	path := configWithStore(t, `{driver: postgres, dsn: "postgres://heyan@127.0.0.1:1/heyan?connect_timeout=2"}`)
	person := `{"name":"张三","id_number":"11010519491231002X"}`
	for _, args := range [][]string{
		{"consent", "record", "--input", "-", "--purpose", "开立账户"},
		{"subject", "find", "--input", "-"},
		{"ledger", "balance"},
		{"verify", "--input", "-", "--purpose", "开立账户", "--consent", "con_1"},
		{"serve"},
	} {
		t.Run(args[0], func(t *testing.T) {
			code, out, errs := once(t, storeEnviron(), person, append(args, "--config", path, "--lang", "en")...)
			if code != exitInternal || out != "" || !strings.Contains(errs, "check that it is running and that store.dsn is correct") {
				t.Errorf("code %d, stderr %s", code, errs)
			}
			if strings.Contains(errs, "usage:") || strings.Contains(errs, "张三") || strings.Contains(errs, strings.Repeat("k", 32)) {
				t.Errorf("stderr %s", errs)
			}
		})
	}
}

// TestSecondDaemon: the error of a second daemon on one file names the remedy.
func TestSecondDaemon(t *testing.T) {
	t.Parallel()
	path := configWithStore(t, `{driver: sqlite, dsn: "file:`+filepath.Join(t.TempDir(), "heyan.db")+`"}`)
	first := start(t, storeEnviron(), "serve", "--config", path)
	first.next(t)
	code, _, errs := once(t, storeEnviron(), "", "serve", "--config", path)
	if code != exitUsage || !strings.Contains(errs, "another process has this database open; stop that process first, or set another file in store.dsn") {
		t.Errorf("code %d, stderr %s", code, errs)
	}
	if code := first.end(); code != exitDone {
		t.Errorf("the first daemon ended with code %d: %s", code, first.stderr.String())
	}
}
