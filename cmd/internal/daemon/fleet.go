package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"sync"

	otelmetric "go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/guard"
	"github.com/heyan-id/heyan/engine/idv"
)

// startFleet takes over what other nodes know of the vendors, before the first call, and
// shares what this one learns until end. A store that is away does not keep the daemon from
// starting.
func startFleet(ctx context.Context, o Options, app *assemble.App) (f *fleet.Fleet, end func()) {
	host, _ := os.Hostname()
	f = fleet.New(fleet.Options{
		Store: app.Store, Pool: func() *guard.Pool { return app.Engine.Guards() }, Log: o.Log,
		Node: cmp.Or(idv.CleanText(host, 100), "node") + "-" + rand.Text()[:6],
	})
	f.Sync(ctx)
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { f.Follow(ctx) })
	return f, func() {
		stop()
		running.Wait()
	}
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
