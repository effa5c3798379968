package idv

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"
)

// masked is what every kind of printing shows for a value that is there.
const masked = "***"

// Sensitive is a piece of personal data or a secret. It prints, logs and
// marshals as "***" whatever the verb or encoder, and as "" when it is empty.
// [Sensitive.Reveal] is the only way to the value; a test of this module lists
// the places that use it.
//
// The value stands behind a pointer, because fmt does not call the methods of
// unexported struct fields: a plain string inside would be printed in clear by
// a %+v of any struct that holds a Sensitive in an unexported field.
//
// Compare with [Sensitive.Equal]; == compares addresses. A Sensitive is
// immutable and may be shared between goroutines.
type Sensitive struct{ p *string }

// NewSensitive wraps a value. The empty string gives the zero Sensitive.
func NewSensitive(value string) Sensitive {
	if value == "" {
		return Sensitive{}
	}
	return Sensitive{&value}
}

// Reveal returns the value in clear. Never put it into an error, a log line, a
// span, a metric, a cache key or a URL of ours.
func (s Sensitive) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether there is no value.
func (s Sensitive) IsZero() bool { return s.p == nil }

// Equal reports whether both hold the same value.
func (s Sensitive) Equal(other Sensitive) bool { return s.Reveal() == other.Reveal() }

// String returns "***", or "" when there is no value.
func (s Sensitive) String() string {
	if s.IsZero() {
		return ""
	}
	return masked
}

// GoString returns what String returns, for %#v.
func (s Sensitive) GoString() string { return s.String() }

// Format writes what String returns, for every verb and flag.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns what String returns, for log/slog.
func (s Sensitive) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON returns the masked text as a JSON string.
func (s Sensitive) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalText returns the masked text.
func (s Sensitive) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// GobEncode returns the masked text: what travels by gob is lost on purpose.
func (s Sensitive) GobEncode() ([]byte, error) { return []byte(s.String()), nil }

// GobDecode takes the masked text that GobEncode wrote.
func (s *Sensitive) GobDecode(b []byte) error { return s.UnmarshalText(b) }

// UnmarshalText takes a value in clear.
func (s *Sensitive) UnmarshalText(b []byte) error {
	*s = NewSensitive(string(b))
	return nil
}

// UnmarshalJSON takes a value in clear. Anything but a string is refused, and
// the refusal does not repeat what was given.
func (s *Sensitive) UnmarshalJSON(b []byte) error {
	var value string
	if string(b) == "null" {
		*s = Sensitive{}
		return nil
	}
	if json.Unmarshal(b, &value) != nil {
		return errors.New("want a JSON string")
	}
	*s = NewSensitive(value)
	return nil
}

// MaskName returns the name with all but its first character starred: 张*.
// A name of one character is wholly starred.
func (s Sensitive) MaskName() string {
	name := s.Reveal()
	n := utf8.RuneCountInString(name)
	if n <= 1 {
		return stars(n)
	}
	_, first := utf8.DecodeRuneInString(name)
	return name[:first] + stars(n-1)
}

// MaskNumber returns a number of 15 or more characters as its first and last
// character with stars between, which leaves about 2×10⁹ candidates for a
// resident number. Of a shorter one only the first character is shown: two would
// leave too few.
func (s Sensitive) MaskNumber() string {
	number := s.Reveal()
	n := utf8.RuneCountInString(number)
	if n <= 1 {
		return stars(n)
	}
	_, first := utf8.DecodeRuneInString(number)
	if n < 15 {
		return number[:first] + stars(n-1)
	}
	_, last := utf8.DecodeLastRuneInString(number)
	return number[:first] + stars(n-2) + number[len(number)-last:]
}

// stars returns n stars, without an allocation for any usual length.
func stars(n int) string {
	const many = "********************************"
	if n <= len(many) {
		return many[:n]
	}
	return strings.Repeat("*", n)
}

// FitsMask reports whether a vendor's masked echo (51*****1111, 张*) can come
// from this value: its head and tail must agree, letter case apart. The stars
// need not be as many as the characters they hide, since vendors' are not; but
// without any star the echo must be the whole value.
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

// ContainedIn reports whether text contains the value; what may leave the engine is
// tested with it. An empty value is within nothing.
func (s Sensitive) ContainedIn(text string) bool {
	return !s.IsZero() && strings.Contains(text, s.Reveal())
}
