package identity

import (
	"slices"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// nameText is a name during normalization.
type nameText struct {
	text    string
	changes Changes
	flags   Flags
}

// rewriteName normalizes a name as far as that is possible without guessing. It applies
// NFC and not NFKC, which would also rewrite ㈱ and ①. It folds radicals by a table for
// the same reason.
func rewriteName(input string, opts Options) nameText {
	var n nameText
	runes := make([]rune, 0, len(input))
	for _, r := range input {
		if r = n.fold(r); r >= 0 {
			runes = append(runes, r)
		}
	}
	n.text = string(runes)
	if composed := norm.NFC.String(n.text); composed != n.text {
		n.changes |= ChangeNFC
		runes = []rune(composed)
	}
	if slices.ContainsFunc(runes, isHan) {
		runes = n.foldHan(runes, opts.Lenient)
	} else {
		runes = n.foldLatin(runes)
		if opts.Latin {
			runes = n.upperMarked(runes)
		}
	}
	n.text = string(runes)
	return n
}

// fold returns the rune to keep, or -1 to remove it. It applies what does not depend on
// the other runes.
func (n *nameText) fold(r rune) rune {
	if official, ok := mapPUA(r); ok {
		n.changes |= ChangePUA
		n.flags |= FlagPUAMapped
		r = official
	}
	if han := foldRadical(r); han != r {
		n.changes |= ChangeRadicals
		n.flags |= FlagRadicalFolded
		return han
	}
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		n.changes |= ChangeFullwidth
		return r - 0xFF01 + '!'
	case isSpace(r):
		if r != ' ' {
			n.changes |= ChangeSpaces
		}
		return ' '
	case isInvisible(r), r < ' ', r >= 0x7F && r <= 0x9F:
		n.changes |= ChangeInvisible
		return -1
	}
	return r
}

// foldHan removes spaces from a name with Han characters and replaces its separators by
// U+00B7.
func (n *nameText) foldHan(runes []rune, lenient bool) []rune {
	kept := slices.DeleteFunc(runes, func(r rune) bool { return r == ' ' })
	if len(kept) != len(runes) {
		n.changes |= ChangeSpaces
	}
	for i, r := range kept {
		between := i > 0 && i < len(kept)-1 && isHan(kept[i-1]) && isHan(kept[i+1])
		if isOtherDot(r) || lenient && between && isSentenceDot(r) {
			kept[i] = dot
			n.changes |= ChangeDots
			n.flags |= FlagDotFolded
		}
	}
	return n.upper(kept)
}

// foldLatin collapses the spaces of a name without Han characters and converts its
// letters to capitals and its hyphens and apostrophes to ASCII.
func (n *nameText) foldLatin(runes []rune) []rune {
	kept := runes[:0]
	for _, r := range runes {
		switch {
		case r == ' ' && (len(kept) == 0 || kept[len(kept)-1] == ' '):
			n.changes |= ChangeSpaces
			continue
		case r == '‘' || r == '’' || r == 'ʼ' || r == '`':
			n.changes |= ChangeQuotes
			r = '\''
		case r != '-' && isHyphen(r):
			n.changes |= ChangeHyphens
			r = '-'
		}
		kept = append(kept, r)
	}
	if end := len(kept) - 1; end >= 0 && kept[end] == ' ' {
		n.changes |= ChangeSpaces
		kept = kept[:end]
	}
	return n.upper(kept)
}

// upper converts ASCII letters to capitals, as documents print them.
func (n *nameText) upper(runes []rune) []rune {
	for i, r := range runes {
		if r >= 'a' && r <= 'z' {
			n.changes |= ChangeUpper
			runes[i] = r - 'a' + 'A'
		}
	}
	return runes
}

// upperMarked converts Latin letters with marks to capitals.
func (n *nameText) upperMarked(runes []rune) []rune {
	for i, r := range runes {
		if capital := unicode.ToUpper(r); capital != r && unicode.Is(unicode.Latin, r) {
			n.changes |= ChangeUpper
			runes[i] = capital
		}
	}
	return runes
}

// isOtherDot reports whether a rune is one of the dots that are typed instead of the
// separator U+00B7.
func isOtherDot(r rune) bool {
	switch r {
	case 0x0387, 0x16EB, 0x2022, 0x2024, 0x2027, 0x2218, 0x2219, 0x22C5, 0x25CF, 0x25E6, 0x2E31, 0x2E33,
		0x30FB, 0xFF65, 0xA78F, 0x318D, 0x10101:
		return true
	}
	return false
}

// isSentenceDot reports whether a rune is a full stop or star, which are sometimes typed
// instead of the separator. They have other meanings too, so only lenient mode folds them.
func isSentenceDot(r rune) bool {
	switch r {
	case '.', '*', 0xFE52, 0x3002, 0xFF61:
		return true
	}
	return false
}
