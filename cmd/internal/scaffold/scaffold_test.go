package scaffold

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	tests := map[string]bool{
		"acme": true, "a1": true, "id-check-2": true, "a" + strings.Repeat("b", 39): true,
		"": false, "a": false, "Acme": false, "1acme": false, "-acme": false, "ac_me": false, "../acme": false,
		"a" + strings.Repeat("b", 40): false, "acme\n": false, "核验": false,
	}
	for name, want := range tests {
		if got := CheckName(name); got != want {
			t.Errorf("CheckName(%q) = %v", name, got)
		}
	}
}

func TestCheckModule(t *testing.T) {
	tests := map[string]bool{
		"example.com/acme": true, "acme": true, "git.example.com/team/acme/v2": true,
		"": false, "a b": false, "/acme": false, "acme/": false, "a/../b": false, "a\nb": false, "\"a\"": false,
	}
	for module, want := range tests {
		if got := CheckModule(module); got != want {
			t.Errorf("CheckModule(%q) = %v", module, got)
		}
	}
}

// heyanCheckout writes the two files of a checkout that are read.
func heyanCheckout(t *testing.T, mod string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": mod, "go.sum": "sums\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const mod = "module github.com/heyan-id/heyan\n\ngo 1.26.0\n\nrequire example.com/one v1.2.3\n\nrequire (\n" +
	"\texample.com/two/v2 v2.0.0\n\texample.com/three v0.0.0-20250101000000-abcdef // indirect\n)\n"

func TestTakesWhatHeyanNeeds(t *testing.T) {
	files, err := Files(Plan{Name: "acme", Module: "m", Version: "0.1.0", Heyan: heyanCheckout(t, mod)})
	if err != nil {
		t.Fatal(err)
	}
	if string(files["go.sum"]) != "sums\n" {
		t.Errorf("go.sum: %q", files["go.sum"])
	}
	for _, line := range []string{"one v1.2.3 // indirect", "two/v2 v2.0.0 // indirect", "three v0.0.0-20250101000000-abcdef // indirect"} {
		if !strings.Contains(string(files["go.mod"]), "\texample.com/"+line+"\n") {
			t.Errorf("go.mod lacks %s:\n%s", line, files["go.mod"])
		}
	}
	if _, err := Files(Plan{Name: "acme", Heyan: heyanCheckout(t, "module example.com/other\n")}); !errors.Is(err, ErrNoCheckout) {
		t.Errorf("another module: %v", err)
	}
	if _, err := Files(Plan{Name: "acme", Heyan: t.TempDir()}); !errors.Is(err, ErrNoCheckout) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestWriteOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	plan := Plan{Name: "acme", Module: "m", Version: "0.1.0"}
	names, err := Write(dir, plan)
	if err != nil || !slices.Contains(names, "codec.go") || !slices.Contains(names, ".gitignore") || slices.Contains(names, "go.sum") {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || len(text) == 0 || strings.Contains(string(text), "{{") {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
	mine := filepath.Join(dir, "codes.go")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "codec.go")); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, plan); !errors.Is(err, ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "mine" {
		t.Errorf("a file was overwritten: %q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "codec.go")); err == nil {
		t.Error("a file was written although another one was there")
	}
}

func TestQuoted(t *testing.T) {
	for path, want := range map[string]string{
		"/home/me/heyan": "/home/me/heyan", "/home/my work/heyan": `"/home/my work/heyan"`, "/a(b)": `"/a(b)"`, "": "",
	} {
		if got := quoteForGoMod(path); got != want {
			t.Errorf("quoted(%q) = %s, want %s", path, got, want)
		}
	}
}
