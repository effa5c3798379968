package ledger

import "github.com/heyan-id/heyan/engine/idv"

// Package is what a vendor sells: so many calls for so much.
type Package = idv.Price

// Catalogue returns the packages of the first vendor, idcert, as its guide lists
// them in section one: from a free trial to ten million calls. The dearest call
// costs 0.069 yuan in the package of 1,000, the cheapest 0.035.
func Catalogue() []Package {
	list := []struct{ yuan, units int64 }{
		{0, 20}, {1, 15}, {69, 1_000}, {135, 2_000}, {320, 5_000},
		{600, 10_000}, {1_100, 20_000}, {2_500, 50_000}, {4_000, 100_000}, {8_000, 200_000},
		{20_000, 500_000}, {39_000, 1_000_000}, {75_000, 2_000_000}, {180_000, 5_000_000}, {350_000, 10_000_000},
	}
	packages := make([]Package, len(list))
	for i, p := range list {
		packages[i] = Package{Units: p.units, Total: idv.Money{Micros: p.yuan * 1_000_000, Currency: idv.CNY}}
	}
	return packages
}
