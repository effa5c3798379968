// Package daemon runs a configured engine behind its API and admin addresses until it
// is stopped, and then drains the calls in flight.
package daemon

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/heyan-id/heyan/cmd/internal/auth"
	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
	"github.com/heyan-id/heyan/config/strictyaml"
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

	// Reload requests a reload of the configuration through Load. Plugins whose program
	// changed are replaced without a failed call. Both may be nil.
	Reload <-chan os.Signal
	Load   func() (config.Config, error)

	declared map[string][sha256.Size]byte // of the product files that are in use
}

// Addresses are the addresses that the daemon listens on, with the actual ports.
type Addresses struct {
	Listen      string `json:"listen"`
	AdminListen string `json:"admin_listen"`
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
	o.declared = declaredSums(o.Config)
	secrets := assemble.NewSecrets(o.Config, o.LookupEnv)
	hooks, err := openHooks(o.Config, secrets)
	if err != nil {
		return err
	}
	cert, err := openCertificate(o.Config.TLS, o.Log)
	if err != nil {
		return err
	}
	s, err := listen(ctx, o) // before anything is made that a failed start would leave behind
	if err != nil {
		return err
	}
	defer s.closeListeners()
	alarms := newAlarmQueue()
	app, err := assemble.New(ctx, assemble.Options{Config: o.Config, Telemetry: watch.options, LookupEnv: o.LookupEnv, Secrets: secrets, Alarms: alarms})
	if err != nil {
		return err
	}
	if err := errors.Join(watch.plugins(app), watch.stale(app), watch.log(o.LogDropped)); err != nil {
		return errors.Join(err, app.Close(ctx))
	}
	gate, err := openGate(ctx, o, app, cert)
	if err != nil {
		return errors.Join(err, app.Close(ctx))
	}
	defer gate.end()
	shared, leave := startFleet(ctx, o, app)
	defer leave()
	s.away = shared.Away
	if err := errors.Join(watch.refusals(gate.refusals), watch.gates(shared), s.build(o, app, watch, gate)); err != nil {
		return errors.Join(err, app.Close(ctx))
	}
	now := make(chan struct{}, 1)
	stopMaintenance, err := startMaintenance(ctx, o, app, alarms, hooks, now, watch.meters.Meter(scope))
	if err != nil {
		return errors.Join(err, app.Close(ctx))
	}
	broken := s.start()
	if o.Ready != nil {
		o.Ready(s.addresses())
	}
	o.warn()
	o.warnKeyless(ctx, gate.issuer)
	o.Log.Info("ready", slog.String("version", o.Version), slog.Any("addresses", s.addresses()))
	cause := o.wait(ctx, app, cert, broken, now)
	grace := time.Now().Add(o.Config.Grace)
	if err := stopMaintenance(); err != nil {
		o.Log.Warn("alerts not delivered before stop")
	}
	gate.end() // it writes to the store
	leave()
	err = errors.Join(cause, s.stop(app, o, grace))
	o.Log.Info("stopped", slog.Bool("orderly", err == nil))
	return err
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

// wait returns when ctx is done, or with the error of a listener. On request it reloads the
// configuration, and has what is behind it read again.
func (o Options) wait(ctx context.Context, app *assemble.App, cert *certificate, broken <-chan error, again chan<- struct{}) error {
	current := o.Config
	for {
		select {
		case <-ctx.Done():
			return nil
		case cause := <-broken:
			return cause
		case <-o.Reload:
			if cert != nil {
				cert.reload()
			}
			current = o.reload(ctx, app, current)
			select {
			case again <- struct{}{}:
			default: // one is due anyway
			}
		}
	}
}

// reload takes the new programs of plugins from the configuration, and returns the
// configuration that is in use then. The log names what changed.
func (o Options) reload(ctx context.Context, app *assemble.App, current config.Config) config.Config {
	next, err := o.Load()
	if err != nil {
		o.Log.Error("configuration reload rejected", slog.Any("errors", faults(err)))
		return current
	}
	var changed []string
	for _, c := range config.Diff(current, next) {
		changed = append(changed, c.Path)
	}
	if paths := o.changedFiles(next); len(paths) > 0 {
		o.Log.Error("configuration reload rejected", slog.Any("changed", append(changed, paths...)),
			slog.Any("errors", []string{"the file of a declared product has changed; restart to take it"}))
		return current
	}
	if len(changed) == 0 {
		o.Log.Info("configuration unchanged")
		return current
	}
	swapped, err := app.Swap(ctx, current, next, o.Log)
	switch {
	case err != nil && len(swapped) == 0:
		o.Log.Error("configuration reload rejected", slog.Any("changed", changed), slog.Any("errors", faults(err)))
	case err != nil:
		o.Log.Error("configuration reload incomplete", slog.Any("changed", changed), slog.Any("errors", faults(err)))
	default:
		o.Log.Info("configuration reloaded", slog.Any("changed", changed))
	}
	if len(swapped) > 0 {
		o.Log.Info("plugins replaced", slog.Any("providers", swapped))
	}
	if err != nil {
		return current
	}
	return next
}

// declaredSums returns the sums of the product files of a configuration by their paths. A
// file that cannot be read has none; loading the configuration reports it.
func declaredSums(c config.Config) map[string][sha256.Size]byte {
	sums := map[string][sha256.Size]byte{}
	for _, p := range c.Providers {
		if text, err := os.ReadFile(p.Declared); p.Declared != "" && err == nil {
			sums[p.Declared] = sha256.Sum256(text)
		}
	}
	return sums
}

// changedFiles returns the paths in the configuration of the product files that differ from
// those in use. The configuration holds their names only, so it looks unchanged.
func (o Options) changedFiles(next config.Config) (paths []string) {
	now := declaredSums(next)
	for i, p := range next.Providers {
		if before, used := o.declared[p.Declared]; used && now[p.Declared] != before {
			paths = append(paths, strictyaml.At("providers", i)+".declared")
		}
	}
	return paths
}

// faults lists the lines of a joined error.
func faults(err error) []string { return strings.Split(err.Error(), "\n") }

// servers are the API and the admin server.
type servers struct {
	api, admin *http.Server
	listeners  [2]net.Listener
	away       func() bool // see fleet.Fleet.Away
}

// listen opens the addresses. Clients that connect before the servers are started wait.
func listen(ctx context.Context, o Options) (*servers, error) {
	var s servers
	for i, address := range []string{o.Config.Listen, o.Config.AdminListen} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			s.closeListeners()
			return nil, fmt.Errorf("%s: %w; choose another address or stop the process that uses it", []string{"listen", "admin_listen"}[i], err)
		}
		s.listeners[i] = l
	}
	return &s, nil
}

// closeListeners closes what a server has not closed already.
func (s *servers) closeListeners() {
	for _, l := range s.listeners {
		if l != nil {
			_ = l.Close() // fails only if it was closed before
		}
	}
}

// build makes the servers.
func (s *servers) build(o Options, app *assemble.App, watch *telemetrySDK, gate *gate) error {
	write := o.Config.Timeout + 10*time.Second
	deps := httpapi.Dependencies{
		Engine: app.Engine, Auth: gate.auth, Refusals: gate.refusals, MaxRequests: o.Config.MaxRequests, Keys: gate.issuer, Consents: app.Consents, Plugin: app.Plugin, Store: app.Store, Ready: (&readinessCache{store: app.Store}).Ready, Away: s.away,
		Log: o.Log, Version: o.Version, Metrics: watch.metrics, Hosts: o.Config.Hosts, Timeout: o.Config.Timeout,
	}
	s.api = server(withTraceContext(httpapi.API(deps)), write, o.Log)
	exposed := !config.Loopback(o.Config.AdminListen)
	s.admin = server(httpapi.Admin(deps, exposed), write, o.Log)
	if gate.cert != nil {
		s.api.TLSConfig = gate.cert.config()
		if exposed {
			s.admin.TLSConfig = gate.cert.config()
		}
	}
	return s.bound(o)
}

// bound limits the accepted connections by what the limit of open files leaves.
func (s *servers) bound(o Options) error {
	limit, used := openFiles()
	b, err := boundConns(limit, used, o.Config.Providers)
	if err != nil {
		return err
	}
	o.Log.Info("connections bounded", slog.Int("listen", b.api), slog.Int("admin_listen", b.admin), slog.Int("open_files_limit", limit), slog.Int("open_files", used))
	for i, server := range []*http.Server{s.api, s.admin} {
		l := newConnLimit(s.listeners[i], []int{b.api, b.admin}[i])
		l.install(server)
		s.listeners[i] = l
	}
	return nil
}

// server limits what a client can hold: the time for headers, body, response and
// idling.
func server(h http.Handler, write time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: write, IdleTimeout: 75 * time.Second, MaxHeaderBytes: 16 << 10,
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
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

func (s *servers) start() <-chan error {
	broken := make(chan error, 2)
	for i, server := range []*http.Server{s.api, s.admin} {
		go func() {
			serve := server.Serve
			if server.TLSConfig != nil {
				serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
			}
			if err := serve(s.listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				broken <- err
			}
		}()
	}
	return broken
}

func (s *servers) addresses() Addresses {
	return Addresses{Listen: s.listeners[0].Addr().String(), AdminListen: s.listeners[1].Addr().String()}
}

// stop closes the engine first. Until the calls in flight have ended, the servers keep
// answering, so that new callers and readiness probes are sent elsewhere. The grace ends at
// the given time.
func (s *servers) stop(app *assemble.App, o Options, grace time.Time) error {
	o.Log.Info("stopping", slog.String("grace", o.Config.Grace.String()))
	ctx, cancel := context.WithDeadline(context.Background(), grace)
	defer cancel()
	err := app.Close(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		o.Log.Warn("calls in flight canceled after the grace period; they are recorded and may have been charged")
		err = nil
	}
	ctx, cancel = context.WithTimeout(context.Background(), flush)
	defer cancel()
	for _, server := range []*http.Server{s.api, s.admin} {
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // cuts off clients that still read a response
		}
	}
	return err
}
