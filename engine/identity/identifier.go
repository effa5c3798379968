package identity

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/heyan-id/heyan/engine/idv"
)

// Identifier returns the canonical form of an identifier that a person types or pastes: an
// order number, the name of a provider, an app or a purpose. Two texts that look alike have
// the same form, so that one purchase is not booked twice.
//
// It removes spaces and bidirectional marks at both ends and characters that never show
// (zero-width, byte order mark, soft hyphen), converts full-width letters, digits and signs
// to ASCII, and composes accents. A difference that shows, or that may have a meaning, is
// never removed. For two spaces in a row, an unusual space within, a dash other than "-" and
// compatibility characters such as ① the fault is [idv.TextAmbiguous]; for a line end or a
// tab within, and for a bidirectional mark, which changes the order in which the rest shows,
// it is [idv.TextHidden]. Upper and lower case are different. The empty text is returned as
// it is; a text that shows nothing has the fault [idv.TextBlank].
func Identifier(text string) (string, idv.TextFault) {
	if isPlainIdentifier(text) {
		return text, idv.CheckText(text, idv.MaxName)
	}
	if strings.ContainsRune(text, unicode.ReplacementChar) { // also for bytes that are not UTF-8
		return text, idv.TextNotUTF8
	}
	form := strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || isHidden(r) })
	form = norm.NFC.String(width.Fold.String(strings.Map(withoutHidden, form)))
	switch fault := idv.CheckText(form, idv.MaxName); {
	case form == "":
		return "", idv.TextBlank
	case fault != idv.TextFits:
		return form, fault
	case strings.Contains(form, "  ") || strings.ContainsFunc(form, isAmbiguous) || norm.NFKC.String(form) != form:
		return form, idv.TextAmbiguous
	}
	return form, idv.TextFits
}

// isPlainIdentifier reports whether a text is canonical already, as nearly all are. The
// empty one is.
func isPlainIdentifier(text string) bool {
	last := byte(' ')
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return text == "" || last != ' '
}

// withoutHidden removes a character that never shows, but for bidirectional marks. A
// no-break space becomes a space.
func withoutHidden(r rune) rune {
	switch {
	case r == '\u00a0' || r == '\u202f' || r == '\u2007':
		return ' '
	case isHidden(r) && !unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}

func isHidden(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// isAmbiguous reports whether a character within an identifier may stand for another one:
// a space other than " ", or a dash other than "-".
func isAmbiguous(r rune) bool { return r != ' ' && unicode.IsSpace(r) || r != '-' && isHyphen(r) }
