package exchange

import (
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

// What a vendor sends beyond its reply is not printed and does not become the
// answer to the next call.
func TestUnaskedBytes(t *testing.T) {
	for name, reply := range map[string]answer{
		"at once": says(okay + unasked),
		"later": func(c net.Conn, n int32) bool {
			return says(okay)(c, n) && pause() && says(unasked)(c, n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, Config{BaseURL: serve(t, reply).url})
			text := printed(func() {
				for range 20 {
					if got := must(t, x, get()); string(got.Body) != "{}" {
						t.Fatalf("body %q is another call's", got.Body)
					}
					waitFor(t, "the pool to notice", func() bool { return resting(x) == 0 })
				}
			})
			if text != "" {
				t.Errorf("printed %q", text)
			}
		})
	}
}

// The twin: this is why the package keeps its connections itself.
func TestDefaultTransportPrintsUnaskedBytes(t *testing.T) {
	v := serve(t, says(okay+unasked))
	transport := &http.Transport{}
	text := printed(func() {
		resp, err := (&http.Client{Transport: transport}).Get(v.url)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		time.Sleep(100 * time.Millisecond)
	})
	if !strings.Contains(text, number) {
		t.Errorf("printed %q: has net/http changed?", text)
	}
}

func pause() bool { time.Sleep(time.Millisecond); return true }

// A connection that the vendor closed at rest is not used: the call goes out on a
// new one and nothing is unknown.
func TestClosedAtRest(t *testing.T) {
	v := serve(t, closing(okay)) // closes without saying so
	x := open(t, Config{BaseURL: v.url})
	for range 5 {
		must(t, x, get())
		waitFor(t, "the pool to notice", func() bool { return resting(x) == 0 })
	}
	if v.conns.Load() != 5 {
		t.Errorf("%d connections, want 5", v.conns.Load())
	}
}

func TestVendorAsksForTheEnd(t *testing.T) {
	v := serve(t, says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"))
	x := open(t, Config{BaseURL: v.url})
	must(t, x, get())
	if resting(x) != 0 {
		t.Error("the connection rests")
	}
}

// A call that takes a connection in the moment in which it ends, or in which
// something unasked comes, gets none.
func TestTakenWhileDisturbed(t *testing.T) {
	for name, disturb := range map[string]func(net.Conn){
		"ended": func(far net.Conn) { _ = far.Close() },
		"spoke": func(far net.Conn) { _, _ = far.Write([]byte("H")) },
	} {
		t.Run(name, func(t *testing.T) {
			near, far := net.Pipe()
			defer func() { _ = far.Close() }()
			p := newPool(1)
			l := newLink(&counted{Conn: near}, near)
			l.rest(func() {})
			p.resting = []*link{l}
			disturb(far)
			waitFor(t, "the rest to end", func() bool { return len(l.quiet) == 1 })
			if p.take() != nil {
				t.Error("the connection was taken")
			}
			if _, err := near.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("writing gave %v, want the connection closed", err)
			}
		})
	}
}

func resting(x *Exchange) int {
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	return len(x.pool.resting)
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestRestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := through(t, plainBase, func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 10))
			go hear(c)
			_, _ = io.WriteString(c, okay)
			time.Sleep(time.Minute)
		})
		must(t, x, get())
		time.Sleep(idle - time.Millisecond)
		if got := resting(x); got != 1 {
			t.Errorf("%d connections at rest before the time, want 1", got)
		}
		time.Sleep(2 * time.Millisecond)
		if got := resting(x); got != 0 {
			t.Errorf("%d connections at rest after the time, want 0", got)
		}
		time.Sleep(time.Minute)
	})
}

func TestConnectionsAreBounded(t *testing.T) {
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

// ask asks the echoing vendor, and gives up early if told to.
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
	fails(t, x, get(), unsent(idv.Unavailable, "dial"))
	close(finish)
	if err := <-done; err != nil {
		t.Errorf("the call in flight ended with %v", err)
	}
	if resting(x) != 0 {
		t.Error("a connection rests after Close")
	}
	x.Close() // twice is harmless
}
