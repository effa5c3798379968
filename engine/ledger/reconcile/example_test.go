package reconcile_test

import (
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/reconcile"
)

// The vendor billed five calls in a window in which heyan made two.
func ExampleMatch() {
	from := time.Date(2026, 3, 19, 10, 50, 1, 0, idv.China())
	windows := []reconcile.Window{{Serial: "455784350650", From: from, To: from.Add(10 * time.Minute), Units: 5}}
	var calls []reconcile.Call
	for n := range 2 {
		at := from.Add(time.Duration(n+4) * time.Minute)
		calls = append(calls, reconcile.Call{
			Attempt: fmt.Sprintf("a%d", n), Provider: "main", At: at, End: at.Add(time.Second),
			Code: "01", Delivery: idv.Answered, Charge: idv.Charged,
		})
	}
	report := reconcile.Match(windows, calls, reconcile.Options{})
	for _, d := range report.Differences {
		for _, part := range d.Parts {
			fmt.Println(d.From.Format(time.TimeOnly), part.Cause, part.Units)
		}
	}
	// Output: 10:50:01 foreign_use 3
}
