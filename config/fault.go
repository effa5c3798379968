package config

import (
	"cmp"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with a configuration.
type Fault struct {
	Path    string // where: providers[1].limits.timeout, a variable's name, or the file's
	Message string // what is wrong and what to do; never the value of a setting
}

// String returns "path: message".
func (f Fault) String() string { return f.Path + ": " + f.Message }

// Faults is all that is wrong with a configuration, and is an error. Use
// [Faults.Err] where an error is returned: an empty list is not one.
type Faults []Fault //nolint:errname // the word of the docs; FaultsError would say it twice

// Error returns the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the faults as an error, or nil if there is none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func (f *Faults) add(path, message string) { *f = append(*f, Fault{path, message}) }

// sorted returns the faults by path, each once.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return comparePaths(a.Path, b.Path) })
	return slices.Compact(f)
}

// comparePaths orders list[2] before list[10].
func comparePaths(a, b string) int {
	return slices.CompareFunc(strings.FieldsFunc(a, isBracket), strings.FieldsFunc(b, isBracket), compareNumbers)
}

func isBracket(r rune) bool { return r == '[' || r == ']' }

// compareNumbers orders two numbers by size and everything else by letters.
func compareNumbers(a, b string) int {
	if isIndex(a) && isIndex(b) {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}
