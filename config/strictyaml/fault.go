package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a document. None of its parts ever holds a
// value of the document, since a secret or a person's name may stand there.
type Fault struct {
	File string // as the caller named it; "" for what stands in no file
	Path string // such as providers[1].limits.rate; "" for the document as a whole
	Line int    // from 1; 0 if the fault has no line
	Text string // what is wrong and the remedy
}

// String returns "file:line: path: text" without the parts that are empty. Editors
// can jump to it.
func (f Fault) String() string {
	var parts []string
	switch {
	case f.File != "" && f.Line > 0:
		parts = append(parts, fmt.Sprintf("%s:%d", f.File, f.Line))
	case f.File != "":
		parts = append(parts, f.File)
	}
	if f.Path != "" {
		parts = append(parts, f.Path)
	}
	return strings.Join(append(parts, f.Text), ": ")
}

// Faults lists everything that is wrong, and is an error. Return [Faults.Err] where an
// error is wanted: an empty list is not one.
type Faults []Fault //nolint:errname // the word of the documentation; FaultsError would say it twice

// Error returns the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the sorted faults as an error, or nil if there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f.Sorted()
}

// Sorted returns the faults sorted, each once: those of no file first, files in the
// order in which they first appear, within a file by line, and in a line by path.
func (f Faults) Sorted() Faults {
	files := map[string]int{"": 0}
	for _, fault := range f {
		if _, seen := files[fault.File]; !seen {
			files[fault.File] = len(files)
		}
	}
	sorted := slices.Clone(f)
	slices.SortStableFunc(sorted, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(files[a.File], files[b.File]), cmp.Compare(a.Line, b.Line), ComparePaths(a.Path, b.Path))
	})
	return slices.Compact(sorted)
}
