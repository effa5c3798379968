package terminal

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

// Escaper is the writer through which everything is printed that may hold the text of
// others: names of files, faults in them, what a vendor or a plugin says. It passes on line
// feeds and tabs and writes every other control character as [idv.Visible] does. It is safe
// for concurrent use, as loggers need it.
type Escaper struct {
	w io.Writer

	mu      sync.Mutex
	begun   bool
	pending []byte // the beginning of a character
}

// Escape returns an Escaper on a writer.
func Escape(w io.Writer) *Escaper { return &Escaper{w: w} }

// Unwrap returns the writer below.
func (e *Escaper) Unwrap() io.Writer { return e.w }

// Write writes text. A byte order mark at the beginning, which a CSV file may have, is kept.
func (e *Escaper) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text := p
	if len(e.pending) > 0 {
		text = slices.Concat(e.pending, p)
		e.pending = nil
	}
	var out []byte
	if mark := []byte("\ufeff"); !e.begun && bytes.HasPrefix(text, mark) {
		out, text = append(out, mark...), text[len(mark):]
	}
	e.begun = true
	whole := wholeRunes(text)
	e.pending = bytes.Clone(text[whole:])
	text = text[:whole]
	if len(out) == 0 && !bytes.ContainsFunc(text, mustEscape) {
		n, err := writeAll(e.w, text)
		if err != nil {
			return min(n, len(p)), err // a caller counts the lines that were not accepted
		}
		return len(p), nil
	}
	for line := range bytes.SplitAfterSeq(text, []byte("\n")) {
		for cell := range bytes.SplitAfterSeq(line, []byte("\t")) {
			body := bytes.TrimRight(cell, "\t\n")
			out = append(out, idv.Visible(string(body))...)
			out = append(out, cell[len(body):]...)
		}
	}
	if _, err := writeAll(e.w, out); err != nil {
		return 0, err // what was written is no part of p
	}
	return len(p), nil
}

func writeAll(w io.Writer, text []byte) (int, error) {
	if len(text) == 0 {
		return 0, nil
	}
	return w.Write(text)
}

func mustEscape(r rune) bool { return r != '\n' && r != '\t' && idv.IsControl(r) }

// wholeRunes returns how many bytes of the text are whole characters. Only a character that
// may continue in the next Write is left out.
func wholeRunes(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if start := len(text) - n; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				return start
			}
			break
		}
	}
	return len(text)
}
