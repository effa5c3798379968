// Package docker holds the container image of heyan and the test that runs it without a
// container engine.
package docker

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// TestMain lets the test binary start a program in a container.
func TestMain(m *testing.M) {
	if text := os.Getenv(inContainer); text != "" {
		_ = os.Unsetenv(inContainer)
		_, _ = os.Stderr.WriteString("container: " + enter(text).Error() + "\n")
		os.Exit(125)
	}
	os.Exit(m.Run())
}

const inContainer = "HEYAN_TEST_CONTAINER"

// container is how a program is run: as a container engine does it.
type container struct {
	Root, Data, Config string // folders: of the image, writable, and read-only at /etc/heyan
	Volume, Workdir    string // paths in the container
	User               int
	Args               []string
}

// command returns a program in a mount and process namespace of its own, with a read-only
// root. Only the data folder and /tmp are writable, and no program can be started from them.
func (c container) command(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	c.Args = args
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(slices.Clone(environ), inContainer+"="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// permitted skips the test where this process may not make namespaces.
func permitted(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make mounts and to change the user")
	}
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	if err := cmd.Run(); err != nil {
		t.Skipf("namespaces are not permitted here: %v", err)
	}
}

// enter runs in the new namespaces. It returns only if it fails.
func enter(text string) error {
	var c container
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	at := func(path string) string { return filepath.Join(c.Root, path) }
	for _, dir := range []string{"/proc", "/etc/heyan", "/tmp", c.Volume} { // as an engine does
		if err := os.MkdirAll(at(dir), 0o755); err != nil {
			return err
		}
	}
	const (
		private  = syscall.MS_REC | syscall.MS_PRIVATE
		readonly = syscall.MS_REMOUNT | syscall.MS_BIND | syscall.MS_RDONLY
		inert    = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC
	)
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
		data                 string
	}{
		{"", "/", "", private, ""},
		{c.Root, c.Root, "", syscall.MS_BIND, ""},
		{"", c.Root, "", readonly, ""},
		{c.Config, at("/etc/heyan"), "", syscall.MS_BIND, ""},
		{"", at("/etc/heyan"), "", readonly, ""},
		{c.Data, at(c.Volume), "", syscall.MS_BIND, ""},
		{"", at(c.Volume), "", syscall.MS_REMOUNT | syscall.MS_BIND | inert, ""},
		{"tmpfs", at("/tmp"), "tmpfs", inert, "mode=1777"},
		{"proc", at("/proc"), "proc", inert, ""},
	} {
		if err := syscall.Mount(m.source, m.target, m.kind, m.flags, m.data); err != nil {
			return &os.PathError{Op: "mount", Path: m.target, Err: err}
		}
	}
	if err := syscall.Chroot(c.Root); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return syscall.Chdir(c.Workdir) },
		func() error { return syscall.Setgroups(nil) },
		func() error { return syscall.Setgid(c.User) },
		func() error { return syscall.Setuid(c.User) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return syscall.Exec(c.Args[0], c.Args, os.Environ()) //nolint:gosec // the arguments are those of the test
}
