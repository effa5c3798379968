// Package statement reads the usage statement that a vendor's console exports. Section 3
// of idcert's guide shows it: one line per window of ten minutes, with serial number,
// period, note and the number of calls billed. The package reads CSV
// and XLSX, and finds the columns by their names. It rejects everything else with row and
// column, since a line that is read incorrectly becomes a wrong amount.
//
// Errors quote nothing of the file but column names: the file may be the wrong one and
// contain personal data.
package statement

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// The errors about a file as a whole.
var (
	ErrTooLarge = errors.New("the file is larger than 16 MiB, or unpacks to more than 64 MiB; export a shorter period")
	ErrTooMany  = errors.New("the file has more than 200,000 rows; export a shorter period")
	ErrOldExcel = errors.New("the file is an old .xls file or is encrypted; save it as .xlsx without a password, or as CSV")
	ErrXLSX     = errors.New("the .xlsx file is damaged; export it again or save it as CSV")
	ErrSheets   = errors.New("several sheets of the workbook hold a usage statement; save each sheet as a file of its own and name all the files")
	ErrNoHeader = errors.New("no row has the column names 流水编号 (serial), 处理时间 (period) and 消耗 (units); export the usage statement again")
)

// File is the content of a statement.
type File struct {
	Windows []reconcile.Window // the use of packages, by time, then by serial
	Units   int64              // the sum over all windows
	First   time.Time          // the start of the first window
	Last    time.Time          // the end of the last window
	Notes   []Note             // by name
	Sheet   string             // the sheet that was read, if the workbook has several
}

// Note sums up the lines that have the same note. A statement with several notes needs a
// look, since only 套餐包消耗 is known to mean the use of a package.
type Note struct {
	Note  string
	Lines int
	Units int64
	Other bool // known to be no use of a package, such as a refund; not in Windows
}

// ErrConflict means that two statements hold a line with the same serial number and
// different contents.
var ErrConflict = errors.New("two files hold a row with the same serial number and different contents; " +
	"export both periods again after their last window has ended")

// Join returns the windows of statements that may overlap, and how many lines occurred more
// than once. The serial number is the identity of a line: a line that several statements hold
// is counted once. The error is ErrConflict.
func Join(files ...File) (windows []reconcile.Window, twice int, err error) {
	seen := map[string]reconcile.Window{}
	for _, f := range files {
		for _, w := range f.Windows {
			old, known := seen[w.Serial]
			switch {
			case !known:
				seen[w.Serial] = w
				windows = append(windows, w)
			case old.Units != w.Units || old.Note != w.Note || !old.From.Equal(w.From) || !old.To.Equal(w.To):
				return nil, 0, ErrConflict
			default:
				twice++
			}
		}
	}
	return windows, twice, nil
}

// Read reads a statement. Of a workbook it reads the one sheet that has the columns of a
// statement; hidden sheets count only if no visible one has them. The error is one of the
// errors above, a *[LimitError], a *[textfile.Error], a [Faults] with all faults of the rows,
// or an error of ctx or r. Read returns no part of a file that
// has faults, since missing lines would look like missing bills.
//
// The file may come from anywhere: whatever it holds, Read needs less than 256 MiB of
// memory, and ends when ctx does.
func Read(ctx context.Context, r io.Reader) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	switch {
	case err != nil:
		return File{}, err
	case len(data) > mostBytes:
		return File{}, ErrTooLarge
	}
	t := newTable()
	sheet := ""
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")) && (bytes.Contains(data, []byte("xl/")) || bytes.Count(data, []byte("PK\x01\x02")) > mostParts):
		t, sheet, err = readXLSX(ctx, data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		err = ErrOldExcel
	default:
		err = readCSV(ctx, data, t)
	}
	switch {
	case err != nil:
		return File{}, err
	case t.faults.Count > 0:
		return File{}, t.faults
	case t.columns == nil:
		return File{}, ErrNoHeader
	}
	f := t.file()
	f.Sheet = sheet
	return f, nil
}

// file returns the sorted windows and their sums.
func (t *table) file() File {
	f := File{Windows: t.windows}
	slices.SortFunc(f.Windows, func(a, b reconcile.Window) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), strings.Compare(a.Serial, b.Serial))
	})
	notes := map[string]Note{}
	for _, w := range f.Windows {
		f.Units += w.Units
		if f.First.IsZero() {
			f.First = w.From
		}
		if w.To.After(f.Last) {
			f.Last = w.To
		}
		n := notes[w.Note]
		notes[w.Note] = Note{Note: w.Note, Lines: n.Lines + 1, Units: n.Units + w.Units}
	}
	for _, w := range t.others {
		n := notes[w.Note]
		notes[w.Note] = Note{Note: w.Note, Lines: n.Lines + 1, Units: n.Units + w.Units, Other: true}
	}
	for _, n := range notes {
		f.Notes = append(f.Notes, n)
	}
	slices.SortFunc(f.Notes, func(a, b Note) int { return strings.Compare(a.Note, b.Note) })
	return f
}

// Fault is a fault of a cell, or of a whole row if Column is "".
type Fault struct {
	Row    int // in the file, from 1
	Column string
	Detail string
}

// String returns the fault with its place, such as "row 12, column 消耗: …".
func (f Fault) String() string {
	if f.Column == "" {
		return fmt.Sprintf("row %d: %s", f.Row, f.Detail)
	}
	return fmt.Sprintf("row %d, column %s: %s", f.Row, f.Column, f.Detail)
}

// Faults are the faults of the rows of a file, up to a hundred of them.
type Faults struct { //nolint:errname // callers use it as a list
	List []Fault
	// Count is the number of faults. Reading stops at 101, so 101 means more than a hundred.
	Count int
}

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, 0, len(f.List)+1)
	for _, fault := range f.List {
		lines = append(lines, fault.String())
	}
	if f.Count > len(f.List) {
		lines = append(lines, "and more; reading stopped there")
	}
	return strings.Join(lines, "\n")
}

func (f *Faults) add(row int, column, detail string) {
	if f.Count++; f.Count <= mostFaults {
		f.List = append(f.List, Fault{row, column, detail})
	}
}

func (f *Faults) full() bool { return f.Count > mostFaults }
