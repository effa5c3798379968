package identity

import "github.com/heyan-id/heyan/engine/idv"

// hkmoPermit tests a travel permit of a Hong Kong or Macau resident: H or M and 8
// digits for life, then two digits that count the cards (Ministry of Public
// Security, 2010-03-10). Since 2024-07-10 there are permits for residents who are
// no Chinese citizens: HA or MA and 7 digits. None has a check digit.
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

// split stores the part for life and the count of cards apart, for the same person
// comes with and without the count.
func (n *Number) split(text string, lifetime int) {
	n.Lifetime, n.Issue = n.text, text[lifetime:]
	if n.Issue != "" {
		n.Lifetime = idv.NewSensitive(text[:lifetime])
	}
}
