package notice

import (
	"regexp"
	"strings"
)

// part is a piece of text or a blank in it.
type part struct {
	text  string // a piece of text, if name is ""
	name  string
	field string // behind the dot, "" if there is none
	at    int    // where it begins, in bytes
}

// blankMark is the form of a blank. The braces find it; between them must be a plain word.
var blankMark = regexp.MustCompile(`^\{\{([a-z][a-z0-9_]{0,39})(?:\.([a-z]+))?\}\}`)

// leftovers are the marks of open blanks. A value and a text that is shown to a person must
// not contain them.
func leftovers() []string { return []string{"{{", "}}", "【", "】", "＿＿", "__"} }

// leftover returns the first mark in the text and where it is, or "".
func leftover(text string) (string, int) {
	first, at := "", len(text)
	for _, mark := range leftovers() {
		if i := strings.Index(text, mark); i >= 0 && i < at {
			first, at = mark, i
		}
	}
	return first, at
}

// scan splits a text into its parts. bad is where a mark is no blank, -1 if there is none.
func scan(text string) (parts []part, bad int) {
	for at := 0; ; {
		mark, i := leftover(text[at:])
		if i > 0 {
			parts = append(parts, part{text: text[at : at+i], at: at})
		}
		if mark == "" {
			return parts, -1
		}
		at += i
		m := blankMark.FindStringSubmatch(text[at:])
		if m == nil {
			return parts, at
		}
		parts = append(parts, part{name: m[1], field: m[2], at: at})
		at += len(m[0])
	}
}

// lineAt returns the line of an offset in bytes, for a text whose first line has the given
// number.
func lineAt(text string, at, first int) int { return first + strings.Count(text[:at], "\n") }

// alone reports whether a blank is the only thing on its line.
func alone(parts []part, i int) bool {
	before := i == 0 || parts[i-1].name == "" && strings.HasSuffix(parts[i-1].text, "\n")
	after := i == len(parts)-1 || parts[i+1].name == "" && strings.HasPrefix(parts[i+1].text, "\n")
	return before && after
}
