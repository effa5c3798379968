package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a file, where it stands and what to do.
type Fault struct {
	File    string // as it was named to Load or Parse
	Line    int    // from 1; 0 if the fault is of the file as a whole
	Column  int    // in characters, from 1; 0 if only the line is known
	Message string // what is wrong and what to do
}

// String returns "file:line:column: message", which editors can jump to.
func (f Fault) String() string {
	switch {
	case f.Line == 0:
		return f.File + ": " + f.Message
	case f.Column == 0:
		return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// Faults is all that is wrong with the files that were read, and is an error. A set
// is made of files without a fault only: half of the rules would be another policy.
type Faults []Fault //nolint:errname // the word of the docs; FaultsError would say it twice

// Error returns the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// err returns the faults as an error: by place within each file, each once. The
// files stay in the order in which they were read.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	order := map[string]int{}
	for _, fault := range f {
		if _, seen := order[fault.File]; !seen {
			order[fault.File] = len(order)
		}
	}
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(f)
}
