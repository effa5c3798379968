package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/heyan-id/heyan/config/assemble"
)

// ErrExists means that a file is there already. Nothing was written.
var ErrExists = errors.New("exists already, and is not overwritten")

// CheckFree returns an error of ErrExists if one of the files of a plan stands in its folder.
// A .gitignore may be there; it stays as it is.
func (p Plan) CheckFree() error {
	for _, name := range []string{Config, Environment, Sandbox, Certificate, Key, Notice} {
		if _, err := os.Lstat(p.path(name)); err == nil {
			return fmt.Errorf("%s %w", p.path(name), ErrExists)
		}
	}
	return nil
}

// Write writes the files whole or not at all: it writes all of them to a folder inside of the
// one of the plan, checks the configuration there as `heyan config check` does, and then gives
// them their names, the configuration last. It overwrites nothing. environ has the variables of
// the process, without those of the environment file. It returns the names that it wrote.
//
// A process that is killed meanwhile leaves a folder .heyan-init-* at most.
func (p Plan) Write(files []File, environ []string) (names []string, err error) {
	if err := p.CheckFree(); err != nil {
		return nil, err
	}
	u := &undo{}
	defer func() {
		if err != nil {
			err = errors.Join(err, u.all())
			names = nil
		}
	}()
	if err := u.folder(p.Dir); err != nil {
		return nil, err
	}
	draft, err := os.MkdirTemp(p.Dir, ".heyan-init-*")
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written to: %w", p.Dir, cause(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }()
	// The configuration names its files by where they will stand, so it is checked with the
	// names of the draft.
	trial := p
	trial.Dir = draft
	for _, f := range files {
		if err := write(filepath.Join(draft, filepath.FromSlash(f.Name)), f.Text, f.Mode); err != nil {
			return nil, err
		}
	}
	check := filepath.Join(draft, "check.yaml")
	if err := write(check, []byte(trial.config()), 0o600); err != nil {
		return nil, err
	}
	if _, err := assemble.Check(check, environ); err != nil {
		return nil, err
	}
	for _, f := range files {
		target := p.path(f.Name)
		if err := u.folder(filepath.Dir(target)); err != nil {
			return nil, err
		}
		switch err := os.Link(filepath.Join(draft, filepath.FromSlash(f.Name)), target); {
		case errors.Is(err, fs.ErrExist) && f.Name == Ignore:
		case errors.Is(err, fs.ErrExist):
			return nil, fmt.Errorf("%s %w", target, ErrExists)
		case err != nil:
			return nil, cause(err)
		default:
			u.made = append(u.made, target)
			names = append(names, f.Name)
		}
	}
	return names, nil
}

// undo removes what was made.
type undo struct{ made []string }

// folder makes a folder and those above it.
func (u *undo) folder(path string) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is not a folder", path)
	}
	if parent := filepath.Dir(path); parent != path {
		if err := u.folder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		return fmt.Errorf("%s cannot be made: %w", path, cause(err))
	}
	u.made = append(u.made, path)
	return nil
}

func (u *undo) all() error {
	var faults []error
	for _, path := range slices.Backward(u.made) {
		faults = append(faults, os.Remove(path))
	}
	return errors.Join(faults...)
}

// write writes a file durably.
func write(path string, text []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return cause(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return cause(err)
	}
	_, err = f.Write(text)
	return cause(errors.Join(err, f.Sync(), f.Close()))
}

// cause returns what is wrong, without the path of a draft that is gone by then.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
