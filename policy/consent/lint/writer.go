package lint

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// writer brings text into the one form: NFKC, small letters, one space between words of
// letters and none beside Chinese, no marks of Markdown or HTML.
type writer struct {
	runes  []rune
	places []place
	space  bool // a space is due before the next letter
}

// line adds a line of the text. filled replaces what stands at a byte by a reading.
func (w *writer) line(number int, line string, filled map[int]string) {
	w.space = true
	column, tag := 0, 0
	for i, r := range line {
		column++
		at := place{number, column}
		if text, ok := filled[i]; ok {
			w.text(text, at)
		}
		if r == '<' {
			tag = tagLength(line[i:])
		}
		switch {
		case tag > 0:
			tag -= utf8.RuneLen(r)
		case r != hiddenMark:
			w.text(norm.NFKC.String(string(r)), at)
		}
	}
}

// tagLength returns how many bytes a tag of HTML has that begins here, 0 if none does.
func tagLength(text string) int {
	const longest = 200
	end := strings.IndexByte(text[:min(len(text), longest)], '>')
	if end < 0 || strings.IndexByte(text[1:end+1], '<') >= 0 {
		return 0
	}
	return end + 1
}

func (w *writer) text(text string, at place) {
	for _, r := range text {
		w.rune(unicode.ToLower(r), at)
	}
}

func (w *writer) rune(r rune, at place) {
	switch {
	case unicode.IsSpace(r):
		w.space = true
		return
	case unicode.Is(unicode.Cf, r) || strings.ContainsRune("*_`~#>|\"“”「」『』《》【】", r):
		return
	case r == '’' || r == '‘':
		r = '\''
	}
	if w.space && len(w.runes) > 0 && latin(r) && latin(w.runes[len(w.runes)-1]) {
		w.runes, w.places = append(w.runes, ' '), append(w.places, at)
	}
	w.space = false
	w.runes, w.places = append(w.runes, r), append(w.places, at)
}

// latin reports whether a space beside the character parts words: it does not beside
// Chinese characters and their punctuation.
func latin(r rune) bool { return r < 0x2e80 }

// longestClause bounds the work that one clause makes, in characters; a longer one is
// found to be too long and read in pieces.
const longestClause = 1200

// clauses cuts what was written at its stops.
func (w *writer) clauses() []clause {
	var list []clause
	start := 0
	for i, r := range w.runes {
		last := i == len(w.runes)-1
		if !last && !stops(r, w.runes[i+1]) && i-start < longestClause {
			continue
		}
		list = append(list, w.clause(start, i+1))
		start = i + 1
	}
	return list
}

// stops reports whether a sentence ends with the character.
func stops(r, next rune) bool { return strings.ContainsRune("。;!?", r) || r == '.' && next == ' ' }

func (w *writer) clause(from, to int) clause {
	c := clause{text: " ", places: []place{w.places[from]}}
	for i := from; i < to; i++ {
		c.text += string(w.runes[i])
		for range utf8.RuneLen(w.runes[i]) {
			c.places = append(c.places, w.places[i])
		}
	}
	c.text += " "
	c.places = append(c.places, w.places[to-1])
	return c
}
