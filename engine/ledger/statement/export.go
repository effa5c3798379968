package statement

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// The bounds of a file.
const (
	mostBytes    = 64 << 20  // as it comes
	mostUnzipped = 128 << 20 // XLSX, all parts together
	mostRows     = 1_000_000
	mostCells    = 64 // in a row
	mostFaults   = 100
)

// The faults of a file as a whole.
var (
	ErrTooLarge = errors.New("the file is larger than 64 MiB, or unpacks to more than 128 MiB")
	ErrTooMany  = errors.New("the file has more than a million rows")
	ErrOldExcel = errors.New("the file is an old .xls or is encrypted; save it as .xlsx without a password, or as CSV")
	ErrXLSX     = errors.New("the file begins like an .xlsx and cannot be read as one")
	ErrUTF16    = errors.New("the file is in UTF-16; save it as CSV in UTF-8")
	ErrNoHeader = errors.New("no row names the columns 流水编号 (serial), 处理时间 (period) and 消耗 (units)")
)

// File is what an export holds.
type File struct {
	Windows []reconcile.Window // by time, then by serial
	Units   int64              // of all windows
	First   time.Time          // begin of the first window
	Last    time.Time          // end of the last one
	Notes   []Note             // by name
}

// Note is a kind of line, and what it adds up to. Look at it when an export holds
// more than one: only 套餐包消耗 is known to be the use of a package.
type Note struct {
	Note  string
	Lines int
	Units int64
}

// Read reads an export. The error is one of this package's, a [Faults] with all that
// is wrong with the rows, or the reader's own. Of a file with faults nothing is
// returned: half an export would look like missing bills.
func Read(r io.Reader) (File, error) {
	data, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	switch {
	case err != nil:
		return File{}, err
	case len(data) > mostBytes:
		return File{}, ErrTooLarge
	}
	t := &table{serials: map[string]int{}}
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		err = readXLSX(data, t)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		err = ErrOldExcel
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		err = ErrUTF16
	default:
		err = readCSV(data, t)
	}
	switch {
	case err != nil:
		return File{}, err
	case t.faults.Count > 0:
		return File{}, t.faults
	case t.columns == nil:
		return File{}, ErrNoHeader
	}
	return t.file(), nil
}

// file sorts the windows and adds them up.
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
		notes[w.Note] = Note{w.Note, n.Lines + 1, n.Units + w.Units}
	}
	for _, n := range notes {
		f.Notes = append(f.Notes, n)
	}
	slices.SortFunc(f.Notes, func(a, b Note) int { return strings.Compare(a.Note, b.Note) })
	return f
}
