package identity

import (
	"encoding/json"
	"strings"
)

// Flags is a set of unusual properties that are no ground for rejection. It is a bit set,
// so that a check without changes allocates nothing.
type Flags uint32

// The flags, as the words of [Flags.List] in JSON.
const (
	FlagLegacy15             Flags = 1 << iota // 15 digits have no check digit, so typing errors pass
	FlagAddressAbolished                       // the address code was abolished before the birth
	FlagAddressLater                           // the address code was introduced after the birth
	FlagAddressUnlisted                        // the address code is in no list
	FlagAddressPlausible                       // unlisted, but of a form that real cards have in a known prefecture
	FlagSequenceZero                           // the sequence number is 000
	FlagCenturyInferred                        // the number has two digits of the year
	FlagNationalityUnlisted                    // the nationality is not in ISO 3166-1
	FlagTypeAmbiguous                          // the form fits another kind of document too
	FlagForeignHolder                          // a permit of a holder who is not a Chinese citizen
	FlagLegacyPermit                           // a permit number from before 2015, which changes with each card
	FlagSpreadsheetFloat                       // a spreadsheet turned the number into 1.1E+17
	FlagSpreadsheetTruncated                   // a spreadsheet may have zeroed the last three digits
	FlagLuhnFailed                             // the card number's check digit is wrong
	FlagMobileZone                             // the mobile number came with the country code
	FlagRareExt                                // a name with characters that old systems do not have
	FlagPUAMapped                              // a name with private-use characters that have official replacements
	FlagPUAUnmapped                            // a name with private-use characters that have no official replacement
	FlagDotFolded                              // a name whose separator was not U+00B7
	FlagRadicalFolded                          // a name with radicals instead of characters
	FlagShort                                  // a Han name of one character
	FlagMixedScript                            // a name of Han and Latin letters
	FlagMobileVirtual                          // a segment of virtual operators, which some vendors do not answer
	FlagMobileBroadnet                         // a segment of China Broadnet, which some vendors do not answer
	FlagMobileData                             // a segment of data cards; some are assigned to persons
	FlagMobileIoT                              // a segment of machines, whose cards are rarely registered to a person
	FlagMobileUnlisted                         // a segment that was not assigned when the list was made
	FlagCardRange                              // a card number outside UnionPay's range 62
	FlagNotPerson                              // the number of an organization or a family
)

var flagWords = []string{
	"legacy15", "address_abolished_before_birth", "address_later_than_birth", "address_unlisted", "address_plausible",
	"sequence_zero", "century_inferred", "nationality_unlisted", "type_ambiguous", "foreign_holder", "legacy_permit",
	"spreadsheet_float", "spreadsheet_truncated", "luhn_failed", "mobile_zone", "rare_ext", "pua_mapped", "pua_unmapped",
	"dot_folded", "radical_folded", "short", "mixed_script",
	"mobile_virtual", "mobile_broadnet", "mobile_data", "mobile_iot", "mobile_segment_unlisted", "card_range_other", "holder_not_person",
}

// Has reports whether all of the given flags are set.
func (f Flags) Has(flag Flags) bool { return f&flag == flag }

// List returns the words of the flags that are set, in the order of the
// constants; nil for none.
func (f Flags) List() []string { return list(uint32(f), flagWords) }

// String returns the words, separated by commas.
func (f Flags) String() string { return strings.Join(f.List(), ",") }

// MarshalJSON returns the words as an array.
func (f Flags) MarshalJSON() ([]byte, error) { return marshalWords(f.List()) }

// Changes is a set of what the normalization changed.
type Changes uint16

// The changes.
const (
	ChangeFullwidth   Changes = 1 << iota // full-width letters, digits and marks to ASCII
	ChangeLowerX                          // x at the end of a resident number to X
	ChangeUpper                           // other small letters to capitals
	ChangeRomanTen                        // Ⅹ (U+2169) or ⅹ (U+2179) to X
	ChangeSpaces                          // spaces removed or collapsed
	ChangeInvisible                       // invisible marks removed
	ChangeHyphens                         // hyphens removed, or replaced by ASCII
	ChangeBrackets                        // brackets removed
	ChangeCountryCode                     // +86 or 0086 removed from a mobile number
	ChangeNFC                             // compatibility ideographs and such by Unicode form NFC
	ChangePUA                             // private-use characters to their official replacements
	ChangeRadicals                        // radicals to the characters they look like
	ChangeDots                            // separators to U+00B7
	ChangeQuotes                          // apostrophes to ASCII
	ChangePunctuation                     // dots removed from a number
)

var changeWords = []string{
	"normalized_fullwidth", "normalized_lower_x", "normalized_upper", "normalized_roman_ten", "normalized_spaces",
	"normalized_invisible", "normalized_hyphens", "normalized_brackets", "normalized_country_code", "normalized_nfc",
	"normalized_pua", "normalized_radicals", "normalized_dots", "normalized_quotes", "normalized_punctuation",
}

// Has reports whether all of the given changes were made.
func (c Changes) Has(change Changes) bool { return c&change == change }

// List returns the words of the changes made, in the order of the constants; nil
// for none.
func (c Changes) List() []string { return list(uint32(c), changeWords) }

// String returns the words, separated by commas.
func (c Changes) String() string { return strings.Join(c.List(), ",") }

// MarshalJSON returns the words as an array.
func (c Changes) MarshalJSON() ([]byte, error) { return marshalWords(c.List()) }

func list(set uint32, words []string) []string {
	var out []string
	for i, word := range words {
		if set&(1<<i) != 0 {
			out = append(out, word)
		}
	}
	return out
}

func marshalWords(words []string) ([]byte, error) {
	if words == nil {
		words = []string{}
	}
	return json.Marshal(words)
}
