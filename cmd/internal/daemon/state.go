package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/engine/store"
)

// memo keeps what was told in a file beside the database, so that a restart does
// not tell it again. It holds counts only.
type alertState struct{ path string }

func (m alertState) load(context.Context) (alert.State, error) {
	text, err := os.ReadFile(m.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var s alert.State
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

func (m alertState) save(_ context.Context, s alert.State) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(m.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(m.path+".new", m.path)
}

// pulse asks the store whether it can write, and remembers the word for a moment:
// each question is a durable write.
type readinessCache struct {
	store store.Store

	mu        sync.Mutex
	checkedAt time.Time
	err       error
}

const readinessTTL = 2 * time.Second

// Ready returns why nothing can be written, nil if it can.
func (p *readinessCache) Ready(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.checkedAt) >= readinessTTL {
		p.err, p.checkedAt = p.store.Ready(ctx), time.Now()
	}
	return p.err
}
