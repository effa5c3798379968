package assemble_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
	"github.com/heyan-id/heyan/providers/sandbox/sandboxtest"
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

// door stands before a vendor and counts the connections to it.
type door struct {
	url          string
	dialed, open atomic.Int64
	asked        atomic.Int64
	held         sync.RWMutex // held for writing, calls wait
}

func newDoor(t *testing.T, target string) *door {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	d, proxy := new(door), httputil.NewSingleHostReverseProxy(u)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.asked.Add(1)
		d.held.RLock()
		defer d.held.RUnlock()
		proxy.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			d.dialed.Add(1)
			d.open.Add(1)
		case http.StateClosed:
			d.open.Add(-1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// until returns when something is so. The limit of go test ends a wait in vain.
func until(so func() bool) {
	for !so() {
		time.Sleep(time.Millisecond)
	}
}

// TestConnectionsOfUnchangedProviders: a reload that changes the order of the providers, the
// limits of a guard and the price keeps the connections. A provider with another timeout has
// new ones, and the old ones are closed when their calls have ended.
func TestConnectionsOfUnchangedProviders(t *testing.T) {
	t.Parallel()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	d := newDoor(t, c.Providers[0].Settings["base_url"])
	c.Providers[0].Settings["base_url"] = d.url
	l := &live{app: build(t, c, env)}
	ask := func(dialed int64) {
		t.Helper()
		v, err := l.verify(request("张三", even))
		if err != nil || v.Verdict != idv.Match || v.Attempts[0].Provider != "idcert-a" || d.dialed.Load() != dialed {
			t.Errorf("got %v, %v of %+v over %d connections, want %d", v.Verdict, err, v.Attempts, d.dialed.Load(), dialed)
		}
	}
	ask(1)
	next := c
	next.Providers = []config.Provider{c.Providers[1], c.Providers[0]}
	next.Providers[1].Limits.Rate, next.Providers[1].Limits.BreakerFailures, next.Providers[1].Price = 900, 9, config.Price{Amount: "0.05", Currency: "CNY"}
	next.Timeout += time.Second
	if err := l.reload(t, next, env); err != nil {
		t.Fatal(err)
	}
	ask(1)
	next.Providers = slices.Clone(next.Providers)
	next.Providers[1].Limits.Timeout -= time.Millisecond
	d.held.Lock()
	before, answered := d.asked.Load(), make(chan idv.Verification, 1)
	go func() {
		v, err := l.verify(request("张三", even))
		if err != nil {
			t.Error(err)
		}
		answered <- v
	}()
	until(func() bool { return d.asked.Load() > before })
	successor, err := l.app.Successor(t.Context(), assemble.Options{Config: next, LookupEnv: lookup(env)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = successor.Close(context.Background()) })
	d.held.Unlock()
	if err := l.app.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if v := <-answered; v.Verdict != idv.Match || v.Attempts[0].Provider != "idcert-a" {
		t.Errorf("the call in flight: %v, %+v", v.Verdict, v.Attempts)
	}
	until(func() bool { return d.open.Load() == 0 })
	l.app = successor
	ask(2)
}

// TestRejectedSuccessor: the error says everything, and the app goes on as it was.
func TestRejectedSuccessor(t *testing.T) {
	t.Parallel()
	c, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	c.Idempotency.Key = "env:IDEMPOTENCY"
	env["IDEMPOTENCY"] = strings.Repeat("k", 32)
	l := &live{app: build(t, c, env)}
	for _, test := range []struct {
		name   string
		change func(*config.Config, map[string]string)
		want   []string
	}{
		{"settings that need a restart", func(c *config.Config, _ map[string]string) { c.AdminListen, c.Log.Format = "127.0.0.1:9", "text" },
			[]string{"restart to change: admin_listen, log.format"}},
		{"a secret that needs one", func(_ *config.Config, env map[string]string) { env["IDEMPOTENCY"] = strings.Repeat("n", 32) },
			[]string{"restart to change: idempotency.key"}},
		{"a secret that is missing", func(c *config.Config, _ map[string]string) {
			c.Providers[0].Settings = config.Settings{"base_url": c.Providers[0].Settings["base_url"], "appcode": "env:NO_SUCH"}
		}, []string{"providers[0].settings.appcode: env:NO_SUCH"}},
		{"a file that is missing, beside an address", func(c *config.Config, _ map[string]string) {
			c.Listen, c.Policy.Rules = "127.0.0.1:9", []string{"/nowhere/rules.yaml"}
		}, []string{"restart to change: listen", "/nowhere/rules.yaml"}},
		{"another currency than the others", func(c *config.Config, _ map[string]string) {
			c.Providers[1].Price = config.Price{Amount: "1", Currency: "USD"}
		}, []string{"USD"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			next, changed := c, maps.Clone(env)
			next.Providers = slices.Clone(c.Providers)
			test.change(&next, changed)
			err := l.reload(t, next, changed)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			if v, err := l.verify(request("张三", even)); err != nil || v.Verdict != idv.Match || v.Attempts[0].Provider != "idcert-a" {
				t.Errorf("afterwards: %v, %v", v.Verdict, err)
			}
		})
	}
}

// TestRandomReloads: whatever follows on each other, no request fails, each is answered by a
// provider of a configuration that was in use, and the app lists what its configuration says.
func TestRandomReloads(t *testing.T) {
	t.Parallel()
	base, env := ofSandbox(sandboxtest.Start(t, sandbox.Config{}))
	for i := range base.Providers { // the machine may be busy
		base.Providers[i].Limits.Concurrency, base.Providers[i].Limits.Timeout, base.Providers[i].Limits.Connect = 64, time.Minute, time.Minute
	}
	base.Timeout = time.Minute
	histories := rapid.Custom(func(t *rapid.T) []step {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step { return randomStep(t, base) }), 1, 6).Draw(t, "history")
	})
	rounds := 10
	if os.Getenv("HEYAN_PROVE") != "" {
		rounds = 500
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { playHistory(t, base, env, histories.Example(seed)) })
	}
}

// step is a configuration, and whether it can be taken.
type step struct {
	config config.Config
	valid  bool
}

func playHistory(t *testing.T, base config.Config, env map[string]string, history []step) {
	l := &live{app: build(t, base, env)}
	end := l.load(t, func(v idv.Verification, err error) {
		if err != nil || v.Verdict != idv.Match {
			t.Errorf("got %v, %v, %+v, %+v", v.Verdict, err, v.Attempts, v.Skipped)
		}
	})
	defer end()
	drained := false // the third provider, for as long as it is there
	for i, s := range history {
		if err := l.reload(t, s.config, env); (err == nil) != s.valid {
			t.Fatalf("reload %d: got %v, want a valid configuration: %v", i, err, s.valid)
		}
		list := l.app.Engine.Providers()
		if s.valid && len(list) != len(s.config.Providers) {
			t.Fatalf("reload %d: the app lists %d providers, want %d", i, len(list), len(s.config.Providers))
		}
		drained = drained && len(list) == 3
		for _, p := range list {
			want := idv.SkipReason("")
			if p.Name == "extra" && drained {
				want = idv.SkipDrained
			}
			if p.Availability.Reason != want {
				t.Fatalf("reload %d: %s is %q, want %q", i, p.Name, p.Availability.Reason, want)
			}
		}
		drained = l.app.Engine.Drain("extra", time.Time{}) == nil
	}
}

// randomStep changes a configuration.
func randomStep(t *rapid.T, c config.Config) step {
	c.Providers, c.Routes = slices.Clone(c.Providers), slices.Clone(c.Routes)
	if rapid.Bool().Draw(t, "extra") {
		extra := c.Providers[0]
		extra.Name = "extra"
		c.Providers = append(c.Providers, extra)
	}
	if rapid.Bool().Draw(t, "reversed") {
		slices.Reverse(c.Providers)
		c.Routes[0].Providers = []string{"idcert-b", "idcert-a"}
	}
	if rapid.Bool().Draw(t, "one vendor") {
		c.Routes[0].Providers = []string{"idcert-b"}
	}
	for i := range c.Providers {
		c.Providers[i].Limits.BreakerFailures = rapid.IntRange(3, 9).Draw(t, "failures")
		c.Providers[i].Limits.Concurrency = rapid.IntRange(32, 34).Draw(t, "concurrency")
	}
	switch rapid.IntRange(0, 5).Draw(t, "fault") {
	case 0:
		c.Listen = "127.0.0.1:9"
		return step{c, false}
	case 1:
		c.Routes[0].Providers = []string{"nobody"}
		return step{c, false}
	}
	return step{c, true}
}
