package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/policy/abuse"
)

// bell takes the alarms of the guard, which is made before there is anybody to tell.
type alarmQueue struct{ events chan abuse.Event }

// maxQueuedAlarms is how many alarms wait to be told. The guard gives one a minute for
// each app and axis, and a question waits for it: what finds no room is dropped.
const maxQueuedAlarms = 64

func newAlarmQueue() *alarmQueue { return &alarmQueue{make(chan abuse.Event, maxQueuedAlarms)} }

// Alarm takes an event and returns at once.
func (b *alarmQueue) Alarm(e abuse.Event) {
	select {
	case b.events <- e:
	default:
	}
}

// listen tells of alarms until ctx is over.
func (b *alarmQueue) listen(ctx context.Context, t *maintenance) {
	for {
		select {
		case e := <-b.events:
			_ = t.notify(ctx, alert.OfGuessing(string(e.Tenant), e.App, string(e.Dimension), e.At)) // a full queue has said so itself
		case <-ctx.Done():
			return
		}
	}
}

// pruneEvery is how often what was kept long enough is deleted.
const pruneEvery = time.Hour

// prune deletes what was kept long enough, as people were told in the notice: at the
// start, and every hour.
func (t *maintenance) prune(ctx context.Context, r config.Retention) {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		now := time.Now()
		done, err := t.app.Store.Prune(ctx, store.Retention{Verifications: cutoff(now, r.Verifications), Consents: cutoff(now, r.Consents)})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			t.log.Warn("what was kept long enough could not be deleted; it is tried again in an hour")
		case done.Verifications+done.Consents > 0:
			t.log.Info("deleted what was kept long enough", slog.Int("verifications", done.Verifications), slog.Int("consents", done.Consents))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// before is the time before which something goes; none if it is kept.
func cutoff(now time.Time, keep time.Duration) time.Time {
	if keep == 0 {
		return time.Time{}
	}
	return now.Add(-keep)
}
