package identity

import "github.com/heyan-id/heyan/engine/idv"

// Finding is the result of a local check of one claim. The zero value is not valid.
type Finding struct {
	Valid   bool    // the form is right; only a register knows whether the claim is true
	Reason  Reason  // why it is valid or not
	Flags   Flags   // what is unusual and no ground for rejection
	Changes Changes // what the normalization changed

	text idv.Sensitive // the input, normalized as far as possible
}

// Canonical returns the normalized claim, as it is sent to a vendor. It is empty if the
// claim is not valid, so that no call is paid for one by mistake.
func (f Finding) Canonical() idv.Sensitive {
	if !f.Valid {
		return idv.Sensitive{}
	}
	return f.text
}

// conclude sets the result: valid if failure is empty. The reason leaves out the quiet
// changes.
func (f *Finding) conclude(failure Reason, quiet Changes) {
	f.Valid, f.Reason = failure == "", failure
	if f.Valid {
		f.Reason = okReason(f.Flags, f.Changes&^quiet)
	}
}

// keep stores the normalized text: the input itself if nothing changed, which saves a
// copy.
func (f *Finding) keep(input idv.Sensitive, text string) {
	f.text = input
	if f.Changes != 0 {
		f.text = idv.NewSensitive(text)
	}
}

// Reason says why a claim was accepted or rejected. The words are those of
// `heyan check --json`; the reasons of acceptance begin with "ok". The zero value means
// that nothing was checked.
type Reason string

// The reasons for rejection, in the order of the tests: the reason is the first test
// that fails.
const (
	ReasonEmpty      Reason = "empty"
	ReasonLength     Reason = "length"
	ReasonCharset    Reason = "charset"
	ReasonProvince   Reason = "province"
	ReasonBirthDate  Reason = "birth_date"
	ReasonFuture     Reason = "birth_future"
	ReasonTooOld     Reason = "birth_too_old"
	ReasonCheckDigit Reason = "check_digit"

	ReasonRepeated Reason = "repeated" // all digits are the same, and no person has such a number

	ReasonUnsupported Reason = "unsupported" // a document that the package cannot check

	// Only for names.
	ReasonEncoding    Reason = "encoding"     // not UTF-8, or contains U+FFFD
	ReasonDotPosition Reason = "dot_position" // a separator that does not stand alone between two Han characters
	ReasonPUAUnmapped Reason = "pua_unmapped" // a private-use character without an official replacement
	ReasonLineBreak   Reason = "line_break"   // two lines or cells, which may be two names
	ReasonLetterO     Reason = "letter_o"     // a letter O, a zero or a circle, which may stand for 〇
	ReasonIsNumber    Reason = "is_number"    // a number was given as the name

	// What was given as the number of a document and is none that the package checks.
	ReasonDocument    Reason = "document_needed" // a number of [idv.Document.Declared] without the document
	ReasonPassport    Reason = "unsupported_passport"
	ReasonExitPermit  Reason = "unsupported_exit_permit" // 往来港澳通行证, 往来台湾通行证
	ReasonMilitaryID  Reason = "unsupported_military_id"
	ReasonCreditCode  Reason = "unsupported_credit_code"
	ReasonDrivingFile Reason = "unsupported_driving_file" // the file number of a driving licence
	ReasonMRZLine1    Reason = "mrz_line1"                // line 1 of the machine-readable zone
	ReasonIsMobile    Reason = "is_mobile"
	ReasonIsBankCard  Reason = "is_bank_card"
	ReasonIsName      Reason = "is_name"

	// Only for mobile numbers.
	ReasonMobileRange   Reason = "mobile_range"   // not a mainland mobile number
	ReasonMobileCountry Reason = "mobile_country" // no country code, or a foreign one where a mainland number is needed
)

// The reasons for acceptance. A number may have several flags and changes; the reason
// names the most important one.
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
	ReasonOKNormalized       Reason = "ok_normalized" // another change, see Changes
)

// okFlags and okChanges are sorted by importance.
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

// okReason returns the reason for acceptance.
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
