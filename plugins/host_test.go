//go:build unix

package plugins

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// playHost opens a plugin, says which process it is and waits to be killed.
func playHost() {
	path, sum := self()
	p, err := Open(context.Background(), Spec{
		Name: "toy", Path: path, SHA256: sum, TempDir: os.Getenv("TOY_DIR"), StartTimeout: unhurried, PingEvery: unhurried,
		Env: []string{envRole + "=parent", "TOY_MARK=" + filepath.Join(os.Getenv("TOY_DIR"), "child")},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.State().PID)
	select {}
}

// No plugin outlives its host, however the host dies, and no process that the plugin has
// started does.
func TestNoOrphan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before func(plugin int) error // what happens to the plugin before the host is killed
	}{
		{"the host is killed", func(int) error { return nil }},
		{"while the plugin is stopped", func(plugin int) error { return syscall.Kill(plugin, syscall.SIGSTOP) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := shortDir(t)
			host, plugin := startHost(t, dir)
			child := number(t, filepath.Join(dir, "child"))
			if !alive(plugin) || !alive(child) {
				t.Fatal("the plugin or its child does not run")
			}
			if err := tt.before(plugin); err != nil {
				t.Fatal(err)
			}
			if err := host.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = host.Wait()
			for alive(plugin) || alive(child) { // the limit of go test ends a wait that is in vain
				time.Sleep(time.Millisecond)
			}
		})
	}
}

// What a plugin has started ends with it, however it ends.
func TestChildrenEndWithThePlugin(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, p *Plugin){
		"it is killed":  func(_ *testing.T, p *Plugin) { p.Kill() },
		"it ends alone": func(t *testing.T, p *Plugin) { _ = syscall.Kill(p.State().PID, syscall.SIGTERM) },
		"it is closed":  func(t *testing.T, p *Plugin) { closed(t, p) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec(t, "parent")
			mark := filepath.Join(shortDir(t), "child")
			s.Env = append(s.Env, "TOY_MARK="+mark)
			p := opened(t, s)
			child := number(t, mark)
			if !alive(child) {
				t.Fatal("there is no child")
			}
			end(t, p)
			for alive(child) {
				time.Sleep(time.Millisecond)
			}
		})
	}
}

// startHost starts a host with the plugin "parent" and returns the plugin's process id.
func startHost(t *testing.T, dir string) (host *exec.Cmd, plugin int) {
	t.Helper()
	path, _ := self()
	host = exec.Command(path)
	host.Env = append(os.Environ(), envRole+"=host", "TOY_DIR="+dir)
	host.Stderr = t.Output()
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	plugin, convErr := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || convErr != nil {
		t.Fatalf("the host said %q, %v", line, err)
	}
	return host, plugin
}

// number reads a number from a file.
func number(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	n, convErr := strconv.Atoi(string(text))
	if err != nil || convErr != nil {
		t.Fatalf("%q, %v, %v", text, err, convErr)
	}
	return n
}

// alive reports whether a process runs; a zombie does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !os.IsNotExist(err) || !isLinux()
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func isLinux() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

// The lifeline ends a plugin also where the kernel does not.
func TestFollowHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		code := make(chan int, 1)
		go followHost(r, func(c int) { code <- c })
		synctest.Wait()
		if len(code) > 0 {
			t.Fatal("it ended before its host")
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if c := <-code; c != 0 {
			t.Errorf("exit code %d, want 0", c)
		}
	})
}
