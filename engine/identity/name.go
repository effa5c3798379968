package identity

import (
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
)

const (
	// maxNameBytes bounds a name before anything else looks at it.
	maxNameBytes = 512
	// maxNameRunes is the length that name fields have by 民委发〔2016〕33号.
	maxNameRunes = 50
	// dot is the separator of names by the same rule.
	dot = '·'
)

// CheckName brings a name into one form and checks it. The form is the one in
// which cards are filled in: Han characters with U+00B7 between the parts, no
// spaces; or capital Latin letters with single spaces, hyphens, apostrophes and
// commas. Variants and traditional characters are never converted, for the vendor
// compares with the police record.
//
// A caller that stores names keeps the input too: a Korean or Taiwanese record may
// hold a compatibility character that the form replaces.
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
	if f.Flags, failure = scanName(input, opts.SendUnmapped); failure == "" {
		f.conclude("", 0)
		return f
	}
	if !isSound(input) {
		f.conclude(ReasonEncoding, 0)
		return f
	}
	r := rewriteName(input, opts.Lenient)
	f.Changes = r.changes
	f.Flags, failure = scanName(r.text, opts.SendUnmapped)
	f.Flags |= r.flags
	f.keep(raw, r.text)
	f.conclude(failure, 0)
	return f
}

// isSound reports whether a text is UTF-8 without U+FFFD. That character in a
// name means that a decoder before us has lost one without saying so.
func isSound(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError {
			return false
		}
	}
	return true
}

// nameScan is what is known of a name while it is read.
type nameScan struct {
	runes              int
	han, latin, broken bool // broken: a dot or space stands where none may
	last               rune
	flags              Flags
}

// scanName tests a name that should be in its one form. It is the only judge: a
// name that was rewritten is tested again.
func scanName(name string, unmapped bool) (Flags, Reason) {
	var s nameScan
	failure := Reason("")
	for _, r := range name {
		s.runes++
		if why := s.read(r, unmapped); why != "" && failure == "" {
			failure = why
		}
		s.last = r
	}
	return s.finish(failure)
}

// read takes one rune in. Unmapped private-use characters are let through if asked.
func (s *nameScan) read(r rune, unmapped bool) Reason {
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
	case r >= 'A' && r <= 'Z':
		s.latin = true
		return ""
	case isPrivate(r):
		return s.private(unmapped)
	}
	return s.mark(r)
}

// mark takes in a mark of Latin names; nothing else is left.
func (s *nameScan) mark(r rune) Reason {
	if !s.latin || !strings.ContainsRune(" -',", r) {
		return ReasonCharset
	}
	s.broken = s.broken || r == ' ' && s.last == ' '
	return ""
}

// private takes in a private-use character.
func (s *nameScan) private(unmapped bool) Reason {
	s.flags |= FlagPUAUnmapped
	s.han = true
	if unmapped {
		return ""
	}
	return ReasonPUAUnmapped
}

// finish tests the name as a whole.
func (s *nameScan) finish(failure Reason) (Flags, Reason) {
	if s.han && s.latin {
		s.flags |= FlagMixedScript
	}
	if s.han && s.runes == 1 {
		s.flags |= FlagShort
	}
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
