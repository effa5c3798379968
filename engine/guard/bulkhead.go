package guard

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/heyan-id/heyan/engine/idv"
)

// bulkhead bounds the calls in flight. A call without a place is turned away at
// once rather than queued, so that a stalled vendor cannot hold up the requests
// that another one could answer.
type bulkhead struct {
	idv.Provider
	places chan struct{}
}

func newBulkhead(next idv.Provider, places int) bulkhead {
	return bulkhead{next, make(chan struct{}, places)}
}

// Ask asks if there is a place.
func (b bulkhead) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	select {
	case b.places <- struct{}{}:
	default:
		return idv.Answer{}, idv.Turned(idv.Unavailable, idv.SkipBusy, 0)
	}
	defer func() { <-b.places }()
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

// Ask asks if this second's calls are not used up.
func (p perSecond) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if !p.limiter.Allow() {
		return idv.Answer{}, idv.Turned(idv.Throttled, idv.SkipThrottled, time.Duration(float64(time.Second)/float64(p.limiter.Limit())))
	}
	return p.Provider.Ask(ctx, q)
}
