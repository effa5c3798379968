package engine

import (
	"context"
	"time"
)

// storeTime is how long a request waits for one operation of the store. A store that does
// not answer within it is unavailable, and the request ends with an error that says so.
const storeTime = 2 * time.Second

// deadline returns the deadline of a session that begins now: that of the configuration, or an
// earlier one of ctx, so that the time of the caller is divided among the providers.
func (e *Engine) deadline(ctx context.Context) time.Time {
	end := time.Now().Add(e.timeout)
	if earlier, ok := ctx.Deadline(); ok && earlier.Before(end) {
		return earlier
	}
	return end
}

// noCancel ends nothing: a memory store cannot hang, so its operations have no deadline of
// their own, which would cost more than the operation.
func noCancel() {}

// storing bounds an operation of the store before a call. It also ends at the deadline of
// the session.
func (s *session) storing(ctx context.Context) (context.Context, context.CancelFunc) {
	if !s.bounded {
		return ctx, noCancel
	}
	end := time.Now().Add(storeTime)
	if s.deadline.Before(end) {
		end = s.deadline
	}
	return context.WithDeadline(ctx, end)
}

// recording bounds an operation that records what has happened. It is not canceled by the
// caller and may end after the deadline of the session, but no later than storeTime after it.
func (s *session) recording(ctx context.Context) (context.Context, context.CancelFunc) {
	if !s.bounded {
		return context.WithoutCancel(ctx), noCancel
	}
	end := time.Now()
	if s.deadline.Before(end) {
		end = s.deadline
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end.Add(storeTime))
}

// returning bounds an operation that returns what a request took before it ended without a
// call. It is not canceled by the caller. The caller waits for its error until the deadline
// of the session, and shortly after it at most: recovery returns what was not returned here.
func (s *session) returning(ctx context.Context) (context.Context, context.CancelFunc) {
	if !s.bounded {
		return context.WithoutCancel(ctx), noCancel
	}
	now := time.Now()
	end := now.Add(storeTime)
	if s.deadline.Before(end) {
		end = s.deadline
	}
	if least := now.Add(shortestReturn); end.Before(least) {
		end = least
	}
	return context.WithDeadline(context.WithoutCancel(ctx), end)
}

// shortestReturn is the time for returning after the deadline.
const shortestReturn = 100 * time.Millisecond
