//go:build unix

package sqlstore

import (
	"errors"
	"os"
	"path/filepath"
)

// syncFolder makes a new name in the folder of a path durable.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
