package abuse

import (
	"strings"
	"unicode"
)

// fold brings a claim into the form that it is counted in: capitals, ASCII for full
// width, no spaces, marks, dots or invisible characters. Two spellings that a vendor
// may take for the same must not count as two people, or a guesser would have each
// number anew with every dot. It is for counting only: what is sent stays as it is.
func fold(text string) string {
	folded := strings.Map(foldRune, text)
	if folded == "" {
		return text // nothing but marks: still something of its own
	}
	return folded
}

// foldRune returns the rune to count, or -1.
func foldRune(r rune) rune {
	const romanTen, romanSmallTen = 'Ⅹ', 'ⅹ' // stand for X in numbers
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 0x4E00 && r <= 0x9FFF:
		return r
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return foldRune(r - 0xFF01 + '!')
	case r == romanTen, r == romanSmallTen:
		return 'X'
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Co, r): // private use has rare names
		return unicode.ToUpper(r)
	}
	return -1
}
