package identity

// Reason says why a number, a name, a mobile or a card number was accepted or
// rejected. The words are those of `heyan check --json`; all that mean accepted
// begin with "ok". The zero value is no reason: nothing was checked.
type Reason string

// The reasons for rejection, in the order of the tests: the first that fails is
// the reason.
const (
	ReasonEmpty      Reason = "empty"
	ReasonLength     Reason = "length"
	ReasonCharset    Reason = "charset"
	ReasonProvince   Reason = "province"
	ReasonBirthDate  Reason = "birth_date"
	ReasonFuture     Reason = "birth_future"
	ReasonTooOld     Reason = "birth_too_old"
	ReasonCheckDigit Reason = "check_digit"

	ReasonUnsupported Reason = "unsupported" // a document that heyan cannot check

	// For names alone.
	ReasonEncoding    Reason = "encoding"     // broken text: not UTF-8, or with U+FFFD in it
	ReasonDotPosition Reason = "dot_position" // a separator at an edge, doubled, or not between two Han characters
	ReasonPUAUnmapped Reason = "pua_unmapped" // a private-use character without an official one

	// For mobile numbers alone.
	ReasonMobileRange Reason = "mobile_range" // not a mainland mobile number
)

// The reasons for acceptance. A number may have several flags and changes; the
// reason names the weightiest.
const (
	ReasonOK                 Reason = "ok"
	ReasonOKLegacy15         Reason = "ok_legacy15"
	ReasonOKAddressAbolished Reason = "ok_address_abolished_before_birth"
	ReasonOKAddressLater     Reason = "ok_address_later_than_birth"
	ReasonOKAddressUnlisted  Reason = "ok_address_unlisted"
	ReasonOKSequenceZero     Reason = "ok_sequence_zero"
	ReasonOKFullwidth        Reason = "ok_normalized_fullwidth"
	ReasonOKLowerX           Reason = "ok_normalized_lower_x"
	ReasonOKUpper            Reason = "ok_normalized_upper"
	ReasonOKRomanTen         Reason = "ok_normalized_roman_ten"
	ReasonOKSpaces           Reason = "ok_normalized_spaces"
	ReasonOKInvisible        Reason = "ok_normalized_invisible"
	ReasonOKHyphens          Reason = "ok_normalized_hyphens"
	ReasonOKBrackets         Reason = "ok_normalized_brackets"
	ReasonOKNormalized       Reason = "ok_normalized" // a change of another kind; see Changes
)

// okFlags and okChanges are in order of weight.
var okFlags = []struct {
	flag   Flags
	reason Reason
}{
	{FlagLegacy15, ReasonOKLegacy15},
	{FlagAddressAbolished, ReasonOKAddressAbolished},
	{FlagAddressLater, ReasonOKAddressLater},
	{FlagAddressUnlisted, ReasonOKAddressUnlisted},
	{FlagSequenceZero, ReasonOKSequenceZero},
}

var okChanges = []struct {
	change Changes
	reason Reason
}{
	{ChangeRomanTen, ReasonOKRomanTen},
	{ChangeFullwidth, ReasonOKFullwidth},
	{ChangeLowerX, ReasonOKLowerX},
	{ChangeUpper, ReasonOKUpper},
	{ChangeInvisible, ReasonOKInvisible},
	{ChangeSpaces, ReasonOKSpaces},
	{ChangeHyphens, ReasonOKHyphens},
	{ChangeBrackets, ReasonOKBrackets},
}

// okReason returns the reason of something accepted.
func okReason(flags Flags, changes Changes) Reason {
	if flags == 0 && changes == 0 {
		return ReasonOK
	}
	for _, row := range okFlags {
		if flags.Has(row.flag) {
			return row.reason
		}
	}
	for _, row := range okChanges {
		if changes.Has(row.change) {
			return row.reason
		}
	}
	if changes != 0 {
		return ReasonOKNormalized
	}
	return ReasonOK
}
