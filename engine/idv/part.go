package idv

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // recognizes what vendors use
	"crypto/sha1" //nolint:gosec // recognizes what vendors use
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
)

// PartIn reports whether text contains a number, a telling part of it, or a form that can be
// reversed, ignoring letter case and separators: six characters in a row, the date of birth
// in another order, the number in hexadecimal or Base64, or sixteen characters of an unkeyed
// hash, which a search of all numbers reverses.
func (s Sensitive) PartIn(text string) bool {
	t := searchable(text)
	return s.partIn(&t)
}

func (s Sensitive) partIn(t *searched) bool {
	number := lettersAndDigits(s.Reveal())
	n := len(number)
	if n < shortestNumber {
		return false
	}
	for _, length := range []int{partial, shortestNumber} {
		for i := range n - length + 1 {
			piece := number[i : i+length]
			if strings.Contains(t.plain, piece) && (length == shortestNumber || isVaried(piece)) {
				return true
			}
		}
	}
	if n == 18 {
		year, month, day := number[6:10], number[10:12], number[12:14]
		bare := year + strings.TrimPrefix(month, "0") + strings.TrimPrefix(day, "0")
		for _, birth := range []string{day + month + year, month + day + year, bare} {
			if strings.Contains(t.plain, birth) {
				return true
			}
		}
	}
	return s.codedIn(t)
}

// NamedIn is [Sensitive.PartIn] for a name: whether text contains a word of it that has six
// letters or more, or a form of the name that can be reversed.
func (s Sensitive) NamedIn(text string) bool {
	t := searchable(text)
	return s.namedIn(&t)
}

func (s Sensitive) namedIn(t *searched) bool {
	for word := range strings.FieldsSeq(s.Reveal()) {
		if word = lettersAndDigits(word); len(word) >= shortestWord && strings.Contains(t.plain, word) {
			return true
		}
	}
	return s.codedIn(t)
}

// searched is a text in the two forms in which values are looked for.
type searched struct {
	plain  string // the letters and digits, in small letters
	base64 string // with the characters of Base64 for those of its form for URLs
}

func searchable(text string) searched {
	return searched{plain: lettersAndDigits(text), base64: strings.Map(standardBase64, text)}
}

func standardBase64(r rune) rune {
	switch r {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return r
}

const (
	partial      = 6  // how many characters of a number in a row are telling
	shortestWord = 6  // of a name, in bytes; a shorter one stands in a reference by chance
	partOfHash   = 16 // as short MD5 sums have
	whole        = 1 << 10
)

// isVaried reports whether a piece has three different characters. Pieces such as 010100
// stand in every time of day and tell little.
func isVaried(piece string) bool {
	var seen string
	for _, c := range piece {
		if !strings.ContainsRune(seen, c) {
			seen += string(c)
		}
	}
	return len(seen) > 2
}

func lettersAndDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(unicode.ToUpper(r)) // some letters have several forms in small
		}
		return -1
	}, text)
}

// codedIn reports whether a text contains the value in hexadecimal or Base64, or a part of one
// of its hashes in these.
func (s Sensitive) codedIn(t *searched) bool {
	if s.IsZero() {
		return false
	}
	value := s.Reveal()
	spellings := []string{value, strings.ToUpper(value), strings.ToLower(value)}
	for _, v := range slices.Compact(spellings) { // most values have no letter
		if t.contains([]byte(v), whole) {
			return true
		}
		if !t.mayHold(partOfHash) {
			continue
		}
		five, one, two := md5.Sum([]byte(v)), sha1.Sum([]byte(v)), sha256.Sum256([]byte(v)) //nolint:gosec // recognizes what vendors use
		for _, sum := range [][]byte{five[:], one[:], two[:]} {
			if t.contains(sum, partOfHash) {
				return true
			}
		}
	}
	return false
}

// mayHold reports whether the text is long enough for so many characters in a row.
func (t *searched) mayHold(length int) bool { return len(t.base64) >= length }

// contains reports whether the text contains so many characters in a row of raw in hexadecimal
// or Base64, or all of them if there are not so many.
func (t *searched) contains(raw []byte, part int) bool {
	if !t.mayHold(min(part, base64.RawStdEncoding.EncodedLen(len(raw)))) {
		return false
	}
	var buffer [2 * sha256.Size]byte // enough for every hash in hexadecimal
	return containsPart(t.plain, hex.AppendEncode(buffer[:0], raw), part) ||
		containsPart(t.base64, base64.RawStdEncoding.AppendEncode(buffer[:0], raw), part)
}

// containsPart reports whether text contains so many characters in a row of another text, or
// all of it if it has not so many.
//
// Such a row of characters covers a whole half of its length that begins at a multiple of that
// in text. Nearly no text has such a half in common, and there are few to compare.
func containsPart(text string, of []byte, part int) bool {
	part = min(part, len(of))
	half := part / 2
	for at := 0; at+half <= len(text); at += half {
		if bytes.Contains(of, []byte(text[at:at+half])) {
			return containsRow(text, of, part)
		}
	}
	return false
}

func containsRow(text string, of []byte, length int) bool {
	for i := range len(of) - length + 1 {
		if strings.Contains(text, string(of[i:i+length])) {
			return true
		}
	}
	return false
}
