package identity

// Rule says from which day on a person has an age.
type Rule uint8

// The rules. The zero value is the stricter one.
const (
	// Statutory counts a year from the day after the birthday: 法释〔2006〕1号
	// art. 2, Civil Code art. 201 (the first day is not counted) and 202 (the last
	// day is the corresponding one, else the end of the month). Gates for minors
	// use it.
	Statutory Rule = iota
	// Everyday counts a year from the birthday on, as people do.
	Everyday
)

// The ages that the law names.
const (
	AgeLimitedCapacity = 8  // Civil Code art. 19 and 20
	AgeOwnConsent      = 14 // Personal Information Protection Law art. 28 and 31: below it a guardian consents
	AgeOwnCard         = 16 // Resident Identity Card Law art. 2
	AgeAdult           = 18 // Civil Code art. 17
)

// AgeAt returns the full years of someone on a day. Who is born on 29 February
// has the birthday on 28 February in a common year (Civil Code art. 202), so that
// the statutory year begins on 1 March whether the year is a leap year or not.
// Before the first birthday, and before birth, it returns 0: the youngest age,
// which is the cautious answer for a gate.
func AgeAt(birth, on Date, rule Rule) int {
	birthday := Date{on.Year, birth.Month, birth.Day}
	birthday.Day = min(birthday.Day, birthday.monthDays())
	years := on.Year - birth.Year
	if order := on.Compare(birthday); order < 0 || order == 0 && rule == Statutory {
		years--
	}
	return max(years, 0)
}

// Under reports whether someone is younger than an age on a day. Without a birth
// date it answers true, since a gate must not open for an unknown age.
func Under(birth, on Date, years int, rule Rule) bool {
	return birth.IsZero() || AgeAt(birth, on, rule) < years
}
