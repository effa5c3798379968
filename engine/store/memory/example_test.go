package memory_test

import (
	"context"
	"fmt"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

// A store holds a unit of a package before a call and settles it afterwards.
func Example() {
	ctx := context.Background()
	s := memory.New(0)
	defer func() { _ = s.Close() }()
	now := time.Now()
	if err := s.AddLot(ctx, ledger.Lot{ID: "order-17", Provider: "main", Units: 1000, Bought: now}); err != nil {
		fmt.Println(err)
		return
	}
	held, err := s.Hold(ctx, idv.Intent{Attempt: "a1", Verification: "v1", Provider: "main", At: now, Deadline: now.Add(time.Second)})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := idv.Attempt{ID: "a1", Provider: "main", Verdict: idv.Match, Charge: idv.Charged, Lot: held.Lot}
	if err := s.CompleteWithCall(ctx, answer, store.Key{}, idv.Verification{ID: "v1", Tenant: "t", Verdict: idv.Match}); err != nil {
		fmt.Println(err)
		return
	}
	lots, err := s.Lots(ctx, "main")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(held.Lot, lots[0].Available, lots[0].Posted)
	// Output: order-17 999 1
}
