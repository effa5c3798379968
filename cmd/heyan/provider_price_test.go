package main

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// An unknown price must not read as a free call.
func TestPriceText(t *testing.T) {
	t.Parallel()
	if got := priceText(idv.Money{}); got.EN != "not known (set providers[].price)" || got.ZH == "" {
		t.Errorf("no price: %+v", got)
	}
	if got := priceText(idv.Money{Micros: 69_000, Currency: idv.CNY}).EN; got != "0.069 CNY" {
		t.Errorf("a price: %q", got)
	}
}
