//go:build unix

package privatefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// folder returns a folder with files of several modes and links.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"private": 0o600, "group": 0o640, "world": 0o604, "writable": 0o602} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte("old"), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link": "private", "open link": "world", "dangling": "nowhere"} {
		if err := os.Symlink(filepath.Join(dir, target), filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for name, want := range map[string]string{
		"private": "", "link": "", "missing": "", "group": "chmod 600", "world": "mode 0604", "writable": "chmod 600", "open link": "chmod 600",
		"dangling": "remove the link", ".": "not a regular file",
	} {
		err := privatefile.Check(filepath.Join(dir, name))
		var fault *privatefile.UnsafeError
		if errors.As(err, &fault) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for name, want := range map[string]string{"private": "private", "link": "private", "missing": "missing", "dangling": ""} {
		got, err := privatefile.Resolve(filepath.Join(dir, name))
		if (err != nil) != (want == "") || want != "" && got != filepath.Join(dir, want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := privatefile.Resolve(filepath.Join(dir, "s3cret", "db")); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a path that does not exist: %v", err)
	}
}

func TestCreateFollowsNoLink(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, name := range []string{"private", "dangling"} {
		if _, err := privatefile.Create(filepath.Join(dir, name)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v, want fs.ErrExist", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the target of the link was created")
	}
}

// TestWrite replaces private files and links, and writes through no link.
func TestWrite(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for name, want := range map[string]bool{"private": true, "new": true, "world": false, "dangling": false} {
		path := filepath.Join(dir, name)
		if err := privatefile.Write(path, []byte("new")); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
		if !want {
			continue
		}
		info, err := os.Lstat(path)
		text, err2 := privatefile.Read(path)
		if err != nil || err2 != nil || info.Mode() != 0o600 || string(text) != "new" {
			t.Errorf("%s: %v %v, mode %v, %q", name, err, err2, info.Mode(), text)
		}
	}
	link := filepath.Join(dir, "link")
	if err := privatefile.Write(link, []byte("other")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "private")); err != nil || string(text) != "new" {
		t.Errorf("the target of the link: %q, %v; want it unchanged", text, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
