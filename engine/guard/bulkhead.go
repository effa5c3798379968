package guard

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

// bulkhead bounds the calls in flight. It rejects a call above the bound at once and
// does not queue it, so that a stalled vendor cannot delay requests that another one could
// answer.
type bulkhead struct {
	idv.Provider
	slots chan struct{}
}

func newBulkhead(next idv.Provider, slots int) bulkhead {
	return bulkhead{next, make(chan struct{}, slots)}
}

// Ask calls the provider if a slot is free.
func (b bulkhead) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	select {
	case b.slots <- struct{}{}:
	default:
		return idv.Answer{}, idv.Turned(idv.Unavailable, idv.SkipBusy, 0)
	}
	defer func() { <-b.slots }()
	return b.Provider.Ask(ctx, q)
}

// perSecond bounds the calls a second, with a burst of one second's worth: a
// vendor that sells 50 a second answers the 51st with an error that may be billed.
type perSecond struct {
	idv.Provider
	limiter *rate.Limiter
}

func newRate(next idv.Provider, limit float64) idv.Provider {
	if limit <= 0 {
		return next
	}
	return perSecond{next, rate.NewLimiter(rate.Limit(limit), max(1, int(limit)))}
}

// Ask calls the provider if the rate admits it.
func (p perSecond) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if !p.limiter.Allow() {
		return idv.Answer{}, idv.Turned(idv.Throttled, idv.SkipThrottled, time.Duration(float64(time.Second)/float64(p.limiter.Limit())))
	}
	return p.Provider.Ask(ctx, q)
}
