package idv

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The largest lengths of texts that are kept, in characters.
const (
	MaxName = 255  // an id, a name, a key
	MaxNote = 1000 // a sentence for people
)

// TextFault is why a text is not kept, and why no kept text can equal it. The zero value
// means none.
type TextFault uint8

// The faults of texts.
const (
	TextFits    TextFault = iota
	TextNotUTF8           // some databases refuse it; also U+FFFD, by which a reader replaced such a byte
	TextHidden            // a control, bidirectional or invisible character: it can forge a line, or make two texts look alike
	TextBlank             // only spaces and invisible characters: it would count as given
	TextTooLong
	TextAmbiguous // an identifier that may be another one's, see identity.Identifier
	TextPersonal  // a number of the person in a text that logs and messages show, see Subject.NumberIn
)

// CheckText returns the first fault of a text that is to be kept or looked up, such as an
// id, a name or a note. The empty text has none: it means that no text was given.
func CheckText(text string, most int) TextFault {
	if isPlainASCII(text) && len(text) <= most {
		return TextFits
	}
	plain, shown, length := true, false, 0
	for _, r := range text {
		length++
		plain = plain && (r == ' ' || isPlain(r))
		shown = shown || isVisible(r)
	}
	switch {
	case strings.ContainsRune(text, utf8.RuneError): // also for a byte that is not UTF-8
		return TextNotUTF8
	case !shown:
		return TextBlank
	case !plain:
		return TextHidden
	case length > most:
		return TextTooLong
	}
	return TextFits
}

// isPlainASCII reports whether a text is empty or begins with a letter, a digit or a sign and
// has only those and spaces. Most texts are like that and need no tables of Unicode; each
// verification checks some twenty.
func isPlainASCII(text string) bool {
	for i := range len(text) {
		if text[i] > '~' || text[i] < ' ' || text[0] == ' ' {
			return false
		}
	}
	return true
}

// Help says what is wrong with a text and what to do, without the text.
func (f TextFault) Help() string {
	switch f {
	case TextNotUTF8:
		return "is not UTF-8; encode it in UTF-8"
	case TextHidden:
		return "has a control, bidirectional or invisible character; type it again in one line without that character"
	case TextBlank:
		return "holds only spaces or invisible characters; enter a value, or leave it out"
	case TextTooLong:
		return "is too long; shorten it"
	case TextAmbiguous:
		return "has two spaces in a row, an unusual space, a dash other than - or a character such as ①, which may be taken for another; type it with plain characters"
	case TextPersonal:
		return "has a number of the person, which logs and messages would show; use a name of your own"
	}
	return ""
}

// Rule returns the name of the local rule that a text breaks, as package identity names
// the rules for numbers; "" for none.
func (f TextFault) Rule() string {
	return [...]string{"", "charset", "charset", "empty", "length", "charset", ""}[f]
}

// KeptText is a text that is to be kept, with the name of its field in JSON.
type KeptText struct {
	Field, Text string
	Most        int // the largest length in characters; 0 is MaxName
}

// CheckTexts returns a *TextError for the first of the texts that has a fault.
func CheckTexts(list ...KeptText) error {
	for _, one := range list {
		most := one.Most
		if most == 0 {
			most = MaxName
		}
		if f := CheckText(one.Text, most); f != TextFits {
			return &TextError{one.Field, f}
		}
	}
	return nil
}

// TextError says which text cannot be kept.
type TextError struct {
	Field string // such as "note"
	Fault TextFault
}

// Error returns the field and what is wrong with its text.
func (e *TextError) Error() string { return e.Field + " " + e.Fault.Help() }

// Unwrap returns the error as an *Error with the failure InvalidInput. No provider was
// called.
func (e *TextError) Unwrap() error {
	return &Error{
		Failure: InvalidInput, Origin: OriginCaller, Delivery: NotSent, Charge: NotCharged, Code: e.Fault.Rule(), Detail: e.Error(),
	}
}

// CleanText returns a text without the characters that CheckText refuses, cut to a length;
// "" if nothing visible is left. It is for what a vendor sent with an answer that was paid
// for: an odd reference must not keep the outcome of a call from being recorded.
func CleanText(text string, most int) string {
	if CheckText(text, most) == TextFits {
		return text
	}
	clean := []rune(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !isPlain(r) {
			return -1
		}
		return r
	}, text))
	text = string(clean[:min(len(clean), most)])
	if IsBlank(text) {
		return ""
	}
	return text
}

// IsBlank reports whether a text is not empty but shows nothing: it consists of spaces,
// control and invisible characters only.
func IsBlank(text string) bool { return text != "" && !strings.ContainsFunc(text, isVisible) }

// isVisible reports whether a character shows. U+2800 is a braille cell without dots.
func isVisible(r rune) bool {
	return r != '\u2800' && !unicode.Is(unicode.White_Space, r) && isPlain(r)
}

// isPlain reports whether a character is a space or shows, and changes no other.
func isPlain(r rune) bool {
	if r < 0x7f {
		return r >= ' '
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
