package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The attempts of one alert. Unless the receiver asks for more, they are about 2, 8, 32
// and 128 seconds apart, which outlasts a restart and short network failures.
const (
	maxTries   = 5
	firstPause = 2 * time.Second
	growth     = 4
)

// retryable reports whether another attempt can help. A garbled response is not
// retried, since the message may have arrived.
func retryable(e *idv.Error) bool {
	switch e.Failure {
	case idv.Throttled, idv.Unavailable, idv.Timeout:
		return true
	}
	return false
}

// retryDelay returns the delay after an attempt. It grows, its second half is random so
// that webhooks do not retry together, and it is never less than the receiver asked
// for.
func retryDelay(try int, asked time.Duration) time.Duration {
	full := firstPause
	for range try - 1 {
		full *= growth
	}
	return max(full/2+rand.N(full/2), asked)
}

// sleep waits for d and reports whether it did so completely.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
