// Package plugintest runs an adapter behind the plugin protocol within one process:
// messages, checks and calls are those of production, without the process and the
// socket. A vendor's test uses it to run the contract a second time:
//
//	codec := plugintest.Codec(t, mine.Factory(), nil)
//	providertest.Run(t, providertest.Harness{Codec: codec, …})
package plugintest

import (
	"context"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	"github.com/heyan-id/heyan/providers"
)

// Codec returns a built-in codec behind the protocol. It is closed when the test ends.
func Codec(t testing.TB, b providers.Factory, s providers.Settings) providers.ContextCodec {
	t.Helper()
	c, err := product(t, serve(t, plugins.NewServer(b))).Codec(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Provider returns a provider with a custom transport behind the protocol. It is closed
// when the test ends.
func Provider(t testing.TB, o plugins.CustomTransport, s providers.Settings, secrets map[string]idv.Sensitive) idv.Provider {
	t.Helper()
	p, err := product(t, serve(t, plugins.NewServer(o))).Provider(t.Context(), s, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// product returns the plugin's only product.
func product(t testing.TB, p *plugins.Plugin) plugins.Product {
	t.Helper()
	only, err := p.Product("")
	if err != nil {
		t.Fatal(err)
	}
	return only
}

func serve(t testing.TB, server *grpc.Server) *plugins.Plugin {
	t.Helper()
	pipe := bufconn.Listen(wire.MaxMessage)
	go func() { _ = server.Serve(pipe) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///plugintest",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plugins.Attach(t.Context(), "plugintest", conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}
