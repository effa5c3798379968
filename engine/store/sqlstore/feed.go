package sqlstore

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/store"
)

// reporter is a backend that reports changes.
type reporter interface {
	// listen passes on the changes that are reported from now on, until ctx is done or the
	// connection breaks, and calls listening before.
	listen(ctx context.Context, listening func(), changed func(text string)) error
}

// The sizes and times of the feed.
const (
	feedBuffer = 64              // changes that a slow reader may be behind
	feedRetry  = 2 * time.Second // until the connection is made again
)

// report raises the version of a topic and reports the change to the other nodes. The
// database does so when the transaction is committed.
func (u *unit) report(c store.Change) {
	u.writes = append(u.writes, statement{sql: raiseVersion, args: []any{c.Topic}})
	if u.notify != "" {
		u.writes = append(u.writes, statement{sql: u.notify, args: []any{string(c.Topic) + " " + c.ID}})
	}
}

// Changes reports the changes of all nodes. It is nil on SQLite, whose file is polled.
//
// After the connection was lost, and if a reader is too slow, a change of any topic is
// reported in place of those that were missed.
func (s *Store) Changes(ctx context.Context) <-chan store.Change {
	l, ok := s.backend.(reporter)
	if !ok {
		return nil
	}
	out := make(chan store.Change, feedBuffer)
	go func() {
		defer close(out)
		s.follow(ctx, l, out)
	}()
	return out
}

func (s *Store) follow(ctx context.Context, l reporter, out chan store.Change) {
	listened := false
	for {
		err := l.listen(ctx,
			func() {
				s.feedLost.Store(false)
				if listened {
					offer(out, store.Change{})
				}
				listened = true
			},
			func(text string) {
				topic, id, _ := strings.Cut(text, " ")
				offer(out, store.Change{Topic: store.Topic(topic), ID: id})
			})
		if ctx.Err() != nil {
			return
		}
		if listened && s.feedLost.CompareAndSwap(false, true) { // once, for all readers and attempts
			s.log.Warn("change feed interrupted; changes are polled until it is back", slog.String("kind", store.Kind(err)))
		}
		select {
		case <-time.After(feedRetry):
		case <-ctx.Done():
			return
		}
	}
}

// offer passes a change on. If the reader is behind, one that stands for all replaces the
// oldest, so that the feed never waits.
func offer(out chan store.Change, c store.Change) {
	for {
		select {
		case out <- c:
			return
		default:
		}
		select {
		case <-out:
			c = store.Change{}
		default:
		}
	}
}
