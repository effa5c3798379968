package abuse

import (
	"fmt"
	"slices"
)

// Dimension is a direction that somebody guesses in: what is held fast, and what is tried
// against it. Counting one direction alone is not enough, because a guesser turns to
// another. None counts all numbers of a name: a common name has hundreds of thousands
// of bearers.
type Dimension string

// The axes. "Number" is the ID number; where an axis needs the parts of one, it is
// that of 18 characters of GB 11643-1999: region (6), birth date (8), sequence (3)
// and check digit (1).
const (
	// NamesPerNumber is guessing the name to a number.
	NamesPerNumber Dimension = "names_per_number"
	// NumbersPerPrefix is walking the sequence: the name, region and birth date are
	// known, which leaves 999 numbers.
	NumbersPerPrefix Dimension = "numbers_per_prefix"
	// NumbersPerBirth is walking the regions: the name and birth date are known.
	NumbersPerBirth Dimension = "numbers_per_birth"
	// NumbersPerSequence is sliding the birth date: the name, region and sequence are
	// known. The usual mask that shows 6 and 4 characters leaves 3,317 numbers.
	NumbersPerSequence Dimension = "numbers_per_sequence"
	// NumbersPerMonth is sliding day and sequence in turns, so that neither of the axes
	// above sees more than a few: the name, region and month of birth are known.
	NumbersPerMonth Dimension = "numbers_per_month"
	// NumbersPerTail is sliding region and day of birth in turns: the name, the year of
	// birth and the last four characters are known, which people print on parcels.
	// Without the year the bearers of a common name would meet. Of the numbers of
	// other documents it is the name and the last four alone.
	NumbersPerTail Dimension = "numbers_per_tail"
	// NumbersPerHead is walking the numbers of other documents: the name and the first
	// half are known.
	NumbersPerHead Dimension = "numbers_per_head"
	// CheckDigits is trying last characters to the same 17 digits. All but one are wrong
	// by the local check and cost nothing, but only who guesses tries several.
	CheckDigits Dimension = "check_digits"
	// MobilesPerNumber is guessing the mobile number of a person.
	MobilesPerNumber Dimension = "mobiles_per_number"
	// NumbersPerMobile is trying people against a mobile number.
	NumbersPerMobile Dimension = "numbers_per_mobile"
	// CardsPerNumber is guessing the bank card of a person.
	CardsPerNumber Dimension = "cards_per_number"
	// NumbersPerCard is trying people against a bank card.
	NumbersPerCard Dimension = "numbers_per_card"
	// NumbersPerConsent is finding out whose a consent is: whether it covers a number is
	// answered without a call, so the id of somebody's consent would be an oracle of its
	// own. Beyond its bound not even the right number gets an answer.
	NumbersPerConsent Dimension = "numbers_per_consent"
	// HoneytokenUsed is no direction but a number that is only on a stolen list, see
	// [Canaries]. It has no bound: the first use is one too many.
	HoneytokenUsed Dimension = "canary"
)

// bound is how many different ones an axis allows if the configuration is silent.
type bound struct {
	axis Dimension
	most int
}

// bounds are the axes in the order in which they are counted. The bounds stop a
// guesser after at most five answers; what they do to honest people is measured in
// the simulation beside them.
var bounds = []bound{
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

// Dimensions lists the axes that have a bound.
func Dimensions() []Dimension {
	list := make([]Dimension, len(bounds))
	for i, b := range bounds {
		list[i] = b.axis
	}
	return list
}

// Off is the bound of an axis that is not watched.
const Off = -1

// Thresholds are how many different ones the axes allow within the time that the guard
// remembers. An axis that is not there has its default, so that the zero value
// watches everything. A tenant whose people all live in one county may need a higher
// NumbersPerSequence: bearers of a common name share a region and sequence there.
type Thresholds map[Dimension]int

// Validate returns an axis that there is not, or a bound that is neither positive nor
// [Off].
func (b Thresholds) Validate() error {
	for axis, most := range b {
		switch {
		case !slices.Contains(Dimensions(), axis):
			return fmt.Errorf("there is no axis %q", axis)
		case most < 1 && most != Off:
			return fmt.Errorf("axis %s: want a bound from 1, or %d to not watch it", axis, Off)
		}
	}
	return nil
}

// Unwatched returns the bounds of a guard that stops no guessing. Its limits and
// canaries hold.
func Unwatched() Thresholds {
	out := Thresholds{}
	for _, axis := range Dimensions() {
		out[axis] = Off
	}
	return out
}

// complete returns the bounds with the defaults of those that are not there.
func (b Thresholds) complete() Thresholds {
	out := Thresholds{}
	for _, d := range bounds {
		out[d.axis] = d.most
		if most, ok := b[d.axis]; ok {
			out[d.axis] = most
		}
	}
	return out
}
