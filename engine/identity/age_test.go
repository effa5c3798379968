package identity_test

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/identity"
)

func date(year, month, day int) identity.Date {
	return identity.Date{Year: year, Month: month, Day: day}
}

func TestAgeAt(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name                string
		birth, on           identity.Date
		everyday, statutory int
	}{
		{"day before", date(2008, 11, 25), date(2026, 11, 24), 17, 17},
		{"birthday", date(2008, 11, 24), date(2026, 11, 24), 18, 17},
		{"day after", date(2008, 11, 23), date(2026, 11, 24), 18, 18},
		{"leap birth, 28 February of a common year", date(2008, 2, 29), date(2026, 2, 28), 18, 17},
		{"leap birth, 1 March of a common year", date(2008, 2, 29), date(2026, 3, 1), 18, 18},
		{"leap birth, 28 February of a leap year", date(2008, 2, 29), date(2028, 2, 28), 19, 19},
		{"leap birth, 29 February", date(2008, 2, 29), date(2028, 2, 29), 20, 19},
		{"leap birth, 1 March of a leap year", date(2008, 2, 29), date(2028, 3, 1), 20, 20},
		{"last day of the year", date(2008, 12, 31), date(2026, 12, 31), 18, 17},
		{"first day of the next year", date(2008, 12, 31), date(2027, 1, 1), 18, 18},
		{"day of birth", date(2026, 11, 24), date(2026, 11, 24), 0, 0},
		{"not yet born", date(2030, 1, 1), date(2026, 11, 24), 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := identity.AgeAt(c.birth, c.on, identity.Everyday); got != c.everyday {
				t.Errorf("everyday: got %d, want %d", got, c.everyday)
			}
			if got := identity.AgeAt(c.birth, c.on, identity.Statutory); got != c.statutory {
				t.Errorf("statutory: got %d, want %d", got, c.statutory)
			}
		})
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		birth identity.Date
		want  bool
	}{
		{"fourteenth birthday", date(2012, 11, 24), true},
		{"day after", date(2012, 11, 23), false},
		{"unknown birth", identity.Date{}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := identity.Under(c.birth, today, identity.AgeOwnConsent, identity.Statutory); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestDateOf(t *testing.T) {
	t.Parallel()
	got := identity.DateOf(time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC))
	if got != today {
		t.Errorf("16:00 UTC is the next day in China: got %s, want %s", got, today)
	}
}

func TestTooOld(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, number string // with a right check digit
		on           identity.Date
		want         bool
	}{
		{"130 years and a day less than a year", "33010618960229992", date(2027, 2, 27), true},
		{"131 years", "33010618960229992", date(2027, 2, 28), false},
		{"tomorrow", "33010620261125992", today, false},
		{"today", "33010620261124992", today, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := valid18(withCheck(c.number), c.on); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
