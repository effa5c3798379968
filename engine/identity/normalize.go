package identity

import (
	"strings"
	"unicode/utf8"
)

// maxNumberBytes limits a number before it is processed. The longest document number has
// 44 characters.
const maxNumberBytes = 64

// The Roman numeral ten looks like the X of a check digit, and input methods produce it.
// Unicode defines both as compatibility forms of the letters X and x. Other characters that
// look like X, such as Cyrillic Х and ×, are no forms of it.
const romanTen, smallRomanTen = 'Ⅹ', 'ⅹ'

// numberText is a number after normalisation.
type numberText struct {
	text      string
	runes     int // its length in characters
	bracketed bool
	changes   Changes
}

// normalizeNumber removes invisible marks and spaces and converts full-width characters
// to ASCII and small letters to capitals; in lenient mode it also removes hyphens and
// brackets and converts Ⅹ and ⅹ to X. Other characters remain and fail the next test, because
// the package does not guess what a similar character (Cyrillic Х, letter O, Arabic
// digits) stands for.
func normalizeNumber(input string, lenient bool) (numberText, Reason) {
	n := numberText{text: input, runes: len(input)}
	switch {
	case input == "":
		return n, ReasonEmpty
	case len(input) > maxNumberBytes:
		return n, ReasonLength
	case isNormalNumber(input):
		return n, ""
	case !utf8.ValidString(input):
		return n, ReasonCharset
	}
	var out strings.Builder
	for _, r := range input {
		if r = n.fold(r, lenient); r >= 0 {
			out.WriteRune(r)
		}
	}
	n.text, n.runes = out.String(), utf8.RuneCountInString(out.String())
	n.upper()
	n.dropCardBrackets(lenient)
	if n.text == "" {
		return n, ReasonEmpty
	}
	return n, ""
}

func isNormalNumber(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && !isUpper(c) && c != '<' {
			return false
		}
	}
	return true
}

// fold returns the rune to keep, or -1 to remove it.
func (n *numberText) fold(r rune, lenient bool) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		n.changes |= ChangeFullwidth
		r -= 0xFF01 - '!'
	}
	switch {
	case isInvisible(r):
		n.changes |= ChangeInvisible
		return -1
	case isSpace(r):
		n.changes |= ChangeSpaces
		return -1
	case lenient && isHyphen(r):
		n.changes |= ChangeHyphens
		return -1
	case lenient && (r == romanTen || r == smallRomanTen):
		n.changes |= ChangeRomanTen
		return 'X'
	}
	return r
}

// upper converts ASCII letters to capitals. The x of a resident number is a change of its
// own, because it is so common.
func (n *numberText) upper() {
	at := strings.IndexFunc(n.text, func(r rune) bool { return r >= 'a' && r <= 'z' })
	if at < 0 {
		return
	}
	n.changes |= ChangeUpper
	if n.runes == 18 && at == len(n.text)-1 && n.text[at] == 'x' {
		n.changes ^= ChangeUpper | ChangeLowerX
	}
	n.text = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, n.text)
}

// dropCardBrackets removes the brackets around the check digit of a Hong Kong or Macau
// card, which are printed on it; in lenient mode it removes all brackets.
func (n *numberText) dropCardBrackets(lenient bool) {
	end := len(n.text)
	n.bracketed = end > 3 && n.text[end-1] == ')' && n.text[end-3] == '('
	if !n.bracketed && !lenient {
		return
	}
	text := strings.NewReplacer("(", "", ")", "", "[", "", "]", "").Replace(n.text)
	if text == n.text {
		return
	}
	n.changes |= ChangeBrackets
	n.text, n.runes = text, utf8.RuneCountInString(text)
}

// isInvisible reports whether a rune is invisible: zero width, bidirectional mark, byte
// order mark, soft hyphen, variation selector.
func isInvisible(r rune) bool {
	switch {
	case r == 0xAD, r == 0x180E, r == 0xFEFF,
		r >= 0x200B && r <= 0x200F,
		r >= 0x202A && r <= 0x202E,
		r >= 0x2060 && r <= 0x2069,
		r >= 0xFE00 && r <= 0xFE0F,
		r >= 0xE0100 && r <= 0xE01EF:
		return true
	}
	return false
}

// isSpace reports whether a rune is a space of any width, a tab or a line end.
func isSpace(r rune) bool {
	switch {
	case r == ' ', r >= '\t' && r <= '\r', r == 0xA0, r == 0x3000, r == 0x202F, r == 0x205F,
		r >= 0x2000 && r <= 0x200A, r == 0x2028, r == 0x2029:
		return true
	}
	return false
}

// isHyphen reports whether a rune is a hyphen, a dash or a minus.
func isHyphen(r rune) bool {
	return r == '-' || r >= 0x2010 && r <= 0x2015 || r == 0x2212
}
