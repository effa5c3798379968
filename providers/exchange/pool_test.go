package exchange

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

const unasked = "HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n" + number

// printed returns what f made the program print to the standard logger.
func printed(f func()) string {
	var b bytes.Buffer
	before := log.Writer()
	log.SetOutput(&b)
	f()
	log.SetOutput(before)
	return b.String()
}

// replying answers every request with the texts, a millisecond apart.
func replying(texts ...string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			for i, text := range texts {
				if i > 0 {
					time.Sleep(time.Millisecond)
				}
				if _, err := io.WriteString(c, text); err != nil {
					return
				}
			}
		}
	}
}

// What a vendor sends beyond its reply is not printed and does not become the
// answer to the next call.
func TestUnaskedBytes(t *testing.T) {
	for name, peer := range map[string]func(net.Conn){
		"at once": replying(okay + unasked),
		"later":   replying(okay, unasked),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := through(t, plainBase, peer)
				text := printed(func() {
					for range 20 {
						if got := must(t, x, get()); string(got.Body) != "{}" {
							t.Fatalf("body %q is another call's", got.Body)
						}
						time.Sleep(2 * time.Millisecond)
						synctest.Wait()
						if got := parked(x); got != 0 {
							t.Fatalf("%d connections parked, want 0", got)
						}
					}
				})
				if text != "" {
					t.Errorf("printed %q", text)
				}
			})
		})
	}
}

// The counterpart: this is why the package keeps its connections itself.
func TestDefaultTransportPrintsUnaskedBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() { defer func() { _ = far.Close() }(); replying(okay + unasked)(far) }()
			return near, nil
		}}
		defer transport.CloseIdleConnections()
		text := printed(func() {
			resp, err := (&http.Client{Transport: transport}).Get(plainBase)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			synctest.Wait()
		})
		if !strings.Contains(text, number) {
			t.Errorf("printed %q: has net/http changed?", text)
		}
	})
}

// A connection that the vendor closed while it was parked is not used: the call
// goes out on a new one and nothing is unknown.
func TestClosedAtRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conns := 0
		x := through(t, plainBase, func(c net.Conn) { // closes without announcing it
			conns++
			_, _ = http.ReadRequest(bufio.NewReader(c))
			_, _ = io.WriteString(c, okay)
		})
		for range 5 {
			must(t, x, get())
			synctest.Wait()
			if got := parked(x); got != 0 {
				t.Fatalf("%d connections parked, want 0", got)
			}
		}
		if conns != 5 {
			t.Errorf("%d connections, want 5", conns)
		}
	})
}

func TestVendorAsksForTheEnd(t *testing.T) {
	t.Parallel()
	v := serve(t, says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"))
	x := open(t, Config{BaseURL: v.url})
	must(t, x, get())
	if parked(x) != 0 {
		t.Error("the connection is parked")
	}
}

// A call that takes a connection in the moment in which it ends, or in which
// something unasked comes, gets none.
func TestTakenWhileDisturbed(t *testing.T) {
	t.Parallel()
	for name, disturb := range map[string]func(net.Conn){
		"ended": func(far net.Conn) { _ = far.Close() },
		"spoke": func(far net.Conn) { _, _ = far.Write([]byte("H")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer func() { _ = far.Close() }()
				p := newPool(1)
				c := newConn(&countingConn{Conn: near}, near)
				c.park(func(*conn) {})
				p.parked = []*conn{c}
				disturb(far)
				synctest.Wait()
				if taken, _ := p.take(); taken != nil {
					t.Error("the connection was taken")
				}
				if _, err := near.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
					t.Errorf("writing gave %v, want the connection closed", err)
				}
			})
		})
	}
}

func parked(x *Exchange) int {
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	return len(x.pool.parked)
}

func TestRestEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := through(t, plainBase, func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 10))
			go hear(c)
			_, _ = io.WriteString(c, okay)
			time.Sleep(time.Minute)
		})
		must(t, x, get())
		time.Sleep(idleTimeout - time.Millisecond)
		if got := parked(x); got != 1 {
			t.Errorf("%d connections parked before the time, want 1", got)
		}
		time.Sleep(2 * time.Millisecond)
		if got := parked(x); got != 0 {
			t.Errorf("%d connections parked after the time, want 0", got)
		}
		time.Sleep(time.Minute)
	})
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, MaxConns: 3})
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			for range 20 {
				if _, err := x.Do(t.Context(), get()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := v.conns.Load(); got > 3 {
		t.Errorf("%d connections, want 3 at most", got)
	}
}

// Each call gets its own answer, whatever the others do.
func TestAnswersAreNotSwapped(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.FormValue("id"))
	}))
	defer s.Close()
	x := open(t, Config{BaseURL: s.URL, MaxConns: 8})
	defer x.Close()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 40 {
				ask(t, x, fmt.Sprintf("%d-%d", w, i), i%5 == 0)
			}
		})
	}
	wg.Wait()
}

// ask asks the echoing vendor, and cancels early if hasty.
func ask(t *testing.T, x *Exchange, id string, hasty bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if hasty {
		time.AfterFunc(100*time.Microsecond, cancel)
	}
	call := providers.Call{Method: "GET", Path: "/echo", Query: []providers.Param{param("id", id)}}
	reply, err := x.Do(ctx, call)
	if err != nil && !hasty || err == nil && string(reply.Body) != id {
		t.Errorf("%s: got %q, %v", id, reply.Body, err)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan bool), make(chan bool)
	v := serve(t, func(c net.Conn, n int32) bool {
		if n == 2 {
			begun <- true
			<-finish
		}
		return says(okay)(c, n)
	})
	x := open(t, Config{BaseURL: v.url})
	must(t, x, get())
	done := make(chan error)
	go func() { _, err := x.Do(t.Context(), get()); done <- err }()
	<-begun
	x.Close()
	fails(t, x, get(), unsent(idv.Unavailable, "connect"))
	close(finish)
	if err := <-done; err != nil {
		t.Errorf("the call in flight ended with %v", err)
	}
	if parked(x) != 0 {
		t.Error("a connection is parked after Close")
	}
	x.Close() // twice is harmless
}
