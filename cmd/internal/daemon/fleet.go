package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"

	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
)

// newFleet shares what this process learns of the vendors with the other ones of a store.
func newFleet(d *daemon, s store.Store) *fleet.Fleet {
	host, _ := os.Hostname()
	return fleet.New(fleet.Options{
		Store: s, Pool: func() *guard.Pool { return d.app().Engine.Guards() }, Log: d.options.Log,
		Node: cmp.Or(idv.CleanText(host, 100), "node") + "-" + rand.Text()[:6],
	})
}

// gates exports whether this node shares gates, read on each scrape.
func (o *telemetrySDK) gates(f *fleet.Fleet) error {
	_, err := o.meters.Meter(scope).Int64ObservableGauge("heyan.fleet.away",
		otelmetric.WithDescription("1 while the store cannot be reached, so that this node and the others do not learn from each other which vendors are away; 0 otherwise."),
		otelmetric.WithInt64Callback(func(_ context.Context, to otelmetric.Int64Observer) error {
			value := int64(0)
			if f.Away() {
				value = 1
			}
			to.Observe(value)
			return nil
		}))
	return err
}
