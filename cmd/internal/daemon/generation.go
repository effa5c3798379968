package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/admission"
	"github.com/heyan-id/heyan/cmd/internal/dropin"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/cmd/internal/rpcapi"
	"github.com/heyan-id/heyan/cmd/internal/webhook"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine/idv"
)

// generation is what one configuration makes of the daemon. A request uses one generation from
// its beginning to its end.
type generation struct {
	config config.Config
	app    *assemble.App
	gate   *gate
	hooks  *receivers
	queue  *webhook.Queue // of alerts
	api    http.Handler
	admin  http.Handler
	dropin http.Handler

	mu       sync.Mutex
	requests int
	replaced chan struct{} // closed when another generation has taken over
	idle     chan struct{} // closed when no request uses it any more
}

// newGeneration makes the generation of a configuration that an app was built from.
func (d *daemon) newGeneration(c config.Config, app *assemble.App, hooks *receivers) (*generation, error) {
	o := d.options
	o.Config = c
	gate, err := newGate(o, app, d.cert, d.refusals)
	if err != nil {
		return nil, err
	}
	g := &generation{
		config: c, app: app, gate: gate, hooks: hooks, queue: webhook.NewQueue(o.Log, hooks.alerts...),
		replaced: make(chan struct{}), idle: make(chan struct{}),
	}
	shares := admission.New(c.MaxRequests) // of both fronts together
	deps := httpapi.Dependencies{
		Engine: app.Engine, Auth: gate.auth, Refusals: d.refusals, Shares: shares, Keys: gate.issuer, Consents: app.Consents, Plugin: app.Plugin, Drift: d.answers.detector.State, Store: app.Store, Ready: d.ready.Ready,
		Orders: d.ops.orders, Sealer: app.Keyring, Windows: config.Windows(c), RefreshCalendar: app.RefreshCalendar, Stopping: d.ops.isStopping, Away: d.ops.fleet.Away,
		Log: o.Log, Version: o.Version, Metrics: d.watch.metrics, Observe: d.watch.own.measured, Hosts: c.Hosts, Timeout: c.Timeout, Configuration: d.status.view, Running: config.Show(c, rand.Text()),
	}
	g.api = withTraceContext(rpcapi.Handler(rpcapi.Options{REST: httpapi.API(deps), Health: d.health}))
	g.admin = httpapi.Admin(deps, !config.Loopback(c.AdminListen))
	g.dropin = withTraceContext(dropin.Handler(dropin.Dependencies{
		Engine: app.Engine, Auth: gate.auth, Refusals: d.refusals, Shares: shares, Clients: dropinClients(c.Dropin), Hosts: c.Hosts, Timeout: c.Timeout, Log: o.Log,
		Observe: d.watch.own.measured, Answered: d.watch.own.answered,
	}))
	return g, nil
}

// dropinClients returns what the requests of the drop-in front are made for.
func dropinClients(c config.Dropin) (list []dropin.Client) {
	for _, one := range c.Clients {
		list = append(list, dropin.Client{Tenant: idv.Tenant(one.Tenant), App: one.App, Purpose: one.Purpose, ConsentID: one.ConsentID})
	}
	return list
}

// begin counts a request. It reports false if the generation was replaced.
func (g *generation) begin() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.replaced:
		return false
	default:
	}
	g.requests++
	return true
}

func (g *generation) done() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests--
	g.settle()
}

// replace admits no further request. Another generation is current.
func (g *generation) replace() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.replaced)
	g.settle()
}

// settle closes idle if the last request has ended. The caller holds the lock.
func (g *generation) settle() {
	select {
	case <-g.replaced:
		if g.requests == 0 {
			close(g.idle)
		}
	default:
	}
}

// retire waits for the requests of a replaced generation, until grace is done, and closes what
// no other generation uses. Its alerts are delivered until delivery is done.
func (g *generation) retire(grace, delivery context.Context) error {
	delivery, cancel := context.WithTimeout(delivery, retireTime)
	defer cancel()
	undelivered := g.queue.Close(delivery)
	select {
	case <-g.idle:
	case <-grace.Done():
	}
	err := g.app.Close(grace) // which cancels calls if it is done
	g.gate.end()
	closeHooks(g.hooks.events)
	return errors.Join(err, undelivered)
}

// retireTime is the time to deliver the alerts that wait for webhooks of an earlier
// configuration.
const retireTime = time.Minute

// enter returns the current generation for a request. The caller calls done at its end.
func (d *daemon) enter() *generation {
	for {
		if g := d.current.Load(); g.begin() {
			return g
		}
	}
}

// front serves each request by the generation that is current when it begins. A stream of
// health uses nothing of its generation, and would keep a replaced one open.
func (d *daemon) front(handler func(*generation) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := d.enter()
		if r.URL.Path == rpcapi.WatchPath {
			g.done()
		} else {
			defer g.done()
		}
		if g.config.Timeout != d.options.Config.Timeout { // the server sets the deadline of the configuration of the start
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime(&g.config)))
		}
		handler(g).ServeHTTP(w, r)
	})
}

// writeTime is the time for a request and the delivery of its response.
func writeTime(c *config.Config) time.Duration { return c.Timeout + 10*time.Second }
