package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/heyan-id/heyan/providers/sandbox"
)

// terminalPair opens a pseudo terminal: what is written to master is typed at the terminal.
func terminalPair(t *testing.T) (master, term *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	term, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = term.Close() })
	return master, term
}

// On a terminal a trial calls only after a clear yes, and once.
func TestTrialAsksOnATerminal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]struct {
		code     int
		requests int64
	}{"no\n": {exitRefused, 0}, "\n": {exitRefused, 0}, "y\n": {exitRefused, 0}, "\x04": {exitRefused, 0}, "yes\n": {exitDone, 1}, "是\n": {exitDone, 1}} {
		t.Run(fmt.Sprintf("%q", typed), func(t *testing.T) {
			t.Parallel()
			s, err := sandbox.New(sandbox.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close(context.Background()) })
			v, dir := s.Vendors()[0], t.TempDir()
			conf := fmt.Sprintf("policy: {consent: {mode: off}}\nproviders:\n  - {name: main, use: idcert, settings: {base_url: %q, appcode: env:CODE}}\n"+
				"routes:\n  - {check: id_name, providers: [main]}\n", v.URL)
			for name, text := range map[string]string{"heyan.yaml": conf, "person.json": `{"name":"张三","id_number":"11010519491231002X"}`} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			master, term := terminalPair(t)
			cmd := exec.CommandContext(t.Context(), self, "provider", "trial", "main", "--config", "heyan.yaml", "--input", "person.json")
			cmd.Dir, cmd.Env, cmd.Stdin = dir, append(os.Environ(), beHeyan+"=1", "CODE="+v.AppCode.Reveal(), "LANG=C.UTF-8"), term
			if _, err := master.WriteString(typed); err != nil {
				t.Fatal(err)
			}
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != want.code || !strings.Contains(string(out), "Type yes to call:") {
				t.Errorf("exit code %d (%v), want %d:\n%s", code, err, want.code, out)
			}
			if n := s.Stats()[v.Name].Requests; n != want.requests {
				t.Errorf("%d requests, want %d", n, want.requests)
			}
		})
	}
}
