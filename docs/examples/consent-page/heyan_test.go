package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// settings configures the daemon for a fake vendor, without a minimum reading time.
const settings = `
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
auth: {mode: none}
store: {driver: memory}
log: {level: warn}
policy:
  consent:
    mode: required
    controller: {name: 某某商城有限公司, contact: 400-000-0001}
    min_review: 0s
    withdraw: 在“我的-隐私”页面点击撤回，或拨打400-000-0001
  purposes: [{name: account_opening, title: 确认开户人的姓名与证件号码相符}]
providers:
  - {name: main, use: idcert, recipient: 示例数据服务有限公司, recipient_contact: 400-000-0002,
     settings: {base_url: %q, appcode: env:HEYAN_TEST_APPCODE}}
routes: [{check: id_name, providers: [main]}]
`

// daemon starts a fake vendor and the real heyan on loopback addresses, and returns
// heyan's address and the vendor's.
func daemon(t *testing.T) (heyan, vendor string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "heyan")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../../cmd/heyan").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var fake struct{ URL, AppCode string }
	start(t, &fake, program, "sandbox", "--json")
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, settings, fake.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HEYAN_TEST_APPCODE", fake.AppCode)
	var served struct{ Listen string }
	start(t, &served, program, "serve", "--config", path)
	return "http://" + served.Listen, fake.URL
}

// start runs heyan until the test is over, and reads its first line.
func start(t *testing.T, into any, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { // those of the shell would change the configuration
		return strings.HasPrefix(v, "HEYAN_") && !strings.HasPrefix(v, "HEYAN_TEST_")
	})
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("heyan %s ended with %v", args[0], err)
		}
	})
	lines := bufio.NewScanner(out)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), into) != nil {
		t.Fatalf("heyan %s began with %q", args[0], lines.Text())
	}
}

// calls counts the requests that reached the vendor.
func (b browser) calls(vendor string) int {
	b.Helper()
	answer, err := http.Get(vendor + "/_sandbox/stats")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	stats := map[string]struct{ Requests int }{}
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, s := range stats {
		n += s.Requests
	}
	return n
}

// TestWithHeyan runs the page with the real daemon: the vendor is called only for the
// person who agreed.
func TestWithHeyan(t *testing.T) {
	heyan, vendor := daemon(t)
	refused := open(t, heyan)
	refused.wants(refused.post("/notice", "name", "李四", "number", "420106199506159063"), "李四", ">不同意<")
	refused.wants(refused.post("/decision", "decision", "refuse"), "您选择了“不同意”")
	refused.wants(refused.post("/notice", "name", "李四", "number", "420106199506159063"), "不会反复询问")
	refused.wants(refused.post("/notice", "name", personName, "number", "11010519491231003X"), "检查姓名和证件号码的写法")
	refused.wants(refused.post("/notice", "name", "测试", "number", "653228202501019946"), "监护人") // a child

	b := open(t, heyan)
	b.wants(b.register(), personName, personNumber, "某某商城有限公司", "示例数据服务有限公司", "确认开户人的姓名与证件号码相符")
	if n := b.calls(vendor); n != 0 {
		t.Errorf("%d calls before an agreement", n)
	}
	b.wants(b.agree(), "姓名与证件号码相符")
	b.wants(b.get("/receipt.html"), "某某商城有限公司")
	b.wants(b.get("/receipt.json"), `"signature"`, "示例数据服务有限公司")
	b.wants(b.post("/withdrawal"), "已撤回同意")
	if n := b.calls(vendor); n != 1 {
		t.Errorf("%d calls, want the one that was agreed to", n)
	}
	if page := b.get("/receipt.json"); strings.Contains(page, personName) || strings.Contains(page, personNumber) || !strings.Contains(page, "withdrawn") {
		t.Errorf("the receipt after the withdrawal: %s", page)
	}
}
