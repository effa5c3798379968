package idv

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Request is what a caller asks the engine.
type Request struct {
	Tenant         Tenant // from the caller's key, never from the body
	Caller         string // the id of the caller's API key, for limits; "" if it has none
	App            string
	Check          Check
	Subject        Subject
	Purpose        string
	ConsentID      string
	IdempotencyKey string // from the header; "" means that nothing ties two requests together
}

// InvalidField returns the field of the request that holds a character that cannot be seen
// or is no UTF-8, NoField if none does. Such a text is a mistake or an attack, and not
// every database keeps it. The subject is not looked at: package identity does.
func (r *Request) InvalidField() Field {
	for _, one := range [...]struct {
		field Field
		text  string
	}{{FieldApp, r.App}, {FieldPurpose, r.Purpose}, {FieldConsentID, r.ConsentID}, {FieldIdempotencyKey, r.IdempotencyKey}} {
		if !IsPrintable(one.text) {
			return one.field
		}
	}
	return NoField
}

// IsPrintable reports whether a text is UTF-8 without control characters.
func IsPrintable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
