package idv_test

import (
	"fmt"

	"github.com/heyan-id/heyan/engine/idv"
)

// ExampleSensitive prints a claim in its masked forms. Reveal returns it in clear.
func ExampleSensitive() {
	number := idv.NewSensitive("11010519491231002X")
	fmt.Printf("%v %+v %s\n", number, number, number.MaskNumber())
	// Output: *** *** 1*****************
}

// ExamplePrice_PerCall returns the price of one call of a package, rounded up.
func ExamplePrice_PerCall() {
	p := idv.Price{Units: 3, Total: idv.Money{Micros: 1_000_000, Currency: idv.CNY}}
	fmt.Println(p.PerCall())
	// Output: 0.333334 CNY
}

// ExampleReason_Failure acts on why there is no verdict.
func ExampleReason_Failure() {
	v := idv.Verification{Reason: idv.ReasonOf(idv.Maintenance)}
	if v.Verdict == idv.Undetermined && v.Reason.Failure() == idv.Maintenance {
		fmt.Println("every vendor is in maintenance; try again later")
	}
	// Output: every vendor is in maintenance; try again later
}

// ExampleVerification_Cost sums what the attempts cost: a charge that is unknown counts
// towards the maximum only.
func ExampleVerification_Cost() {
	price := idv.Money{Micros: 69_000, Currency: idv.CNY}
	v := idv.Verification{Attempts: []idv.Attempt{
		{Charge: idv.ChargeUnknown, Price: price},
		{Charge: idv.Charged, Price: price},
	}}
	known, maximum := v.Cost()
	fmt.Println(known, maximum)
	// Output: 0.069 CNY 0.138 CNY
}
