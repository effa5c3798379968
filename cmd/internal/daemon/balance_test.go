package daemon

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/alert"
)

// TestBalanceOfCanceledPackage: a provider whose only package was canceled is paid per call
// again, so no alert says that its packages are used up.
func TestBalanceOfCanceledPackage(t *testing.T) {
	t.Parallel()
	now := time.Now()
	lots := []ledger.Balance{{Lot: ledger.Lot{ID: "l", Provider: "p", Units: 1, Canceled: now}, Posted: 1}}
	got := balance("p", idv.SkipNone, lots, nil, now)
	if got != (alert.Balance{Provider: "p"}) {
		t.Errorf("got %+v", got)
	}
	lots[0].Canceled = time.Time{}
	if got := balance("p", idv.SkipNone, lots, nil, now); got.Lots != 1 || got.Bought != 1 {
		t.Errorf("a package that is not canceled: %+v", got)
	}
}
