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
	*daemon

	log      *slog.Logger
	alerts   metric.Int64Counter
	messages metric.Int64Counter
	state    alertStore
}

// startMaintenance starts the jobs. A message of now has the providers' credentials and
// networks read at once. The returned function stops them and delivers
// waiting alerts, for flush at most.
func (d *daemon) startMaintenance(ctx context.Context, now <-chan struct{}) (func() error, error) {
	meter := d.watch.meters.Meter(scope)
	alerts, err := meter.Int64Counter("heyan.alerts", metric.WithDescription("Alerts about low packages, by provider and kind."))
	if err != nil {
		return nil, err
	}
	m := &maintenance{daemon: d, log: d.options.Log, alerts: alerts, state: new(memoryState)}
	if m.messages, err = meter.Int64Counter("heyan.webhook.messages", metric.WithDescription("Attempts to send a message to a webhook, by webhook and result: delivered, failed or dead.")); err != nil {
		return nil, err
	}
	if path, ok := strings.CutPrefix(d.options.Config.Store.DSN, "file:"); ok && d.options.Config.Store.Driver == "sqlite" {
		state := alertState{path + ".alerts"}
		if err := privatefile.Check(state.path); err != nil {
			return nil, fmt.Errorf("alerts: %w", err) // otherwise no alert would ever be sent
		}
		m.state = state
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { m.watchBalances(ctx) })
	running.Go(func() { m.sweep(ctx) })
	running.Go(func() { m.refresh(ctx, now) })
	running.Go(func() { m.prune(ctx) })
	running.Go(func() { d.alarms.listen(ctx, m) })
	running.Go(func() { m.sendMessages(ctx) })
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
		return d.current.Load().queue.Close(ctx)
	}, nil
}

// watchBalances watches the balances by the alerts of the current configuration.
func (m *maintenance) watchBalances(ctx context.Context) {
	m.eachGeneration(ctx, func(ctx context.Context, g *generation) {
		w := alert.Watcher{
			Levels: alert.Levels{Percent: g.config.Alerts.Percent, Days: g.config.Alerts.Days}, Every: g.config.Alerts.Every,
			Balances: m.balances, Notify: m.notify, Log: m.log, Load: m.state.load, Save: m.state.save,
		}
		w.Run(ctx)
	})
}

// eachGeneration runs a job for the current generation until ctx is done. The job's context
// ends when another generation has taken over.
func (m *maintenance) eachGeneration(ctx context.Context, job func(context.Context, *generation)) {
	for ctx.Err() == nil {
		g := m.current.Load()
		round, stop := context.WithCancel(ctx)
		go func() {
			select {
			case <-g.replaced:
				stop()
			case <-round.Done():
			}
		}()
		job(round, g)
		<-round.Done() // a generation without webhooks has no messages to send
		stop()
	}
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
func openHooks(c config.Config, secrets *assemble.Secrets) (*receivers, error) {
	// A webhook's reference that cannot be resolved is told once, by assemble.
	if err := assemble.CheckSecrets(assemble.Options{Config: c, Secrets: secrets}); err != nil {
		return nil, err
	}
	return openReceivers(c, secrets)
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
		m.app().Refresh(ctx)
		m.current.Load().hooks.refresh(ctx, m.log)
	}
}

// sendMessages sends the events to the webhooks of the current configuration.
func (m *maintenance) sendMessages(ctx context.Context) {
	count := func(ctx context.Context, hook string, r webhook.Result, n int64) {
		m.messages.Add(ctx, n, metric.WithAttributes(attribute.String("webhook", hook), attribute.String("result", string(r))))
	}
	m.eachGeneration(ctx, func(ctx context.Context, g *generation) {
		for _, h := range g.hooks.events { // each series exists from the start
			for _, r := range []webhook.Result{webhook.Delivered, webhook.Failed, webhook.Dead} {
				count(ctx, h.Name(), r, 0)
			}
		}
		(&webhook.Outbox{
			Store: g.app.Store, Hooks: g.hooks.events, Log: m.log,
			Count: func(ctx context.Context, hook string, r webhook.Result) { count(ctx, hook, r, 1) },
		}).Run(ctx)
	})
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
	return m.app().Store.Recover(ctx)
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
	for {
		g := m.current.Load()
		err := g.queue.Tell(ctx, a)
		if err == nil || g == m.current.Load() {
			return err
		}
	}
}

// balances returns the state of each provider's packages.
func (m *maintenance) balances(ctx context.Context) ([]alert.Balance, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	now := time.Now()
	lots, err := m.app().Store.Lots(ctx, "")
	if err != nil {
		return nil, err
	}
	uses, err := m.app().Store.Usage(ctx, ledger.Filter{From: now.AddDate(0, 0, -7)})
	if err != nil {
		return nil, err
	}
	var list []alert.Balance
	for _, p := range m.app().Engine.Providers() {
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
