package identity

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar. It has no zone and no clock, because
// a birth has none: as a time.Time it would change its day with the zone. The
// zero value is no date.
type Date struct{ Year, Month, Day int }

// beijing is the zone of every day count here. It is fixed, since small
// container images hold no zone data and China has one zone without summer time.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// DateOf returns the day that t falls on in China (UTC+8).
func DateOf(t time.Time) Date {
	year, month, day := t.In(beijing).Date()
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
