package sqlstore

import (
	"errors"
	"io/fs"

	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// private checks the files of a database and creates the missing ones, so that only their
// owner may read them: they show when which calls were made. SQLite gives the WAL and the
// -shm file the permissions of the database. An existing file must not be opened, since
// closing it would release the locks of this process on it.
func private(path string) error {
	if err := checkModes(path); err != nil {
		return err
	}
	for _, suffix := range []string{"", ownerSuffix} {
		f, err := privatefile.Create(path + suffix)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return errors.New("the database file cannot be created; check that its folder exists and is writable")
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// checkModes reports files of a database that others may read.
func checkModes(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", ownerSuffix, runningSuffix} {
		if err := privatefile.Check(path + suffix); err != nil {
			return err
		}
	}
	return nil
}
