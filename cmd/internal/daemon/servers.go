package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/heyan-id/heyan/config"
)

// servers are the servers of the addresses: that of the API, the admin server, and the drop-in
// server if there is one.
type servers struct {
	list  []*addressServer
	limit int // of open files
	used  int // of them at the start
}

// addressServer serves one address.
type addressServer struct {
	*http.Server

	path     string // of the address in the configuration
	listener net.Listener
	conns    *connLimit
}

// admin reports whether it is the admin server.
func (a *addressServer) admin() bool { return a.path == "admin_listen" }

// listen opens the addresses. Clients that connect before the servers are started wait.
func listen(ctx context.Context, o Options) (*servers, error) {
	var s servers
	for _, at := range o.Config.Listeners() {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", at.Address)
		if err != nil {
			s.closeListeners()
			return nil, fmt.Errorf("%s: %w; choose another address or stop the process that uses it", at.Path, err)
		}
		s.list = append(s.list, &addressServer{path: at.Path, listener: l})
	}
	return &s, nil
}

// closeListeners closes what a server has not closed already.
func (s *servers) closeListeners() {
	for _, one := range s.list {
		_ = one.listener.Close() // fails only if it was closed before
	}
}

// build makes the servers.
func (s *servers) build(d *daemon) error {
	o := d.options
	handlers := map[string]func(*generation) http.Handler{
		"listen":        func(g *generation) http.Handler { return g.api },
		"admin_listen":  func(g *generation) http.Handler { return g.admin },
		"dropin.listen": func(g *generation) http.Handler { return g.dropin },
	}
	for _, one := range s.list {
		one.Server = server(d.front(handlers[one.path]), writeTime(&o.Config), o.Log)
		if d.cert != nil && (!one.admin() || !config.Loopback(o.Config.AdminListen)) {
			one.TLSConfig = d.cert.config()
		}
	}
	return s.bound(o)
}

// bound limits the accepted connections by what the limit of open files leaves.
func (s *servers) bound(o Options) error {
	s.limit, s.used = openFiles()
	b, err := boundConns(s.limit, s.used, o.Config.Providers)
	if err != nil {
		return err
	}
	var attrs []any
	for _, one := range s.list {
		most := s.most(one, b)
		attrs = append(attrs, slog.Int(one.path, most))
		one.conns = newConnLimit(one.listener, most)
		one.conns.install(one.Server)
		one.listener = one.conns
	}
	o.Log.Info("connections bounded", append(attrs, slog.Int("open_files_limit", s.limit), slog.Int("open_files", s.used))...)
	return nil
}

// most returns the most connections of a server. The addresses of callers share theirs equally.
func (s *servers) most(one *addressServer, b connBounds) int {
	if one.admin() {
		return b.admin
	}
	return max(1, b.api/(len(s.list)-1))
}

// mostWatches bounds the streams of health where connections are not.
const mostWatches = 10_000

// maxWatches returns the most streams of health at once: a quarter of the connections of the
// API, since callers without a key can open them.
func (s *servers) maxWatches() int {
	i := slices.IndexFunc(s.list, func(one *addressServer) bool { return one.path == "listen" })
	return min(max(1, s.list[i].conns.bound()/4), mostWatches)
}

// resize adapts the bounds to the vendors of a new configuration. replace has checked them.
func (s *servers) resize(c *config.Config) {
	if b, err := boundConns(s.limit, s.used, c.Providers); err == nil {
		for _, one := range s.list {
			one.conns.resize(s.most(one, b))
		}
	}
}

// server limits what a client can hold: the time for headers, body, response and
// idling. It serves HTTP/2 without TLS too, for clients that begin with it, as those of gRPC do.
func server(h http.Handler, write time.Duration, log *slog.Logger) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Protocols: &protocols,
		Handler:   h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: write, IdleTimeout: 75 * time.Second, MaxHeaderBytes: 16 << 10,
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: 100},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// start starts the servers. The channel receives the error of one that fails.
func (s *servers) start() <-chan error {
	broken := make(chan error, len(s.list))
	for _, one := range s.list {
		go func() {
			serve := one.Serve
			if one.TLSConfig != nil {
				serve = func(l net.Listener) error { return one.ServeTLS(l, "", "") }
			}
			if err := serve(one.listener); !errors.Is(err, http.ErrServerClosed) {
				broken <- err
			}
		}()
	}
	return broken
}

// addresses returns where the servers listen.
func (s *servers) addresses() Addresses {
	at := func(path string) string {
		i := slices.IndexFunc(s.list, func(one *addressServer) bool { return one.path == path })
		if i < 0 {
			return ""
		}
		return s.list[i].listener.Addr().String()
	}
	return Addresses{Listen: at("listen"), AdminListen: at("admin_listen"), DropinListen: at("dropin.listen")}
}
