package daemon

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
)

// limited serves a handler behind a limit of two connections.
func limited(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	l := newConnLimit(inner, 2)
	l.install(s)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return inner.Addr().String()
}

type client struct {
	net.Conn
	replies *bufio.Reader
}

func dial(t *testing.T, address, sends string) client {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, sends); err != nil {
		t.Fatal(err)
	}
	return client{c, bufio.NewReader(c)}
}

// answered reads one reply; the limit of go test ends a wait that is in vain.
func (c client) answered(t *testing.T) {
	t.Helper()
	resp, err := http.ReadResponse(c.replies, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}

func (c client) closedByServer(t *testing.T) {
	t.Helper()
	if _, err := c.replies.ReadByte(); err == nil {
		t.Error("it was answered, want it closed")
	}
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

// A new connection takes the place of the one that has waited longest for its client,
// whether it has sent nothing, a part of a request, or is idle after one.
func TestOldestWaitingConnectionIsClosed(t *testing.T) {
	t.Parallel()
	for name, sends := range map[string]string{"nothing": "", "a part of a head": "GET / HT", "idle": get} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := limited(t, func(http.ResponseWriter, *http.Request) {})
			oldest := dial(t, address, sends)
			if sends == get {
				oldest.answered(t)
			}
			second := dial(t, address, get)
			second.answered(t)
			dial(t, address, get).answered(t)
			oldest.closedByServer(t)
			if _, err := io.WriteString(second, get); err != nil {
				t.Fatal(err)
			}
			second.answered(t) // it is younger, so it was not closed
		})
	}
}

// A connection that serves a request is never closed: a vendor may have been paid for it.
func TestServingConnectionsAreKept(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	address := limited(t, func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-finish
		_, _ = io.WriteString(w, "paid")
	})
	first, second := dial(t, address, get), dial(t, address, get)
	<-begun
	<-begun
	third := dial(t, address, get)
	select {
	case <-begun:
		t.Fatal("three requests are served by two connections")
	default:
	}
	close(finish)
	first.answered(t)
	second.answered(t)
	<-begun
	third.answered(t)
}

// TestHTTP2IsKnownWithoutTLS: a connection of HTTP/2 rests a moment after its last response, also
// one without TLS.
func TestHTTP2IsKnownWithoutTLS(t *testing.T) {
	t.Parallel()
	for _, major := range []int{1, 2} {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		known := make(chan bool, 1)
		s := server(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			c, ok := countedConn(r.Context().Value(connKey{}))
			known <- ok && c.isHTTP2()
		}), time.Minute, slog.New(slog.DiscardHandler))
		l := newConnLimit(inner, 2)
		l.install(s)
		go func() { _ = s.Serve(l) }()
		transport := &http.Transport{Protocols: new(http.Protocols)}
		transport.Protocols.SetHTTP1(major == 1)
		transport.Protocols.SetUnencryptedHTTP2(major == 2)
		resp, err := (&http.Client{Transport: transport}).Get("http://" + inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := <-known; got != (major == 2) || resp.ProtoMajor != major {
			t.Errorf("HTTP/%d: %s was known as HTTP/2: %t", major, resp.Proto, got)
		}
		transport.CloseIdleConnections()
		_ = s.Close()
	}
}

func TestBoundConns(t *testing.T) {
	t.Parallel()
	vendors := []config.Provider{{Limits: config.Limits{Concurrency: 64}}, {Limits: config.Limits{Concurrency: 64}}}
	for _, tt := range []struct {
		name        string
		limit, used int
		want        connBounds
		fails       bool
	}{
		{"small", 64, 22, connBounds{14, 4}, false},
		{"usual", 1024, 30, connBounds{844, 16}, false},
		{"large", 65536, 30, connBounds{65356, 16}, false},
		{"used up", 32, 30, connBounds{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := boundConns(tt.limit, tt.used, vendors)
			if (err != nil) != tt.fails || err == nil && got != tt.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}
