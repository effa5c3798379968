package rpcapi

import (
	"context"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// health is the service grpc.health.v1.Health. As /readyz it needs no key. Watch is not
// implemented, which the protocol allows: clients then ask Check.
type health struct{ Options }

func (h health) register(server *connect.Server) {
	service := grpc_health_v1.File_grpc_health_v1_health_proto.Services().ByName("Health")
	server.Register(connect.Method{Spec: specOf(service.Methods().ByName("Check")), Handler: h.check})
}

// check answers for the daemon as a whole, or for one of its services.
func (h health) check(ctx context.Context, _ connect.Spec, stream connect.ServerStream) error {
	var in grpc_health_v1.HealthCheckRequest
	if err := stream.Receive(&in); err != nil {
		return err
	}
	if in.GetService() != "" && !isService(in.GetService()) {
		return connect.NewError(connect.CodeNotFound, "no service has this name; leave it empty for all")
	}
	out := &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}
	if h.Stopping != nil && h.Stopping() || h.Ready != nil && h.Ready(ctx) != nil {
		out.Status = grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	return stream.Send(out)
}

func isService(name string) bool {
	for _, file := range files() {
		for i := range file.Services().Len() {
			if string(file.Services().Get(i).FullName()) == name {
				return true
			}
		}
	}
	return false
}
