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
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
	"github.com/heyan-id/heyan/providers"
)

// exitUsage says that the program was started by a person and not by heyan.
const exitUsage = 64

// CustomTransport is a vendor that cannot be asked by one HTTP call and so makes its
// own. It gets the vendor's keys, and what it says about sent and charged cannot be
// checked: prefer a codec. New is called once for each configuration.
type CustomTransport struct {
	Descriptor idv.Descriptor
	New        func(s providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error)
}

// Serve serves a codec to the host that started this process, and returns when the
// host is done with it. It makes slog.Default log to the host: use it, and never log
// a claim. What is printed to the standard output is thrown away.
//
// Called by hand the program says what it is and exits.
func Serve(b providers.Factory) { serve(b.Descriptor.Name, newCodecService(b)) }

// ServeProvider is Serve for a vendor with a transport of its own. Its descriptor
// says so, whatever was set.
func ServeProvider(o CustomTransport) { serve(o.Descriptor.Name, newProviderService(o)) }

// NewServer returns the server that [Serve] runs, for tests that need both ends in
// one process: see plugins/plugintest.
func NewServer(b providers.Factory) *grpc.Server { return newServer(newCodecService(b)) }

// NewProviderServer is NewServer for a vendor with a transport of its own.
func NewProviderServer(o CustomTransport) *grpc.Server { return newServer(newProviderService(o)) }

func newServer(s *service) *grpc.Server {
	server := grpcServer(slog.Default())(nil)
	pb.RegisterProviderServer(server, s)
	return server
}

func serve(name string, s *service) {
	if os.Getenv(cookieKey) != cookieValue {
		fmt.Fprintf(os.Stderr, "This is %s, a plugin of heyan. heyan starts it; by hand try\n\theyan provider check %s\n", name, os.Args[0])
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

// followHost ends the process when its input ends, which is when the host dies,
// whatever killed it. On Linux the kernel does the same for whoever forgets.
func followHost(input io.Reader, exit func(int)) {
	_, _ = io.Copy(io.Discard, input)
	exit(0)
}

// registrar is what go-plugin wants to know of a service.
type registrar struct {
	plugin.NetRPCUnsupportedPlugin
	service pb.ProviderServer
}

// GRPCServer registers the service.
func (r registrar) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	pb.RegisterProviderServer(s, r.service)
	return nil
}

// GRPCClient is not used: the host makes its own connection.
func (registrar) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

// grpcServer makes a server with bounded messages whose calls survive a panic.
func grpcServer(log *slog.Logger) func([]grpc.ServerOption) *grpc.Server {
	return func(opts []grpc.ServerOption) *grpc.Server {
		return grpc.NewServer(append(opts,
			grpc.MaxRecvMsgSize(wire.MaxMessage), grpc.MaxSendMsgSize(wire.MaxMessage),
			grpc.UnaryInterceptor(recoverPanics(log)))...)
	}
}
