package strictyaml

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ReadFile reads a regular file of at most limit bytes. Its errors name the cause and
// not the path, which the caller names.
func ReadFile(path string, limit int64) ([]byte, error) {
	if err := Readable(path, limit); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, Cause(err)
	}
	return text, nil
}

// Readable returns why a file cannot be read, or nil. A named pipe is refused, since
// opening one waits for a writer.
func Readable(path string, limit int64) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return Cause(err)
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file; name a file")
	case info.Size() > limit:
		return fmt.Errorf("is larger than %d bytes; name another file", limit)
	}
	return nil
}

// Cause returns the reason within an error of package os, without the path.
func Cause(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return fmt.Errorf("cannot be read: %w", e.Err)
	}
	return errors.New("cannot be read")
}
