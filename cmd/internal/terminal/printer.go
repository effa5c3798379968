// Package terminal prints for people and for programs: lines, tables whose columns
// fit Chinese text, a JSON object a line, and a progress line where somebody looks.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// Printer writes lines and remembers the first error, so that callers print
// without looking and ask once at the end: output that is cut off by a full disk
// must not look like success. It is for one goroutine.
type Printer struct {
	w   io.Writer
	err error
}

// NewPrinter returns a printer on a writer.
func NewPrinter(w io.Writer) *Printer { return &Printer{w: w} }

// Err returns the first error of writing, nil if there was none.
func (p *Printer) Err() error { return p.err }

// Write writes bytes as they are.
func (p *Printer) Write(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.w.Write(b)
	p.err = err
	return n, err
}

// Linef writes a formatted line.
func (p *Printer) Linef(format string, args ...any) {
	_, _ = fmt.Fprintf(p, format+"\n", args...) // Write remembers the error
}

// JSON writes a value as one line of JSON. Text is not escaped for HTML, since
// this goes to no browser.
func (p *Printer) JSON(v any) {
	encoder := json.NewEncoder(p)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil && p.err == nil {
		p.err = err
	}
}

// Table writes rows with their columns aligned and two spaces between them. The
// first row is the header. Columns that are empty in all other rows are left out.
func (p *Printer) Table(rows [][]string) {
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

// IsTerminal reports whether a reader or writer is a terminal, where somebody sits.
// Not every character device is one: /dev/null is none.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isTerminal(f)
}
