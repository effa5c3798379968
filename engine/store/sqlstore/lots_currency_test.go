package sqlstore

import (
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/ledger"
)

// TestCurrencyIsReadWhereItCounts: a batch that does not read the currency of the ledger would
// accept any.
func TestCurrencyIsReadWhereItCounts(t *testing.T) {
	t.Parallel()
	set := func(name string) map[string]bool { return map[string]bool{name: true} }
	u := &unit{lots: map[string]ledger.Lot{
		"paid":     {ID: "paid", Provider: "paid"},
		"open":     {ID: "open", Provider: "open", Open: true},
		"canceled": {ID: "canceled", Provider: "canceled", Canceled: time.Unix(1, 0)},
	}}
	tests := []struct {
		name string
		n    lotNeeds
		want bool
	}{
		{"a new package", lotNeeds{adds: true}, true},
		{"a call of a package", lotNeeds{providers: set("paid")}, false},
		{"its answer", lotNeeds{lots: set("paid")}, false},
		{"a call without a package", lotNeeds{providers: set("open")}, true},
		{"the first call of a provider", lotNeeds{providers: set("new")}, true},
		{"a call after the package was canceled", lotNeeds{providers: set("canceled")}, true},
		{"a call in the batch that cancels", lotNeeds{providers: set("paid"), whole: set("paid")}, true},
		{"calls with and without a package", lotNeeds{providers: map[string]bool{"paid": true, "open": true}}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := u.needsCurrency(&test.n); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
