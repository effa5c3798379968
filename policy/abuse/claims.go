package abuse

import (
	"strings"
	"unicode"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// numberLabel is the label of the index of what identifies a person, the whole ID number. Stored counters depend on
// the labels, so they keep the words of earlier versions.
const numberLabel = "limits number"

// try is one value tried against the fixed values that its counter stands for.
type try struct {
	counter, member policy.BlindIndex
	most            int
	dimension       Dimension
}

// reader turns the claims of a request into blind indexes. No claim leaves this file in
// clear.
type reader struct {
	indexer    policy.BlindIndexer
	thresholds Thresholds
	tenant     idv.Tenant

	consent string // the id of the consent that the request names; empty if none

	number       policy.BlindIndex // of what identifies the person
	mobile, card policy.BlindIndex // zero if they were not given
	tries        []try
}

// maxTries is the largest number of tries of one request.
const maxTries = 14

// request reads the claims of a request that may be executed.
func (r *reader) request(s idv.Subject) {
	r.tries = make([]try, 0, maxTries)
	name, number := folded(s.Name), r.readPerson(s)
	r.names(name)
	if isResident(number) {
		r.resident(name, number)
	} else {
		r.other(name, number)
	}
	if !s.IDNumber.IsZero() {
		r.secondary(r.mobile, kindMobiles, MobilesPerNumber, NumbersPerMobile)
		r.secondary(r.card, kindCards, CardsPerNumber, NumbersPerCard)
	}
	r.cardDigits(s.BankCard)
	r.onConsent()
}

// names adds the name as tried for the number.
func (r *reader) names(name string) {
	if r.watches(NamesPerNumber) {
		r.add(NamesPerNumber, counter(r.number, kindNames, 0), r.indexer.BlindIndex(r.tenant, "limits name", name))
	}
}

// probe reads the number of a request that no consent covers. If it names a stored consent,
// its name counts too, since the refusal says whether the name is that of the consent.
func (r *reader) probe(s idv.Subject) {
	r.readPerson(s)
	if r.consent != "" {
		r.names(folded(s.Name))
	}
	r.onConsent()
}

// invalid reads the numbers of a request that the local check rejected.
func (r *reader) invalid(s idv.Subject) {
	if number := r.readPerson(s); isResident(number) {
		r.try(CheckDigits, number[:17])
	}
	r.cardDigits(s.BankCard)
}

// cardDigits adds the bank card as tried against its digits but the last.
func (r *reader) cardDigits(card idv.Sensitive) {
	digits := folded(card)
	if len(digits) < 12 || !r.watches(CheckDigits) {
		return
	}
	r.add(CheckDigits, r.indexer.BlindIndex(r.tenant, string(CheckDigits), idv.ClaimBankCard.String(), digits[:len(digits)-1]), r.card)
}

// onConsent adds the number as tried on the consent. The counter allows one more than the
// threshold, so that a number that was counted before is found above the threshold.
func (r *reader) onConsent() {
	if r.consent == "" || !r.watches(NumbersPerConsent) {
		return
	}
	c := counter(r.indexer.BlindIndex(r.tenant, string(NumbersPerConsent), r.consent), kindConsent, 0)
	r.tries = append(r.tries, try{c, r.number, r.thresholds[NumbersPerConsent] + 1, NumbersPerConsent})
}

// readPerson sets the indexes of the numbers and returns the one that identifies the
// person, the ID number or else the bank card, folded.
func (r *reader) readPerson(s idv.Subject) string {
	r.number = personIndex(r.indexer, r.tenant, s)
	if !s.Mobile.IsZero() {
		r.mobile = claimIndex(r.indexer, r.tenant, NumbersPerMobile, s.Mobile)
	}
	if !s.BankCard.IsZero() {
		r.card = claimIndex(r.indexer, r.tenant, NumbersPerCard, s.BankCard)
	}
	if s.IDNumber.IsZero() {
		return folded(s.BankCard)
	}
	return folded(s.IDNumber)
}

// personIndex returns the index of what identifies a person.
func personIndex(b policy.BlindIndexer, t idv.Tenant, s idv.Subject) policy.BlindIndex {
	return b.BlindIndex(t, numberLabel, folded(s.Person()))
}

// claimIndex returns the index of a mobile number or bank card, whose label is the
// dimension that varies the person against it.
func claimIndex(b policy.BlindIndexer, t idv.Tenant, d Dimension, claim idv.Sensitive) policy.BlindIndex {
	return b.BlindIndex(t, string(d), folded(claim))
}

// resident adds the dimensions of a number of 18 characters.
func (r *reader) resident(name, number string) {
	region, birth, sequence, tail := number[:6], number[6:14], number[14:17], number[14:]
	r.try(NumbersPerPrefix, name, region, birth)
	r.try(NumbersPerBirth, name, birth)
	r.try(NumbersPerSequence, name, region, sequence)
	r.try(NumbersPerMonth, name, region, birth[:6])
	r.try(NumbersPerTail, name, birth[:4], tail)
	r.try(CheckDigits, number[:17])
}

// other adds the dimensions of any other number. A number of fewer than eight characters
// is too short to have a head and a tail.
func (r *reader) other(name, number string) {
	if len(number) < 8 {
		return
	}
	r.try(NumbersPerHead, name, number[:len(number)/2])
	r.try(NumbersPerTail, name, number[len(number)-4:])
}

// secondary adds both dimensions of a mobile number or bank card: the claim tried against
// the ID number, and the ID number tried against the claim.
func (r *reader) secondary(index policy.BlindIndex, k kind, perNumber, perClaim Dimension) {
	if index == (policy.BlindIndex{}) {
		return
	}
	if r.watches(perNumber) {
		r.add(perNumber, counter(r.number, k, 0), index)
	}
	if r.watches(perClaim) {
		r.add(perClaim, index, r.number)
	}
}

// try adds the number as tried against the fixed parts.
func (r *reader) try(d Dimension, fixed ...string) {
	if r.watches(d) {
		r.add(d, r.indexer.BlindIndex(r.tenant, string(d), fixed...), r.number)
	}
}

func (r *reader) add(d Dimension, counter, member policy.BlindIndex) {
	r.tries = append(r.tries, try{counter, member, r.thresholds[d], d})
}

func (r *reader) watches(d Dimension) bool { return r.thresholds[d] != Off }

// isResident reports whether a folded number has the form of GB 11643-1999, with any
// check digit. Residence permits and the foreigner's card of 2023 have this form too.
func isResident(number string) bool {
	if len(number) != 18 {
		return false
	}
	for i := range 17 {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
	}
	return true
}

// folded returns a claim in the form in which it is counted.
func folded(claim idv.Sensitive) string { return fold(claim.Reveal()) }

// fold returns the form in which a claim is counted: upper case, ASCII for full width,
// without spaces, marks, dots and invisible characters. Two spellings that a vendor may
// treat as equal must not count as two people; otherwise an attacker could try each
// number again with every added dot. Fold is for counting only and never changes what is
// sent.
func fold(text string) string {
	folded := strings.Map(foldRune, text)
	if folded == "" {
		return text // only marks: still a distinct value
	}
	return folded
}

// foldRune returns the folded rune, or -1 if it is dropped.
func foldRune(r rune) rune {
	const romanTen, smallRomanTen = 'Ⅹ', 'ⅹ' // stand for X in numbers
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 0x4E00 && r <= 0x9FFF:
		return r
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return foldRune(r - 0xFF01 + '!')
	case r == romanTen, r == smallRomanTen:
		return 'X'
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Co, r): // rare names use private-use characters
		return unicode.ToUpper(r)
	}
	return -1
}
