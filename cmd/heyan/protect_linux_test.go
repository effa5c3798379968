package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestSecretsAreProtected looks at a running heyan as another process of its user does.
func TestSecretsAreProtected(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("/proc/self/exe", "check")
	cmd.Env = []string{beHeyan + "=1", "CODE=a secret of a test"}
	if os.Geteuid() == 0 { // /proc shows only of another user's process whether it is dumpable
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		_ = cmd.Wait()
	}()
	if _, err := fmt.Fprintln(in, "11010519491231002X"); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil { // it has started
		t.Fatal(err)
	}
	path := fmt.Sprintf("/proc/%d/environ", cmd.Process.Pid)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; owner != 0 {
		t.Errorf("%s belongs to user %d, want root: the process is dumpable", path, owner)
	}
	environ, err := os.ReadFile(path)
	if os.Geteuid() != 0 {
		if !os.IsPermission(err) {
			t.Errorf("the environment can be read: %v", err)
		}
		return
	}
	if err != nil || bytes.Contains(environ, []byte("secret")) {
		t.Errorf("the environment is %q, %v; want it erased", environ, err)
	}
}

// TestSecretsLeaveTheEnvironment: what a command has read by reference is not passed on to a
// process that it starts.
func TestSecretsLeaveTheEnvironment(t *testing.T) {
	t.Setenv("HEYAN_TEST_CODE", "a secret of a test")
	c := &cli{environ: os.Environ()}
	for range 2 { // also a second time, for a reload
		if got, ok := c.lookupEnv("HEYAN_TEST_CODE"); !ok || got != "a secret of a test" {
			t.Errorf("got %q, %v", got, ok)
		}
	}
	if got := os.Getenv("HEYAN_TEST_CODE"); got != "" {
		t.Errorf("the environment still has %q", got)
	}
}
