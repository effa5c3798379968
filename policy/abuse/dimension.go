package abuse

import (
	"fmt"
	"slices"
)

// Dimension is one way to enumerate: which claims are fixed, and which claim is varied
// against them. All are counted at once, because an attacker who is stopped in one
// dimension turns to another. No dimension counts all numbers of a name, since a common
// name has hundreds of thousands of bearers.
type Dimension string

// The dimensions. "Number" is the ID number, and the bank card in a check without an ID
// number. Where a dimension needs the parts of a
// number, it applies to the 18 characters of GB 11643-1999: region (6), birth date (8),
// sequence (3) and check digit (1).
const (
	// NamesPerNumber varies the name against a number.
	NamesPerNumber Dimension = "names_per_number"
	// NumbersPerPrefix varies the sequence. The name, region and birth date are known,
	// which leaves 999 numbers.
	NumbersPerPrefix Dimension = "numbers_per_prefix"
	// NumbersPerBirth varies the region. The name and birth date are known.
	NumbersPerBirth Dimension = "numbers_per_birth"
	// NumbersPerSequence varies the birth date. The name, region and sequence are known.
	// The usual mask, which shows 6 and 4 characters, leaves 3,317 numbers.
	NumbersPerSequence Dimension = "numbers_per_sequence"
	// NumbersPerMonth varies day and sequence in turns, so that the dimensions above stay
	// below their thresholds. The name, region and month of birth are known.
	NumbersPerMonth Dimension = "numbers_per_month"
	// NumbersPerTail varies region and day of birth in turns. The name, the year of birth
	// and the last four characters are known; parcels show the last four. Without the
	// year, bearers of a common name would collide. For other documents the name and the
	// last four characters are fixed.
	NumbersPerTail Dimension = "numbers_per_tail"
	// NumbersPerHead varies the second half of the number of another document. The name
	// and the first half are known.
	NumbersPerHead Dimension = "numbers_per_head"
	// CheckDigits varies the last character of the same 17 digits. The local check rejects
	// all but one at no cost, but only an attacker tries several. For a bank card all digits
	// but the last are fixed.
	CheckDigits Dimension = "check_digits"
	// MobilesPerNumber varies the mobile number of a person.
	MobilesPerNumber Dimension = "mobiles_per_number"
	// NumbersPerMobile varies the person against a mobile number.
	NumbersPerMobile Dimension = "numbers_per_mobile"
	// CardsPerNumber varies the bank card of a person.
	CardsPerNumber Dimension = "cards_per_number"
	// NumbersPerCard varies the person against a bank card.
	NumbersPerCard Dimension = "numbers_per_card"
	// NumbersPerConsent varies the number against a consent id. Whether a consent covers a
	// number is answered without a call, so a leaked id would be an oracle of its own.
	// Above the threshold even the right number gets no answer.
	NumbersPerConsent Dimension = "numbers_per_consent"
	// HoneytokenUsed reports the use of a honeytoken, see [Honeytokens]. It has no
	// threshold: the first use raises the alarm. The word is that of earlier versions,
	// which alerts and counters keep.
	HoneytokenUsed Dimension = "canary"
)

// threshold is how many distinct values a dimension allows by default.
type threshold struct {
	dimension Dimension
	most      int
}

// thresholds lists the dimensions in the order in which they are counted. They stop an
// attacker after at most five answers. TestSimulation measures what they do to honest
// requests.
var thresholds = []threshold{
	{NamesPerNumber, 3},
	{NumbersPerPrefix, 3},
	{NumbersPerBirth, 5},
	{NumbersPerSequence, 3},
	{NumbersPerMonth, 5},
	{NumbersPerTail, 5},
	{NumbersPerHead, 5},
	{CheckDigits, 3},
	{MobilesPerNumber, 5},
	{NumbersPerMobile, 5},
	{CardsPerNumber, 5},
	{NumbersPerCard, 3},
	{NumbersPerConsent, 3},
}

// Dimensions lists the dimensions that have a threshold.
func Dimensions() []Dimension {
	list := make([]Dimension, len(thresholds))
	for i, t := range thresholds {
		list[i] = t.dimension
	}
	return list
}

// Off is the threshold of a dimension that is not watched.
const Off = -1

// Thresholds maps a dimension to the number of distinct values that it allows within
// [Config.Remember]. A missing dimension has its default, so the zero value watches
// everything. A tenant whose people all live in one county may need a higher
// NumbersPerSequence, because bearers of a common name share region and sequence there.
type Thresholds map[Dimension]int

// Validate returns an error for an unknown dimension and for a threshold that is neither
// positive nor [Off].
func (t Thresholds) Validate() error {
	for d, most := range t {
		switch {
		case !slices.Contains(Dimensions(), d):
			return fmt.Errorf("unknown dimension %q", d)
		case most < 1 && most != Off:
			return fmt.Errorf("dimension %s: the threshold must be at least 1, or %d to turn it off", d, Off)
		}
	}
	return nil
}

// Unwatched returns thresholds that turn every dimension off. Limits and honeytokens
// still apply.
func Unwatched() Thresholds {
	out := Thresholds{}
	for _, d := range Dimensions() {
		out[d] = Off
	}
	return out
}

// complete returns the thresholds with the defaults of missing dimensions.
func (t Thresholds) complete() Thresholds {
	out := Thresholds{}
	for _, d := range thresholds {
		out[d.dimension] = d.most
		if most, ok := t[d.dimension]; ok {
			out[d.dimension] = most
		}
	}
	return out
}
