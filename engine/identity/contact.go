package identity

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// CheckMobile brings a mainland mobile number into its 11 digits and checks its
// form. It takes +86 and 0086 before the number, and spaces, hyphens and brackets
// anywhere. Whether the number is in use, and whose it is, only a register knows.
func CheckMobile(raw idv.Sensitive) Finding {
	t, failure := tidyNumber(raw.Reveal(), true)
	f := Finding{Changes: t.changes}
	for _, code := range []string{"+86", "0086"} {
		if local, ok := strings.CutPrefix(t.text, code); ok && failure == "" {
			t.text, t.runes = local, t.runes-len(code)
			f.Changes |= ChangeCountryCode
			f.Flags |= FlagMobileZone
			break
		}
	}
	return f.finish(raw, t, failure, mobileFailure)
}

func mobileFailure(t numberText, _ *Finding) Reason {
	switch {
	case t.runes != 11:
		return ReasonLength
	case !allDigits(t.text):
		return ReasonCharset
	case t.text[0] != '1' || t.text[1] < '3':
		return ReasonMobileRange
	}
	return ""
}

// CheckBankCard brings a bank card number into its 12 to 19 digits and checks its
// form. A wrong check digit (ISO/IEC 7812-1, Luhn) rejects numbers of 16 and more
// digits that begin with 62, the range of UnionPay; others are flagged, since old
// bank books and cards of single banks have no such digit.
func CheckBankCard(raw idv.Sensitive) Finding {
	t, failure := tidyNumber(raw.Reveal(), true)
	f := Finding{Changes: t.changes}
	return f.finish(raw, t, failure, bankCardFailure)
}

func bankCardFailure(t numberText, f *Finding) Reason {
	switch {
	case t.runes < 12 || t.runes > 19:
		return ReasonLength
	case !allDigits(t.text):
		return ReasonCharset
	case luhn(t.text):
		return ""
	case t.runes >= 16 && strings.HasPrefix(t.text, "62"):
		return ReasonCheckDigit
	}
	f.Flags |= FlagLuhnFailed
	return ""
}

// luhn reports whether the last digit is the check digit of the others.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

// finish runs the test on a tidy number, unless it is none, and concludes.
func (f Finding) finish(raw idv.Sensitive, t numberText, failure Reason, test func(numberText, *Finding) Reason) Finding {
	if failure == "" {
		f.keep(raw, t.text)
		failure = test(t, &f)
	}
	f.conclude(failure, 0)
	return f
}
