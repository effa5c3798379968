package telemetry

import (
	"fmt"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
)

// TestTenantsAreBounded: the first tenants keep their own label, the others share one, and
// without a bound there is no label.
func TestTenantsAreBounded(t *testing.T) {
	t.Parallel()
	b := NewTenants(2)
	for round := range 2 {
		for n, want := range []string{"t0", "t1", otherTenants, otherTenants} {
			if got := b.label(idv.Tenant(fmt.Sprint("t", n))); got != want {
				t.Errorf("round %d: tenant %d has the label %q, want %q", round, n, got, want)
			}
		}
	}
	var none *Tenants
	if got := none.label("t0"); got != "" || len(none.add(got)) != 0 {
		t.Errorf("without a bound there is the label %q", got)
	}
}

// TestTableIsComplete: an instrument without a row is an error.
func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	i := Instruments{Meter: nil, Table: Metrics()}
	if i.find("heyan.attempts", Counter); i.Err() != nil {
		t.Error(i.Err())
	}
	if i.find("heyan.attempts", Gauge); i.Err() == nil {
		t.Error("a counter is taken for a gauge")
	}
}
