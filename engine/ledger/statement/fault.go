package statement

import (
	"fmt"
	"strings"
)

// Fault is what is wrong with a cell, or with a row if Column is "".
type Fault struct {
	Row    int // of the file, from 1
	Column string
	What   string
}

// String returns "row 12, 消耗: what is wrong".
func (f Fault) String() string {
	if f.Column == "" {
		return fmt.Sprintf("row %d: %s", f.Row, f.What)
	}
	return fmt.Sprintf("row %d, %s: %s", f.Row, f.Column, f.What)
}

// Faults are the faults of a file, up to a hundred of them. It is an error.
type Faults struct { //nolint:errname // it is read as a list first, and an error besides
	List []Fault
	// Count is how many there are; one more than a hundred stands for many, for
	// reading ends there.
	Count int
}

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, 0, len(f.List)+1)
	for _, fault := range f.List {
		lines = append(lines, fault.String())
	}
	if f.Count > len(f.List) {
		lines = append(lines, "and more; reading ended there")
	}
	return strings.Join(lines, "\n")
}

func (f *Faults) add(row int, column, what string) {
	if f.Count++; f.Count <= mostFaults {
		f.List = append(f.List, Fault{row, column, what})
	}
}

func (f *Faults) enough() bool { return f.Count > mostFaults }
