package assemble

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/exchange"
)

// reachable is an HTTP client that logs why its vendor cannot be reached, so that an
// operator sees whether it is the proxy, a certificate or the vendor.
type reachable struct {
	*exchange.Exchange
	provider string
	log      *slog.Logger

	mu   sync.Mutex
	told string
	at   time.Time
}

// tellAgain is the interval at which the same reason is logged again.
const tellAgain = time.Minute

// Do passes a call on.
func (r *reachable) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	reply, err := r.Exchange.Do(ctx, c)
	if err != nil {
		r.note(idv.AsError(err))
	}
	return reply, err
}

// note logs the failure of a call for which there was no connection. Its detail is one of
// the exchange's constant sentences.
func (r *reachable) note(e *idv.Error) {
	connecting := e.Phase == "dns" || e.Phase == "connect" || e.Phase == "tls"
	if !connecting || e.Failure != idv.Unavailable && e.Failure != idv.Timeout || !r.due(e.Detail, time.Now()) {
		return
	}
	r.log.Warn("vendor not reached", slog.String("provider", r.provider), slog.String("phase", e.Phase), slog.String("detail", e.Detail))
}

func (r *reachable) due(detail string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if detail == r.told && now.Before(r.at.Add(tellAgain)) {
		return false
	}
	r.told, r.at = detail, now
	return true
}
