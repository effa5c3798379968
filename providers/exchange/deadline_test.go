package exchange

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The time limits of these tests, which run on synctest's clock.
const (
	connect = 1 * time.Second
	first   = 3 * time.Second
	total   = 5 * time.Second
)

// hear reads from a connection until it ends.
func hear(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// drip writes the text a byte a second until the connection ends.
func drip(c net.Conn, text string) {
	for i := 0; ; i++ {
		if _, err := io.WriteString(c, string(text[i%len(text)])); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// mute reads the request, writes what it is given, and then waits.
func mute(text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		_, _ = io.WriteString(c, text)
		hear(c)
	}
}

func dripping(head, text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(c))
		if _, err := io.WriteString(c, head); err == nil {
			drip(c, text)
		}
	}
}

// sipping reads a few bytes and no more.
func sipping(c net.Conn) {
	_, _ = io.ReadFull(c, make([]byte, 10))
	deaf(c)
}

// deaf neither reads nor writes.
func deaf(c net.Conn) { time.Sleep(time.Minute) }

// through makes an exchange that talks to a function over a pipe, which has no
// buffer and works on synctest's clock. peer nil means a dial that never ends.
func through(t *testing.T, base string, peer func(net.Conn)) *Exchange {
	t.Helper()
	x := open(t, Config{BaseURL: base, Connect: connect, FirstByte: first, Total: total})
	x.dialer.Load().tcp = func(ctx context.Context, _, _ string) (net.Conn, error) {
		if peer == nil {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		near, far := net.Pipe()
		go func() { defer func() { _ = far.Close() }(); peer(far) }()
		return near, nil
	}
	return x
}

const (
	plainBase = "http://127.0.0.1"
	tlsBase   = "https://127.0.0.1"
	partial   = "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{"
)

// stalls are the places where a vendor can hang.
var stalls = []struct {
	name  string
	base  string
	peer  func(net.Conn)
	call  providers.Call
	after time.Duration // when our own limits end the call
	phase string
	sent  idv.Delivery
}{
	{"connect", plainBase, nil, get(), connect, "connect", idv.NotSent},
	{"tls", tlsBase, hear, get(), connect, "tls", idv.NotSent},
	{"write", plainBase, deaf, form(), total, "write", idv.NotSent},
	{"write, in part", plainBase, sipping, form(), total, "write", idv.DeliveryUnknown},
	{"first byte", plainBase, mute(""), get(), first, "first_byte", idv.DeliveryUnknown},
	{"interim answers", plainBase, dripping("", "HTTP/1.1 103 Early Hints\r\n\r\n"), get(), first, "first_byte", idv.DeliveryUnknown},
	{"slow head", plainBase, dripping("HTTP/1.1 200 OK\r\nA: ", "x"), get(), first, "first_byte", idv.DeliveryUnknown},
	{"body", plainBase, mute(partial), get(), total, "body", idv.DeliveryUnknown},
	{"slow body", plainBase, dripping(partial, "x"), get(), total, "body", idv.DeliveryUnknown},
}

func stalled(ctx context.Context, t *testing.T, i int, class idv.Failure, after time.Duration) {
	t.Helper()
	s := stalls[i]
	x := through(t, s.base, s.peer)
	defer func() { x.Close(); time.Sleep(2 * time.Minute) }() // lets the peers go
	begun := time.Now()
	charge := idv.NotCharged
	if s.sent == idv.DeliveryUnknown {
		charge = idv.ChargeUnknown
	}
	failsIn(ctx, t, x, s.call, want{class, s.phase, s.sent, charge})
	if took := time.Since(begun); took != after {
		t.Errorf("ended after %v, want %v", took, after)
	}
}

func TestOwnLimits(t *testing.T) {
	t.Parallel()
	for i, s := range stalls {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stalled(context.Background(), t, i, idv.Timeout, s.after)
			})
		})
		t.Run(s.name+", with a later deadline of the caller", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				stalled(ctx, t, i, idv.Timeout, s.after)
			})
		})
	}
}

// half a second is shorter than every limit of our own.
const soon = 500 * time.Millisecond

func TestCallersDeadline(t *testing.T) {
	t.Parallel()
	for i, s := range stalls {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), soon)
				defer cancel()
				stalled(ctx, t, i, idv.Timeout, soon)
			})
		})
	}
}

func TestCallersCancellation(t *testing.T) {
	t.Parallel()
	for i, s := range stalls {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.Background())
				time.AfterFunc(soon, func() { cancel(errors.New("a cause that holds " + number)) })
				stalled(ctx, t, i, idv.Canceled, soon)
			})
		})
	}
}

func TestDoneBeforeTheCall(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url})
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	failsIn(canceled, t, x, get(), unsent(idv.Canceled, "connect"))
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	failsIn(late, t, x, get(), unsent(idv.Timeout, "connect"))
	if v.conns.Load() != 0 {
		t.Error("a connection was made")
	}
}

// With every connection in use, a call that cannot get one in time was not sent.
func TestNoFreeConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := through(t, plainBase, mute(""))
		defer func() { x.Close(); time.Sleep(2 * time.Minute) }()
		x.pool = newPool(1)
		go func() { _, _ = x.Do(context.Background(), get()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		failsIn(ctx, t, x, get(), unsent(idv.Timeout, "connect"))
	})
}
