package terminal

import (
	"strings"

	"golang.org/x/text/width"
)

// Width returns how many columns a terminal needs for a text: two for a Chinese
// character or a full-width form, one for anything else (Unicode UAX #11).
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

// Pad adds spaces to a text until it is as wide as wanted. A wider one stays as it
// is.
func Pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-Width(text)))
}
