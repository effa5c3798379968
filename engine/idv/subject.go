package idv

// Claim is one attribute of a person, as given by the caller.
type Claim uint8

// The claims that heyan knows. Numbers are never reused.
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

// ClaimSet is a set of claims. The zero value is the empty set.
type ClaimSet uint8

// Claims makes a set.
func Claims(claims ...Claim) ClaimSet {
	var set ClaimSet
	for _, c := range claims {
		set |= 1 << c
	}
	return set
}

// Has reports whether c is in the set.
func (s ClaimSet) Has(c Claim) bool { return s&(1<<c) != 0 }

// List returns the members in the order of their constants.
func (s ClaimSet) List() []Claim {
	var list []Claim
	for c := range claimCount {
		if s.Has(c) {
			list = append(list, c)
		}
	}
	return list
}

// Subject is the person asked about: a set of claims.
type Subject struct {
	Name     Sensitive
	IDNumber Sensitive
	Mobile   Sensitive
	BankCard Sensitive
}

// Claim returns one claim, empty if it was not given.
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

// Only returns the subject with no claims but those of the set. A provider sees
// what its check needs and nothing else (data minimisation, PIPL art. 6).
func (s Subject) Only(set ClaimSet) Subject {
	var out Subject
	if set.Has(ClaimName) {
		out.Name = s.Name
	}
	if set.Has(ClaimIDNumber) {
		out.IDNumber = s.IDNumber
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

// Masked returns the form that may be stored and shown.
func (s Subject) Masked() MaskedSubject {
	return MaskedSubject{
		Name:     s.Name.MaskName(),
		IDNumber: s.IDNumber.MaskNumber(),
		Mobile:   s.Mobile.MaskNumber(),
		BankCard: s.BankCard.MaskNumber(),
	}
}

// MaskedSubject is a subject as it may be stored and shown: the first character
// of a name, the first and last of a long number.
type MaskedSubject struct {
	Name     string
	IDNumber string
	Mobile   string
	BankCard string
}
