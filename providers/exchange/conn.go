package exchange

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"
)

// countingConn counts the bytes that the network accepted.
type countingConn struct {
	net.Conn
	written int64
}

// Write counts a partial write too.
func (c *countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written += int64(n)
	return n, err
}

// boundedReader reads at most remaining bytes and keeps the connection's last error.
// The parser of net/textproto reports a line cut short as malformed, which would hide
// a timeout.
type boundedReader struct {
	conn      net.Conn
	remaining int64
	until     time.Time // when a read times out; zero for never
	err       error
}

// Read returns io.EOF at the limit. If its time limit is noticed late, it reads what has arrived.
func (r *boundedReader) Read(b []byte) (int, error) {
	if r.remaining <= 0 {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), r.remaining)]
	n, err := r.conn.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) && isLate(r.until) {
		r.until = time.Now().Add(lateGrace)
		_ = r.conn.SetReadDeadline(r.until)
		n, err = r.conn.Read(b)
	}
	r.remaining -= int64(n)
	r.err = err
	return n, err
}

// conn is one connection to the vendor. At any time it belongs to one call or to the
// pool.
type conn struct {
	tcp     *countingConn // below TLS; other goroutines may close it
	stream  net.Conn      // carries HTTP
	r       *bufio.Reader // reads bounded
	bounded *boundedReader
	idleErr chan error // the error that ended the read of a parked connection

	age       int  // of the pool, before the connection was dialed
	certified bool // a certificate of ours was offered
	used      bool // a reply was received
}

// maxReplyHead limits the head of a reply in bytes, including interim (1xx) replies.
const maxReplyHead = 32 << 10

// idleTimeout limits how long a connection stays parked. It is short because a
// vendor that closes the connection while a request is written leaves a call whose
// charge is unknown.
const idleTimeout = 15 * time.Second

func newConn(tcp *countingConn, stream net.Conn) *conn {
	b := &boundedReader{conn: stream}
	return &conn{tcp: tcp, stream: stream, bounded: b, r: bufio.NewReader(b), idleErr: make(chan error, 1)}
}

// allow sets how many more bytes may be read.
func (c *conn) allow(bytes int64) { c.bounded.remaining = bytes }

// readUntil sets when reads time out, zero for never.
func (c *conn) readUntil(t time.Time) {
	c.bounded.until = t
	_ = c.stream.SetReadDeadline(t)
}

// cause returns the connection's own error if there is one, else err.
func (c *conn) cause(err error) error {
	if c.bounded.err != nil {
		return c.bounded.err
	}
	return err
}

// park reads from an idle connection in the background. It calls ended when the
// vendor closes the connection or sends a byte, when idleTimeout passes, or when wake
// is called, which waits for that.
func (c *conn) park(ended func(*conn)) {
	c.allow(1)
	_ = c.stream.SetReadDeadline(time.Now().Add(idleTimeout))
	go func() {
		_, err := c.r.Peek(1)
		ended(c)
		c.idleErr <- err
	}()
}

// wake ends the background read; readUntil sets the limit of the next one. It reports false
// if the connection was closed or bytes arrived on it: those must not become the answer to
// the next call.
func (c *conn) wake() bool {
	_ = c.stream.SetReadDeadline(time.Unix(1, 0))
	return errors.Is(<-c.idleErr, os.ErrDeadlineExceeded)
}

// close closes the connection at once. It sends no TLS close_notify, which could
// block.
func (c *conn) close() { _ = c.tcp.Close() }

const (
	// lateLeast is how late a deadline must be noticed for this process to have paused.
	lateLeast = 100 * time.Millisecond
	// lateGrace is how long a call may then go on. A reply that came in time, which may be paid
	// for, was not read yet.
	lateGrace = 200 * time.Millisecond
)

func isLate(deadline time.Time) bool { return !deadline.IsZero() && time.Since(deadline) > lateLeast }

// closeAtEnd closes the connection of a call whose context has ended.
func closeAtEnd(ctx context.Context, c *conn) {
	deadline, _ := ctx.Deadline()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && isLate(deadline) {
		time.Sleep(lateGrace)
	}
	c.close()
}

// pool limits the number of connections and holds the parked ones.
type pool struct {
	slots  chan struct{} // one per call in flight
	mu     sync.Mutex
	parked []*conn // taken from the end
	age    int     // counts the changes of the network
	closed bool
}

func newPool(size int) *pool { return &pool{slots: make(chan struct{}, size)} }

var errClosed = errors.New("closed")

// acquire waits for a slot. Slots limit the connections too, since a call dials only
// if none is parked.
func (p *pool) acquire(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.release()
		return errClosed
	}
	return nil
}

// release returns the slot.
func (p *pool) release() { <-p.slots }

// take returns a live parked connection, or nil and the pool's age, which a new
// connection must have for it to be parked later.
func (p *pool) take() (*conn, int) {
	for {
		c, age := p.pop()
		if c == nil || c.wake() {
			return c, age
		}
		c.close()
	}
}

func (p *pool) pop() (*conn, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.parked) - 1
	if last < 0 {
		return nil, p.age
	}
	c := p.parked[last]
	p.parked = slices.Delete(p.parked, last, last+1)
	return c, p.age
}

// put parks a connection. The pool drops it when its background read ends.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || c.age != p.age {
		c.close()
		return
	}
	c.park(p.drop)
	p.parked = append(p.parked, c)
}

// drop closes a connection unless a call has taken it.
func (p *pool) drop(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.parked, c); i >= 0 {
		p.parked = slices.Delete(p.parked, i, i+1)
		c.close()
	}
}

// close closes the parked connections. Later ones are closed instead of parked.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.empty()
}

// renew closes the parked connections, and lets those of calls in flight end with their
// calls.
func (p *pool) renew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.age++
	p.empty()
}

func (p *pool) empty() {
	for _, c := range p.parked {
		c.close()
	}
	p.parked = nil
}
