package idv

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// masked replaces every value that is not empty.
const masked = "***"

// Sensitive is personal data or a secret. Every printing verb, logger and encoder shows
// it as "***", or as "" if it is empty. [Sensitive.Reveal] alone returns the value; a test
// of this module lists the files that may call it.
//
// The value is behind a pointer because fmt does not call the methods of unexported
// struct fields: with a plain string inside, %+v of a struct with an unexported Sensitive
// field would print the value in clear.
//
// Compare with [Sensitive.Equal], since == compares addresses. A Sensitive is immutable
// and safe for concurrent use.
type Sensitive struct{ p *string }

// NewSensitive returns a Sensitive with a value, the zero Sensitive for "".
func NewSensitive(value string) Sensitive {
	if value == "" {
		return Sensitive{}
	}
	return Sensitive{&value}
}

// Reveal returns the value in clear. Never put it into an error, log line, span, metric,
// cache key or URL of heyan's own.
func (s Sensitive) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether the value is empty.
func (s Sensitive) IsZero() bool { return s.p == nil }

// IsBlank reports whether the text is blank, see [IsBlank].
func (s Sensitive) IsBlank() bool { return IsBlank(s.Reveal()) }

// Equal reports whether both hold the same value.
func (s Sensitive) Equal(other Sensitive) bool { return s.Reveal() == other.Reveal() }

// String returns "***", or "" for an empty value.
func (s Sensitive) String() string {
	if s.IsZero() {
		return ""
	}
	return masked
}

// GoString returns the result of String, for %#v.
func (s Sensitive) GoString() string { return s.String() }

// Format writes the result of String for every verb and flag.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the result of String, for log/slog.
func (s Sensitive) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON returns the masked text as a JSON string.
func (s Sensitive) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalText returns the masked text.
func (s Sensitive) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// GobEncode returns the masked text. The value is lost on purpose.
func (s Sensitive) GobEncode() ([]byte, error) { return []byte(s.String()), nil }

// GobDecode reads the masked text that GobEncode wrote.
func (s *Sensitive) GobDecode(b []byte) error { return s.UnmarshalText(b) }

// UnmarshalText reads a value in clear.
func (s *Sensitive) UnmarshalText(b []byte) error {
	*s = NewSensitive(string(b))
	return nil
}

// UnmarshalJSON reads a value in clear from a JSON string or null. The error for any other
// value does not repeat it.
func (s *Sensitive) UnmarshalJSON(b []byte) error {
	var value string
	switch {
	case string(b) == "null":
		*s = Sensitive{}
		return nil
	case isLiteral(b): // as nearly all are; encoding/json takes five times as long
		*s = NewSensitive(string(b[1 : len(b)-1]))
		return nil
	}
	if json.Unmarshal(b, &value) != nil {
		return errors.New("must be a JSON string")
	}
	*s = NewSensitive(value)
	return nil
}

// isLiteral reports whether a text is a JSON string of which every character stands for itself.
func isLiteral(b []byte) bool {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return false
	}
	for _, c := range b[1 : len(b)-1] {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(b)
}

// MaskName returns the name with a star for every character but the first: 张*. A name of
// one character becomes one star.
func (s Sensitive) MaskName() string { return maskAfterFirst(s.Reveal(), 2) }

// shortestNumber is the length of the shortest number of which a mask shows a character.
// Documents, mobile numbers and bank cards have as many characters or more.
const shortestNumber = 8

// MaskNumber returns the number with a star for every character but the first:
// 1*****************. A shorter text than a number of any kind becomes stars only. The last
// character is hidden too: in most kinds of numbers it is the check character, which rules
// out ten of eleven candidates.
func (s Sensitive) MaskNumber() string { return maskAfterFirst(s.Reveal(), shortestNumber) }

// maskAfterFirst returns the text with a star for every character but the first, or for
// every character if it has fewer than shortest. A first character that is no letter or
// digit is hidden, since it could control a terminal.
func maskAfterFirst(text string, shortest int) string {
	n := utf8.RuneCountInString(text)
	first, size := utf8.DecodeRuneInString(text)
	if n < shortest || first == utf8.RuneError || !unicode.IsLetter(first) && !unicode.IsDigit(first) && !unicode.Is(unicode.Co, first) {
		return stars(n)
	}
	return text[:size] + stars(n-1)
}

// stars returns n stars, without an allocation up to 32.
func stars(n int) string {
	const many = "********************************"
	if n <= len(many) {
		return many[:n]
	}
	return strings.Repeat("*", n)
}

// FitsMask reports whether a vendor's masked echo (51*****1111, 张*) fits this value: the
// parts before and after the stars must agree, ignoring case. The number of stars may
// differ from the number of characters they hide, as it does at vendors. An echo without
// a star must equal the whole value.
func (s Sensitive) FitsMask(echo string) bool {
	value := s.Reveal()
	first, last := strings.IndexByte(echo, '*'), strings.LastIndexByte(echo, '*')
	if first < 0 {
		return strings.EqualFold(echo, value)
	}
	head, tail := echo[:first], echo[last+1:]
	if len(head)+len(tail) > len(value) {
		return false
	}
	return strings.EqualFold(value[:len(head)], head) &&
		strings.EqualFold(value[len(value)-len(tail):], tail)
}

// ContainedIn reports whether text contains the value in clear. An empty value is contained
// in no text.
func (s Sensitive) ContainedIn(text string) bool {
	return !s.IsZero() && strings.Contains(text, s.Reveal())
}
