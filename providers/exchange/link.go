package exchange

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// counted is a connection that counts the bytes handed to the network.
type counted struct {
	net.Conn
	out int64
}

// Write counts what the network took, also when it took only a part.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.out += int64(n)
	return n, err
}

// feed hands on what the connection brings, up to a limit, and remembers how the
// bringing ended: the parser of net/textproto takes a line that was cut short for
// a malformed one, and its error then hides a timeout.
type feed struct {
	conn net.Conn
	left int64
	err  error
}

// Read reads up to the limit and then reports the end.
func (f *feed) Read(b []byte) (int, error) {
	if f.left <= 0 {
		return 0, io.EOF
	}
	n, err := f.conn.Read(b[:min(int64(len(b)), f.left)])
	f.left -= int64(n)
	f.err = err
	return n, err
}

// link is one connection to the vendor. It belongs to one call at a time, or to
// the pool.
type link struct {
	raw   *counted      // what TLS runs on; closed from other goroutines
	conn  net.Conn      // what HTTP runs on
	r     *bufio.Reader // reads feed
	feed  *feed         // reads conn
	quiet chan error    // says why the wait at rest ended
}

// maxReplyHead bounds a reply's header in bytes, interim 1xx replies included.
const maxReplyHead = 32 << 10

// idle is how long a connection rests. It is short, because one that the vendor
// closes at the moment of use costs a call whose charge is unknown.
const idle = 15 * time.Second

func newLink(raw *counted, conn net.Conn) *link {
	f := &feed{conn: conn}
	return &link{raw: raw, conn: conn, feed: f, r: bufio.NewReader(f), quiet: make(chan error, 1)}
}

// allow lets the reader have so many more bytes.
func (l *link) allow(bytes int64) { l.feed.left = bytes }

// cause returns the connection's own error where it has one, else the reader's.
func (l *link) cause(err error) error {
	if l.feed.err != nil {
		return l.feed.err
	}
	return err
}

// rest begins to listen on a connection that has nothing to say, and calls gone
// when the vendor closes it, or speaks out of turn, or idle has passed, or the
// connection is roused; rouse waits for that.
func (l *link) rest(gone func()) {
	l.allow(1)
	_ = l.conn.SetReadDeadline(time.Now().Add(idle))
	go func() {
		_, err := l.r.Peek(1)
		gone()
		l.quiet <- err
	}()
}

// rouse ends the rest. It reports false for a connection that is closed or on
// which something came that nobody asked for: that must not become the next
// person's answer.
func (l *link) rouse() bool {
	_ = l.conn.SetReadDeadline(time.Unix(1, 0))
	err := <-l.quiet
	return errors.Is(err, os.ErrDeadlineExceeded) && l.conn.SetReadDeadline(time.Time{}) == nil
}

// close ends the connection at once, without TLS's farewell, which could block.
func (l *link) close() { _ = l.raw.Close() }
