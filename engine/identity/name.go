package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// maxNameBytes limits a name before it is processed.
	maxNameBytes = 512
	// maxNameRunes is the length of name fields by 民委发〔2016〕33号.
	maxNameRunes = 50
	// dot is the separator of names by the same rule.
	dot = '·'
)

// CheckName normalizes a name and checks it. The result has the form of identity cards:
// Han characters with U+00B7 between the parts and no spaces; or capital Latin letters
// with single spaces, hyphens, apostrophes and commas. Variants and traditional
// characters are not converted, because the vendor compares with the police record.
//
// A caller that stores names should store the input too: a Korean or Taiwanese record may
// have a compatibility character that the normalization replaces.
func CheckName(raw idv.Sensitive, opts Options) Finding {
	input := raw.Reveal()
	f := Finding{text: raw}
	switch {
	case input == "":
		f.conclude(ReasonEmpty, 0)
		return f
	case len(input) > maxNameBytes:
		f.text = idv.Sensitive{}
		f.conclude(ReasonLength, 0)
		return f
	}
	var failure Reason
	if f.Flags, failure = scanName(input, opts); failure == "" {
		f.conclude("", 0)
		return f
	}
	if !isValidText(input) {
		f.conclude(ReasonEncoding, 0)
		return f
	}
	if strings.ContainsFunc(strings.TrimFunc(input, isBlank), isLineBreak) {
		f.conclude(ReasonLineBreak, 0)
		return f
	}
	r := rewriteName(input, opts)
	f.Changes = r.changes
	f.Flags, failure = scanName(r.text, opts)
	f.Flags |= r.flags
	f.keep(raw, r.text)
	if (failure == ReasonCharset || failure == ReasonLength) && isNumberGiven(r.text, opts) {
		failure = ReasonIsNumber
	}
	f.conclude(failure, 0)
	return f
}

// isLineBreak reports whether a rune ends a line or a cell. What stands on two lines may be
// two names: joined, they would be the name of a third person, and the call would be paid.
func isLineBreak(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', 0x1C, 0x1D, 0x1E, 0x1F, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// isBlank reports whether a rune is removed at the ends of a name.
func isBlank(r rune) bool { return isSpace(r) || isInvisible(r) || isLineBreak(r) }

// looksLikeZero reports whether a rune is typed in place of 〇 (U+3007): the letter O, the
// digit 0, a circle. No Chinese name has one of them, and which character the document has
// is not guessed.
func looksLikeZero(r rune) bool {
	switch r {
	case 'O', 'o', '0', '○', '◯', '⚪', '⭕', 0x39F, 0x3BF, 0x41E, 0x43E: // Greek and Cyrillic O
		return true
	}
	return false
}

// isValidText reports whether a text is UTF-8 without U+FFFD, which means that an earlier
// decoder lost a character.
func isValidText(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError {
			return false
		}
	}
	return true
}

// nameScan is the state of a scan of a name.
type nameScan struct {
	runes              int
	han, latin, broken bool // broken: a separator or space in a wrong place
	zero, letter       bool // there is a character like 〇, a Latin letter other than O
	last               rune
	flags              Flags
	unmapped           bool // private-use characters without a replacement are accepted
	marks              bool // Latin letters with marks and full stops are accepted
}

// scanName tests a normalized name. A name that was rewritten is tested again, so that
// this function alone accepts names.
func scanName(name string, opts Options) (Flags, Reason) {
	s := nameScan{unmapped: opts.SendUnmapped, marks: opts.Latin}
	failure := Reason("")
	for _, r := range name {
		s.runes++
		s.zero = s.zero || looksLikeZero(r)
		s.letter = s.letter || r != 'O' && r >= 'A' && r <= 'Z'
		if why := s.read(r); why != "" && failure == "" {
			failure = why
		}
		s.last = r
	}
	return s.finish(failure)
}

// read tests one rune.
func (s *nameScan) read(r rune) Reason {
	switch {
	case isHan(r):
		s.han = true
		s.broken = s.broken || s.last == ' '
		if isRare(r) {
			s.flags |= FlagRareExt
		}
		return ""
	case r == dot:
		if !isHan(s.last) && !isPrivate(s.last) {
			return ReasonDotPosition
		}
		return ""
	case s.last == dot && !isPrivate(r):
		return ReasonDotPosition
	case r >= 'A' && r <= 'Z', s.marks && r > 0x7F && unicode.Is(unicode.Latin, r):
		s.latin = true
		return ""
	case isPrivate(r):
		return s.private()
	}
	return s.mark(r)
}

// mark tests a mark, which only Latin names may have.
func (s *nameScan) mark(r rune) Reason {
	if marks := s.marks && r == '.'; !s.latin || !marks && !strings.ContainsRune(" -',", r) {
		return ReasonCharset
	}
	s.broken = s.broken || r == ' ' && s.last == ' '
	return ""
}

// private tests a private-use character.
func (s *nameScan) private() Reason {
	s.flags |= FlagPUAUnmapped
	s.han = true
	if s.unmapped {
		return ""
	}
	return ReasonPUAUnmapped
}

// zeroLike returns ReasonLetterO for a Han name with a character like 〇 and no other letter.
func (s *nameScan) zeroLike(failure Reason) Reason {
	if s.han && s.zero && !s.letter && (failure == "" || failure == ReasonCharset) {
		return ReasonLetterO
	}
	return failure
}

// finish tests the whole name.
func (s *nameScan) finish(failure Reason) (Flags, Reason) {
	if s.han && s.latin {
		s.flags |= FlagMixedScript
	}
	if s.han && s.runes == 1 {
		s.flags |= FlagShort
	}
	failure = s.zeroLike(failure)
	switch {
	case s.runes == 0:
		failure = ReasonEmpty
	case s.runes > maxNameRunes:
		failure = ReasonLength
	case failure != "":
	case s.last == dot:
		failure = ReasonDotPosition
	case s.broken || s.last == ' ' || !s.han && !s.latin:
		failure = ReasonCharset
	}
	return s.flags, failure
}
