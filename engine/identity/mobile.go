package identity

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

// CheckMobile normalizes a mainland mobile number to 11 digits and checks its form. It
// removes a leading +86 or 0086, and spaces, hyphens and brackets anywhere. It does not
// say whether the number is in use.
//
// Only numbers outside 13 to 19 are rejected, since no operator assigns them. Segments that
// are not assigned yet, and those of virtual operators, machines and data cards are flagged:
// a vendor may answer them.
func CheckMobile(raw idv.Sensitive) Finding {
	t, failure := normalizeNumber(raw.Reveal(), true)
	f := Finding{Changes: t.changes}
	for _, code := range []string{"+86", "0086"} {
		if local, ok := strings.CutPrefix(t.text, code); ok && failure == "" {
			t.text, t.runes = local, t.runes-len(code)
			f.Changes |= ChangeCountryCode
			f.Flags |= FlagMobileZone
			break
		}
	}
	if failure == "" && strings.HasPrefix(t.text, "+") {
		failure = ReasonMobileCountry
	}
	return f.finish(raw, t, failure, mobileFailure)
}

func mobileFailure(t numberText) (Flags, Reason) {
	switch {
	case t.runes != 11:
		return 0, ReasonLength
	case !allDigits(t.text):
		return 0, ReasonCharset
	case t.text[0] != '1' || t.text[1] < '3':
		return 0, ReasonMobileRange
	}
	return segmentFlags[number(t.text[1:3])-firstSegment], ""
}

const firstSegment = 30

// segmentFlags has the flags of the segments 130 to 199, as of November 2026. The segments
// are those of libphonenumber's metadata for China and of the operators' announcements under
// the numbering plan (工信部《电信网编号计划》, 2017); for virtual operators 162, 165, 167, 170
// and 171; for China Broadnet 192; for data cards 145 and 147; for machines 140, 141, 144,
// 146, 148 and 149, most of whose numbers have 13 digits.
var segmentFlags = [70]Flags{
	10: FlagMobileIoT, FlagMobileIoT, FlagMobileUnlisted, FlagMobileUnlisted, FlagMobileIoT, // 140 to 144
	FlagMobileData, FlagMobileIoT, FlagMobileData, FlagMobileIoT, FlagMobileIoT, // 145 to 149
	24: FlagMobileUnlisted,                                                                                // 154
	30: FlagMobileUnlisted, FlagMobileUnlisted, FlagMobileVirtual, FlagMobileUnlisted, FlagMobileUnlisted, // 160 to 164
	FlagMobileVirtual, 0, FlagMobileVirtual, FlagMobileUnlisted, FlagMobileUnlisted, // 165 to 169
	FlagMobileVirtual, FlagMobileVirtual, // 170, 171
	49: FlagMobileUnlisted, // 179
	62: FlagMobileBroadnet, // 192
	64: FlagMobileUnlisted, // 194
}

// checkForeignMobile normalizes a mobile number to the international form of E.164, a plus
// and 8 to 15 digits, for a document of another country. The national form is rejected,
// since its country is not known.
func checkForeignMobile(raw idv.Sensitive) Finding {
	t, failure := normalizeNumber(raw.Reveal(), true)
	f := Finding{Changes: t.changes}
	if local, ok := strings.CutPrefix(t.text, "00"); ok && failure == "" {
		t.text, t.runes = "+"+local, t.runes-1
		f.Changes |= ChangeCountryCode
	}
	return f.finish(raw, t, failure, foreignMobileFailure)
}

func foreignMobileFailure(t numberText) (Flags, Reason) {
	digits, ok := strings.CutPrefix(t.text, "+")
	switch {
	case !ok:
		return 0, ReasonMobileCountry
	case !allDigits(digits) || digits[0] == '0':
		return 0, ReasonCharset
	case len(digits) < 8 || len(digits) > 15:
		return 0, ReasonLength
	}
	return 0, ""
}
