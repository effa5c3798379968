package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/webhook"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// sweepEvery is the interval of recovering what crashed nodes left.
const sweepEvery = time.Minute

// maintenance runs the periodic jobs of a serving daemon: alerts, recovery and
// retention.
type maintenance struct {
	app    *assemble.App
	log    *slog.Logger
	queue  *webhook.Queue
	alerts metric.Int64Counter
	watch  alert.Watcher
}

// startMaintenance starts the jobs. A message of now has the providers' credentials and
// networks read at once. The returned function stops them and delivers
// waiting alerts, for flush at most.
func startMaintenance(ctx context.Context, o Options, app *assemble.App, alarms *alarmQueue, hooks []*webhook.Hook, now <-chan struct{}, meter metric.Meter) (func() error, error) {
	alerts, err := meter.Int64Counter("heyan.alerts", metric.WithDescription("Alerts about low packages, by provider and kind."))
	if err != nil {
		return nil, err
	}
	m := &maintenance{app: app, log: o.Log, alerts: alerts, queue: webhook.NewQueue(o.Log, hooks...)}
	m.watch = alert.Watcher{
		Levels: alert.Levels{Percent: o.Config.Alerts.Percent, Days: o.Config.Alerts.Days}, Every: o.Config.Alerts.Every,
		Balances: m.balances, Notify: m.notify, Log: o.Log,
	}
	if path, ok := strings.CutPrefix(o.Config.Store.DSN, "file:"); ok && o.Config.Store.Driver == "sqlite" {
		state := alertState{path + ".alerts"}
		if err := privatefile.Check(state.path); err != nil {
			return nil, fmt.Errorf("alerts: %w", err) // otherwise no alert would ever be sent
		}
		m.watch.Load, m.watch.Save = state.load, state.save
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { m.watch.Run(ctx) })
	running.Go(func() { m.sweep(ctx) })
	running.Go(func() { m.refresh(ctx, now) })
	running.Go(func() { m.prune(ctx, &o.Config) })
	running.Go(func() { alarms.listen(ctx, m) })
	return func() error {
		stop()
		ended := make(chan struct{})
		go func() {
			running.Wait()
			close(ended)
		}()
		ctx, cancel := context.WithTimeout(context.Background(), flush)
		defer cancel()
		select {
		case <-ended:
		case <-ctx.Done(): // a job hangs in the database, and ends with the process
		}
		return m.queue.Close(ctx)
	}, nil
}

// CheckSecrets resolves every reference of a configuration and checks what stands behind
// them, as Run does.
func CheckSecrets(c config.Config, lookupEnv func(string) (string, bool)) error {
	_, err := openHooks(c, assemble.NewSecrets(c, lookupEnv))
	faults := []error{err, checkCertificate(c.TLS)}
	for i, j := range c.Auth.JWT {
		if err := auth.CheckKeySet(j.JWKSFile); j.JWKSFile != "" && err != nil {
			faults = append(faults, strictyaml.Faults{{Path: strictyaml.At("auth.jwt", i) + ".jwks_file", Text: err.Error()}})
		}
	}
	return errors.Join(faults...)
}

// openHooks makes the checks of CheckSecrets, and opens the configured webhooks.
func openHooks(c config.Config, secrets *assemble.Secrets) ([]*webhook.Hook, error) {
	// A webhook's reference that cannot be resolved is told once, by assemble.
	if err := assemble.CheckSecrets(assemble.Options{Config: c, Secrets: secrets}); err != nil {
		return nil, err
	}
	return hooks(c, secrets)
}

// hooks opens the configured webhooks.
func hooks(c config.Config, secrets *assemble.Secrets) ([]*webhook.Hook, error) {
	var list []*webhook.Hook
	var faults []error
	for i, w := range c.Alerts.Webhooks {
		hook, err := hook(w, secrets)
		if err != nil {
			faults = append(faults, strictyaml.Faults{{Path: strictyaml.At("alerts.webhooks", i), Text: err.Error()}})
			continue
		}
		list = append(list, hook)
	}
	return list, errors.Join(faults...)
}

func hook(w config.Webhook, secrets *assemble.Secrets) (*webhook.Hook, error) {
	url, err := secrets.Resolve(context.Background(), w.URL)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	var secret idv.Sensitive
	if w.Secret != "" {
		if secret, err = secrets.Resolve(context.Background(), w.Secret); err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
	}
	return webhook.New(webhook.Config{Name: w.Name, Format: webhook.Format(w.Format), URL: url, Secret: secret})
}

// refreshEvery is the interval of reading the files behind credentials and networks. A
// reading is a few small files; a watch would not see a file system of the network.
const refreshEvery = 5 * time.Second

// refresh follows the credentials and networks of providers, at intervals and now.
func (m *maintenance) refresh(ctx context.Context, now <-chan struct{}) {
	ticker := time.NewTicker(refreshEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-now:
		case <-ctx.Done():
			return
		}
		m.app.Refresh(ctx)
	}
}

// sweep recovers holds and keys left by crashed nodes.
func (m *maintenance) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		found, err := m.recover(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			m.log.Warn("recovery of crashed nodes failed; it is retried")
		case !found.Empty():
			logRecovery(m.log, found)
		}
	}
}

// jobTime bounds one run of a job, so that a connection to a database that is gone does not
// end the job for good. It is far above what a run takes.
const jobTime = 10 * time.Minute

func (m *maintenance) recover(ctx context.Context) (store.Recovery, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	return m.app.Store.Recover(ctx)
}

func logRecovery(log *slog.Logger, r store.Recovery) {
	log.Warn("recovered calls of a crashed node; those without outcome may have been charged and need reconciliation",
		slog.Int("unknown", len(r.Unknown)), slog.Int("concluded", len(r.Concluded)), slog.Int("freed", len(r.Freed)),
		slog.Int64("expired_units", r.Expired))
}

// notify passes an alert to the log, the metric and the webhooks.
func (m *maintenance) notify(ctx context.Context, a alert.Alert) error {
	m.log.Warn("alert", slog.String("text", a.Text.EN), slog.Any("alert", a))
	m.alerts.Add(ctx, 1, metric.WithAttributes(attribute.String("provider", a.Provider), attribute.String("kind", string(a.Kind))))
	return m.queue.Tell(ctx, a)
}

// balances returns the state of each provider's packages.
func (m *maintenance) balances(ctx context.Context) ([]alert.Balance, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	now := time.Now()
	lots, err := m.app.Store.Lots(ctx, "")
	if err != nil {
		return nil, err
	}
	uses, err := m.app.Store.Usage(ctx, ledger.Filter{From: now.AddDate(0, 0, -7)})
	if err != nil {
		return nil, err
	}
	var list []alert.Balance
	for _, p := range m.app.Engine.Providers() {
		list = append(list, balance(p.Name, p.Availability.Reason, lots, uses, now))
	}
	return list, nil
}

func balance(provider string, closed idv.SkipReason, lots []ledger.Balance, uses []ledger.Use, now time.Time) alert.Balance {
	b := alert.Balance{Provider: provider, Closed: closed}
	for i := range lots {
		l := &lots[i]
		if l.Provider != provider || l.Open || !l.Canceled.IsZero() {
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
