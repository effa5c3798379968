package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const planted = "Pl4nted-Sekret"

func TestResolveEnv(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"HEYAN_CODE": planted, "EMPTY": ""}[name]
		return value, ok
	}
	for _, test := range []struct{ ref, secret, err string }{
		{"env:HEYAN_CODE", planted, ""},
		{"env:NONE", "", "env:NONE: the variable is not set or empty"},
		{"env:EMPTY", "", "env:EMPTY: the variable is not set or empty"},
		{"env:", "", "must be a reference"},
		{"env:" + planted, "", "must be a reference"},
		{planted, "", "must be a reference"},
		{"file:", "", "must be a reference"},
		{"vault:x", "", "must be a reference"},
		{"exec:vault", "", "exec:vault: cannot be used here"},
		{"exec:", "", "must be a reference"},
		{"exec:/bin/cat x", "", "must be a reference"},
		{"", "", "must be a reference"},
	} {
		t.Run(test.ref, func(t *testing.T) {
			got, err := Resolve(test.ref, lookup)
			if got.Reveal() != test.secret {
				t.Errorf("the secret differs: %d characters", len(got.Reveal()))
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.HasPrefix(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if err != nil && strings.Contains(err.Error(), planted) {
				t.Errorf("the error holds the value: %v", err)
			}
		})
	}
}

func TestResolveFile(t *testing.T) {
	t.Parallel()
	root := os.Geteuid() == 0
	for _, test := range []struct {
		name, text, secret, err string
		mode                    os.FileMode
		refused                 bool
	}{
		{name: "plain", text: planted, secret: planted, mode: 0o600},
		{name: "read only", text: planted, secret: planted, mode: 0o400},
		{name: "newline", text: planted + "\n", secret: planted, mode: 0o600},
		{name: "newline of Windows", text: planted + "\r\n", secret: planted, mode: 0o600},
		{name: "one newline only is dropped", text: planted + "\n\n", secret: planted + "\n", mode: 0o600},
		{name: "at the cap", text: strings.Repeat("x", maxSecret), secret: strings.Repeat("x", maxSecret), mode: 0o600},
		{name: "over the cap", text: strings.Repeat("x", maxSecret+1), err: "is larger than 65536 bytes", mode: 0o600},
		{name: "empty", text: "\n", err: "is empty", mode: 0o600},
		{name: "readable by all", text: planted, err: "chmod 600", mode: 0o644},
		{name: "readable by others", text: planted, err: "chmod 600", mode: 0o604},
		{name: "writable by the group", text: planted, err: "chmod 600", mode: 0o620},
		{name: "readable by the group", text: planted, secret: planted, mode: 0o440, refused: !root},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			if test.refused {
				test.secret, test.err = "", "chmod 600"
			}
			got, err := Resolve("file:"+path, os.LookupEnv)
			if got.Reveal() != test.secret {
				t.Errorf("the secret differs: %d characters, want %d", len(got.Reveal()), len(test.secret))
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if err != nil && (strings.Contains(err.Error(), planted) || !strings.HasPrefix(err.Error(), "file:"+path+": ")) {
				t.Errorf("the error must name the reference and not the value: %v", err)
			}
		})
	}
}

func TestResolveFileThatIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "not a regular file", dir + "/none": "no such file"} {
		if _, err := Resolve("file:"+path, os.LookupEnv); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
