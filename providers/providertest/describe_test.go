package providertest

import (
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

func TestRowThatRenewsTheToken(t *testing.T) {
	t.Parallel()
	row := idv.CodeRow{
		Layer: providers.LayerVendor, Code: "110", Failure: idv.BadCredentials, Delivery: idv.Answered, RenewsToken: true, Text: "t", Source: "s",
	}
	if err := rowSound(row); err != nil {
		t.Errorf("credentials: %v", err)
	}
	row.Failure = idv.Unavailable
	if rowSound(row) == nil {
		t.Error("another failure is accepted")
	}
}
