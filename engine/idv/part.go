package idv

import (
	"crypto/md5"  //nolint:gosec // recognizes what vendors use
	"crypto/sha1" //nolint:gosec // recognizes what vendors use
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
)

// PartIn reports whether text contains a number, a telling part of it, or a form that can be
// reversed, ignoring letter case and separators: six characters in a row, the date of birth
// in another order, the number in hexadecimal or Base64, or sixteen characters of an unkeyed
// hash, which a search of all numbers reverses.
func (s Sensitive) PartIn(text string) bool {
	number, plain := lettersAndDigits(s.Reveal()), lettersAndDigits(text)
	n := len(number)
	if n < shortestNumber {
		return false
	}
	for _, length := range []int{partial, shortestNumber} {
		for i := range n - length + 1 {
			piece := number[i : i+length]
			if (length == shortestNumber || isVaried(piece)) && strings.Contains(plain, piece) {
				return true
			}
		}
	}
	if n == 18 {
		year, month, day := number[6:10], number[10:12], number[12:14]
		bare := year + strings.TrimPrefix(month, "0") + strings.TrimPrefix(day, "0")
		for _, birth := range []string{day + month + year, month + day + year, bare} {
			if strings.Contains(plain, birth) {
				return true
			}
		}
	}
	return s.coded(text)
}

// NamedIn is [Sensitive.PartIn] for a name: whether text contains a word of it that has six
// letters or more, or a form of the name that can be reversed.
func (s Sensitive) NamedIn(text string) bool {
	plain := lettersAndDigits(text)
	for word := range strings.FieldsSeq(s.Reveal()) {
		if word = lettersAndDigits(word); len(word) >= shortestWord && strings.Contains(plain, word) {
			return true
		}
	}
	return s.coded(text)
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
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text))
}

// coded reports whether text contains the value in hexadecimal or Base64, or a part of one of
// its hashes in these.
func (s Sensitive) coded(text string) bool {
	if s.IsZero() {
		return false
	}
	value := s.Reveal()
	for _, v := range []string{value, strings.ToUpper(value), strings.ToLower(value)} {
		if containsCoded(text, []byte(v), whole) {
			return true
		}
		five, one, two := md5.Sum([]byte(v)), sha1.Sum([]byte(v)), sha256.Sum256([]byte(v)) //nolint:gosec // recognizes what vendors use
		for _, sum := range [][]byte{five[:], one[:], two[:]} {
			if containsCoded(text, sum, partOfHash) {
				return true
			}
		}
	}
	return false
}

// containsCoded reports whether text contains so many characters in a row of raw in
// hexadecimal or Base64, or all of them if there are not so many.
func containsCoded(text string, raw []byte, part int) bool {
	return containsPart(lettersAndDigits(text), strings.ToUpper(hex.EncodeToString(raw)), part) ||
		containsPart(text, base64.RawStdEncoding.EncodeToString(raw), part) ||
		containsPart(text, base64.RawURLEncoding.EncodeToString(raw), part)
}

func containsPart(text, of string, part int) bool {
	part = min(part, len(of))
	for i := range len(of) - part + 1 {
		if strings.Contains(text, of[i:i+part]) {
			return true
		}
	}
	return false
}
