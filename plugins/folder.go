package plugins

import (
	"os"
	"path/filepath"
	"time"
)

// folder is the private folder of one plugin: its sockets, its temporary files and,
// where it cannot run from memory, its program. Only this user can enter it.
type dir struct {
	path string
	lock *os.File // held as long as the host lives
}

const (
	dirPattern = "heyan-plugin-"
	lockName   = "host.lock"
	// newborn is the age below which a folder is left alone: its host may not hold
	// the lock yet.
	minSweepAge = time.Minute
	// maxSocketPath is the longest path of a unix socket on the systems that have them,
	// and socketPathLen what go-plugin's names add to a folder of ours.
	maxSocketPath = 103
	socketPathLen = len("/run-1234567890/plugin-dir1234567890/plugin1234567890")
)

// newDir makes the folder in base, after those of dead hosts were removed there.
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
		return nil, s.newError(ReasonFolder, "it cannot be made")
	}
	f := &dir{path: path}
	if len(path)+socketPathLen > maxSocketPath {
		f.close()
		return nil, s.newError(ReasonFolder, "its path is too long for a socket")
	}
	if f.lock, err = lockFile(filepath.Join(path, lockName)); err != nil {
		f.close()
		return nil, s.newError(ReasonFolder, "it cannot be locked")
	}
	return f, nil
}

// run makes a folder for one start.
func (f *dir) run() (string, error) { return os.MkdirTemp(f.path, "run-") }

func (f *dir) close() {
	if f.lock != nil {
		_ = f.lock.Close()
	}
	_ = os.RemoveAll(f.path)
}

// sweep removes the folders of hosts that were killed: nobody holds their lock.
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
