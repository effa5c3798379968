package terminal

import (
	"strings"

	"golang.org/x/text/width"
)

// Width returns the columns of a text on a terminal: two for a Chinese character or a
// full-width form, one for anything else (Unicode UAX #11).
func Width(text string) int {
	n := 0
	for _, r := range text {
		n++
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}

// Pad appends spaces up to the given width. A wider text is returned unchanged.
func Pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-Width(text)))
}
