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
type memo struct{ path string }

func (m memo) load(context.Context) (alert.State, error) {
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

func (m memo) save(_ context.Context, s alert.State) error {
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
type pulse struct {
	store store.Store

	mu    sync.Mutex
	asked time.Time
	word  error
}

const pulseLasts = 2 * time.Second

// Ready returns why nothing can be written, nil if it can.
func (p *pulse) Ready(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.asked) >= pulseLasts {
		p.word, p.asked = p.store.Ready(ctx), time.Now()
	}
	return p.word
}
