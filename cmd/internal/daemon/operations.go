package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/orders"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/fleet"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/audit"
)

// operations are what operators order while the daemon runs.
type operations struct {
	orders   *orders.Keeper
	fleet    *fleet.Fleet
	store    store.Store
	log      *slog.Logger
	stopping chan struct{} // closed when the daemon stops soon

	stop    context.CancelFunc
	running sync.WaitGroup
}

// newOperations returns the operations of a daemon, which begin has to follow.
func newOperations(d *daemon, s store.Store) *operations {
	log := d.options.Log
	return &operations{
		orders: orders.New(s, func() orders.Engine { return d.app().Engine }, log), fleet: newFleet(d, s), store: s, log: log, stopping: make(chan struct{}), stop: func() {},
	}
}

// begin carries out the orders of the store before the first call and takes over what other
// nodes know of the vendors, and follows both until end.
func (p *operations) begin(ctx context.Context) error {
	if err := p.orders.Read(ctx); err != nil {
		return fmt.Errorf("store: reading the orders of operators: %w", err)
	}
	p.fleet.Sync(ctx)
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.running.Go(func() { p.orders.Follow(ctx) })
	p.running.Go(func() { p.fleet.Follow(ctx) })
	return nil
}

// end may be called again.
func (p *operations) end() {
	p.stop()
	p.running.Wait()
}

// announce reports to readiness probes that the daemon stops, and returns after the delay.
// Requests are served meanwhile, so that load balancers notice before any is refused.
// A daemon that stops because of an error does not wait.
func (p *operations) announce(cause error, delay time.Duration, broken <-chan error) {
	close(p.stopping)
	if delay <= 0 || cause != nil {
		return
	}
	p.log.Info("not ready any more; requests are served until the shutdown delay is over", slog.String("delay", delay.String()))
	select {
	case <-time.After(delay):
	case err := <-broken:
		p.log.Error("a listener failed before the shutdown delay was over", slog.String("kind", store.Kind(err)))
	}
}

// isStopping reports whether the daemon stops soon.
func (p *operations) isStopping() bool {
	select {
	case <-p.stopping:
		return true
	default:
		return false
	}
}

// warnGap logs that no paid call is made after a restore.
func (p *operations) warnGap(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, keysTime)
	defer cancel()
	if gap, open, err := p.store.OpenGap(ctx); err == nil && open {
		p.log.Error("no paid call is made, since the store was restored and its gap is not accepted", slog.String("gap", gap.String()),
			slog.String("remedy", "reconcile the time of the gap with the vendors' bills, then run heyan restore --accept-gap "+gap.String()))
	}
}

// recordTime bounds the record of a reload.
const recordTime = 5 * time.Second

// recordReload records a reload of the configuration. The reload has happened, so a store
// that cannot record it is logged only.
func recordReload(ctx context.Context, app *assemble.App, changed []string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	act := audit.Act{Principal: "daemon", Kind: audit.ConfigReload, Reason: idv.CleanText(strings.Join(changed, " "), idv.MaxNote)}
	if err := app.Store.Record(audit.With(ctx, app.Keyring, act)); err != nil {
		log.Error("the reload is not in the audit log", slog.String("kind", store.Kind(err)))
	}
}
