package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/cmd/internal/webhook"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
)

// sweepEvery is how often what crashed nodes left undone is taken up.
const sweepEvery = time.Minute

// tender looks after the book while the daemon serves.
type maintenance struct {
	app    *assemble.House
	log    *slog.Logger
	queue  *webhook.Queue
	alerts metric.Int64Counter
	watch  alert.Watcher
}

// tend starts to look after the book. The function that it returns ends that and
// delivers what is waiting, for flush at most.
func startMaintenance(ctx context.Context, o Options, house *assemble.House, bell *alarmQueue, meter metric.Meter) (func() error, error) {
	hooks, err := hooks(o)
	if err != nil {
		return nil, err
	}
	told, err := meter.Int64Counter("heyan.alerts", metric.WithDescription("Warnings about packages that run low, by provider and kind."))
	if err != nil {
		return nil, err
	}
	t := &maintenance{app: house, log: o.Log, alerts: told, queue: webhook.NewQueue(o.Log, hooks...)}
	t.watch = alert.Watcher{
		Levels: alert.Levels{Percent: o.Config.Alerts.Percent, Days: o.Config.Alerts.Days}, Every: o.Config.Alerts.Every,
		Balances: t.balances, Tell: t.notify, Log: o.Log,
	}
	if path, ok := strings.CutPrefix(o.Config.Store.DSN, "file:"); ok && o.Config.Store.Driver == "sqlite" {
		m := alertState{path + ".alerts"}
		t.watch.Load, t.watch.Save = m.load, m.save
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { t.watch.Run(ctx) })
	running.Go(func() { t.sweep(ctx) })
	running.Go(func() { t.prune(ctx, o.Config.Policy.Retention) })
	running.Go(func() { bell.listen(ctx, t) })
	return func() error {
		stop()
		running.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), flush)
		defer cancel()
		return t.queue.Close(ctx)
	}, nil
}

// hooks makes the configured webhooks.
func hooks(o Options) ([]*webhook.Hook, error) {
	var list []*webhook.Hook
	var faults []error
	for i, w := range o.Config.Alerts.Webhooks {
		hook, err := hook(w, o.LookupEnv)
		if err != nil {
			faults = append(faults, fmt.Errorf("alerts.webhooks[%d] (%s): %w", i, w.Name, err))
			continue
		}
		list = append(list, hook)
	}
	return list, errors.Join(faults...)
}

func hook(w config.Webhook, lookupEnv func(string) (string, bool)) (*webhook.Hook, error) {
	if lookupEnv == nil {
		lookupEnv = os.LookupEnv
	}
	url, err := config.Resolve(w.URL, lookupEnv)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	var secret idv.Sensitive
	if w.Secret != "" {
		if secret, err = config.Resolve(w.Secret, lookupEnv); err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
	}
	return webhook.New(webhook.Config{Name: w.Name, Format: webhook.Format(w.Format), URL: url, Secret: secret})
}

// sweep takes up what crashed nodes left undone.
func (t *maintenance) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		found, err := t.app.Store.Recover(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			t.log.Warn("what crashed nodes left undone could not be taken up; it is tried again")
		case !found.Empty():
			logRecovery(t.log, found)
		}
	}
}

func logRecovery(log *slog.Logger, r store.Recovery) {
	log.Warn("calls of a crashed node have no outcome; they may have been charged and wait for reconciliation",
		slog.Int("unknown", len(r.Unknown)), slog.Int("concluded", len(r.Concluded)), slog.Int("freed", len(r.Freed)),
		slog.Int64("expired_units", r.Expired))
}

// tell passes an alert to the log, the metric and the hooks.
func (t *maintenance) notify(ctx context.Context, a alert.Alert) error {
	t.log.Warn(a.Text.EN, slog.Any("alert", a))
	t.alerts.Add(ctx, 1, metric.WithAttributes(attribute.String("provider", a.Provider), attribute.String("kind", string(a.Kind))))
	return t.queue.Tell(ctx, a)
}

// balances gathers how each provider's packages stand.
func (t *maintenance) balances(ctx context.Context) ([]alert.Balance, error) {
	now := time.Now()
	lots, err := t.app.Store.Lots(ctx, "")
	if err != nil {
		return nil, err
	}
	uses, err := t.app.Store.Usage(ctx, ledger.Filter{From: now.AddDate(0, 0, -7)})
	if err != nil {
		return nil, err
	}
	var list []alert.Balance
	for _, p := range t.app.Engine.Providers() {
		list = append(list, balance(p.Name, p.Availability.Reason, lots, uses, now))
	}
	return list, nil
}

func balance(provider string, closed idv.SkipReason, lots []ledger.Balance, uses []ledger.Use, now time.Time) alert.Balance {
	b := alert.Balance{Provider: provider, Closed: closed}
	for i := range lots {
		l := &lots[i]
		if l.Provider != provider || l.Open {
			continue
		}
		b.Lots++
		if !l.Expired(now) {
			b.Bought += l.Units
			b.Available += l.Available
		}
	}
	for _, u := range uses {
		if u.Provider == provider && u.Charge != idv.NotCharged {
			b.UsedLastWeek += u.Calls
		}
	}
	return b
}
