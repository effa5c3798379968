package alert

import "github.com/heyan-id/heyan/engine/idv"

// Balance is what a provider has, added up over its packages. Counts are calls,
// below 10^16.
type Balance struct {
	Provider     string
	Bought       int64 // of the packages that have not expired
	Available    int64 // of them, what can still be held
	UsedLastWeek int64 // calls charged, or perhaps charged, in the seven days until now

	// Lots is how many packages were ever booked, expired ones included. It is how a
	// new package is noticed when an old one of the same size expires. With 0 here
	// and in Bought the provider is paid by the call, and has no level to warn of.
	Lots int64
	// Closed is why the provider's gate is closed, "" if it is not.
	// idv.SkipCredentials and idv.SkipQuotaExhausted are told, others heal by themselves.
	// Nodes that share their state but not their gates leave it empty: one's open gate
	// would arm the other's closed one, and it would be told every minute.
	Closed idv.SkipReason
}

// prepaid reports whether a package was ever booked.
func (b Balance) prepaid() bool { return b.Lots > 0 || b.Bought > 0 }

// daysLeft returns the whole days that the balance lasts, nil if nobody knows.
func (b Balance) daysLeft() *int64 {
	switch {
	case !b.prepaid():
		return nil
	case b.Available <= 0:
		return new(int64)
	case b.UsedLastWeek <= 0:
		return nil
	}
	days := b.Available * 7 / b.UsedLastWeek
	return &days
}

// lasts reports whether the balance lasts longer than so many days.
func (b Balance) lasts(days int) bool {
	return b.Available > 0 && (b.UsedLastWeek <= 0 || b.Available*7 > int64(days)*b.UsedLastWeek)
}
