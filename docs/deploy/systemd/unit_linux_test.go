// Package systemd holds the unit of heyan and its tests.
package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary run a program without memory that is writable and executable.
func TestMain(m *testing.M) {
	if os.Getenv(denyWriteExecute) != "" {
		if err := unix.Prctl(unix.PR_SET_MDWE, unix.PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0); err != nil {
			_, _ = os.Stderr.WriteString("the kernel does not know MDWE, so the program runs without it\n")
		}
		_ = os.Unsetenv(denyWriteExecute)
		err := syscall.Exec(os.Args[1], os.Args[1:], os.Environ()) //nolint:gosec // the arguments are those of the test
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(125)
	}
	os.Exit(m.Run())
}

const denyWriteExecute = "HEYAN_TEST_DENY_WRITE_EXECUTE"

// analyze runs systemd-analyze, or skips the test.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	out, err := exec.Command("systemd-analyze", append([]string{"--no-pager"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func readUnit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("heyan.service")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExposure: systemd's own assessment, from 0 (closed) to 10 (open), is at most 2.0.
func TestExposure(t *testing.T) {
	t.Parallel()
	out := analyze(t, "security", "--offline=true", "./heyan.service")
	found := regexp.MustCompile(`Overall exposure level for heyan.service: ([0-9.]+)`).FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("no assessment in\n%s", out)
	}
	if level, err := strconv.ParseFloat(found[1], 64); err != nil || level > 2.0 {
		t.Errorf("the exposure is %s, want 2.0 at most\n%s", found[1], out)
	}
}

// TestUnitIsValid: systemd knows each option and finds no fault in a value.
func TestUnitIsValid(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "heyan.service")
	text := strings.Replace(readUnit(t), "ExecStart=/usr/local/bin/heyan", "ExecStart=/bin/true", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := analyze(t, "verify", "--man=no", path); strings.Contains(out, "heyan.service") {
		t.Error(out)
	}
}

// TestLeftOut: options that would break what heyan does are not in the unit. The page
// docs/deploy.md says why for each.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, option := range []string{"PrivateUsers", "DynamicUser", "PrivateNetwork", "IPAddressDeny", "RootDirectory", "NoExecPaths"} {
		if strings.Contains(readUnit(t), "\n"+option+"=") {
			t.Errorf("the unit has %s", option)
		}
		if !strings.Contains(string(page), "`"+option+"`") {
			t.Errorf("docs/deploy.md does not say why %s is left out", option)
		}
	}
}

// TestSystemCalls runs the demonstration, which starts a plugin process from sealed memory and
// talks to it over a unix socket, without writable and executable memory, and compares its
// system calls with those that the unit allows.
func TestSystemCalls(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	allowed := allowedCalls(t, analyze(t, "syscall-filter"))
	dir := t.TempDir()
	program, trace := filepath.Join(dir, "heyan"), filepath.Join(dir, "trace")
	build := exec.Command("go", "build", "-o", program, "./cmd/heyan")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("strace", "-f", "-qq", "-o", trace, own, program, "demo")
	cmd.Env = append(os.Environ(), denyWriteExecute+"=1")
	// Other steps may fail, since they depend on time, and a traced process is slow.
	out, err := cmd.CombinedOutput()
	switch {
	case strings.Contains(string(out), "PTRACE"):
		t.Skip("tracing is not permitted here")
	case !regexp.MustCompile(`(?m)^1 +name and number match +match +idcert-a .*✓$`).Match(out):
		t.Fatalf("the plugin did not answer: %v: %s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^[0-9]+ +([a-z_0-9]+)\(`).FindAllStringSubmatch(string(text), -1) {
		used[m[1]] = true
	}
	if !used["memfd_create"] || !used["execve"] || len(used) < 40 {
		t.Fatalf("%d system calls; the trace has another form, or no plugin was started", len(used))
	}
	for name := range used {
		if !allowed[name] {
			t.Errorf("heyan uses %s, which the unit refuses", name)
		}
	}
}

// allowedCalls returns the system calls of the unit's SystemCallFilter lines, by the groups
// that systemd lists.
func allowedCalls(t *testing.T, list string) map[string]bool {
	t.Helper()
	groups, current := map[string][]string{}, ""
	for line := range strings.Lines(list) {
		switch name := strings.TrimSpace(line); {
		case strings.HasPrefix(line, "@"):
			current = name
		case name != "" && !strings.HasPrefix(name, "#"):
			groups[current] = append(groups[current], name)
		}
	}
	var expand func(name string) []string
	expand = func(name string) []string {
		if !strings.HasPrefix(name, "@") {
			return []string{name}
		}
		var all []string
		for _, inner := range groups[name] {
			all = append(all, expand(inner)...)
		}
		return all
	}
	allowed := map[string]bool{}
	for _, name := range expand("@default") {
		allowed[name] = true
	}
	filters := regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.+)$`).FindAllStringSubmatch(readUnit(t), -1)
	for _, f := range filters {
		for _, name := range strings.Fields(f[2]) {
			for _, call := range expand(name) {
				allowed[call] = f[1] == ""
			}
		}
	}
	if len(filters) < 2 || len(allowed) < 100 {
		t.Fatalf("%d filters, %d system calls", len(filters), len(allowed))
	}
	return allowed
}
