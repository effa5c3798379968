package heyan

import (
	"fmt"
	"io"
	"log/slog"
)

// Sensitive is personal data or a secret. Every printing verb, logger and encoder shows it
// as "***", or as "" if it is empty. Only [Sensitive.Reveal] returns the value.
//
// The value is behind a pointer, since fmt prints the content of unexported fields without
// calling methods. A Sensitive is immutable and safe for concurrent use.
type Sensitive struct{ p *string }

// NewSensitive returns a Sensitive with a value, the zero Sensitive for "".
func NewSensitive(value string) Sensitive {
	if value == "" {
		return Sensitive{}
	}
	return Sensitive{&value}
}

// Reveal returns the value in clear. Never put it into an error, a log or a URL.
func (s Sensitive) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether the value is empty.
func (s Sensitive) IsZero() bool { return s.p == nil }

// String returns "***", or "" for an empty value.
func (s Sensitive) String() string {
	if s.p == nil {
		return ""
	}
	return "***"
}

// Format writes the result of String for every verb and flag.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the result of String, for log/slog.
func (s Sensitive) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns the masked text, for JSON and other encoders.
func (s Sensitive) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a value in clear.
func (s *Sensitive) UnmarshalText(b []byte) error {
	*s = NewSensitive(string(b))
	return nil
}
