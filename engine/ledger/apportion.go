package ledger

import (
	"math/bits"

	"github.com/heyan-id/heyan/engine/idv"
)

// part returns the money of n available units, of which there are at least n. Taken one by
// one without a return, unit k of a lot of N units that cost T costs
//
//	floor(k*T/N) - floor((k-1)*T/N)
//
// so the units of a lot cost together exactly what was paid for it. A unit that returns
// brings back what it cost. The price of the next one then stays within a micro of the mean
// of those that are left, and the last one costs what is left.
func (b *Balance) part(n int64) idv.Money {
	if n >= b.Available {
		return b.amount(b.Left)
	}
	aim := b.Left - ratio(b.Available-n, b.Total.Micros, b.Units, true)
	return b.amount(min(max(aim, ratio(n, b.Left, b.Available, false)), ratio(n, b.Left, b.Available, true)))
}

func (l *Lot) amount(micros int64) idv.Money {
	return idv.Money{Micros: micros, Currency: l.Total.Currency}
}

// ratio returns a*b/c, rounded up or down. None is negative, c is positive and not less
// than a.
func ratio(a, b, c int64, up bool) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b)) //nolint:gosec // not negative
	quotient, rest := bits.Div64(high, low, uint64(c))
	if up && rest > 0 {
		quotient++
	}
	return int64(quotient) //nolint:gosec // at most b
}
