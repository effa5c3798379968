package docker

import (
	"bufio"
	"crypto/sha256"
	"crypto/x509"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/heyan-id/heyan/providers/sandbox"
)

// TestImage makes the image's files and runs them as a container engine would: as the user
// of the Dockerfile, with a read-only root. A plugin runs in it too.
func TestImage(t *testing.T) {
	permitted(t)
	i := readDockerfile(t)
	c := container{Root: i.assemble(t), Data: t.TempDir(), Config: t.TempDir(), Volume: i.volume, Workdir: i.workdir, User: i.user}
	examineFiles(t, i, c.Root)
	if i.user == 0 {
		t.Fatal("the image runs as root")
	}
	if err := os.Chown(c.Data, i.user, i.user); err != nil {
		t.Fatal(err)
	}
	environ, listen := configure(t, c)

	daemon := c.command(t, environ, i.command...)
	var errs strings.Builder
	daemon.Stderr = &errs
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = daemon.Process.Kill() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		_ = daemon.Wait()
		t.Fatalf("%q, %v: %s", line, err, errs.String())
	}
	examineProcess(t, daemon.Process.Pid, i)

	key, err := c.command(t, environ, "/heyan", "key", "create", "--config", "/etc/heyan/heyan.yaml", "--name", "shop", "--scope", "verify").Output()
	if err != nil {
		t.Fatalf("key create: %v", err)
	}
	if got := verify(t, listen, strings.TrimSpace(string(key))); got != "match" {
		t.Errorf("the verification is %q, want match: %s", got, errs.String())
	}
	if out, err := c.command(t, environ, i.health...).CombinedOutput(); err != nil || string(out) != "ready\n" {
		t.Errorf("the health check: %q, %v", out, err)
	}
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v: %s", err, errs.String())
	}
	if err := c.command(t, environ, i.health...).Run(); err == nil {
		t.Error("the health check passes without a daemon")
	}
}

// examineFiles looks at what is in the image: a static program, the authorities, and nothing
// that the user of the image could change.
func examineFiles(t *testing.T, i image, root string) {
	t.Helper()
	program, err := elf.Open(filepath.Join(root, i.command[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range program.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the program needs a dynamic linker, which is not in the image")
		}
	}
	authorities, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	if pool := x509.NewCertPool(); err != nil || !pool.AppendCertsFromPEM(authorities) {
		t.Errorf("no authorities in the image: %v", err)
	}
	files := 0
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		name := strings.TrimPrefix(path, root)
		if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 0 && !strings.HasPrefix(name, i.volume) {
			t.Errorf("%s belongs to user %d, want root", name, owner)
		}
		if info.Mode()&0o022 != 0 && name != "/tmp" {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		return nil
	})
	if err != nil || files < 8 {
		t.Errorf("%d files, %v", files, err)
	}
}

// configure writes a configuration with a sandbox vendor behind a plugin, which is heyan
// itself, and returns the environment and the address of the API.
func configure(t *testing.T, c container) (environ []string, listen string) {
	t.Helper()
	s, err := sandbox.New(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context()) })
	program, err := os.ReadFile(filepath.Join(c.Root, "heyan"))
	if err != nil {
		t.Fatal(err)
	}
	listen = free(t)
	text := fmt.Sprintf(`listen: %s
admin_listen: %s
policy: {consent: {mode: off}}
providers:
  - name: main
    recipient: Example Ltd.
    plugin: {path: /heyan, sha256: "%x", args: [provider, serve, idcert], start_timeout: 30s}
    settings: {base_url: %q, appcode: "env:APPCODE"}
routes:
  - {check: id_name, providers: [main]}
`, listen, free(t), sha256.Sum256(program), s.Vendors()[0].URL)
	if err := os.WriteFile(filepath.Join(c.Config, "heyan.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(c.Config, 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{"APPCODE=" + s.Vendors()[0].AppCode.Reveal()}, listen
}

// free returns a loopback address with a port that was free a moment ago.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// examineProcess looks at the running daemon from outside: its user, its rights and its mounts.
func examineProcess(t *testing.T, pid int, i image) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	user := fmt.Sprintf("%[1]d\t%[1]d\t%[1]d\t%[1]d\n", i.user)
	for _, want := range []string{"\nUid:\t" + user, "\nGid:\t" + user, "\nCapEff:\t0000000000000000\n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("the process has not %q:\n%s", want, status)
		}
	}
	mounts, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	if err != nil {
		t.Fatal(err)
	}
	writable := map[string]bool{}
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		writable[fields[4]] = strings.HasPrefix(fields[5], "rw,")
	}
	for path, want := range map[string]bool{"/": false, "/etc/heyan": false, "/tmp": true, i.volume: true} {
		if got, ok := writable[path]; !ok || got != want {
			t.Errorf("%s is mounted %v, writable %v; want writable %v", path, ok, got, want)
		}
	}
}

// verify asks the daemon about a fictitious person and returns the verdict.
func verify(t *testing.T, listen, key string) string {
	t.Helper()
	body := `{"check":"id_name","purpose":"test","app":"shop","subject":{"name":"张三","id_number":"11010519491231002X"}}`
	r, err := http.NewRequest(http.MethodPost, "http://"+listen+"/v1/verifications", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + key}, "Content-Type": {"application/json"}, "Idempotency-Key": {"one"}}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Verdict string }
	if err := json.Unmarshal(text, &answer); err != nil || reply.StatusCode != http.StatusOK {
		t.Errorf("HTTP %d, %s", reply.StatusCode, text)
	}
	return answer.Verdict
}
