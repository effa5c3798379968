package daemon_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/store/sqlstore/sqlstoretest"
)

// balancer sends requests in turn to the nodes that were ready when it last looked, as a load
// balancer does.
type balancer struct {
	mu    sync.Mutex
	nodes []*fixture
	ready []*fixture
	next  int
}

// look asks every node whether it is ready.
func (b *balancer) look() {
	b.mu.Lock()
	nodes := append([]*fixture{}, b.nodes...)
	b.mu.Unlock()
	var ready []*fixture
	for _, n := range nodes {
		if r, err := http.Get("http://" + n.at.AdminListen + "/readyz"); err == nil {
			discardBody(r)
			if r.StatusCode == http.StatusOK {
				ready = append(ready, n)
			}
		}
	}
	b.mu.Lock()
	b.ready = ready
	b.mu.Unlock()
}

func (b *balancer) set(i int, n *fixture) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes[i] = n
}

func (b *balancer) turn() *fixture {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		return nil
	}
	b.next++
	return b.ready[b.next%len(b.ready)]
}

// TestRollingRestartWithoutOutages restarts three nodes at one PostgreSQL database one after
// the other under load, and no request fails. HEYAN_PROVE=1 makes ten rounds of it.
func TestRollingRestartWithoutOutages(t *testing.T) {
	t.Parallel()
	rounds := 1
	if os.Getenv("HEYAN_PROVE") != "" {
		rounds = 10
	}
	dsn := sqlstoretest.StartPostgres(t).DSN(t)
	dir := t.TempDir()
	secret := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	source := secret("dsn", dsn)
	key := secret("key", strings.Repeat("0f", 32))
	vendors := start(t, nil, "idcert-a") // its sandbox serves all nodes
	code, _ := vendors.lookup("CODE_A")
	node := func() *fixture {
		return start(t, func(c *config.Config) {
			c.Providers = append([]config.Provider{}, vendors.config.Providers[:1]...)
			c.Providers[0].Settings = config.Settings{"base_url": c.Providers[0].Settings["base_url"], "appcode": secret("code", code)}
			c.Store = config.Store{Driver: "postgres", DSN: source}
			c.Idempotency.Key, c.Policy.Keys = key, []config.Key{{ID: "k1", Secret: key}}
			c.ShutdownDelay = 2 * time.Second
		}, "idcert-a")
	}
	b := &balancer{nodes: []*fixture{node(), node(), node()}}
	b.look()
	stop := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for ticker := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-ticker.C:
				b.look()
			case <-stop:
				return
			}
		}
	})
	var sent, failed atomic.Int64
	for w := range 4 {
		running.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				sent.Add(1)
				if text := b.ask(fmt.Sprintf("%d-%d", w, i)); text != "" {
					failed.Add(1)
					t.Errorf("a request failed: %s", text)
				}
			}
		})
	}
	for range rounds {
		for i := range b.nodes {
			before := sent.Load()
			b.nodes[i].end()
			b.set(i, node())
			vendors.wait(func() bool { return sent.Load() > before+50 && len(b.snapshot()) == len(b.nodes) })
		}
	}
	close(stop)
	running.Wait()
	t.Logf("%d requests, %d failed, %d nodes restarted", sent.Load(), failed.Load(), rounds*len(b.nodes))
}

func (b *balancer) snapshot() []*fixture {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready
}

// ask makes a verification at some node, and returns what is wrong with the response.
func (b *balancer) ask(key string) string {
	n := b.turn()
	if n == nil {
		return "no node is ready"
	}
	r, err := http.NewRequest(http.MethodPost, "http://"+n.at.Listen+"/v1/verifications", strings.NewReader(question))
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	discardBody(resp)
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	return ""
}
