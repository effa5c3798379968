package exchange

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// dying answers every request but the second, which it reads and then drops.
func dying(drop func(net.Conn)) answer {
	return func(c net.Conn, n int32) bool {
		if n == 2 {
			drop(c)
			return false
		}
		return says(okay)(c, n)
	}
}

func hangUp(net.Conn) {}

func reset(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }

// A vendor bills what it reads. One call is one request, also when the kept-alive
// connection dies under it.
func TestNoSilentResend(t *testing.T) {
	t.Parallel()
	calls := map[string]providers.Call{"get": get(), "form": form(), "post without a body": bare()}
	for how, drop := range map[string]func(net.Conn){"closed": hangUp, "reset": reset} {
		for name, call := range calls {
			t.Run(name+" "+how, func(t *testing.T) {
				v := serve(t, dying(drop))
				x := open(t, Config{BaseURL: v.url})
				must(t, x, call)
				fails(t, x, call, unknown(idv.Unavailable, "first_byte"))
				if got := v.requests.Load(); got != 2 {
					t.Fatalf("the vendor read %d requests for 2 calls", got)
				}
				if got := v.conns.Load(); got != 1 {
					t.Fatalf("%d connections: the second call was to use the first one again", got)
				}
				must(t, x, call) // and the next call works
			})
		}
	}
}

// The twin without the remedy: were it to pass with one request per call, the test
// above would prove nothing.
func TestDefaultTransportDoesResend(t *testing.T) {
	t.Parallel()
	for how, drop := range map[string]func(net.Conn){"closed": hangUp, "reset": reset} {
		t.Run(how, func(t *testing.T) {
			v := serve(t, dying(drop))
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			for range 2 {
				resp, err := client.Get(v.url)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
			if got := v.requests.Load(); got != 3 {
				t.Errorf("the vendor read %d requests for 2 calls, want 3: has net/http changed?", got)
			}
		})
	}
}

// A mark that says "safe to repeat" makes net/http repeat a POST as well.
func TestNoIdempotencyKey(t *testing.T) {
	t.Parallel()
	v := serve(t, dying(hangUp))
	x := open(t, Config{BaseURL: v.url, Auth: marking{}})
	must(t, x, bare())
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if value := v.request.Load().(*http.Request).Header.Get(name); value != "" {
			t.Errorf("%s was sent", name)
		}
	}
	fails(t, x, bare(), unknown(idv.Unavailable, "first_byte"))
	if got := v.requests.Load(); got != 2 {
		t.Errorf("the vendor read %d requests for 2 calls", got)
	}
}

// Many dying connections at once: as many requests as calls.
func TestOneRequestPerCallUnderLoad(t *testing.T) {
	t.Parallel()
	v := serve(t, func(c net.Conn, n int32) bool { return n%3 != 0 && says(okay)(c, n) })
	x := open(t, Config{BaseURL: v.url, MaxConns: 4})
	const workers, each = 4, 50
	done := make(chan int32)
	for w := range workers {
		go func() {
			notSent := int32(0)
			for i := range each {
				call := []providers.Call{get(), form(), bare()}[(w+i)%3]
				if _, err := x.Do(t.Context(), call); err != nil && idv.AsError(err).Delivery == idv.NotSent {
					notSent++
				}
			}
			done <- notSent
		}()
	}
	total := int32(workers * each)
	for range workers {
		total -= <-done
	}
	if got := v.requests.Load(); got != total {
		t.Errorf("the vendor read %d requests of %d calls that were sent", got, total)
	}
}
