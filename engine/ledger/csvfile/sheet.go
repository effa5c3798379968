// Package sheet writes CSV files that are opened in spreadsheet programs. Such a
// program takes a cell that begins with = + - or @ for a formula and runs it, and
// notes, purposes and names of apps come from callers. So a cell says whether it is
// a text or a number, and texts that would be run are kept from it.
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

// Cell is what stands in a row. The zero value is an empty cell.
type Cell struct {
	text   string
	number bool
}

// Text is a cell of words, whoever wrote them.
func Text[T ~string](text T) Cell { return Cell{text: string(text)} }

// Int is a number, also a negative one.
func Int(n int64) Cell { return Cell{strconv.FormatInt(n, 10), true} }

// Amount is an amount of money without its currency, an exact decimal.
func Amount(m idv.Money) Cell { return Cell{m.Amount(), true} }

// Number is a number that is written already, as a decimal; never a text that came
// from outside.
func Number(decimal string) Cell { return Cell{decimal, true} }

// Fixed is a number with so many decimals.
func Fixed(f float64, decimals int) Cell {
	return Cell{strconv.FormatFloat(f, 'f', decimals, 64), true}
}

// Time is an instant by the vendors' clock, which bills and months follow; empty
// for the zero time.
func Time(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{ledger.VendorTime(t).Format(time.DateTime), true}
}

// CSV returns the cell as it stands in a file. A text whose first significant
// character begins a formula gets an apostrophe before it, which spreadsheet
// programs take for "this is text". A tab or a carriage return at the beginning
// would end the cell in some of them.
func (c Cell) CSV() string {
	if !c.number && dangerous(c.text) {
		return "'" + c.text
	}
	return c.text
}

// dangerous reports whether a program could take a text for a formula. Spaces of any
// width and invisible marks before it do not count, for programs drop them.
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

// Plain returns the cell for a terminal, on one line: characters that would move the
// cursor, or turn the direction of the text, become a question mark.
func (c Cell) Plain() string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, c.text)
}

// Writer writes rows as CSV (RFC 4180). It is for one goroutine.
type Writer struct{ csv *csv.Writer }

// NewWriter returns a writer. With a mark, a byte order mark is written first: some
// programs show Chinese as garbage without one, and others choke on it.
func NewWriter(w io.Writer, mark bool) *Writer {
	if mark {
		_, _ = io.WriteString(w, "\ufeff") // an error comes back with the rows
	}
	return &Writer{csv.NewWriter(w)}
}

// Head writes the names of the columns.
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

// Flush writes out what is buffered, and returns the first error of all writing.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
