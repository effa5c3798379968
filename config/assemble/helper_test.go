package assemble

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
)

const canary = "H3lper-Canary-7719"

func shell(script string) config.SecretHelper {
	return config.SecretHelper{Name: "h", Command: []string{"/bin/sh", "-c", script}, Timeout: time.Minute}
}

func environ(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, p := range pairs {
			if value, ok := strings.CutPrefix(p, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

func TestRunHelper(t *testing.T) {
	brief := shell("echo " + canary + "; sleep 60")
	brief.Timeout = 50 * time.Millisecond
	child := shell("sleep 60 & sleep 60; echo " + canary)
	child.Timeout = 50 * time.Millisecond
	env := shell(`env | cut -d= -f1 | sort | tr '\n' ' '`)
	env.Env = []string{"VAULT_ADDR", "NOT_SET"}
	for _, tt := range []struct {
		name   string
		helper config.SecretHelper
		want   string
		err    string
	}{
		{"plain", shell("printf " + canary), canary, ""},
		{"white space round it", shell("printf '\n  " + canary + " \r\n\n'"), canary, ""},
		{"several lines", shell("printf 'a\nb\n'"), "a\nb", ""},
		{"an argument is not read by a shell", config.SecretHelper{Command: []string{"/bin/echo", "$HOME; `id`"}, Timeout: time.Minute}, "$HOME; `id`", ""},
		{"the environment is minimal", env, "HOME LANG PATH PWD VAULT_ADDR", ""},
		{"no input", shell("cat; echo x"), "x", ""},
		{"in the root folder", shell("pwd"), "/", ""},
		{"a background child keeps the output open", shell("sleep 4 & echo " + canary), canary, ""},
		{"fails", shell("echo " + canary + "; echo " + canary + " >&2; exit 3"), "", `"exit status 3" and 19 bytes of error output`},
		{"is killed", shell("echo " + canary + "; kill -9 $$"), "", "signal: killed"},
		{"hangs", brief, "", "timeout of 50ms"},
		{"hangs with a child", child, "", "timeout of 50ms"},
		{"prints nothing", shell("echo"), "", "printed nothing"},
		{"prints too much", shell("while :; do echo " + canary + canary + canary + "; done"), "", "more than 65536 bytes"},
		{"prints too much to its error output", shell("head -c 200000 /dev/zero >&2; echo " + canary), canary, ""},
		{"prints bytes", shell(`printf '\377\376'`), "", "UTF-8"},
		{"prints a zero", shell(`printf 'a\000b'`), "", "UTF-8"},
		{"is not there", config.SecretHelper{Command: []string{"/nowhere/" + canary}, Timeout: time.Minute}, "", "does not exist"},
		{"is a folder", config.SecretHelper{Command: []string{"/bin/"}, Timeout: time.Minute}, "", "cannot be executed"},
		{"is no program", config.SecretHelper{Command: []string{"/etc/passwd"}, Timeout: time.Minute}, "", "cannot be executed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := runHelper(t.Context(), tt.helper, environ("HOME=/root", "VAULT_ADDR=x", "SECRET="+canary))
			if got.Reveal() != tt.want {
				t.Errorf("got %q, want %q", got.Reveal(), tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the error shows what was printed: %v", err)
			}
		})
	}
}

// Whoever can replace the program reads the secrets.
func TestHelperProgramIsSafe(t *testing.T) {
	for name, tt := range map[string]struct {
		file, folder os.FileMode
		err          string
	}{
		"fine":                    {0o700, 0o700, ""},
		"everybody writes it":     {0o702, 0o700, "replace"},
		"everybody writes beside": {0o700, 0o707, "folder"},
		"not executable":          {0o600, 0o700, "executed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "bin")
			path := filepath.Join(dir, "helper")
			link := filepath.Join(t.TempDir(), "link")
			for _, err := range []error{
				os.Mkdir(dir, 0o700), os.WriteFile(path, []byte("#!/bin/sh\n"), 0o600), os.Chmod(path, tt.file), os.Chmod(dir, tt.folder), os.Symlink(path, link),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, p := range []string{path, link} {
				if _, err := helperProgram(p); (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
			}
		})
	}
}

func TestSecretsRunAHelperOncePerInterval(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	counting := fmt.Sprintf("echo x >> %s; wc -l < %s", runs, runs)
	for _, tt := range []struct {
		name    string
		script  string
		refresh time.Duration
		want    []string
	}{
		{"at the start only", counting, 0, []string{"1", "1", "1"}},
		{"within the interval", counting, time.Hour, []string{"1", "1", "1"}},
		{"after the interval", counting, time.Nanosecond, []string{"1", "2", "3"}},
		{"a failure is not repeated at once", counting + "; exit 1", time.Hour, []string{"", "", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_ = os.Remove(runs)
			h := shell(tt.script)
			h.Refresh = tt.refresh
			s := NewSecrets(config.Config{SecretHelpers: []config.SecretHelper{h}}, environ())
			for _, want := range tt.want {
				got, err := s.Resolve(t.Context(), "exec:h")
				if got.Reveal() != want || (err == nil) != (want != "") {
					t.Errorf("got %q, %v; want %q", got.Reveal(), err, want)
				}
			}
			if text, _ := os.ReadFile(runs); tt.want[0] == "" && string(text) != "x\n" {
				t.Errorf("the failing helper ran %d times", strings.Count(string(text), "\n"))
			}
		})
	}
}

// The end of the daemon ends a helper, and is not taken for its failure.
func TestHelperEndsWithTheDaemon(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := filepath.Join(t.TempDir(), "started")
	h := shell("mkfifo " + started + ".f; echo > " + started + "; read x < " + started + ".f")
	h.Refresh = time.Hour
	s := NewSecrets(config.Config{SecretHelpers: []config.SecretHelper{h}}, environ())
	done := make(chan error, 1)
	go func() {
		_, err := s.Resolve(ctx, "exec:h")
		done <- err
	}()
	for _, err := os.Stat(started); err != nil; _, err = os.Stat(started) {
		select {
		case err := <-done:
			t.Fatal(err)
		default:
		}
	}
	cancel()
	if err := <-done; err == nil || len(s.printed) > 0 {
		t.Errorf("got %v and %d results kept", err, len(s.printed))
	}
}
