package daemon

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// connLimit bounds the accepted connections of one listener. At the bound a new connection
// takes the place of the one that has waited longest for its client: for the head of a
// request, or idle after one. If all are serving requests, the new one waits for the first
// that ends. A client can thus not keep others out by holding connections open.
type connLimit struct {
	net.Listener
	most int

	mu     sync.Mutex
	conns  map[*limitedConn]struct{}
	freed  chan struct{} // receives after a connection has ended, if a new one may be waiting
	closed chan struct{}
	once   sync.Once
}

func newConnLimit(l net.Listener, most int) *connLimit {
	return &connLimit{Listener: l, most: most, conns: map[*limitedConn]struct{}{}, freed: make(chan struct{}, 1), closed: make(chan struct{})}
}

// limitedConn is a connection that counts. Its fields are guarded by the limit's mutex.
type limitedConn struct {
	net.Conn
	limit   *connLimit
	since   time.Time // of the last request's end, or of the connection
	served  int       // requests that have begun
	major   int       // version of HTTP of the last one
	serving bool
	evicted bool
}

// Accept waits for a connection and for a place for it.
func (l *connLimit) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &limitedConn{Conn: conn, limit: l, since: time.Now()}
	for !l.add(c) {
		select {
		case <-l.freed:
		case <-l.closed:
			_ = conn.Close()
			return nil, net.ErrClosed
		}
	}
	return c, nil
}

// resize changes the bound. Connections above a smaller one stay until they end.
func (l *connLimit) resize(most int) {
	l.mu.Lock()
	l.most = most
	l.mu.Unlock()
	l.signal() // a connection may be waiting
}

// bound returns the bound.
func (l *connLimit) bound() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most
}

// Close closes the listener.
func (l *connLimit) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// add counts a connection, and closes the one whose place it takes.
func (l *connLimit) add(c *limitedConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) >= l.most {
		waiting := l.longestWaiting()
		if waiting == nil {
			return false
		}
		waiting.evicted = true
		delete(l.conns, waiting)
		_ = waiting.Conn.Close()
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *connLimit) longestWaiting() (found *limitedConn) {
	for c := range l.conns {
		if !c.serving && (found == nil || c.since.Before(found.since)) {
			found = c
		}
	}
	return found
}

// Close closes the connection and frees its place.
func (c *limitedConn) Close() error {
	c.limit.mu.Lock()
	delete(c.limit.conns, c)
	c.limit.mu.Unlock()
	err := c.Conn.Close()
	c.limit.signal()
	return err
}

func (l *connLimit) signal() {
	select {
	case l.freed <- struct{}{}:
	default:
	}
}

type connKey struct{}

// install makes a server report which connections serve requests.
func (l *connLimit) install(s *http.Server) {
	next := s.Handler
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := countedConn(r.Context().Value(connKey{})); ok && !c.serve(r.ProtoMajor) {
			panic(http.ErrAbortHandler) // the answer could not be delivered, so no vendor is called for it
		}
		next.ServeHTTP(w, r)
	})
	// A connection is idle only when its response is written. One of HTTP/2 is reported idle
	// when the last frame is written into a buffer, so it rests a moment later: taking its
	// place at once would lose the response.
	s.ConnState = func(conn net.Conn, state http.ConnState) {
		c, ok := countedConn(conn)
		switch {
		case !ok || state != http.StateIdle:
		case c.isHTTP2():
			served := c.requests()
			time.AfterFunc(flushTime, func() { c.rest(served) })
		default:
			c.rest(c.requests())
		}
	}
}

// flushTime is the time in which a buffered end of a response reaches the connection.
const flushTime = 100 * time.Millisecond

// isHTTP2 reports whether the connection has served a request of HTTP/2, with TLS or without.
func (c *limitedConn) isHTTP2() bool {
	c.limit.mu.Lock()
	defer c.limit.mu.Unlock()
	return c.major == 2
}

// countedConn returns the connection that counts, below TLS or not.
func countedConn(conn any) (*limitedConn, bool) {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	c, ok := conn.(*limitedConn)
	return c, ok
}

// serve marks a connection as busy, and reports false if it was closed before.
func (c *limitedConn) serve(major int) bool {
	c.limit.mu.Lock()
	defer c.limit.mu.Unlock()
	c.major = major
	c.served++
	c.serving = !c.evicted
	return c.serving
}

// requests returns how many requests have begun.
func (c *limitedConn) requests() int {
	c.limit.mu.Lock()
	defer c.limit.mu.Unlock()
	return c.served
}

// rest marks a connection as idle, unless another request has begun since.
func (c *limitedConn) rest(served int) {
	c.limit.mu.Lock()
	if c.served == served {
		c.serving, c.since = false, time.Now()
	}
	c.limit.mu.Unlock()
	c.limit.signal() // a connection may be waiting for one that it can take the place of
}
