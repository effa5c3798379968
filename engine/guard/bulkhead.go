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

// Ask calls the provider if a slot is free.
func (b bulkhead) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	select {
	case b.slots <- struct{}{}:
	default:
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipBusy}
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

// Ask calls the provider if the rate admits it.
func (p perSecond) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	if !p.limiter.Allow() {
		wait := time.Duration(float64(time.Second) / float64(p.limiter.Limit()))
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipThrottled, RetryAfter: wait}
	}
	return p.Provider.Ask(ctx, q)
}
