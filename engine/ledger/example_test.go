package ledger_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
)

// A package of two calls is used up by a call that was charged and a call whose charge
// is unknown.
func Example() {
	var book ledger.Book
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	lot := ledger.Lot{ID: "order-17", Provider: "main", Units: 2, Total: idv.Money{Micros: 138_000, Currency: idv.CNY}, Bought: now}
	if err := book.AddLot(lot, now); err != nil {
		fmt.Println(err)
		return
	}
	for id, charge := range map[string]idv.Charge{"a1": idv.Charged, "a2": idv.ChargeUnknown} {
		if _, err := book.Hold(idv.Intent{Attempt: id, Provider: "main", At: now}, now); err != nil {
			fmt.Println(err)
		}
		if err := book.Settle(idv.Attempt{ID: id, Provider: "main", Charge: charge}, now); err != nil {
			fmt.Println(err)
		}
	}
	_, err := book.Hold(idv.Intent{Attempt: "a3", Provider: "main", At: now}, now)
	b := book.Lots("main")[0]
	fmt.Println("a third call:", errors.Is(err, ledger.Exhausted()))
	fmt.Printf("%d bought = %d available + %d posted + %d unknown\n", b.Units, b.Available, b.Posted, b.Unknown)
	// Output:
	// a third call: true
	// 2 bought = 0 available + 1 posted + 1 unknown
}
