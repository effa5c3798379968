// Package clients tests the clients of the REST API, which are in the folders below: each
// runs the same cases against a daemon, and its example is the one of docs/clients.md. A
// language that is not installed is skipped.
package clients

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// settings configures a daemon with two fake vendors.
const settings = `
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
auth: {mode: keys}
store: {driver: sqlite, dsn: "file:%[1]s/heyan.db"}
log: {level: error}
policy:
  consent:
    mode: required
    controller: {name: 某某商城有限公司, contact: 400-000-0001}
    min_review: 0s
    uses: 50
    withdraw: 在“我的-隐私”页面点击撤回，或拨打400-000-0001
  purposes: [{name: account_opening, title: 确认开户人的姓名与证件号码相符}]
providers:
  - {name: main, use: idcert, recipient: 示例数据服务有限公司, recipient_contact: 400-000-0002,
     settings: {base_url: %[2]q, appcode: env:HEYAN_CLIENTS_A}}
  - {name: spare, use: idcert, recipient: 示例数据服务有限公司, recipient_contact: 400-000-0002,
     settings: {base_url: %[3]q, appcode: env:HEYAN_CLIENTS_B}}
routes: [{check: id_name, providers: [main, spare], max_attempts: 2}]
`

// daemon is heyan with its fake vendors.
type daemon struct {
	*testing.T

	url, key, vendor string
}

// build compiles heyan.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "heyan")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/heyan").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

func startDaemon(t *testing.T, program string) daemon {
	t.Helper()
	var a, b struct{ URL, AppCode string }
	start(t, exec.Command(program, "sandbox", "--json"), &a, &b)
	dir := t.TempDir()
	config := filepath.Join(dir, "heyan.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, settings, dir, a.URL, b.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "HEYAN_CLIENTS_A="+a.AppCode, "HEYAN_CLIENTS_B="+b.AppCode)
	create := exec.Command(program, "key", "create", "--config", config, "--name", "shop", "--scope", "verify,read,consent,ledger,admin")
	create.Env = env
	key, err := create.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, key)
	}
	serve := exec.Command(program, "serve", "--config", config)
	serve.Env = env
	var served struct{ Listen string }
	start(t, serve, &served)
	return daemon{t, "http://" + served.Listen, strings.TrimSpace(string(key)), a.URL}
}

// start runs a command until the test is over, and reads its first lines.
func start(t *testing.T, cmd *exec.Cmd, into ...any) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = os.Stderr
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s ended with %v", cmd, err)
		}
	})
	lines := bufio.NewScanner(out)
	for _, value := range into {
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), value) != nil {
			t.Fatalf("%s began with %q", cmd, lines.Text())
		}
	}
}

// billed counts the answers that the vendors charged for.
func (d daemon) billed() (n int) {
	d.Helper()
	answer, err := http.Get(d.vendor + "/_sandbox/stats")
	if err != nil {
		d.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	stats := map[string]struct{ Billed int }{}
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		d.Fatal(err)
	}
	for _, s := range stats {
		n += s.Billed
	}
	return n
}

// maintenance has the first vendor answer the next query with 9999.
func (d daemon) maintenance() {
	d.Helper()
	answer, err := http.Post(d.vendor+"/_sandbox/scenario", "application/json", strings.NewReader(`{"vendor":"idcert-a","mode":"maintenance","count":1}`))
	if err != nil {
		d.Fatal(err)
	}
	if _ = answer.Body.Close(); answer.StatusCode != http.StatusOK {
		d.Fatalf("the scenario was refused with %s", answer.Status)
	}
}
