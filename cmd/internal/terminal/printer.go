// Package terminal prints lines, tables that align Chinese text, JSON with one object per
// line, and a progress line on terminals.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Printer writes lines through an [Escaper] and keeps the first error, so that callers check Err once at the end:
// output that is truncated by a full disk must not look like success. It must be used by one
// goroutine at a time.
type Printer struct {
	document io.Writer // for Write
	text     *Escaper  // for everything else
	err      error
}

// NewPrinter returns a printer on a writer.
func NewPrinter(w io.Writer) *Printer {
	p := &Printer{document: w, text: Escape(w)}
	if IsTerminal(w) {
		p.document = p.text
	}
	return p
}

// Err returns the first error of writing, nil if there was none.
func (p *Printer) Err() error { return p.err }

// Write writes a document, whose bytes may be signed: unchanged to a file or a pipe, and
// escaped to a terminal. After an error it writes nothing more.
func (p *Printer) Write(b []byte) (int, error) { return p.write(p.document, b) }

func (p *Printer) write(w io.Writer, b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := w.Write(b)
	p.err = err
	return n, err
}

// escaped is the printer as the writer of lines.
type escaped struct{ *Printer }

func (e escaped) Write(b []byte) (int, error) { return e.write(e.text, b) }

// Linef writes a formatted line.
func (p *Printer) Linef(format string, args ...any) {
	_, _ = fmt.Fprintf(escaped{p}, format+"\n", args...) // Write keeps the error
}

// JSON writes a value as one line of JSON, without HTML escapes, since the output is not for
// a browser.
func (p *Printer) JSON(v any) {
	encoder := json.NewEncoder(escaped{p})
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil && p.err == nil {
		p.err = err
	}
}

// Table writes rows with aligned columns, separated by two spaces. The first row is the
// header. Columns without content below the header are omitted. A line break in a cell is
// escaped, so that a row stays a row.
func (p *Printer) Table(rows [][]string) {
	rows = visible(rows)
	widths := columnWidths(rows)
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			line.WriteString(Pad(cell, widths[i]) + "  ")
		}
		p.Linef("%s", strings.TrimRight(line.String(), " "))
	}
}

func visible(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = make([]string, len(row))
		for j, cell := range row {
			out[i][j] = idv.Visible(cell)
		}
	}
	return out
}

// Fits reports whether a table of these rows stands on the terminal that p writes to without a
// wrapped line. Anything else than a terminal takes every table.
func (p *Printer) Fits(rows [][]string) bool {
	f, ok := p.text.w.(*os.File)
	if !ok || !isTerminal(f) {
		return true
	}
	width := -2 // after the last column there is no gap
	for _, w := range columnWidths(visible(rows)) {
		if w > 0 {
			width += w + 2
		}
	}
	has := columns(f)
	return has == 0 || width <= has
}

// columnWidths returns the width of each column, 0 for one without content.
func columnWidths(rows [][]string) []int {
	if len(rows) == 0 {
		return nil
	}
	widths := make([]int, len(rows[0]))
	for i := range rows[0] {
		filled := false
		for j, row := range rows {
			widths[i] = max(widths[i], Width(row[i]))
			filled = filled || j > 0 && row[i] != ""
		}
		if !filled {
			widths[i] = 0
		}
	}
	return widths
}

// IsTerminal reports whether a reader or writer, or what an [Escaper] writes to, is a
// terminal. /dev/null, although a character device, is not.
func IsTerminal(stream any) bool {
	if e, ok := stream.(*Escaper); ok {
		return IsTerminal(e.w)
	}
	f, ok := stream.(*os.File)
	return ok && isTerminal(f)
}
