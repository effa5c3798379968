package terminal

import (
	"fmt"
	"io"
	"time"
)

// progressEvery is how often a progress line is written anew. Work that is over
// sooner shows none.
const progressEvery = 500 * time.Millisecond

// Progress is a line that says how far a long work is, on a terminal only. The nil
// Progress shows nothing.
type Progress struct {
	w     io.Writer
	next  time.Time
	shown int
}

// NewProgress returns a progress line on a terminal, nil if w is none or quiet is
// set.
func NewProgress(w io.Writer, quiet bool) *Progress {
	if quiet || !IsTerminal(w) {
		return nil
	}
	return &Progress{w: w, next: time.Now().Add(progressEvery)}
}

// Showf replaces the line, if it is due.
func (p *Progress) Showf(format string, args ...any) {
	if p == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(progressEvery)
	text := fmt.Sprintf(format, args...)
	_, _ = fmt.Fprintf(p.w, "\r%s", Pad(text, p.shown)) // a progress line that fails is no fault
	p.shown = Width(text)
}

// Clear takes the line away.
func (p *Progress) Clear() {
	if p == nil || p.shown == 0 {
		return
	}
	_, _ = fmt.Fprintf(p.w, "\r%s\r", Pad("", p.shown))
	p.shown = 0
}
