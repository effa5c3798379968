package idv

import (
	"errors"
	"strconv"
	"strings"
)

// microsPerUnit is the scale of Money, a millionth of the currency's unit. Vendors price
// calls at fractions of a cent, such as 0.035 yuan.
const microsPerUnit = 1_000_000

// CNY is the default currency.
const CNY = "CNY"

// Money is an exact amount. The zero value is no amount.
type Money struct {
	Micros   int64  // millionths of the unit
	Currency string // ISO 4217, "" for no amount
}

// ErrCurrency means that amounts in two currencies were to be added or booked in one ledger.
var ErrCurrency = errors.New("one ledger has one currency, and heyan does not convert")

// Add returns the sum, or ErrCurrency and m itself if both amounts have a currency and
// these differ.
func (m Money) Add(other Money) (Money, error) {
	switch {
	case m.Currency == "":
		m.Currency = other.Currency
	case other.Currency != "" && other.Currency != m.Currency:
		return m, ErrCurrency
	}
	m.Micros += other.Micros
	return m, nil
}

// Amount returns the decimal number with at least two places, "0.069" or "0.70".
func (m Money) Amount() string {
	sign, v := "", m.Micros
	if v < 0 {
		sign, v = "-", -v
	}
	frac := strconv.FormatInt(microsPerUnit+v%microsPerUnit, 10)[1:] // six digits
	for len(frac) > 2 && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	return sign + strconv.FormatInt(v/microsPerUnit, 10) + "." + frac
}

// String returns amount and currency, "0.069 CNY".
func (m Money) String() string { return strings.TrimSpace(m.Amount() + " " + m.Currency) }

var errAmount = errors.New(`must be a decimal number below 1000000000 with at most 6 places, such as "0.069"`)

// ParseAmount returns the millionths of a decimal number that is not negative, is below one
// billion and has at most six places.
func ParseAmount(text string) (micros int64, err error) {
	whole, frac, dotted := strings.Cut(text, ".")
	if whole == "" || len(whole) > 9 || len(frac) > 6 || dotted && frac == "" {
		return 0, errAmount
	}
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return 0, errAmount
		}
	}
	return strconv.ParseInt(whole+frac+strings.Repeat("0", 6-len(frac)), 10, 64)
}
