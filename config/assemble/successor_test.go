package assemble_test

import (
	"context"
	"sync"
	"testing"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
)

// live is an app that is replaced while it is in use, as in the daemon.
type live struct {
	mu  sync.RWMutex // held for reading by a request
	app *assemble.App
}

// verify asks the app that is current when the request begins.
func (l *live) verify(r idv.Request) (idv.Verification, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.app.Engine.Verify(context.Background(), r)
}

// reload replaces the app by that of a configuration, and closes it when its requests have
// ended.
func (l *live) reload(t *testing.T, c config.Config, env map[string]string) error {
	t.Helper()
	next, err := l.app.Successor(t.Context(), assemble.Options{Config: c, LookupEnv: lookup(env)})
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = next.Close(context.Background()) })
	l.mu.Lock()
	old := l.app
	l.app = next
	l.mu.Unlock()
	if err := old.Close(t.Context()); err != nil {
		t.Errorf("closing the app before: %v", err)
	}
	return nil
}

// load asks without a pause until the returned function is called.
func (l *live) load(t *testing.T, check func(idv.Verification, error)) (end func()) {
	t.Helper()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					check(l.verify(request("张三", even)))
				}
			}
		})
	}
	return func() {
		close(stop)
		wg.Wait()
	}
}
