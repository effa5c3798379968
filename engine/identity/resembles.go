package identity

import (
	"strings"
	"unicode"

	"github.com/heyan-id/heyan/engine/idv"
)

// resembles returns what a text is that was given as the number of a document and cannot be
// one: the number of a document that the package does not check, or another claim. It
// returns "" if the text looks like a mistyped number of a supported document, since the
// advice for a typing error must not be lost.
func resembles(t *numberText) Reason {
	text := t.text
	switch {
	case t.bracketed: // printed so on the cards of Hong Kong and Macau only
		return ""
	case strings.Contains(text, "字第"), strings.Contains(text, "字弟"):
		return ReasonMilitaryID
	case strings.ContainsFunc(text, isHan) && !strings.ContainsFunc(text, unicode.IsDigit):
		return ReasonIsName
	case len(text) == 44 && strings.HasPrefix(text, "P<"):
		return ReasonMRZLine1
	case isCreditCode(text):
		return ReasonCreditCode
	}
	if isAbroad(t) {
		return ReasonDocument
	}
	if reason := otherForm(text); reason != "" {
		return reason
	}
	return otherDigits(text)
}

// isAbroad reports whether a number is one of a document that a request names. Eleven digits
// that are a mobile number as well are none.
func isAbroad(t *numberText) bool {
	var n Number
	switch {
	case fits(t.text, "000.000.000-00"), fits(t.text, "000.000.00000"), len(t.text) == 11 && allDigits(t.text) && !isMobile(t.text):
		return true
	}
	return n.pan(t) == "" || dni(t, "00000000A") == "" || dni(t, "A0000000A") == "" && strings.IndexByte("XYZ", t.text[0]) >= 0
}

// isMobile reports whether eleven digits have the form of a mobile number of the mainland.
func isMobile(digits string) bool { return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3' }

// otherForm returns what a text is by its pattern.
func otherForm(text string) Reason {
	for _, form := range otherForms {
		if form.pattern == "AA0000000" && strings.IndexByte("WX", text[0]) >= 0 { // two letters of a Hong Kong card
			continue
		}
		if fits(text, form.pattern) && (form.first == "" || strings.IndexByte(form.first, text[0]) >= 0) {
			return form.reason
		}
	}
	return ""
}

// otherDigits returns what digits are.
func otherDigits(text string) Reason {
	local, abroad := strings.CutPrefix(text, "+86")
	switch {
	case !allDigits(local):
	case isMobile(local), abroad:
		return ReasonIsMobile
	case isBankCard(text):
		return ReasonIsBankCard
	case len(text) == 12 && isProvince(two(text, 0)):
		return ReasonDrivingFile
	}
	return ""
}

// otherForms are the forms of documents that the package does not check. A form counts only
// after the checks of the supported documents have failed, so that H12345678 stays a travel
// permit. Sources: GA/T 1180 for the forms of exit and entry documents; ICAO 9303 lets a
// passport number have up to nine letters and digits.
var otherForms = []struct {
	pattern, first string
	reason         Reason
}{
	{"A00000000", "CW", ReasonExitPermit}, // 往来港澳通行证
	{"CA0000000", "", ReasonExitPermit},
	{"A00000000", "LT", ReasonExitPermit}, // 大陆居民往来台湾通行证
	{"A00000000", "", ReasonPassport},     // China E, G, D, S, P; Hong Kong K; Japan's has two letters
	{"AA0000000", "", ReasonPassport},
	{"AA000000", "", ReasonPassport},
	{"000000000", "", ReasonPassport}, // China 14 and 15, the United States
	{"000000000A", "", ReasonPassport},
	{"A000A0000", "", ReasonPassport}, // Korea's
	{"A00A00000", "", ReasonPassport},
	{"AA00AA000", "", ReasonPassport},
}

// isBankCard reports whether digits are a bank card number. Lengths near that of a resident
// number are left out, since a mistyped one can pass the check as well.
func isBankCard(text string) bool {
	return (len(text) == 16 || len(text) == 19) && allDigits(text) && (luhn(text) || strings.HasPrefix(text, "62"))
}

// creditAlphabet is the alphabet of unified social credit codes (GB 32100-2015), in the
// order of the values.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// isCreditCode reports whether a text is the unified social credit code of a company: its
// check character is right, or its first two characters are those of a company and the rest
// has the form.
func isCreditCode(text string) bool {
	if len(text) != 18 || strings.Trim(text[2:8], "0123456789") != "" || allDigits(text[:17]) {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(creditAlphabet, text[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	right := creditAlphabet[(31-sum%31)%31] == text[17]
	return right || text[0] == '9' && text[1] >= '1' && text[1] <= '3' && strings.IndexByte(creditAlphabet, text[17]) >= 0
}

// isNumberGiven reports whether a name is the number of a document or another claim, as if
// the fields were swapped.
func isNumberGiven(name string, opts Options) bool {
	if strings.ContainsFunc(name, isHan) || !strings.ContainsFunc(name, unicode.IsDigit) {
		return false
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
	return len(digits) >= 6 || CheckNumber(idv.NewSensitive(name), opts).Valid
}
