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

// Reopen completes a stored lot: left is the money of the available units as it was stored,
// and counted the number of units that it was stored for. A process of an earlier version,
// which knows neither, moves units at [Lot.Price] without changing them.
func (b *Balance) Reopen(left, counted int64) {
	if b.Open {
		return
	}
	if counted == 0 && left == 0 { // it knew neither from the beginning
		left, counted = b.Total.Micros, b.Units
	}
	b.Left = min(max(left+(b.Available-counted)*b.Price().Micros, 0), b.Total.Micros)
	if b.Available == 0 {
		b.Left = 0
	}
}
