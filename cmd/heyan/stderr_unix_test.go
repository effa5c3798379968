//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/heyan-id/heyan/cmd/internal/daemon"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
)

// stalledPipe returns the writing end of a pipe that is full and never read.
func stalledPipe(t *testing.T) *os.File {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), out.Close() })
	raw, err := in.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var full error
	err = raw.Write(func(fd uintptr) bool {
		for full == nil {
			_, full = syscall.Write(int(fd), make([]byte, 1))
		}
		return true
	})
	if err != nil || !errors.Is(full, syscall.EAGAIN) {
		t.Fatal(err, full)
	}
	return in
}

// closedPipe returns the writing end of a pipe without a reader.
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close() })
	_ = out.Close()
	return in
}

// TestServeSurvivesItsStderr: whatever becomes of the reader of the log, the daemon answers a
// verification and ends at SIGTERM.
func TestServeSurvivesItsStderr(t *testing.T) {
	t.Parallel()
	for name, stderr := range map[string]func(*testing.T) *os.File{"stalled": stalledPipe, "closed": closedPipe} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, at := serveWith(t, stderr(t))
			const body = `{"check":"id_name","subject":{"name":"张三","id_number":"11010519491231002X"}}`
			answer := request(t, http.MethodPost, "http://"+at.Listen+"/v1/verifications", body)
			if !strings.Contains(answer, `"verdict":"match"`) && !strings.Contains(answer, `"verdict":"mismatch"`) {
				t.Errorf("%s", answer)
			}
			metrics := request(t, http.MethodGet, "http://"+at.AdminListen+"/metrics", "")
			if lost := regexp.MustCompile(`(?m)^heyan_log_dropped_total [1-9]`).MatchString(metrics); lost != (name == "closed") {
				t.Errorf("metric of dropped lines:\n%s", metrics)
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// serveWith starts `heyan serve` in a process of its own, in front of a sandbox vendor.
func serveWith(t *testing.T, stderr *os.File) (*exec.Cmd, daemon.Addresses) {
	t.Helper()
	return serveBefore(t, sandboxtest.Start(t, sandbox.Config{Vendors: []sandbox.VendorConfig{{Name: "a"}}}), stderr)
}

// serveBefore does the same in front of a given vendor.
func serveBefore(t *testing.T, fake *sandbox.Sandbox, stderr *os.File) (*exec.Cmd, daemon.Addresses) {
	t.Helper()
	vendor := fake.Vendors()[0]
	path := filepath.Join(t.TempDir(), "heyan.yaml")
	text := fmt.Sprintf("listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nauth: {mode: none}\nstore: {driver: memory}\nlog: {level: debug}\npolicy: {consent: {mode: off}}\n"+
		"providers:\n  - {name: a, use: idcert, settings: {base_url: %q, appcode: \"env:CODE\"}}\nroutes:\n  - {check: id_name, providers: [a]}\n", vendor.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "serve", "--config", path)
	cmd.Env = append(os.Environ(), beHeyan+"=1", "CODE="+vendor.AppCode.Reveal())
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var at daemon.Addresses
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &at) != nil {
		t.Fatalf("not ready: %q, %v", line, err)
	}
	return cmd, at
}

// request returns the body of a response with status 200.
func request(t *testing.T, method, url, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s (%v)", url, resp.StatusCode, text, err)
	}
	return string(text)
}
