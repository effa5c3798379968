// Package terminal prints lines, tables that align Chinese text, JSON with one object per
// line, and a progress line on terminals.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// Printer writes lines and keeps the first error, so that callers check Err once at the end:
// output that is truncated by a full disk must not look like success. It must be used by one
// goroutine at a time.
type Printer struct {
	w   io.Writer
	err error
}

// NewPrinter returns a printer on a writer.
func NewPrinter(w io.Writer) *Printer { return &Printer{w: w} }

// Err returns the first error of writing, nil if there was none.
func (p *Printer) Err() error { return p.err }

// Write writes bytes unchanged. After an error it writes nothing more.
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
	_, _ = fmt.Fprintf(p, format+"\n", args...) // Write keeps the error
}

// JSON writes a value as one line of JSON, without HTML escapes, since the output is not for
// a browser.
func (p *Printer) JSON(v any) {
	encoder := json.NewEncoder(p)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil && p.err == nil {
		p.err = err
	}
}

// Table writes rows with aligned columns, separated by two spaces. The first row is the
// header. Columns without content below the header are omitted.
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

// IsTerminal reports whether a reader or writer is a terminal. /dev/null, although a character
// device, is not.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isTerminal(f)
}
