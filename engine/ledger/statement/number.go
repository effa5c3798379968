package statement

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A spreadsheet keeps fifteen digits of a number and shows six of a long one, as 4.55784E+11.
// A program writes as many digits as the number has. These are the limits between the two.
const (
	keptDigits  = 15 // in a cell that is a number; later digits become 0
	shownWhole  = 11 // a whole number of so many digits is shown without an exponent
	writtenSome = 10 // so many digits before an exponent are written by a program
)

// plainNumber returns a number of decimal digits, as people and programs write it, without
// separators of thousands, a fraction of zeros, or an exponent: 455,784, 7.00, 4.55E5. It
// returns the text unchanged if that is no such number, and shortened if digits are missing.
func plainNumber(text string) (plain string, shortened bool) {
	mantissa, exponent, scientific := cutExponent(text)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if joined, ok := joinThousands(whole); ok {
		whole = joined
	}
	switch {
	case whole == "" || strings.Trim(whole, digits) != "" || strings.Trim(fraction, digits) != "":
		return text, false
	case !scientific && strings.Trim(fraction, "0") == "":
		return whole, false
	case !scientific:
		return text, false
	}
	return scientificNumber(text, whole, fraction, exponent)
}

// scientificNumber is plainNumber for a number with an exponent.
func scientificNumber(text, whole, fraction, exponent string) (plain string, shortened bool) {
	e, err := strconv.Atoi(exponent)
	if err != nil || e < 0 || e > mostSerial {
		return text, true
	}
	given := strings.TrimLeft(whole+fraction, "0")
	size := len(given) - len(fraction) + e // of the whole number
	significant := strings.TrimRight(given, "0")
	switch {
	case size < len(significant) || size < 1:
		return text, false // it has a fraction
	case len(given) >= size: // every digit is written
	case size <= shownWhole && !isRounded(fraction, exponent):
	case size <= keptDigits && len(significant) >= writtenSome:
	default:
		return text, true
	}
	return significant + strings.Repeat("0", size-len(significant)), false
}

const digits = "0123456789"

// isRounded reports whether a number has the form 0.00E+00, to which spreadsheets round.
func isRounded(fraction, exponent string) bool {
	return len(fraction) == 2 && len(exponent) == 3 && exponent[0] == '+'
}

func cutExponent(text string) (mantissa, exponent string, ok bool) {
	at := strings.IndexAny(text, "eE")
	if at < 1 || strings.Trim(text[at+1:], digits+"+-") != "" || at == len(text)-1 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}

// joinThousands removes the separators of 455,784,350.
func joinThousands(text string) (string, bool) {
	groups := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\'' || r == '’' })
	joined := strings.Join(groups, "")
	if len(groups) < 2 || utf8.RuneCountInString(text) != len(joined)+len(groups)-1 || len(groups[0]) > 3 {
		return text, false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return text, false
		}
	}
	return joined, true
}

// numberCell returns the text of a cell that is a number. A serial number of more digits than
// a spreadsheet keeps is returned in a form that parseSerial refuses.
func numberCell(raw string) string {
	value, err := strconv.ParseFloat(raw, 64)
	if err != nil || value != math.Trunc(value) || math.Abs(value) < 1 {
		return raw
	}
	plain := strconv.FormatFloat(value, 'f', 0, 64)
	size := len(strings.TrimPrefix(plain, "-"))
	exact := value <= 1<<53 && size == keptDigits+1 && plain[len(plain)-1] != '0'
	if size > keptDigits && !exact {
		return strconv.FormatFloat(value, 'E', keptDigits-1, 64)
	}
	return plain
}
