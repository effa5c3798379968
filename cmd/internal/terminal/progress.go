package terminal

import (
	"fmt"
	"io"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// progressEvery is the interval between updates of a progress line. Shorter work shows no
// line.
const progressEvery = 500 * time.Millisecond

// Progress is a progress line on a terminal. The nil Progress shows nothing.
type Progress struct {
	w     io.Writer
	next  time.Time
	shown int
}

// NewProgress returns a progress line on w, or nil if w is not a terminal or quiet is set.
func NewProgress(w io.Writer, quiet bool) *Progress {
	if quiet || !IsTerminal(w) {
		return nil
	}
	if e, ok := w.(*Escaper); ok {
		w = e.w // the line returns to its beginning with a control character
	}
	return &Progress{w: w, next: time.Now().Add(progressEvery)}
}

// Showf updates the line, at most once per progressEvery.
func (p *Progress) Showf(format string, args ...any) {
	if p == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(progressEvery)
	text := idv.Visible(fmt.Sprintf(format, args...))
	_, _ = fmt.Fprintf(p.w, "\r%s", Pad(text, p.shown)) // an error of a progress line is ignored
	p.shown = Width(text)
}

// Clear removes the line.
func (p *Progress) Clear() {
	if p == nil || p.shown == 0 {
		return
	}
	_, _ = fmt.Fprintf(p.w, "\r%s\r", Pad("", p.shown))
	p.shown = 0
}
