//go:build unix

package sqlstore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// TestOpenFilesAreRefused: a file of the database that others can read is not used, by an
// owner or beside one, and the error says what to do.
func TestOpenFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", "-wal", "-shm", ownerSuffix, runningSuffix} {
		for _, attached := range []bool{false, true} {
			path := newPath(t)
			if err := os.WriteFile(path+suffix, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path+suffix, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := OpenSQLite(t.Context(), path, Options{Attached: attached})
			var fault *privatefile.UnsafeError
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), "chmod 600 "+path+suffix) {
				t.Errorf("%q, attached %v: %v", suffix, attached, err)
			}
		}
	}
}

func TestFilesOfADatabaseArePrivate(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openFile(t, path)
	defer closeStore(t, s)
	settled(t, s)
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 5 {
		t.Errorf("%v, %v; want the database, -wal, -shm, %s and %s", files, err, ownerSuffix, runningSuffix)
	}
	for _, f := range files {
		if info, err := os.Lstat(f); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
	}
}

// TestLinkToADatabase: a link is followed before anything is locked, so that a file with two
// names has one owner; a link to nothing creates nothing.
func TestLinkToADatabase(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	link, dangling, nowhere := path+".link", path+".dangling", path+".nowhere"
	if err := errors.Join(os.Symlink(path, link), os.Symlink(nowhere, dangling)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLite(t.Context(), dangling, Options{}); err == nil || !strings.Contains(err.Error(), "remove the link") {
		t.Errorf("a dangling link: %v", err)
	}
	if _, err := os.Lstat(nowhere); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the target of the dangling link: %v, want none", err)
	}
	s := openFile(t, path)
	if _, err := OpenSQLite(t.Context(), link, Options{}); !errors.Is(err, ErrOwned) {
		t.Errorf("a link to an owned database: %v, want ErrOwned", err)
	}
	closeStore(t, s)
	closeStore(t, openFile(t, link))
}
