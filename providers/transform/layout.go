package transform

import (
	"errors"
	"strings"
)

// errLayout names the letters of a pattern.
var errLayout = errors.New("must be a pattern such as yyyy-MM-dd HH:mm:ss, of yyyy, yy, MM, dd, HH, mm, ss, SSS (after a dot) and XXX (the zone); " +
	"other letters stand in single quotes: yyyy-MM-dd'T'HH:mm:ss'Z'")

// Layout returns the layout of package time for a pattern of a date or time, as vendors
// write it.
func Layout(pattern string) (string, error) {
	var b strings.Builder
	for rest := pattern; rest != ""; {
		if rest[0] == '\'' {
			text, after, closed := strings.Cut(rest[1:], "'")
			if !closed || strings.ContainsAny(text, "0123456789") || reserved(text) {
				return "", errLayout
			}
			b.WriteString(text)
			rest = after
			continue
		}
		word, layout := element(rest)
		switch {
		case word != "" && word != "SSS":
		case word == "SSS" && strings.HasSuffix(b.String(), "."):
		case word == "" && strings.IndexByte("-/:. ,年月日时分秒", rest[0]) >= 0:
			word, layout = rest[:1], rest[:1]
		default:
			return "", errLayout
		}
		b.WriteString(layout)
		rest = rest[len(word):]
	}
	if b.Len() == 0 {
		return "", errLayout
	}
	return b.String(), nil
}

// reserved reports whether package time would read a literal text as a part of a date.
func reserved(text string) bool {
	for _, word := range []string{"Jan", "Mon", "MST", "PM", "pm", "Z0", "_"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// element returns the word of a pattern that a text begins with, and its layout.
func element(text string) (word, layout string) {
	for _, e := range [][2]string{
		{"yyyy", "2006"}, {"yy", "06"}, {"MM", "01"}, {"dd", "02"}, {"HH", "15"}, {"mm", "04"}, {"ss", "05"}, {"SSS", "000"}, {"XXX", "Z07:00"},
	} {
		if strings.HasPrefix(text, e[0]) {
			return e[0], e[1]
		}
	}
	return "", ""
}
