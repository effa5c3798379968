package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/config/strictyaml"
)

// reader reads a template or a file of values and collects every fault, because an
// ignored misspelt key would be a blank without a value.
type reader struct {
	file   string
	doc    *strictyaml.Document // nil if the YAML cannot be used
	faults strictyaml.Faults
}

// parse reads the YAML and reports whether it can be used.
func (r *reader) parse(text string) bool {
	r.doc, r.faults = strictyaml.Parse(r.file, []byte(text))
	return r.doc != nil
}

// decode writes the value at a path into the value that into points to.
func (r *reader) decode(path string, value, into any) {
	r.faults = append(r.faults, r.doc.DecodeAt(path, value, into, strictyaml.Options{})...)
}

// note adds a fault of the value at a path. A missing value is reported at the line of
// the map that lacks it.
func (r *reader) note(path, format string, args ...any) {
	f := r.doc.Fault(path, format, args...)
	f.Line = cmp.Or(f.Line, r.doc.Lines[""])
	r.faults = append(r.faults, f)
}

// noteLine adds a fault of the text below the front matter.
func (r *reader) noteLine(line int, blank, format string, args ...any) {
	r.faults = append(r.faults, strictyaml.Fault{File: r.file, Line: line, Path: blank, Text: fmt.Sprintf(format, args...)})
}

// check adds a fault if a value is not ok. A value that is missing or has a fault is not
// reported a second time.
func (r *reader) check(path string, ok bool, format string, args ...any) {
	if !ok && r.doc.Has(path) && !r.faulty(path) {
		r.note(path, format, args...)
	}
}

// faulty reports whether the value at a path, or one below it, has a fault.
func (r *reader) faulty(path string) bool {
	return slices.ContainsFunc(r.faults, func(f strictyaml.Fault) bool {
		rest, below := strings.CutPrefix(f.Path, path)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// asWritten returns a string, or a number as the file writes it, so that version 1.10 and
// an ID number keep their digits; "" for any other value. Numbers under masked keys share
// one path, so that theirs cannot be told apart and must be in quotes.
func (r *reader) asWritten(path string, value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	written := r.doc.Written(path)
	if strings.Contains(path, strictyaml.Masked) || strings.Trim(written, ".0123456789") != "" {
		return ""
	}
	return written
}
