package rpcapi

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// WatchPath is the path of the health service's stream. A stream outlives reloads of the
// configuration, and uses nothing of any.
const WatchPath = grpc_health_v1.Health_Watch_FullMethodName

// watchEvery is how often a stream looks for a change. A state that is shorter may not be sent.
const watchEvery = 2 * time.Second

// Health is the service grpc.health.v1.Health of a process. As /readyz it needs no key.
// It is safe for concurrent use; its fields are not changed after the first use.
type Health struct {
	Ready    func(context.Context) error // nil error if a call could be made durable; nil func if it always can
	Stopping <-chan struct{}             // closed when no new traffic is wanted, although it is still served; nil never
	Stopped  <-chan struct{}             // closed when the streams of Watch end; nil never

	// MaxWatches returns the most streams of Watch at once, since callers without a key can open
	// them and each keeps its connection; nil for no bound.
	MaxWatches func() int

	watches atomic.Int64
}

func (h *Health) register(server *connect.Server) {
	methods := grpc_health_v1.File_grpc_health_v1_health_proto.Services().ByName("Health").Methods()
	stream := specOf(methods.ByName("Watch"))
	stream.StreamType = connect.StreamTypeServer
	server.Register(connect.Method{Spec: specOf(methods.ByName("Check")), Handler: h.check}, connect.Method{Spec: stream, Handler: h.watch})
}

// check answers for the daemon as a whole, or for one of its services.
func (h *Health) check(ctx context.Context, _ connect.Spec, stream connect.ServerStream) error {
	var in grpc_health_v1.HealthCheckRequest
	if err := stream.Receive(&in); err != nil {
		return err
	}
	if !isService(in.GetService()) {
		return connect.NewError(connect.CodeNotFound, "no service has this name; leave it empty for all")
	}
	return stream.Send(&grpc_health_v1.HealthCheckResponse{Status: h.state(ctx)})
}

// watch sends the state, and each change of it, until the caller leaves or the daemon stops. A
// service that does not exist has the state SERVICE_UNKNOWN, as the protocol says.
func (h *Health) watch(ctx context.Context, _ connect.Spec, stream connect.ServerStream) error {
	if n := h.watches.Add(1); h.MaxWatches != nil && n > int64(h.MaxWatches()) {
		h.watches.Add(-1)
		return connect.NewError(connect.CodeResourceExhausted, "too many streams of Watch are open; call Check")
	}
	defer h.watches.Add(-1)
	var in grpc_health_v1.HealthCheckRequest
	if err := stream.Receive(&in); err != nil {
		return err
	}
	keepOpen(ctx)
	state := h.state
	if !isService(in.GetService()) {
		state = func(context.Context) grpc_health_v1.HealthCheckResponse_ServingStatus {
			return grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN
		}
	}
	return h.follow(ctx, state, stream)
}

// follow sends a state and its changes.
func (h *Health) follow(ctx context.Context, state func(context.Context) grpc_health_v1.HealthCheckResponse_ServingStatus, stream connect.ServerStream) error {
	ticker, stopping := time.NewTicker(watchEvery), h.Stopping
	defer ticker.Stop()
	sent, ended := grpc_health_v1.HealthCheckResponse_UNKNOWN, false // UNKNOWN is never sent
	for {
		if now := state(ctx); now != sent {
			if err := stream.Send(&grpc_health_v1.HealthCheckResponse{Status: now}); err != nil {
				return err
			}
			sent = now
		}
		if ended {
			return connect.NewError(connect.CodeUnavailable, "the daemon stops")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-h.Stopped:
			ended = true // after the state has been sent, if it was not
		case <-stopping:
			stopping = nil
		case <-ticker.C:
		}
	}
}

// state returns whether the daemon serves.
func (h *Health) state(ctx context.Context) grpc_health_v1.HealthCheckResponse_ServingStatus {
	if isClosed(h.Stopping) || isClosed(h.Stopped) || h.Ready != nil && h.Ready(ctx) != nil {
		return grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	return grpc_health_v1.HealthCheckResponse_SERVING
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// keepOpen takes away the time limits of the request of a call, whose message has been read.
func keepOpen(ctx context.Context) {
	if w, ok := ctx.Value(writerKey{}).(http.ResponseWriter); ok {
		c := http.NewResponseController(w)
		_ = c.SetReadDeadline(time.Time{}) // fails for a writer without a connection, which has no limits
		_ = c.SetWriteDeadline(time.Time{})
	}
}

// isService reports whether a service has this name. The empty name means all of them.
func isService(name string) bool {
	if name == "" {
		return true
	}
	for _, file := range files() {
		for i := range file.Services().Len() {
			if string(file.Services().Get(i).FullName()) == name {
				return true
			}
		}
	}
	return false
}
