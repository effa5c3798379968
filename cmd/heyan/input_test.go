package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// silent is a stdin that gives nothing until the test ends, as a terminal or a pipe may.
type silent struct {
	asked chan struct{} // receives when it is read
	ended <-chan struct{}
}

func (s silent) Read([]byte) (int, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	<-s.ended
	return 0, io.EOF
}

// allowAll writes rules that allow everything and returns their path.
func allowAll(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte("default: allow\nrules: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSignalEndsReading: every command that reads stdin ends once its context is done.
func TestSignalEndsReading(t *testing.T) {
	t.Parallel()
	path := configWithStore(t, `{driver: sqlite, dsn: "file:`+filepath.Join(t.TempDir(), "heyan.db")+`"}`)
	for _, line := range []string{
		"check", "check -", "verify --input - --config " + path, "consent record --input - --purpose 开立账户 --config " + path,
		"consent list --input - --config " + path, "consent receipt verify - --key " + strings.Repeat("0f", 32), "consent lint -",
		"consent notice render identity-check --values -", "subject find --input - --config " + path, "subject erase --yes --input - --config " + path,
		"policy explain --rules " + allowAll(t) + " --facts -",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			stdin := silent{make(chan struct{}, 1), t.Context().Done()}
			ended := make(chan int, 1)
			var out, errs bytes.Buffer
			go func() { ended <- run(ctx, strings.Fields(line), stdin, &out, &errs, storeEnviron()) }()
			select {
			case <-stdin.asked:
				cancel()
			case code := <-ended:
				t.Fatalf("it did not read stdin: code %d, %s", code, errs.String())
			}
			if code := <-ended; code != exitRefused || !strings.Contains(errs.String(), "interrupted") {
				t.Errorf("code %d, stderr %q", code, errs.String())
			}
		})
	}
}

// TestSignalEndsPrompt: the answer to a question may never come.
func TestSignalEndsPrompt(t *testing.T) {
	t.Parallel()
	stopped := make(chan struct{})
	stdin := silent{make(chan struct{}, 1), t.Context().Done()}
	go func() {
		<-stdin.asked
		close(stopped)
	}()
	c := &cli{stdin: stdin, stderr: io.Discard, stopped: stopped}
	var exit *exitError
	if answer, err := c.prompt("?"); answer != "" || !errors.As(err, &exit) || exit.code != exitRefused {
		t.Errorf("%q, %v, want code %d", answer, err, exitRefused)
	}
}

// TestFirstSignalEndsCheck sends one signal to a process that waits for the next number.
func TestFirstSignalEndsCheck(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), self, "check", "--json")
			cmd.Env = append(os.Environ(), beHeyan+"=1")
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
			_, _ = io.WriteString(in, "11010519491231002X\n")
			if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, `"valid":true`) {
				t.Fatal(line, err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Error(err)
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitRefused {
				t.Errorf("it ended with %v, want code %d", err, exitRefused)
			}
		})
	}
}

// zeros is /dev/zero.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestEndlessInput: an input without an end is an error, which says what is wrong.
func TestEndlessInput(t *testing.T) {
	t.Parallel()
	const valid = "11010519491231002X\n"
	for line, want := range map[string]string{
		"check": "stdin: line 2 is longer than 1 MiB", "verify --input -": "--input: must be one JSON object",
		"consent receipt verify - --key " + strings.Repeat("0f", 32): "the file is larger than 1 MiB",
		"consent lint -": "the file is larger than", "policy explain --rules " + allowAll(t) + " --facts -": "--facts: stdin has more than 64 KiB",
		"check /dev/zero": "argument 1: line 1 is longer than 1 MiB",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(line, "/dev/zero") && !isFile("/dev/zero") {
				t.Skip("this system has no /dev/zero")
			}
			var errs bytes.Buffer
			code := run(t.Context(), strings.Fields(line), io.MultiReader(strings.NewReader(valid), zeros{}), io.Discard, &errs, nil)
			if code != exitUsage || !strings.Contains(errs.String(), want) {
				t.Errorf("code %d, stderr %q, want %q", code, errs.String(), want)
			}
		})
	}
}
