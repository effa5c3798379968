package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Limits of the HTTP servers.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = time.Minute
	maxHeaderBytes = 64 << 10
	maxBodyBytes   = 64 << 10
)

// open listens once per vendor. On an error it closes what it opened.
func open(ctx context.Context, listen string, vendors int) ([]net.Listener, error) {
	base, err := loopback(listen, vendors)
	if err != nil {
		return nil, err
	}
	var list []net.Listener
	for i := range vendors {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address(base, i))
		if err != nil {
			for _, l := range list {
				_ = l.Close()
			}
			return nil, fmt.Errorf("sandbox: listen: %w", err)
		}
		list = append(list, l)
	}
	return list, nil
}

func address(base netip.AddrPort, i int) string {
	if base.Port() == 0 {
		return base.String()
	}
	return netip.AddrPortFrom(base.Addr(), base.Port()+uint16(i)).String()
}

// server returns the HTTP server of one vendor. A request's context ends with base,
// which Close cancels, and holds the connection, which resetConn needs.
func (s *Sandbox) server(base context.Context, v *vendor) *http.Server {
	control := s.control(v)
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// A ServeMux would clean the path and redirect, which no gateway does.
			if strings.HasPrefix(r.URL.Path, controlPrefix) {
				control.ServeHTTP(w, r)
				return
			}
			v.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout:            headerTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		DisableGeneralOptionsHandler: true,
		BaseContext:                  func(net.Listener) context.Context { return base },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelError),
	}
}

// connKey is the context key of a request's connection.
type connKey struct{}

// stop shuts a server down, and closes it if ctx ends first.
func stop(ctx context.Context, server *http.Server) error {
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return server.Close()
	}
	return err
}
