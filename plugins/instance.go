package plugins

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// instance is one process of a plugin with its connection and descriptors. Every restart
// makes a new instance.
type instance struct {
	spec     Spec
	program  *program
	folder   string
	process  *process // nil if the plugin was attached
	conn     *grpc.ClientConn
	rpc      pb.ProviderClient
	products []idv.Descriptor

	calls    sync.WaitGroup // added to only while the plugin holds its lock
	watching sync.WaitGroup // the goroutines of watch
	healthy  atomic.Bool    // it has answered a call or a health check
	slow     atomic.Int32   // consecutive slow calls
	lost     atomic.Bool    // a call was lost with it

	once    sync.Once
	failure Reason
	failed  chan struct{} // closed when failure is set
}

// table returns the code table of a product.
func (i *instance) table(product string) providers.Table { return find(i.products, product).Codes }

// connect opens the connection. It does not use go-plugin's client, which bounds
// neither messages nor what a plugin may push through the auxiliary services.
func (i *instance) connect(addr net.Addr, certificates *tls.Config) error {
	dial := func(ctx context.Context, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, addr.Network(), addr.String())
	}
	secret := insecure.NewCredentials()
	if !i.spec.Plaintext {
		secret = credentials.NewTLS(certificates)
	}
	conn, err := grpc.NewClient("passthrough:///plugin",
		grpc.WithContextDialer(dial), grpc.WithTransportCredentials(secret),
		grpc.WithDisableRetry(), grpc.WithDisableServiceConfig(), grpc.WithIdleTimeout(0),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage)),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: i.spec.StartTimeout}))
	if err != nil {
		return err
	}
	i.attach(conn)
	return nil
}

func (i *instance) attach(conn *grpc.ClientConn) {
	i.conn, i.rpc = conn, pb.NewProviderClient(conn)
}

// watch monitors the plugin until ctx is done or the instance fails.
func (i *instance) watch(ctx context.Context) {
	i.watching.Go(func() { i.drainStdout(ctx) })
	i.watching.Go(func() { i.followConnection(ctx) })
	i.watching.Go(func() { i.ping(ctx) })
}

// markFailed records why the instance failed and kills its process. Only the first
// reason counts.
func (i *instance) markFailed(r Reason) {
	i.once.Do(func() {
		i.failure = r
		close(i.failed)
	})
	if i.process != nil {
		i.process.kill()
	}
}

// gone is closed when the process has ended; it is nil without a process.
func (i *instance) gone() <-chan struct{} {
	if i.process == nil {
		return nil
	}
	return i.process.exited
}

// reason returns why a process that has ended did so.
func (i *instance) reason() Reason {
	select {
	case <-i.failed:
		if i.failure == ReasonConnectionLost && i.process.endedAlone() {
			return ReasonCrashed // the exit was seen after the connection's end
		}
		return i.failure
	default:
		return ReasonCrashed
	}
}

// followConnection fails the instance when the plugin closes its socket. A process that
// dies closes it shortly before its exit is seen; that counts as a crash only.
func (i *instance) followConnection(ctx context.Context) {
	if !i.conn.WaitForStateChange(ctx, connectivity.Ready) {
		return
	}
	select {
	case <-ctx.Done():
	case <-i.gone():
	case <-time.After(streamGrace):
		if !i.process.wasKilledByHost() {
			i.markFailed(ReasonConnectionLost)
		}
	}
}

// disconnected reports whether the connection is lost, so that no further call can
// succeed.
func (i *instance) disconnected() bool { return i.conn.GetState() != connectivity.Ready }

// serves asks whether the plugin still answers. The state of the connection alone does not
// tell, since it may follow a call that was lost with it.
func (i *instance) serves(ctx context.Context) bool {
	if i.disconnected() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, i.spec.CallTimeout)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(i.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "plugin"})
	return err == nil
}

// ping checks health periodically. The instance fails if a check is not answered before
// the next one is due, unless this process did not run meanwhile.
func (i *instance) ping(ctx context.Context) {
	health := grpc_health_v1.NewHealthClient(i.conn)
	for pause := time.NewTicker(i.spec.PingEvery); ; {
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
		asked, cancel := context.WithTimeout(ctx, i.spec.PingEvery)
		r, err := health.Check(asked, &grpc_health_v1.HealthCheckRequest{Service: "plugin"})
		cancel()
		if ctx.Err() != nil || err != nil && endedLate(asked) {
			continue
		}
		if err != nil || r.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			i.markFailed(ReasonHung)
			pause.Stop()
			return
		}
		i.healthy.Store(true)
	}
}

// drainStdout reads and discards what a Go plugin prints after the handshake. Without a
// reader the plugin would block on its next print.
func (i *instance) drainStdout(ctx context.Context) {
	stream, err := i.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, methodStdio)
	if err != nil {
		return
	}
	if stream.SendMsg(&emptypb.Empty{}) != nil || stream.CloseSend() != nil {
		return
	}
	for stream.RecvMsg(&emptypb.Empty{}) == nil {
		continue
	}
}

// shutdownGrace is how long a plugin may take to exit by itself.
const shutdownGrace = 300 * time.Millisecond

// end stops the plugin and removes its directory. It returns when the process has been
// waited for and no goroutine of the instance is left.
func (i *instance) end() {
	if i.process != nil && i.process.pid() != 0 {
		if i.conn != nil && !i.process.gone() {
			ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
			_ = i.conn.Invoke(ctx, methodShutdown, &emptypb.Empty{}, &emptypb.Empty{})
			select {
			case <-i.process.exited:
			case <-ctx.Done():
			}
			cancel()
		}
		i.process.kill()
		<-i.process.exited
		_ = i.process.handshake.Close()
		i.process.streams.Wait()
	}
	if i.conn != nil {
		_ = i.conn.Close()
	}
	i.watching.Wait()
	if i.folder != "" {
		_ = os.RemoveAll(i.folder)
	}
}
