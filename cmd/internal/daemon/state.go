package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
)

// alertState keeps the reported alert levels in a file beside the database, so that a
// restart does not report them again. It holds counts only.
type alertState struct{ path string }

func (a alertState) load(context.Context) (alert.State, error) {
	text, err := privatefile.Read(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var s alert.State
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

func (a alertState) save(_ context.Context, s alert.State) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return privatefile.Write(a.path, text)
}

// alertStore keeps the reported alert levels over changes of the configuration.
type alertStore interface {
	load(context.Context) (alert.State, error)
	save(context.Context, alert.State) error
}

// memoryState keeps the reported alert levels until the process ends. One goroutine uses it.
type memoryState struct{ state alert.State }

func (m *memoryState) load(context.Context) (alert.State, error) { return m.state, nil }

func (m *memoryState) save(_ context.Context, s alert.State) error {
	m.state = s
	return nil
}

// readinessCache asks the store whether a call could be made durable and caches the result
// briefly, since each check is a durable write.
type readinessCache struct {
	store store.Store

	mu        sync.Mutex
	checkedAt time.Time
	err       error
}

const (
	readinessTTL     = 2 * time.Second
	readinessTimeout = 1500 * time.Millisecond // below the 2 s within which a probe gets its answer
)

// Ready returns why the store cannot write, a *store.GapError if it was restored, nil if a
// call could be made. The check has its own
// deadline and continues if the caller disconnects, since its result is for all callers.
func (c *readinessCache) Ready(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checkedAt) >= readinessTTL {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readinessTimeout)
		defer cancel()
		c.err, c.checkedAt = ready(ctx, c.store), time.Now()
	}
	return c.err
}

func ready(ctx context.Context, s store.Store) error {
	if err := s.Ready(ctx); err != nil {
		return err
	}
	gap, open, err := s.OpenGap(ctx)
	if open {
		return &store.GapError{Gap: gap}
	}
	return err
}
