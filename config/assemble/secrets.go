package assemble

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
)

// Secrets resolves the references of a configuration. It keeps what a helper printed until
// the helper's refresh interval is over, so that one start runs it once. It is safe for
// concurrent use.
type Secrets struct {
	config    config.Config
	lookupEnv func(string) (string, bool)

	mu      sync.Mutex
	printed map[string]printed // by the helper's name
}

// printed is what a helper printed, or why it failed.
type printed struct {
	secret idv.Sensitive
	err    error
	until  time.Time // of the next run; zero means never
}

// retryHelper is the longest pause after a helper failed. A secret manager that is down must
// not get a process started every few seconds.
const retryHelper = 30 * time.Second

// NewSecrets returns a resolver. lookupEnv is os.LookupEnv if nil.
func NewSecrets(c config.Config, lookupEnv func(string) (string, bool)) *Secrets {
	if lookupEnv == nil {
		lookupEnv = os.LookupEnv
	}
	return &Secrets{config: c, lookupEnv: lookupEnv, printed: map[string]printed{}}
}

// Resolve returns the secret that a reference stands for. The error names the reference and
// shows neither the secret nor what a helper printed.
func (s *Secrets) Resolve(ctx context.Context, ref string) (idv.Sensitive, error) {
	h, ok := s.config.Helper(ref)
	if !ok {
		return config.Resolve(ref, s.lookupEnv)
	}
	secret, err := s.run(ctx, h)
	if err != nil {
		return idv.Sensitive{}, fmt.Errorf("%s: %w", ref, err)
	}
	return secret, nil
}

// run runs a helper if its time has come. Others wait meanwhile, for the helper's timeout
// at most.
func (s *Secrets) run(ctx context.Context, h config.SecretHelper) (idv.Sensitive, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ran := s.printed[h.Name]
	if ran && (last.until.IsZero() || time.Now().Before(last.until)) {
		return last.secret, last.err
	}
	secret, err := runHelper(ctx, h, s.lookupEnv)
	if ctx.Err() != nil {
		return idv.Sensitive{}, ctx.Err()
	}
	next := printed{secret: secret, err: err}
	switch {
	case err != nil:
		next.until = time.Now().Add(min(h.Refresh, retryHelper))
	case h.Refresh > 0:
		next.until = time.Now().Add(h.Refresh)
	}
	s.printed[h.Name] = next
	return secret, err
}
