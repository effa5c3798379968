package identity

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// Documents of other countries, which a request names ([idv.Document.Declared]). Their
// numbers encode neither birth nor sex.

// abroad runs the test for the kind of the number.
func (n *Number) abroad(t *numberText) Reason {
	switch n.Type {
	case idv.BrazilCPF:
		return cpf(t)
	case idv.IndiaPAN:
		return n.pan(t)
	case idv.NigeriaNIN:
		return nin(t)
	case idv.SpainDNI:
		return dni(t, "00000000A")
	case idv.SpainNIE:
		return dni(t, "A0000000A")
	}
	return ReasonUnsupported
}

// dropMarks removes the dots and the hyphen of a CPF, which are printed on the document:
// 000.000.000-00.
func (n *Number) dropMarks(t *numberText) {
	if n.Type != idv.BrazilCPF {
		return
	}
	if text := strings.ReplaceAll(t.text, ".", ""); text != t.text {
		n.Changes |= ChangePunctuation
		t.text, t.runes = text, t.runes-(len(t.text)-len(text))
	}
	if fits(t.text, "000000000-00") {
		n.Changes |= ChangeHyphens
		t.text, t.runes = t.text[:9]+t.text[10:], t.runes-1
	}
}

// cpf tests a number of Brazil's taxpayer register: nine digits and two check digits,
// each by weights that descend to 2, modulo 11 (Receita Federal). Numbers of eleven equal
// digits have right check digits and are not assigned.
func cpf(t *numberText) Reason {
	switch {
	case t.runes != 11:
		return ReasonLength
	case !allDigits(t.text):
		return ReasonCharset
	case strings.Count(t.text, t.text[:1]) == len(t.text):
		return ReasonRepeated
	case cpfDigit(t.text[:9]) != t.text[9], cpfDigit(t.text[:10]) != t.text[10]:
		return ReasonCheckDigit
	}
	return ""
}

func cpfDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * (len(digits) + 1 - i)
	}
	if rest := sum % 11; rest > 1 {
		return byte('0' + 11 - rest)
	}
	return '0'
}

// panHolders are the kinds of holders in the fourth character of a PAN. P is a person.
const panHolders = "ABCFGHJLPT"

// pan tests a permanent account number of India: five letters, of which the fourth is the
// kind of the holder, four digits and a check letter (Income Tax Department). How the check
// letter is computed is not published.
func (n *Number) pan(t *numberText) Reason {
	switch {
	case t.runes != 10:
		return ReasonLength
	case !fits(t.text, "AAAAA0000A"), strings.IndexByte(panHolders, t.text[3]) < 0:
		return ReasonCharset
	case t.text[3] != 'P':
		n.Flags |= FlagNotPerson
	}
	return ""
}

// nin tests a national identification number of Nigeria: eleven digits, which encode
// nothing and have no published check digit (National Identity Management Commission).
func nin(t *numberText) Reason {
	switch {
	case t.runes != 11:
		return ReasonLength
	case !allDigits(t.text):
		return ReasonCharset
	}
	return ""
}

// dniLetters are the check letters of Spanish numbers by the remainder modulo 23.
const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// dni tests a Spanish number of a form: a DNI has eight digits, a NIE one of X, Y and Z,
// which stand for 0, 1 and 2, and seven digits; then the check letter (Ministerio del
// Interior).
func dni(t *numberText, form string) Reason {
	if t.runes != 9 {
		return ReasonLength
	}
	if !fits(t.text, form) {
		return ReasonCharset
	}
	digits := t.text[:8]
	if i := strings.IndexByte("XYZ", digits[0]); i >= 0 {
		digits = string(rune('0'+i)) + digits[1:]
	}
	switch {
	case !allDigits(digits):
		return ReasonCharset
	case dniLetters[number(digits)%len(dniLetters)] != t.text[8]:
		return ReasonCheckDigit
	}
	return ""
}
