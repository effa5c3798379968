package plugins

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// exitUsage is the exit code of a program that was started by hand.
const exitUsage = 64

// CustomTransport is a product that one HTTP call cannot reach, so that the plugin makes
// the calls itself. It receives the vendor credentials, and the host cannot verify that
// nothing was sent: prefer a codec. New is called once per configuration. Serve sets
// Descriptor.CustomTransport.
type CustomTransport struct {
	Descriptor idv.Descriptor
	New        func(s providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error)
}

// Serve serves one or several products to the host that started this process, and
// returns when the host ends it. Each product has a name of its own. Serve makes
// slog.Default log to the host; never log a claim. Standard output is discarded.
//
// Started by hand, the program prints a hint and exits with code 64.
func Serve[A Adapter](first A, more ...A) {
	s := newService(append([]A{first}, more...)...)
	serve(s.products[0].descriptor.Vendor(), s)
}

// NewServer returns the server that [Serve] runs, for tests with both ends in one
// process; see plugins/plugintest.
func NewServer[A Adapter](first A, more ...A) *grpc.Server {
	return newServer(newService(append([]A{first}, more...)...))
}

func newServer(s *service) *grpc.Server {
	server := grpcServer(slog.Default())(nil)
	pb.RegisterProviderServer(server, s)
	return server
}

func serve(name string, s *service) {
	if os.Getenv(cookieKey) != cookieValue {
		fmt.Fprintf(os.Stderr, "This program is %s, a heyan plugin. heyan starts it. To check it by hand, run\n\theyan provider check %s\n", name, os.Args[0])
		os.Exit(exitUsage)
	}
	// go-plugin replaces os.Stderr with a pipe later; this one goes to the host.
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	slog.SetDefault(logger)
	if os.Getenv(envLifeline) == "stdin" {
		go followHost(os.Stdin, os.Exit)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{protocolVersion: {serviceName: registrar{service: s}}},
		GRPCServer:       grpcServer(logger),
		Logger:           hclogTo(logger),
	})
}

// followHost exits when the input ends, which happens when the host ends for whatever
// reason. On Linux the kernel kills plugins that do not do this.
func followHost(input io.Reader, exit func(int)) {
	_, _ = io.Copy(io.Discard, input)
	exit(0)
}

// registrar is the plugin as go-plugin registers it.
type registrar struct {
	plugin.NetRPCUnsupportedPlugin
	service pb.ProviderServer
}

// GRPCServer registers the service.
func (r registrar) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	pb.RegisterProviderServer(s, r.service)
	return nil
}

// GRPCClient is not used: the host opens its own connection.
func (registrar) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

// grpcServer returns a constructor of servers with bounded messages and panic recovery.
func grpcServer(log *slog.Logger) func([]grpc.ServerOption) *grpc.Server {
	return func(opts []grpc.ServerOption) *grpc.Server {
		return grpc.NewServer(append(opts,
			grpc.MaxRecvMsgSize(wire.MaxMessage), grpc.MaxSendMsgSize(wire.MaxMessage),
			grpc.UnaryInterceptor(recoverPanics(log)))...)
	}
}
