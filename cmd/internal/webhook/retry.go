package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
)

// The tries of one alert. Without a word of the other side they are some 2, 8, 32
// and 128 seconds apart, which outlasts a restart and most hiccups of a network.
const (
	maxTries   = 5
	firstPause = 2 * time.Second
	growth     = 4
)

// again reports whether another try can help. An answer that says neither yes nor
// no is left alone: the message may have arrived, and five of it help nobody.
func retryable(e *idv.Error) bool {
	switch e.Failure {
	case idv.Throttled, idv.Unavailable, idv.Timeout:
		return true
	}
	return false
}

// wait returns the pause after a try: growing, the latter half of it by chance, so
// that hooks which failed together do not come back together; and never less than
// the other side asked for.
func retryDelay(try int, asked time.Duration) time.Duration {
	full := firstPause
	for range try - 1 {
		full *= growth
	}
	return max(full/2+rand.N(full/2), asked)
}

// pause waits, and reports whether it did so to the end.
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
