package main

import (
	"errors"
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
)

// The exit codes. Scripts act on them, so their meaning is fixed (INTERFACES).
const (
	exitDone      = 0  // match, or done
	exitFound     = 1  // mismatch, or a check that found something
	exitNoRecord  = 2  // no_record or mismatch_or_no_record
	exitNoVerdict = 3  // nobody gave an answer that can be relied on
	exitRefused   = 4  // refused before any call
	exitUsage     = 64 // the command line, the input or the configuration is wrong
	exitInternal  = 70 // a fault of heyan's own, or its database is away
)

// verdictCode returns the exit code of a verification.
func verdictCode(v idv.Verdict) int {
	switch v {
	case idv.Match:
		return exitDone
	case idv.Mismatch:
		return exitFound
	case idv.NoRecord, idv.MismatchOrNoRecord:
		return exitNoRecord
	default:
		return exitNoVerdict
	}
}

// ending is how a command ended otherwise than with 0. Without err everything was
// said already. The text of err never holds an argument, which may be a person's.
type ending struct {
	code int
	err  error
	hint bool // the command line is at fault: show the command's usage line
}

// Error returns the message, "" if there is none.
func (e *ending) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap returns what the ending was made of.
func (e *ending) Unwrap() error { return e.err }

// silent ends a command whose output said everything; nil for 0.
func silent(code int) error {
	if code == exitDone {
		return nil
	}
	return &ending{code: code}
}

// usage is an error of the caller: it names the flag and the remedy.
func usage(format string, args ...any) error {
	return &ending{code: exitUsage, err: fmt.Errorf(format, args...), hint: true}
}

// setUp is a fault of the configuration or the surroundings, which no other command
// line would mend.
func setUp(format string, args ...any) error {
	return &ending{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// internal wraps an error that the caller cannot mend.
func internal(err error) error {
	if err == nil {
		return nil
	}
	var e *ending
	if errors.As(err, &e) {
		return err
	}
	return &ending{code: exitInternal, err: err}
}
