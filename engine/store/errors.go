package store

import (
	"errors"
	"fmt"
)

// unwritableError is the type of [ErrUnwritable], which is an [ErrUnavailable] too.
type unwritableError struct{}

// Error returns a constant sentence.
func (unwritableError) Error() string { return "the store cannot write" }

// Is reports whether target is ErrUnavailable.
func (unwritableError) Is(target error) bool { return target == ErrUnavailable }

// Kind names what failed without the error's text, which may contain what was read: the
// SQLSTATE if a database gave one, else the type of the first cause. Use it in logs.
func Kind(err error) string {
	var database interface{ SQLState() string }
	if errors.As(err, &database) {
		return "SQLSTATE " + database.SQLState()
	}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	return fmt.Sprintf("%T", err)
}
