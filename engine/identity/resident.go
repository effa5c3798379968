package identity

import "github.com/heyan-id/heyan/engine/idv"

// weights18 are those of ISO 7064 MOD 11-2 for the 17 digits of GB 11643-1999.
var weights18 = [17]uint{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// checks18 are the check characters by the remainder of the weighted sum.
const checks18 = "10X98765432"

// maxAge is the age in years above which a date of birth counts as a typing error. It is
// a choice of this package, above every known age, and no rule of law.
const maxAge = 130

// firstBirthYear is the earliest year of birth that is accepted.
const firstBirthYear = 1850

// digits18 is the parts of a number of 18 characters.
type digits18 struct {
	area     int // the first six digits
	birth    Date
	sequence int
	right    bool // the check digit is right
}

// parse18 splits 18 characters into their parts. It returns false for characters that
// such a number cannot have, and does not check the date.
func parse18(s string) (d digits18, ok bool) {
	if len(s) != 18 || !isDigit(s[17]) && s[17] != 'X' {
		return d, false
	}
	sum := uint(0)
	for i, w := range weights18 {
		c := uint(s[i] - '0')
		if c > 9 {
			return d, false
		}
		sum += c * w
	}
	d.area = two(s, 0)*10000 + two(s, 2)*100 + two(s, 4)
	d.birth = Date{two(s, 6)*100 + two(s, 8), two(s, 10), two(s, 12)}
	d.sequence = two(s, 14)*10 + int(s[16]-'0')
	d.right = checks18[sum%11] == s[17]
	return d, true
}

// isProvince reports whether two digits are a province of resident numbers. 71 is Taiwan
// in GB/T 2260; no resident number with it is known, and its address codes are flagged
// as unlisted.
func isProvince(p int) bool {
	switch p {
	case 11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46,
		50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71:
		return true
	}
	return false
}

// provinceFits reports whether a document can have a province. Residence permits have 81
// and 82 (Hong Kong, Macau) or 83 (Taiwan), by 国办发〔2018〕81号, art. 3.
func provinceFits(p int, doc idv.Document) bool {
	if doc == idv.HKMOResidence {
		return p == 81 || p == 82
	}
	if doc == idv.TWResidence {
		return p == 83
	}
	return isProvince(p)
}

// birthFailure tests a date of birth; it returns "" if the date is possible.
func birthFailure(birth, today Date) Reason {
	switch {
	case !birth.Valid():
		return ReasonBirthDate
	case birth.Compare(today) > 0:
		return ReasonFuture
	case birth.Year < firstBirthYear, birth.Year < today.Year-maxAge && AgeAt(birth, today, Everyday) > maxAge:
		return ReasonTooOld
	}
	return ""
}

func sexOf(sequence int) Sex {
	if sequence%2 == 1 {
		return Male
	}
	return Female
}

// resident18 tests a number by GB 11643-1999.
func (n *Number) resident18(t *numberText, opts *Options) Reason {
	if t.runes != 18 {
		return ReasonLength
	}
	d, ok := parse18(t.text)
	if !ok {
		return ReasonCharset
	}
	failure := n.citizen(t.text, &d, opts)
	if failure == ReasonCheckDigit && allDigits(t.text) && t.text[15:] == "000" {
		n.Flags |= FlagSpreadsheetTruncated
	}
	return failure
}

// citizen runs the tests that numbers of 18 and of 15 digits have in common.
func (n *Number) citizen(text string, d *digits18, opts *Options) Reason {
	if !provinceFits(d.area/10000, n.Type) {
		return ReasonProvince
	}
	failure := birthFailure(d.birth, opts.Today)
	if failure == "" && !d.right {
		failure = ReasonCheckDigit
	}
	area := opts.table().flags(d.area, d.birth.Year)
	if failure == "" || !area.Has(FlagAddressUnlisted) {
		n.AddressCode = text[:6]
	}
	if d.right && failure != ReasonBirthDate {
		n.Birth, n.Sex = d.birth, sexOf(d.sequence)
	}
	if failure != "" {
		return failure
	}
	n.Flags |= area
	if d.sequence == 0 {
		n.Flags |= FlagSequenceZero
	}
	return ""
}

// resident15 tests a number from before 1999: two digits of the year, no check digit.
// Cards with it expired on 2013-01-01 (Resident Identity Card Law as amended in 2011), so
// it comes from an old record.
func (n *Number) resident15(t *numberText, opts *Options) Reason {
	switch {
	case t.runes != 15:
		return ReasonLength
	case !fits(t.text, "000000000000000"):
		return ReasonCharset
	}
	upgraded := upgrade15(t.text)
	d, _ := parse18(upgraded)
	failure := n.citizen(t.text, &d, opts)
	if failure != "" {
		return failure
	}
	n.Flags |= FlagLegacy15
	if d.birth.Year < 1900 {
		n.Flags |= FlagCenturyInferred
	}
	n.Upgraded = idv.NewSensitive(upgraded)
	return ""
}

// upgrade15 converts 15 digits to 18 characters: it inserts the century after the address
// code and appends the check digit. The century is 19, or 18 for the sequence numbers 996
// to 999, which were reserved for people born before 1900.
func upgrade15(digits string) string {
	century := "19"
	if digits[12:] >= "996" {
		century = "18"
	}
	body := digits[:6] + century + digits[6:]
	sum := uint(0)
	for i, w := range weights18 {
		sum += uint(body[i]-'0') * w
	}
	return body + checks18[sum%11:sum%11+1]
}
