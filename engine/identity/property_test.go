package identity_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/heyan-id/heyan/engine/identity"
	"github.com/heyan-id/heyan/engine/idv"
)

// withCheck appends the check character to 17 digits, by reading them in base 13
// (13 is 2 modulo 11): another way than the package's.
func withCheck(digits string) string {
	value := 0
	for _, c := range digits {
		value = (value*13 + int(c-'0')) % 11
	}
	// value times 2, plus the check, must be 1 modulo 11.
	check := (12 - value*2%11) % 11
	if check == 10 {
		return digits + "X"
	}
	return digits + fmt.Sprint(check)
}

// valid18 reports whether a number is a resident number as of a day.
func valid18(number string, today identity.Date) bool {
	return identity.CheckNumber(idv.NewSensitive(number), identity.Options{Today: today, Want: idv.Resident18}).Valid
}

// numbers draws resident numbers that are valid today.
func numbers(t *rapid.T) string {
	area := rapid.SampledFrom([]string{"110105", "330106", "441900", "500154", "653228"}).Draw(t, "area")
	year := rapid.IntRange(1900, 2025).Draw(t, "year")
	month := rapid.IntRange(1, 12).Draw(t, "month")
	day := rapid.IntRange(1, 28).Draw(t, "day")
	sequence := rapid.IntRange(0, 999).Draw(t, "sequence")
	return withCheck(fmt.Sprintf("%s%04d%02d%02d%03d", area, year, month, day, sequence))
}

func TestValidNumbersAreAccepted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := numbers(t)
		n := identity.CheckNumber(idv.NewSensitive(number), identity.Options{Today: today})
		if !n.Valid {
			t.Fatalf("got %s", n.Reason)
		}
		if got := n.Birth; fmt.Sprintf("%04d%02d%02d", got.Year, got.Month, got.Day) != number[6:14] {
			t.Fatalf("got %s", got)
		}
		if (n.Sex == identity.Male) != ((number[16]-'0')%2 == 1) {
			t.Fatalf("got %s", n.Sex)
		}
	})
}

func TestOneWrongCharacterIsDetected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := []byte(numbers(t))
		at := rapid.IntRange(0, 17).Draw(t, "at")
		c := rapid.SampledFrom([]byte("0123456789X")).Draw(t, "other")
		if number[at] == c {
			t.Skip("the same")
		}
		number[at] = c
		if valid18(string(number), today) {
			t.Fatalf("%s passes", number)
		}
	})
}

func TestAdjacentSwapIsDetected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := []byte(numbers(t))
		at := rapid.IntRange(0, 16).Draw(t, "at")
		if number[at] == number[at+1] {
			t.Skip("the same")
		}
		number[at], number[at+1] = number[at+1], number[at]
		if valid18(string(number), today) {
			t.Fatalf("%s passes", number)
		}
	})
}

func TestUpgradeIsTheNumberItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := numbers(t)
		if number[6:8] != "19" || number[14:17] >= "996" {
			t.Skip("no number of the 15-digit era")
		}
		n := identity.CheckNumber(idv.NewSensitive(number[:6]+number[8:17]), identity.Options{Today: today})
		if n.Upgraded.Reveal() != number {
			t.Fatalf("got %s, want %s", n.Upgraded.Reveal(), number)
		}
	})
}
