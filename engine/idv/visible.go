package idv

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// IsControl reports whether a character must not reach a terminal or a cell of a sheet as it
// is: it can move the cursor, change colors or the text direction, end a line, or hide. It is
// a control character of ASCII or C1, a format character such as U+202E or U+200B, a line or
// paragraph separator, or what replaces a byte that is not UTF-8.
func IsControl(r rune) bool {
	if r >= ' ' && r < 0x7f {
		return false
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Visible returns a text with every character that IsControl names as its escape in JSON:
// \u001b. In a JSON string, that is the same text.
func Visible(text string) string {
	if !strings.ContainsFunc(text, IsControl) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !IsControl(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			_, _ = fmt.Fprintf(&b, `\u%04x`, unit) // a Builder returns no error
		}
	}
	return b.String()
}
