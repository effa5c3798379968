package rpcapi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

const (
	serving    = grpc_health_v1.HealthCheckResponse_SERVING
	notServing = grpc_health_v1.HealthCheckResponse_NOT_SERVING
)

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// TestHealth: the daemon is not healthy while it stops, or cannot record a call.
func TestHealth(t *testing.T) {
	t.Parallel()
	works, fails := func(context.Context) error { return nil }, func(context.Context) error { return errors.New("disk full") }
	for name, tt := range map[string]struct {
		h    *Health
		want grpc_health_v1.HealthCheckResponse_ServingStatus
	}{
		"always": {nil, serving}, "ready": {&Health{Ready: works, Stopping: make(chan struct{})}, serving},
		"stopping": {&Health{Ready: works, Stopping: closed()}, notServing}, "without a store": {&Health{Ready: fails}, notServing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := grpc_health_v1.NewHealthClient(dial(t, served(t, Options{Health: tt.h})))
			for _, service := range []string{"", "heyan.v1.VerificationService", "heyan.v1.KeyService"} {
				if got, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service}); err != nil || got.GetStatus() != tt.want {
					t.Errorf("%q: %v, %v", service, got, err)
				}
				if got, err := watched(t, client, service).Recv(); err != nil || got.GetStatus() != tt.want {
					t.Errorf("watch %q: %v, %v", service, got, err)
				}
			}
			if _, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: claim}); status.Code(err) != codes.NotFound || strings.Contains(err.Error(), claim) {
				t.Errorf("an unknown service: %v", err)
			}
			if got, err := watched(t, client, claim).Recv(); err != nil || got.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN {
				t.Errorf("watch an unknown service: %v, %v", got, err)
			}
		})
	}
}

func watched(t *testing.T, client grpc_health_v1.HealthClient, service string) grpc_health_v1.Health_WatchClient {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// TestWatchEnds: the last message before the end of a stream is that the daemon does not serve.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	t.Run("gRPC", func(t *testing.T) {
		t.Parallel()
		stopping, stopped := make(chan struct{}), make(chan struct{})
		stream := watched(t, grpc_health_v1.NewHealthClient(dial(t, served(t, Options{Health: &Health{Stopping: stopping, Stopped: stopped}}))), "")
		if got, err := stream.Recv(); err != nil || got.GetStatus() != serving {
			t.Fatalf("got %v, %v", got, err)
		}
		close(stopping)
		if got, err := stream.Recv(); err != nil || got.GetStatus() != notServing {
			t.Errorf("got %v, %v", got, err)
		}
		close(stopped)
		if got, err := stream.Recv(); status.Code(err) != codes.Unavailable {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("Connect over HTTP/1.1", func(t *testing.T) {
		t.Parallel()
		stopped := make(chan struct{})
		message := []byte(`{}`)
		body := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+served(t, Options{Health: &Health{Stopped: stopped}})+WatchPath, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/connect+json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		const first = `{"status":"SERVING"}`
		got := make([]byte, 5+len(first))
		if _, err := io.ReadFull(response.Body, got); err != nil || strings.ReplaceAll(string(got[5:]), " ", "") != first {
			t.Fatalf("status %d: %q, %v", response.StatusCode, got, err)
		}
		close(stopped)
		rest, err := io.ReadAll(response.Body)
		if text := string(rest); err != nil || !strings.Contains(text, `NOT_SERVING`) || !strings.Contains(text, `"code":"unavailable"`) {
			t.Errorf("then %q, %v", rest, err)
		}
	})
}

// recorder is the stream of a call of Watch.
type recorder struct {
	mu   sync.Mutex
	sent []string
}

func (r *recorder) states() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

func (*recorder) Receive(any) error { return nil }

func (*recorder) SendHeaders() error { return nil }

func (r *recorder) Send(msg any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m, ok := msg.(*grpc_health_v1.HealthCheckResponse); ok {
		r.sent = append(r.sent, m.GetStatus().String())
	}
	return nil
}

// TestWatchSendsChanges: each state is sent once, within two seconds; the end of the process at once.
func TestWatchSendsChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Bool
		stopping, stopped := make(chan struct{}), make(chan struct{})
		ready := func(context.Context) error {
			if failing.Load() {
				return errors.New("disk full")
			}
			return nil
		}
		h := &Health{Ready: ready, Stopping: stopping, Stopped: stopped}
		ctx, cancel := context.WithCancel(t.Context())
		var stays, leaves recorder
		var ended, left error
		go func() { ended = h.watch(t.Context(), connect.Spec{}, &stays) }()
		go func() { left = h.watch(ctx, connect.Spec{}, &leaves) }()
		step := func(name string, wait time.Duration, want ...string) {
			t.Helper()
			time.Sleep(wait)
			synctest.Wait()
			if got := stays.states(); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
		step("begin", 0, "SERVING")
		step("no change", time.Minute, "SERVING")
		failing.Store(true)
		step("the store fails", watchEvery, "SERVING", "NOT_SERVING")
		failing.Store(false)
		step("the store works again", watchEvery, "SERVING", "NOT_SERVING", "SERVING")
		cancel()
		synctest.Wait()
		if !errors.Is(left, context.Canceled) || h.watches.Load() != 1 {
			t.Errorf("the caller left: %v, %d streams", left, h.watches.Load())
		}
		close(stopping)
		step("the process stops", 0, "SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING")
		step("calls in flight", time.Minute, "SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING")
		close(stopped)
		step("the end", 0, "SERVING", "NOT_SERVING", "SERVING", "NOT_SERVING")
		if connect.CodeOf(ended) != connect.CodeUnavailable || h.watches.Load() != 0 {
			t.Errorf("the end: %v, %d streams", ended, h.watches.Load())
		}
	})
}

// TestWatchesAreBounded: a stream above the bound is refused, until another has ended.
func TestWatchesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &Health{MaxWatches: func() int { return 1 }}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = h.watch(ctx, connect.Spec{}, new(recorder)) }()
		synctest.Wait()
		var second recorder
		if err := h.watch(t.Context(), connect.Spec{}, &second); connect.CodeOf(err) != connect.CodeResourceExhausted || len(second.states()) != 0 {
			t.Errorf("got %v and %v", err, second.states())
		}
		cancel()
		synctest.Wait()
		ctx, cancel = context.WithCancel(t.Context())
		go func() { _ = h.watch(ctx, connect.Spec{}, &second) }()
		synctest.Wait()
		if len(second.states()) != 1 {
			t.Errorf("after the end of the first: %v", second.states())
		}
		cancel()
	})
}
