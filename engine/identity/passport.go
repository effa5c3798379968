package identity

import "strings"

// tdLine2 is the form of line 2: the check digits stand where ICAO puts them.
const tdLine2 = "*********0*********0*******0***************0"

// passport tests line 2 of a passport's machine-readable zone (ICAO 9303 part 4,
// TD3): number 1-9 and check digit, nationality 11-13, birth 14-19 and check
// digit, sex 21, expiry 22-27 and check digit, optional data 29-42 and check
// digit, and 44 over all of them. A birth with < in it is unknown in part and is
// not tested.
func (n *Number) passport(t *numberText, opts *Options) Reason {
	switch {
	case t.runes != 44:
		return ReasonLength
	case !fits(t.text, tdLine2), strings.IndexByte("MF<", t.text[20]) < 0:
		return ReasonCharset
	}
	failure, birth := Reason(""), Date{}
	if !strings.Contains(t.text[13:19], "<") {
		if !allDigits(t.text[13:19]) {
			return ReasonCharset
		}
		birth = inferCentury(t.text[13:19], opts.Today)
		failure = birthFailure(birth, opts.Today)
	}
	if failure != "" {
		return failure
	}
	if !passportChecks(t.text) {
		return ReasonCheckDigit
	}
	n.Birth = birth
	if !birth.IsZero() {
		n.Flags |= FlagCenturyInferred
	}
	if t.text[20] != '<' {
		n.Sex = Sex(t.text[20:21])
	}
	if !knownAlpha3(t.text[10:13]) {
		n.Flags |= FlagNationalityUnlisted
	}
	return ""
}

// passportChecks reports whether all five check digits are right. That of the
// optional data may be < if there are none.
func passportChecks(s string) bool {
	optional := s[42] == icaoCheck(s[28:42]) || s[42] == '<' && strings.Trim(s[28:42], "<") == ""
	return optional &&
		s[9] == icaoCheck(s[:9]) &&
		s[19] == icaoCheck(s[13:19]) &&
		s[27] == icaoCheck(s[21:27]) &&
		s[43] == icaoCheck(s[:10], s[13:20], s[21:43])
}
