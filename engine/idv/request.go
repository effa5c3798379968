package idv

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Request is a verification request to the engine.
type Request struct {
	Tenant         Tenant // from the caller's key, never from the body
	Caller         string // the id of the caller's API key, for limits; "" if there is none
	App            string
	Check          Check
	Subject        Subject
	Purpose        string
	ConsentID      string
	IdempotencyKey string // "" if the caller gave none; then every request is a new one
}

// InvalidField returns the first field that contains a control character or is not
// UTF-8, NoField if there is none. Such a text is a mistake or an attack, and some
// databases refuse it. Package identity checks the subject.
func (r *Request) InvalidField() Field {
	return r.firstField(func(text string) bool { return !IsPrintable(text) })
}

// BlankField returns the first field that is blank, see [IsBlank]; NoField if there is
// none. Such a text would count as given: a blank consent id as a consent.
func (r *Request) BlankField() Field { return r.firstField(IsBlank) }

// firstField returns the first field whose text has a fault.
func (r *Request) firstField(fault func(text string) bool) Field {
	for _, one := range [...]struct {
		field Field
		text  string
	}{{FieldApp, r.App}, {FieldPurpose, r.Purpose}, {FieldConsentID, r.ConsentID}, {FieldIdempotencyKey, r.IdempotencyKey}} {
		if fault(one.text) {
			return one.field
		}
	}
	return NoField
}

// IsBlank reports whether a text is not empty but shows nothing: it consists of spaces,
// control and invisible characters only.
func IsBlank(text string) bool { return text != "" && !strings.ContainsFunc(text, isVisible) }

// isVisible reports whether a character shows. U+2800 is a braille cell without dots.
func isVisible(r rune) bool {
	return r != '\u2800' && !unicode.In(r, unicode.White_Space, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// IsPrintable reports whether a text is UTF-8 without control characters.
func IsPrintable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// Tenant names the owner of a request, row, counter or key. It is a type of its own so
// that the compiler refuses a key without it: one tenant must not find another's data,
// by guessing or by mistake. The empty tenant is that of a program with only one.
type Tenant string

// SubjectToken identifies a person within one tenant: the id of a key, a colon, and a
// keyed hash of the person's number. It can be neither made nor reversed without the key;
// a plain hash of a resident number is reversed in hours. Two tenants have different
// tokens for one person. The empty token identifies no person.
type SubjectToken string

// ConsentUse is the use of a consent by one call and part of its intent. A store refuses
// the hold if the consent is not valid at that moment, so no call can follow a
// withdrawal. The zero value requires no consent, for another legal basis.
type ConsentUse struct {
	ID        string
	Recipient string // legal name of the organization that would receive the data
	First     bool   // the verification's first call, which takes one use of the consent
}
