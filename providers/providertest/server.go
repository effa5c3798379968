package providertest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// handler answers the nth request, counting from 1.
type handler func(w http.ResponseWriter, r *http.Request, nth int64)

// server is a fake vendor on a loopback address, with the provider under test.
type server struct {
	provider idv.Provider
	requests atomic.Int64
	http     http.Server
}

// start serves h and creates the provider. The caller stops the server.
func (l Live) start(ctx context.Context, h handler) (*server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot listen on a loopback address: %w", err)
	}
	s := &server{}
	s.http.ReadHeaderTimeout = 10 * time.Second
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(w, r, s.requests.Add(1))
	})
	if s.provider, err = l.Provider("http://" + listener.Addr().String()); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("the provider cannot be created: %v", idv.FailureOf(err))
	}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

func (s *server) stop() { _ = s.http.Close() }

// answerWith returns a handler that sends the same reply to every request.
func answerWith(reply providers.Reply) handler {
	return func(w http.ResponseWriter, _ *http.Request, _ int64) {
		for name, values := range reply.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(reply.Status)
		_, _ = w.Write(reply.Body)
	}
}

// breakOff closes the connection without sending a byte.
func breakOff(w http.ResponseWriter) { raw(w, "") }

// raw sends bytes as they are and closes the connection.
func raw(w http.ResponseWriter, answer string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = conn.Write([]byte(answer))
	_ = conn.Close()
}
