// Package privatefile creates, checks and replaces the files beside a store that hold state
// or keys, so that no other user of the machine can read them or direct a write elsewhere.
//
// Every file is checked whenever it is opened: a mode that is right when the file is made
// may be changed later, by a copy or by a backup that is restored.
package privatefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// UnsafeError is a file that must not be used. Its text names the file and the remedy.
type UnsafeError struct{ text string }

// Error returns the text.
func (e *UnsafeError) Error() string { return e.text }

// Resolve returns the path without symbolic links. The file need not exist, but its folder
// must. A link to a file that does not exist is a *UnsafeError: whoever made the link would choose
// where the file is created.
func Resolve(path string) (string, error) {
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", dangling(path)
		}
		return target, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", cause(err)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", cause(err)
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// Check returns a *UnsafeError if a file exists and other users may read or write it, or if it is
// a link to a file that does not exist. It does not open the file.
func Check(path string) error {
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if info, err = os.Stat(path); err != nil {
			return dangling(path)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cause(err)
	case !info.Mode().IsRegular():
		return &UnsafeError{fmt.Sprintf("%s is not a regular file; remove it or choose another path", path)}
	case openToOthers(info):
		return &UnsafeError{fmt.Sprintf("%s has the mode %04o, so other users of the machine can read or write it; run chmod 600 %s",
			path, info.Mode().Perm(), path)}
	}
	return nil
}

// Create creates a file that only its owner may read. It follows no link: if the name is
// taken, the error is an fs.ErrExist.
func Create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
}

// Read reads a file after Check. If there is none, the error is an fs.ErrNotExist.
func Read(path string) ([]byte, error) {
	if err := Check(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// Write replaces a file, whole or not at all, after Check. A link is replaced, never
// followed.
func Write(path string, text []byte) (err error) {
	if err := Check(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // a new name, with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func dangling(path string) error {
	return &UnsafeError{fmt.Sprintf("%s is a symbolic link to a file that does not exist; remove the link, or create the file with mode 600", path)}
}

// cause drops the path of an error: what does not exist may be a password that was entered
// as a path.
func cause(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
