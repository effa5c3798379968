package idv

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// microsPerUnit is the scale of Money: a millionth of the currency's unit. The
// cheapest package of the seed's vendor costs 0.035 yuan a call.
const microsPerUnit = 1_000_000

// CNY is the currency of prices that name none.
const CNY = "CNY"

// Money is an exact amount. It marshals as a decimal string, since JSON numbers
// are floats to most readers.
type Money struct {
	Micros   int64  // millionths of the unit
	Currency string // ISO 4217, "" for an amount of nothing
}

// Add returns the sum. Two currencies do not add; the first one's is kept, and
// the caller sees to it that one engine counts in one currency.
func (m Money) Add(other Money) Money {
	if m.Currency == "" {
		m.Currency = other.Currency
	}
	m.Micros += other.Micros
	return m
}

// Amount returns the decimal, without trailing zeros after the second place.
func (m Money) Amount() string {
	sign, v := "", m.Micros
	if v < 0 {
		sign, v = "-", -v
	}
	frac := fmt.Sprintf("%06d", v%microsPerUnit)
	for len(frac) > 2 && frac[len(frac)-1] == '0' {
		frac = frac[:len(frac)-1]
	}
	return sign + strconv.FormatInt(v/microsPerUnit, 10) + "." + frac
}

// String returns amount and currency, "0.069 CNY".
func (m Money) String() string { return strings.TrimSpace(m.Amount() + " " + m.Currency) }

var errAmount = errors.New(`want a decimal amount of at most 6 places and below one billion, as "0.069"`)

// ParseAmount reads a decimal that is not negative, at most six places.
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
