package lint

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normalizer normalizes text: NFKC, lower case, simplified characters, one space between Latin words and none
// beside Chinese characters, no marks of Markdown or HTML.
type normalizer struct {
	runes  []rune
	places []place
	space  bool // a space is pending before the next letter
}

// line adds a line of the text. filled replaces what stands at a byte by a reading. A word
// that a hyphen divides between two lines is joined, and so is a number.
func (n *normalizer) line(number int, line string, filled map[int]string) {
	n.space = true
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(line, " \t"))
	if end := len(n.runes) - 1; end > 0 {
		last, before := n.runes[end], n.runes[end-1]
		switch {
		case last == '-' && isLower(before) && isLower(next):
			n.runes, n.places, n.space = n.runes[:end], n.places[:end], false
		case isDigit(next) && (isDigit(last) || last == '-' && isDigit(before)), next == '-' && isDigit(last):
			n.space = false
		}
	}
	column, tag := 0, 0
	for i, r := range line {
		column++
		at := place{number, column}
		if text, ok := filled[i]; ok {
			n.text(text, at)
		}
		if r == '<' {
			tag = tagLength(line[i:])
		}
		switch {
		case tag > 0:
			tag -= utf8.RuneLen(r)
		case r != hiddenMark:
			n.text(norm.NFKC.String(string(r)), at)
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

func (n *normalizer) text(text string, at place) {
	for _, r := range text {
		n.rune(unicode.ToLower(r), at)
	}
}

func (n *normalizer) rune(r rune, at place) {
	switch {
	case unicode.IsSpace(r):
		n.space = true
		return
	case unicode.Is(unicode.Cf, r) || strings.ContainsRune("*_`~#>|\"“”「」『』《》【】", r):
		return
	case r == '’' || r == '‘':
		r = '\''
	default:
		r = simplified(r)
	}
	if n.space && len(n.runes) > 0 && latin(r) && latin(n.runes[len(n.runes)-1]) {
		n.runes, n.places = append(n.runes, ' '), append(n.places, at)
	}
	n.space = false
	n.runes, n.places = append(n.runes, r), append(n.places, at)
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isLower(r rune) bool { return 'a' <= r && r <= 'z' }

// latin reports whether a space beside the character separates words: it does not beside
// Chinese characters and their punctuation.
func latin(r rune) bool { return r < 0x2e80 }

// all returns everything that was written as one text.
func (n *normalizer) all() string {
	text := ""
	for _, c := range n.clauses() {
		text += c.text
	}
	return text
}

// longestClause bounds the work that one clause makes, in characters; a longer one is
// found to be too long and read in pieces.
const longestClause = 1200

// clauses cuts what was written at its stops.
func (n *normalizer) clauses() []clause {
	var list []clause
	start := 0
	for i, r := range n.runes {
		last := i == len(n.runes)-1
		if !last && !stops(r, n.runes[i+1]) && i-start < longestClause {
			continue
		}
		list = append(list, n.clause(start, i+1))
		start = i + 1
	}
	return list
}

// stops reports whether a sentence ends with the character.
func stops(r, next rune) bool { return strings.ContainsRune("。;!?", r) || r == '.' && next == ' ' }

func (n *normalizer) clause(from, to int) clause {
	c := clause{text: " ", places: []place{n.places[from]}}
	for i := from; i < to; i++ {
		c.text += string(n.runes[i])
		for range utf8.RuneLen(n.runes[i]) {
			c.places = append(c.places, n.places[i])
		}
	}
	c.text += " "
	c.places = append(c.places, n.places[to-1])
	return c
}
