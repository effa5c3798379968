// Package csvfile writes CSV files that are safe to open in spreadsheet programs. Such a
// program executes a cell that begins with = + - or @ as a formula, and notes, purposes
// and app names come from callers. Each [Cell] therefore knows whether it is a text or a
// number, and dangerous texts are escaped.
package csvfile

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// Cell is a cell of a row. The zero value is empty.
type Cell struct {
	text   string
	number bool
}

// Text returns a text cell. The text may come from any source.
func Text[T ~string](text T) Cell { return Cell{text: string(text)} }

// Int returns a number cell.
func Int(n int64) Cell { return Cell{strconv.FormatInt(n, 10), true} }

// Amount returns a number cell with an exact decimal amount, without the currency.
func Amount(m idv.Money) Cell { return Cell{m.Amount(), true} }

// Number returns a number cell with a formatted decimal. It is not escaped, so it must
// never be external input.
func Number(decimal string) Cell { return Cell{decimal, true} }

// Fixed returns a number cell with a fixed number of decimals.
func Fixed(f float64, decimals int) Cell {
	return Cell{strconv.FormatFloat(f, 'f', decimals, 64), true}
}

// Time returns a cell with a time in China Standard Time, which bills and months follow,
// or an empty cell for the zero time.
func Time(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{ledger.VendorTime(t).Format(idv.ZonedTime), true}
}

// CSV returns the cell as written to a file. A text whose first significant character
// begins a formula is prefixed with an apostrophe, which marks a text in spreadsheet
// programs. Control characters are escaped, see [idv.Visible]: a tab or a carriage return
// ends the cell in some programs, and a file may be shown on a terminal.
func (c Cell) CSV() string {
	text := idv.Visible(c.text)
	if !c.number && dangerous(c.text) {
		return "'" + text
	}
	return text
}

// dangerous reports whether a program may read a text as a formula. It ignores leading
// spaces of any width and invisible characters, since programs drop them.
func dangerous(text string) bool {
	for _, r := range text {
		switch {
		case strings.ContainsRune("=+-@\t\r＝＋－＠", r):
			return true
		case !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r):
			return false
		}
	}
	return false
}

// Plain returns the cell for a terminal, on one line, with control characters escaped.
func (c Cell) Plain() string { return idv.Visible(c.text) }

// Writer writes rows as CSV (RFC 4180). It is not safe for concurrent use.
type Writer struct{ csv *csv.Writer }

// NewWriter returns a Writer. If mark is true, it writes a byte order mark first: some
// programs show Chinese incorrectly without one, and others cannot read a file with one.
func NewWriter(w io.Writer, mark bool) *Writer {
	if mark {
		_, _ = io.WriteString(w, "\ufeff") // Flush returns the error
	}
	return &Writer{csv.NewWriter(w)}
}

// Head writes the column names.
func (w *Writer) Head(names ...string) {
	_ = w.csv.Write(names) // Flush returns the error
}

// Row writes a row.
func (w *Writer) Row(cells []Cell) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = c.CSV()
	}
	_ = w.csv.Write(row) // Flush returns the error
}

// Flush writes buffered rows and returns the first error of all writes.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
