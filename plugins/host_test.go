//go:build unix

package plugins

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
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
		Name: "toy", Path: path, SHA256: sum, TempDir: os.Getenv("TOY_DIR"), Env: []string{envRole + "=good"}, StartTimeout: unhurried,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.State().PID)
	select {}
}

// No plugin outlives its host, however the host dies.
func TestNoOrphan(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	path, _ := self()
	host := exec.Command(path)
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
	pid, convErr := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || convErr != nil || !alive(pid) {
		t.Fatalf("the host said %q, %v", line, err)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	begun := time.Now()
	for alive(pid) { // the limit of go test ends a wait that is in vain
		time.Sleep(time.Millisecond)
	}
	t.Logf("the plugin was gone %v after its host", time.Since(begun))
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
