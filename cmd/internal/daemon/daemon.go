// Package daemon runs a configured engine behind its two addresses until it is
// told to stop, and then lets the calls in flight end.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/heyan-id/heyan/cmd/internal/httpapi"
	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/config/assemble"
)

// Options are what Run needs. Config was loaded and validated.
type Options struct {
	Config    config.Config
	LookupEnv func(string) (string, bool) // for env: references; os.LookupEnv if nil
	Version   string
	Ready     func(Addresses) // told once, when requests are taken; may be nil
	Log       *slog.Logger

	// Again tells to take the configuration anew by Load: plugins whose program was
	// changed are replaced without a call that fails for it. Both may be nil.
	Reload <-chan os.Signal
	Load   func() (config.Config, error)
}

// Addresses are where the daemon listens, with the ports that it was given.
type Addresses struct {
	Listen      string `json:"listen"`
	AdminListen string `json:"admin_listen"`
}

// flush is the time that answers get to leave after the last call has ended.
const flush = 2 * time.Second

// Run serves until ctx is over or a listener breaks. It returns nil after an
// orderly stop, and within the configuration's grace and a little: calls that are
// still in flight then are cut off and recorded with what is known of them.
func Run(ctx context.Context, o Options) (err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	watch, err := newTelemetry(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watch.close()) }()
	bell := newAlarmQueue()
	house, err := assemble.New(ctx, assemble.Options{Config: o.Config, Telemetry: watch.options, LookupEnv: o.LookupEnv, Alarms: bell})
	if err != nil {
		return err
	}
	if err := watch.plugins(house); err != nil {
		return errors.Join(err, house.Close(ctx))
	}
	rest, err := startMaintenance(ctx, o, house, bell, watch.meters.Meter(scope))
	if err != nil {
		return errors.Join(err, house.Close(ctx))
	}
	s, err := listen(ctx, o, house, watch)
	if err != nil {
		return errors.Join(err, rest(), house.Close(ctx))
	}
	broken := s.start()
	if o.Ready != nil {
		o.Ready(s.addresses())
	}
	o.Log.Info("ready", slog.Any("addresses", s.addresses()))
	cause := o.wait(ctx, house, broken)
	if err := rest(); err != nil {
		o.Log.Warn("alerts were left undelivered; the log holds them")
	}
	return errors.Join(cause, s.stop(house, o))
}

// wait returns when ctx is over, or why a listener broke.
func (o Options) wait(ctx context.Context, house *assemble.House, broken <-chan error) error {
	current := o.Config
	for {
		select {
		case <-ctx.Done():
			return nil
		case cause := <-broken:
			return cause
		case <-o.Reload:
			next, err := o.Load()
			if err != nil {
				o.Log.Error("the new configuration is not taken; the old one goes on", slog.String("faults", err.Error()))
				continue
			}
			swapped, err := house.Swap(ctx, current, next, o.Log)
			if err != nil {
				o.Log.Error("not everything was taken; the rest goes on as it is", slog.String("faults", err.Error()))
			}
			if len(swapped) > 0 {
				o.Log.Info("plugins were replaced", slog.Any("providers", swapped))
			}
			if err == nil {
				current = next
			}
		}
	}
}

// servers are the two faces of the daemon.
type servers struct {
	api, admin *http.Server
	listeners  [2]net.Listener
}

func listen(ctx context.Context, o Options, house *assemble.House, watch *telemetrySDK) (*servers, error) {
	var s servers
	for i, address := range []string{o.Config.Listen, o.Config.AdminListen} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			if i == 1 {
				_ = s.listeners[0].Close()
			}
			return nil, fmt.Errorf("%s: %w; choose another address or end what holds it", []string{"listen", "admin_listen"}[i], err)
		}
		s.listeners[i] = l
	}
	write := o.Config.Timeout + 10*time.Second
	faces := httpapi.Dependencies{
		Engine: house.Engine, Consents: house.Desk, Plugin: house.Plugin, Store: house.Store, Ready: (&readinessCache{store: house.Store}).Ready,
		Log: o.Log, Version: o.Version, Metrics: watch.metrics,
	}
	s.api = server(withTraceContext(httpapi.API(faces)), write, o.Log)
	s.admin = server(httpapi.Admin(faces), write, o.Log)
	return &s, nil
}

// server bounds what a caller can hold: time for the header, for the body, for the
// answer, and idle.
func server(h http.Handler, write time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: write, IdleTimeout: 75 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// traced takes the caller's trace context, so that a verification stands in the
// caller's trace.
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
			if err := server.Serve(s.listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				broken <- err
			}
		}()
	}
	return broken
}

func (s *servers) addresses() Addresses {
	return Addresses{Listen: s.listeners[0].Addr().String(), AdminListen: s.listeners[1].Addr().String()}
}

// stop ends the engine first: while calls in flight end, the addresses stay open
// and tell new callers, and whoever watches /readyz, to go elsewhere.
func (s *servers) stop(house *assemble.House, o Options) error {
	o.Log.Info("stopping", slog.String("grace", o.Config.Grace.String()))
	ctx, cancel := context.WithTimeout(context.Background(), o.Config.Grace)
	defer cancel()
	err := house.Close(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		o.Log.Warn("the grace time was over: calls in flight were cut off; they are recorded, and may have been charged")
		err = nil
	}
	ctx, cancel = context.WithTimeout(context.Background(), flush)
	defer cancel()
	for _, server := range []*http.Server{s.api, s.admin} {
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // whoever still reads an answer by now does not get it
		}
	}
	return err
}
