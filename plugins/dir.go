package plugins

import (
	"os"
	"path/filepath"
	"time"
)

// dir is the private directory of one plugin. It holds sockets, temporary files and,
// where it cannot run from memory, the program. Only this user can enter it.
type dir struct {
	path string
	lock *os.File // held while the host lives
}

const (
	dirPattern = "heyan-plugin-"
	lockName   = "host.lock"
	// minSweepAge protects new directories, whose host may not hold the lock yet.
	minSweepAge = time.Minute
	// maxSocketPath is the maximum length of a unix socket's path, and socketPathLen the
	// length that go-plugin's names add to the directory.
	maxSocketPath = 103
	socketPathLen = len("/run-1234567890/plugin-dir1234567890/plugin1234567890")
)

// newDir creates the directory in Spec.TempDir, after removing the directories of dead
// hosts there.
func newDir(s Spec) (*dir, error) {
	base := s.TempDir
	if base == "" {
		base = os.TempDir()
	}
	base, err := filepath.Abs(base)
	if err != nil {
		return nil, s.newError(ReasonFolder, "")
	}
	sweep(base)
	path, err := os.MkdirTemp(base, dirPattern) // with mode 0700
	if err != nil {
		return nil, s.newError(ReasonFolder, "it cannot be created")
	}
	f := &dir{path: path}
	if len(path)+socketPathLen > maxSocketPath {
		f.close()
		return nil, s.newError(ReasonFolder, "the path is too long for a socket")
	}
	if f.lock, err = lockFile(filepath.Join(path, lockName)); err != nil {
		f.close()
		return nil, s.newError(ReasonFolder, "it cannot be locked")
	}
	return f, nil
}

// run creates a subdirectory for one start.
func (f *dir) run() (string, error) { return os.MkdirTemp(f.path, "run-") }

func (f *dir) close() {
	if f.lock != nil {
		_ = f.lock.Close()
	}
	_ = os.RemoveAll(f.path)
}

// sweep removes the directories of hosts that were killed. A living host holds the lock
// of each of its directories.
func sweep(base string) {
	locks, err := filepath.Glob(filepath.Join(base, dirPattern+"*", lockName))
	if err != nil {
		return
	}
	for _, path := range locks {
		info, err := os.Lstat(path)
		if err != nil || time.Since(info.ModTime()) < minSweepAge || !ownFile(info) {
			continue
		}
		if lock, err := lockFile(path); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
			_ = lock.Close()
		}
	}
}
