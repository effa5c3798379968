package notice

import (
	"fmt"
	"strings"
)

// Fault is one fault of a template, a file of values or a value. It never contains a value,
// which may be personal data.
type Fault struct {
	File         string // as named by the caller; "" for values without a file
	Line, Column int    // from 1, in characters; 0 if unknown
	Blank        string // the blank at fault, "" if none
	Message      string // what is wrong and the remedy
}

// String returns "file:line:column: blank: message", each part where known.
func (f Fault) String() string {
	var parts []string
	switch {
	case f.Line > 0:
		parts = append(parts, strings.TrimPrefix(fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column), ":"))
	case f.File != "":
		parts = append(parts, f.File)
	}
	if f.Blank != "" {
		parts = append(parts, f.Blank)
	}
	return strings.Join(append(parts, f.Message), ": ")
}

// Faults is every fault, and is an error; an empty list is none.
type Faults []Fault //nolint:errname // the word of the documentation; FaultsError would say it twice

// Error returns the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) blank(name, format string, args ...any) {
	*f = append(*f, Fault{Blank: name, Message: fmt.Sprintf(format, args...)})
}
