package idv

import (
	"strings"
	"unicode/utf8"
)

// Claim names one attribute of a person.
type Claim uint8

// The claims. Stores keep their numbers, so a number is never reused.
const (
	ClaimName Claim = iota
	ClaimIDNumber
	ClaimMobile
	ClaimBankCard
	claimCount
)

var claimWords = []string{"name", "id_number", "mobile", "bank_card"}

// String returns the claim's name in JSON and configuration.
func (c Claim) String() string { return word(claimWords, c) }

// Valid reports whether c is one of the constants.
func (c Claim) Valid() bool { return c < claimCount }

// MarshalText returns the claim's name.
func (c Claim) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets the claim of a name, or returns an error for an unknown name.
func (c *Claim) UnmarshalText(b []byte) error { return parse("claim", claimWords, b, c) }

// ClaimSet is a set of claims. The zero value is the empty set.
type ClaimSet uint8

// Claims returns the set of some claims.
func Claims(claims ...Claim) ClaimSet {
	var set ClaimSet
	for _, c := range claims {
		set |= 1 << c
	}
	return set
}

// Has reports whether c is in the set.
func (s ClaimSet) Has(c Claim) bool { return s&(1<<c) != 0 }

// List returns the claims in the order of their constants.
func (s ClaimSet) List() []Claim {
	var list []Claim
	for c := range claimCount {
		if s.Has(c) {
			list = append(list, c)
		}
	}
	return list
}

// Subject is the person of a verification: the claims that the caller gave.
type Subject struct {
	Name     Sensitive
	IDNumber Sensitive
	Document Document // of the ID number; if it is unknown, it is recognized by the number
	Mobile   Sensitive
	BankCard Sensitive
}

// NumberIn reports whether a text has a number of the person, of a document, telephone or bank
// card. Names are not looked for, since a short one may be a part of any text.
func (s Subject) NumberIn(text string) bool {
	return s.IDNumber.ContainedIn(text) || s.Mobile.ContainedIn(text) || s.BankCard.ContainedIn(text)
}

// Person returns what identifies the person to consents, limits and erasures: the ID
// number or, if there is none, the bank card. What could be mistaken for an ID number that
// is recognized by its form begins with its kind and a colon, which no number contains. The
// claims must be in the canonical form of package identity. It is never sent. The zero value
// means that neither was given.
func (s Subject) Person() Sensitive {
	switch {
	case s.IDNumber.IsZero() && !s.BankCard.IsZero():
		return NewSensitive(ClaimBankCard.String() + ":" + s.BankCard.Reveal())
	case s.Document.Declared() && !s.IDNumber.IsZero():
		return NewSensitive(string(s.Document) + ":" + s.IDNumber.Reveal())
	}
	return s.IDNumber
}

// Claim returns one claim, the zero value if it was not given.
func (s Subject) Claim(c Claim) Sensitive {
	switch c {
	case ClaimName:
		return s.Name
	case ClaimIDNumber:
		return s.IDNumber
	case ClaimMobile:
		return s.Mobile
	case ClaimBankCard:
		return s.BankCard
	}
	return Sensitive{}
}

// Only returns the subject reduced to the claims of a set. A provider gets the claims of
// its check and no others (data minimisation, PIPL art. 6).
func (s Subject) Only(set ClaimSet) Subject {
	var out Subject
	if set.Has(ClaimName) {
		out.Name = s.Name
	}
	if set.Has(ClaimIDNumber) {
		out.IDNumber, out.Document = s.IDNumber, s.Document
	}
	if set.Has(ClaimMobile) {
		out.Mobile = s.Mobile
	}
	if set.Has(ClaimBankCard) {
		out.BankCard = s.BankCard
	}
	return out
}

// ContainedIn reports whether text contains any claim in clear.
func (s Subject) ContainedIn(text string) bool {
	return s.Name.ContainedIn(text) || s.IDNumber.ContainedIn(text) || s.Mobile.ContainedIn(text) || s.BankCard.ContainedIn(text)
}

// PartIn reports whether text contains a claim or a telling part of one, see
// [Sensitive.PartIn] and [Sensitive.NamedIn].
func (s Subject) PartIn(text string) bool {
	t := searchable(text)
	return s.ContainedIn(text) || s.Name.namedIn(&t) || s.IDNumber.partIn(&t) || s.Mobile.partIn(&t) || s.BankCard.partIn(&t)
}

// Masked returns the masked form, which may be stored and shown.
func (s Subject) Masked() MaskedSubject {
	return MaskedSubject{
		Name:     s.Name.MaskName(),
		IDNumber: s.IDNumber.MaskNumber(),
		Mobile:   s.Mobile.MaskNumber(),
		BankCard: s.BankCard.MaskNumber(),
	}
}

// MaskedSubject is the masked form of a subject: of each claim the first character.
type MaskedSubject struct {
	Name     string
	IDNumber string
	Mobile   string
	BankCard string
}

// HideLast returns the masks without the last character of a number, which those of
// releases before 0.2 show.
func (m MaskedSubject) HideLast() MaskedSubject {
	for _, number := range []*string{&m.IDNumber, &m.BankCard} {
		if _, size := utf8.DecodeLastRuneInString(*number); size > 0 && strings.Contains(*number, "**") {
			*number = (*number)[:len(*number)-size] + "*"
		}
	}
	return m
}
