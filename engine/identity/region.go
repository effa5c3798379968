package identity

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// hongKong tests a Hong Kong identity card: one or two letters, six digits, check
// character 0-9 or A. The sum with weights 9 to 1 is a multiple of 11; a single
// letter counts as if a space with the value 36 stood before it.
func (n *Number) hongKong(t *numberText) Reason {
	if t.runes != 8 && t.runes != 9 {
		return ReasonLength
	}
	padded := t.text
	sum := 0
	if t.runes == 8 {
		sum, padded = 9*36, "A"+t.text
	}
	body, check := len(padded)-1, padded[len(padded)-1]
	if body != 8 || !fits(padded[:body], "AA000000") || !isDigit(check) && check != 'A' {
		return ReasonCharset
	}
	for i := range 9 {
		if i > 0 || t.runes == 9 {
			sum += (9 - i) * value(padded[i])
		}
	}
	if sum%11 != 0 {
		return ReasonCheckDigit
	}
	return ""
}

// macau tests a Macau resident identity card: 1, 5 or 7, six digits, a check digit
// whose rule is not published.
func (n *Number) macau(t *numberText) Reason {
	switch {
	case t.runes != 8:
		return ReasonLength
	case !fits(t.text, "00000000"), strings.IndexByte("157", t.text[0]) < 0:
		return ReasonCharset
	}
	return ""
}

// taiwanLetters are the letters in the order of their values, 10 to 35.
const taiwanLetters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"

// taiwan tests a Taiwan identity card or resident certificate. The certificate
// has 8 or 9 in second place since 2021-01-02, and had a letter A to D before.
func (n *Number) taiwan(t *numberText) Reason {
	if t.runes != 10 {
		return ReasonLength
	}
	old := n.Type == idv.TaiwanARC && fits(t.text, "AA00000000") && t.text[1] <= 'D'
	if !old && !fits(t.text, "A000000000") {
		return ReasonCharset
	}
	second := t.text[1]
	switch {
	case n.Type == idv.TaiwanID && second != '1' && second != '2',
		n.Type == idv.TaiwanARC && !old && second != '8' && second != '9':
		return ReasonCharset
	case taiwanSum(t.text)%10 != 0:
		return ReasonCheckDigit
	}
	n.Sex = Female
	if strings.IndexByte("18AC", second) >= 0 {
		n.Sex = Male
	}
	return ""
}

// taiwanSum weighs the two digits of the letter's value 1 and 9, the next eight 8
// to 1 and the last 1. A second letter counts by the unit digit of its value.
func taiwanSum(text string) int {
	letter := strings.IndexByte(taiwanLetters, text[0]) + 10
	second := int(text[1] - '0')
	if isUpper(text[1]) {
		second = strings.IndexByte(taiwanLetters, text[1]) % 10
	}
	sum := letter/10 + 9*(letter%10) + 8*second + int(text[9]-'0')
	for i := 2; i < 9; i++ {
		sum += (9 - i) * int(text[i]-'0')
	}
	return sum
}

// hkmoPermit tests a travel permit of a Hong Kong or Macau resident: H or M and 8
// digits for life, then two digits that count the cards (Ministry of Public
// Security, 2010-03-10). Since 2024-07-10 there are permits for residents who are not
// Chinese citizens: HA or MA and 7 digits. None has a check digit.
func (n *Number) hkmoPermit(t *numberText) Reason {
	switch {
	case t.runes != 9 && t.runes != 11:
		return ReasonLength
	case t.runes == 9 && isPermitPrefix(t.text[:2]) && fits(t.text[2:], "0000000"):
		n.Flags |= FlagForeignHolder
		n.Lifetime = n.text
		return ""
	case t.text[0] != 'H' && t.text[0] != 'M', !allDigits(t.text[1:]):
		return ReasonCharset
	}
	n.split(t.text, 9)
	return ""
}

func isPermitPrefix(s string) bool { return s == "HA" || s == "MA" }

// taiwanPermit tests a travel permit of a Taiwan resident: 8 digits for life, then
// two digits that count the cards; before 2015 a letter and 7 digits, new with
// each card. None has a check digit.
func (n *Number) taiwanPermit(t *numberText) Reason {
	switch {
	case t.runes != 8 && t.runes != 10:
		return ReasonLength
	case fits(t.text, "A0000000"):
		n.Flags |= FlagLegacyPermit
		return ""
	case !allDigits(t.text):
		return ReasonCharset
	}
	n.split(t.text, 8)
	return ""
}

// split separates the part for life from the issue number, because the same person gives
// the number with and without it.
func (n *Number) split(text string, lifetime int) {
	n.Lifetime, n.Issue = n.text, text[lifetime:]
	if n.Issue != "" {
		n.Lifetime = idv.NewSensitive(text[:lifetime])
	}
}
