package docs

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLibcIsThatOfSQLite: modernc.org/sqlite is translated C that works with exactly
// the modernc.org/libc its own go.mod names. Another module that raises libc would
// break the store in ways that no compiler sees.
func TestLibcIsThatOfSQLite(t *testing.T) {
	list := func(args ...string) string {
		out, err := exec.Command("go", append([]string{"list", "-m"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	have := list("-f", "{{.Version}}", "modernc.org/libc")
	file := list("-f", "{{.GoMod}}", "modernc.org/sqlite")
	out, err := exec.Command("go", "mod", "edit", "-print", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "modernc.org/libc "+have) {
		t.Errorf("go.mod has libc %s; SQLite's own go.mod names another one", have)
	}
}
