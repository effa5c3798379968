package identity

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// Date is a day of the Gregorian calendar. It has no zone and no time of day, because
// a date of birth has none: a time.Time would change its day with the zone. The zero
// value is no date.
type Date struct{ Year, Month, Day int }

// DateOf returns the day that t falls on in China (UTC+8).
func DateOf(t time.Time) Date {
	year, month, day := t.In(idv.China()).Date()
	return Date{year, int(month), day}
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether the calendar has the day.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= d.monthDays()
}

func (d Date) monthDays() int {
	switch d.Month {
	case 2:
		if d.Year%4 == 0 && (d.Year%100 != 0 || d.Year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// Compare returns -1 if d is before other, 1 if after, 0 on the same day.
func (d Date) Compare(other Date) int {
	a, b := d.ordinal(), other.ordinal()
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ordinal orders dates; it does not count days.
func (d Date) ordinal() int { return (d.Year*16+d.Month)*32 + d.Day }

// String returns YYYY-MM-DD, "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText returns YYYY-MM-DD, nothing for no date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Rule selects the day from which a person has an age.
type Rule uint8

// The rules. The zero value is the stricter one.
const (
	// Statutory counts a year from the day after the birthday: 法释〔2006〕1号
	// art. 2, Civil Code art. 201 (the first day is not counted) and 202 (the last
	// day is the corresponding one, else the end of the month). Gates for minors
	// use it.
	Statutory Rule = iota
	// Everyday counts a year from the birthday on, as in daily life.
	Everyday
)

// Ages in law.
const (
	AgeOwnConsent = 14 // Personal Information Protection Law art. 28 and 31: below it a guardian consents
	AgeAdult      = 18 // Civil Code art. 17
)

// AgeAt returns the age in full years on a day. The birthday of a person born on 29
// February is 28 February in a common year (Civil Code art. 202), so the statutory year
// begins on 1 March in every year. AgeAt returns 0 for a day before the birth, because
// the youngest age is the safe answer for a check of minors.
func AgeAt(birth, on Date, rule Rule) int {
	birthday := Date{on.Year, birth.Month, birth.Day}
	birthday.Day = min(birthday.Day, birthday.monthDays())
	years := on.Year - birth.Year
	if order := on.Compare(birthday); order < 0 || order == 0 && rule == Statutory {
		years--
	}
	return max(years, 0)
}

// Under reports whether a person is younger than an age on a day. It returns true for
// the zero Date, because an unknown age must not pass a check of minors.
func Under(birth, on Date, years int, rule Rule) bool {
	return birth.IsZero() || AgeAt(birth, on, rule) < years
}
