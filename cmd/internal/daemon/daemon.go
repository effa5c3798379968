// Package daemon runs a configured engine behind its API and admin addresses until it
// is stopped, and then drains the calls in flight.
package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/rpcapi"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/engine"
	"github.com/heyan-id/heyan/policy/consent"
)

// Options configure Run. Config must be loaded and validated.
type Options struct {
	Config    config.Config
	LookupEnv func(string) (string, bool) // for env: references; os.LookupEnv if nil
	Version   string
	Ready     func(Addresses) // called once, when requests are accepted; may be nil
	Log       *slog.Logger

	// Started is called once before Ready, with what creates API keys; may be nil.
	Started func(context.Context, auth.Issuer) error

	Overrides []string // the environment variables that set something, for the log

	LogDropped func() int64 // the log lines dropped so far, for the metric; may be nil

	// Load loads and checks the configuration anew, for a reload: on a message of Reload, or
	// when the content of File, or of a file that the configuration names, has changed. Beside
	// an error it returns what could be read, or nil. Without Load nothing is reloaded.
	Load   func() (*config.Loaded, error)
	Reload <-chan os.Signal
	File   string

	Level *slog.LevelVar // of Log, which follows log.level; may be nil
}

// Addresses are the addresses that the daemon listens on, with the actual ports.
type Addresses struct {
	Listen      string `json:"listen"`
	AdminListen string `json:"admin_listen"`

	DropinListen string `json:"dropin_listen,omitempty"` // "" if there is none
}

// flush is the time to deliver responses and alerts after the last call has ended.
const flush = 2 * time.Second

// Run serves until ctx is done or a listener fails. It returns nil after an orderly
// stop, which takes at most the configured grace and a few seconds. Calls still in
// flight after the grace are canceled and recorded with what is known of them.
func Run(ctx context.Context, o Options) (err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	watch, err := newTelemetry(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watch.close()) }()
	o.Log = watch.options.Logger
	d := &daemon{options: o, watch: watch, alarms: newAlarmQueue(), began: beginning(o), answers: newAnswerQueue(&watch.options), refusals: auth.NewRefusals(), stopped: make(chan struct{})}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.open(ctx); err != nil {
		return err
	}
	refresh := make(chan struct{}, 1)
	stopMaintenance, err := d.startMaintenance(ctx, refresh)
	if err != nil {
		return err
	}
	broken := d.serve(ctx)
	stopJobs := d.startJobs(ctx, refresh)
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-broken:
	}
	stopJobs()
	g := d.current.Load()
	d.ops.announce(cause, g.config.ShutdownDelay, broken)
	grace := time.Now().Add(g.config.Grace)
	if err := stopMaintenance(); err != nil {
		o.Log.Warn("alerts not delivered before stop")
	}
	g.gate.end() // it writes to the store
	d.ops.end()
	err = errors.Join(cause, d.stop(grace))
	o.Log.Info("stopped", slog.Bool("orderly", err == nil))
	return err
}

// daemon is what Run runs.
type daemon struct {
	options Options
	watch   *telemetrySDK
	status  *reloadStatus
	alarms  *alarmQueue
	answers *answerQueue // of all generations
	cert    *certificate // nil without TLS
	servers *servers
	ready   *readinessCache
	ops     *operations
	health  *rpcapi.Health
	stopped chan struct{} // closed when the calls in flight have ended
	began   sums          // of the files that the daemon starts with

	refusals *auth.Refusals // since the start, over all generations

	current atomic.Pointer[generation]

	mu       sync.Mutex // held while a generation takes over
	stopping bool       // none may take over
	retiring sync.WaitGroup

	// Of replaced generations: done when their calls are to be canceled, and when their alerts
	// are to be dropped.
	grace, delivery context.Context
	cut, drop       context.CancelFunc
}

// open opens what the daemon needs to serve.
func (d *daemon) open(ctx context.Context) (err error) {
	o := d.options
	d.grace, d.cut = context.WithCancel(context.Background())
	d.delivery, d.drop = context.WithCancel(context.Background())
	secrets := assemble.NewSecrets(o.Config, o.LookupEnv)
	hooks, err := openHooks(o.Config, secrets)
	if err != nil {
		return err
	}
	if d.cert, err = openCertificate(o.Config.TLS, o.Log); err != nil {
		return err
	}
	if d.servers, err = listen(ctx, o); err != nil { // before anything is made that a failed start would leave behind
		return err
	}
	d.status = newReloadStatus(d.watch.own.reloads)
	app, err := assemble.New(ctx, assemble.Options{Config: o.Config, Telemetry: d.watch.options, LookupEnv: o.LookupEnv, Secrets: secrets, Alarms: d.alarms})
	if err != nil {
		return err
	}
	d.ready, d.ops = &readinessCache{store: app.Store}, newOperations(d, app.Store)
	d.health = &rpcapi.Health{Ready: d.ready.Ready, Stopping: d.ops.stopping, Stopped: d.stopped, MaxWatches: d.servers.maxWatches}
	g, err := d.newGeneration(o.Config, app, hooks)
	if err != nil {
		return errors.Join(err, app.Close(ctx))
	}
	d.current.Store(g)
	if err := d.ops.begin(ctx); err != nil {
		return err
	}
	if o.Started != nil {
		if err := o.Started(ctx, g.gate.issuer); err != nil {
			return err
		}
	}
	if err := d.watch.own.observe(d); err != nil {
		return err
	}
	d.watch.own.dropin(o.Config.Dropin)
	return d.servers.build(d)
}

// app returns the app of the current generation.
func (d *daemon) app() *assemble.App { return d.current.Load().app }

// close closes what a start that failed, or the end, has left open.
func (d *daemon) close() error {
	if d.servers != nil {
		d.servers.closeListeners()
	}
	d.cut()
	d.drop()
	g := d.current.Load()
	if g == nil {
		return nil
	}
	d.ops.end()
	g.gate.end()
	_ = g.queue.Close(d.delivery)            // as maintenance has done, unless the start failed
	return g.app.Close(context.Background()) // which has been closed in order, unless the start failed
}

// startJobs follows the certificate and the configuration until the returned function is
// called. It waits for a reload in progress, for flush at most: one that hangs cannot take over
// any more.
func (d *daemon) startJobs(ctx context.Context, refresh chan<- struct{}) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	if d.cert != nil {
		running.Go(func() { d.cert.watch(ctx) })
	}
	r := newReloader(d)
	running.Go(func() { r.run(ctx, refresh) })
	return func() {
		d.mu.Lock()
		d.stopping = true
		d.mu.Unlock()
		cancel()
		ended := make(chan struct{})
		go func() {
			running.Wait()
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(flush):
		}
	}
}

// serve starts the servers and tells the caller and the log that requests are accepted, and what
// is unusual.
func (d *daemon) serve(ctx context.Context) (broken <-chan error) {
	o := d.options
	broken = d.servers.start()
	if o.Ready != nil {
		o.Ready(d.servers.addresses())
	}
	o.warn()
	o.warnKeyless(ctx, d.current.Load().gate.issuer)
	d.ops.warnGap(ctx)
	o.Log.Info("ready", slog.String("version", o.Version), slog.Any("addresses", d.servers.addresses()))
	return broken
}

// warn says what is allowed to a daemon that only this machine reaches, and which variables
// set something that the file does not say.
func (o Options) warn() {
	c := o.Config
	if c.Auth.Mode == "none" {
		o.Log.Warn("callers are not authenticated; every user of this machine can make paid calls over the loopback address",
			slog.String("setting", "auth.mode"), slog.String("listen", c.Listen))
	}
	if c.Policy.Consent.Mode == consent.Off.String() {
		o.Log.Warn("calls are made without the consent of the person; use this for tests with fictitious persons only",
			slog.String("setting", "policy.consent.mode"))
	}
	if len(o.Overrides) > 0 {
		o.Log.Info("environment variables override the configuration file", slog.Any("variables", o.Overrides))
	}
}

// setLevel has the log follow its setting.
func (o Options) setLevel(c config.Log) {
	if o.Level != nil {
		_ = o.Level.UnmarshalText([]byte(c.Level)) // Validate knows it
	}
}

// withTraceContext takes over the caller's trace context, so that a verification
// belongs to the caller's trace.
func withTraceContext(next http.Handler) http.Handler {
	var w3c propagation.TraceContext
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Traceparent") != "" {
			r = r.WithContext(w3c.Extract(r.Context(), propagation.HeaderCarrier(r.Header)))
		}
		next.ServeHTTP(w, r)
	})
}

// stop closes the engines first. Until the calls in flight have ended, the servers keep
// answering, so that new callers and readiness probes are sent elsewhere. The grace ends at
// the given time.
func (d *daemon) stop(grace time.Time) error {
	g, log := d.current.Load(), d.options.Log
	log.Info("stopping", slog.String("grace", g.config.Grace.String()))
	ctx, cancel := context.WithDeadline(context.Background(), grace)
	defer cancel()
	defer context.AfterFunc(ctx, d.cut)()
	defer time.AfterFunc(flush, d.drop).Stop()
	err := g.app.Close(ctx)
	var cut *engine.CanceledError
	if errors.As(err, &cut) {
		log.Warn("calls in flight canceled after the grace period; they are recorded and may have been charged", slog.Int("calls", cut.Calls))
		err = nil
	}
	d.retiring.Wait()
	close(d.stopped)
	ctx, cancel = context.WithTimeout(context.Background(), flush)
	defer cancel()
	for _, one := range d.servers.list {
		if one.Shutdown(ctx) != nil {
			_ = one.Close() // cuts off clients that still read a response
		}
	}
	return err
}
