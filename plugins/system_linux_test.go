package plugins

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Nothing of the host's environment reaches a plugin that is not on the list.
func TestEnvironment(t *testing.T) {
	t.Setenv("TOY_SECRET", "x")
	t.Setenv("HEYAN_IDCERT_APPCODE", "x")
	if p := opened(t, spec(t, "nosy")); !p.State().Ready() {
		t.Errorf("state %+v", p.State())
	}
}

// The bytes that were hashed are the bytes that run: also after the file was changed,
// and after a restart.
func TestSealed(t *testing.T) {
	t.Parallel()
	path, sum := self()
	s := spec(t, "good")
	s.Path = filepath.Join(shortDir(t), "plugin")
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	seen := states(&s)
	p := opened(t, s)
	if err := os.WriteFile(s.Path, []byte("#!/bin/false\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	next(seen, Restarting)
	if got := next(seen, Ready); got.SHA256 != sum {
		t.Errorf("state %+v, want the old sum", got)
	}
	exe := fmt.Sprintf("/proc/%d/exe", p.State().PID)
	if target, err := os.Readlink(exe); err != nil || !strings.HasPrefix(target, "/memfd:") {
		t.Errorf("it runs from %q, %v, want memory", target, err)
	}
	memory := p.current.program.memory
	if f, err := os.OpenFile(inMemory(memory), os.O_RDWR, 0); err == nil {
		if _, err = f.WriteAt([]byte("x"), 0); !errors.Is(err, syscall.EPERM) {
			t.Errorf("the sealed memory can be written: %v", err)
		}
		if err := f.Truncate(0); !errors.Is(err, syscall.EPERM) {
			t.Errorf("the sealed memory can be cut: %v", err)
		}
		_ = f.Close()
	}
	if _, err := Open(t.Context(), s); !errors.Is(err, &Error{Reason: ReasonChecksum}) {
		t.Errorf("the changed file: got %v, want that its sum is wrong", err)
	}
}
