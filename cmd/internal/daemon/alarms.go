package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/abuse"
)

// alarmQueue buffers the alarms of the abuse detector, which exists before the alerts
// do.
type alarmQueue struct{ events chan abuse.Event }

// maxQueuedAlarms bounds the queue. The detector raises at most one alarm a minute per
// app and dimension; since a request waits for Alarm, alarms beyond the bound are
// dropped.
const maxQueuedAlarms = 64

func newAlarmQueue() *alarmQueue { return &alarmQueue{make(chan abuse.Event, maxQueuedAlarms)} }

// Alarm queues an event and returns at once.
func (q *alarmQueue) Alarm(e abuse.Event) {
	select {
	case q.events <- e:
	default:
	}
}

// listen reports alarms until ctx is done.
func (q *alarmQueue) listen(ctx context.Context, m *maintenance) {
	for {
		select {
		case e := <-q.events:
			_ = m.notify(ctx, alert.NewGuessing(string(e.Tenant), e.App, string(e.Dimension), e.At)) // the queue logs dropped alerts itself
		case <-ctx.Done():
			return
		}
	}
}

// pruneEvery is the interval of deleting expired records.
const pruneEvery = time.Hour

// prune deletes records at the end of their retention, as the notice promises: every hour,
// and for the first time when the clock of the store is confirmed.
func (m *maintenance) prune(ctx context.Context) {
	for wait := store.SettleTime + time.Second; ; wait = pruneEvery {
		done, err := m.pruneOnce(ctx, &m.current.Load().config)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			m.log.Warn("deletion of expired records failed; it is retried in an hour")
		case done.Verifications+done.Consents > 0:
			m.log.Info("expired records deleted", slog.Int("verifications", done.Verifications), slog.Int("consents", done.Consents))
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// pruneOnce deletes what has expired now. It may take until the next run.
func (m *maintenance) pruneOnce(ctx context.Context, c *config.Config) (store.Pruned, error) {
	ctx, cancel := context.WithTimeout(ctx, pruneEvery)
	defer cancel()
	general := retentionOf(c.Policy.Retention)
	var total store.Pruned
	for i := range c.Tenants {
		t := &c.Tenants[i]
		if t.Retention == (config.Retention{}) {
			continue
		}
		general.Except = append(general.Except, idv.Tenant(t.Name))
		own := retentionOf(c.PolicyOf(t).Retention)
		own.Tenant = idv.Tenant(t.Name)
		done, err := m.app().Store.Prune(ctx, own)
		total.Verifications, total.Consents = total.Verifications+done.Verifications, total.Consents+done.Consents
		if err != nil {
			return total, err
		}
	}
	done, err := m.app().Store.Prune(ctx, general)
	done.Verifications, done.Consents = total.Verifications+done.Verifications, total.Consents+done.Consents
	return done, err
}

func retentionOf(r config.Retention) store.Retention {
	return store.Retention{Verifications: r.Verifications, Uncalled: r.Uncalled, Consents: r.Consents}
}
