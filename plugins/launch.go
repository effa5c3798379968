package plugins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
)

// launch starts the program, performs the handshake and reads the descriptor, all
// within Spec.StartTimeout. After an error nothing keeps running.
//
// The connection is gRPC on a unix socket in a directory that only this user can enter,
// with certificates made for each start. The plugin gets none of the host's environment
// but inheritedEnv.
func (p *Plugin) launch(ctx context.Context, s Spec, prog *program) (*instance, error) {
	ctx, cancel := context.WithTimeout(ctx, s.StartTimeout)
	defer cancel()
	dir, err := p.folder.run()
	if err != nil {
		return nil, s.newError(ReasonFolder, "it cannot be created")
	}
	i := &instance{spec: s, program: prog, folder: dir, failed: make(chan struct{})}
	if err := i.start(ctx, p); err != nil {
		i.end()
		return nil, err
	}
	return i, nil
}

func (i *instance) start(ctx context.Context, p *Plugin) error {
	i.process = &process{thread: p.thread, log: p.relay.writer(), exited: make(chan struct{})}
	secret, certificate, err := hostCertificate()
	if err != nil {
		return i.spec.newError(ReasonConnection, "no certificate can be created")
	}
	cfg := i.clientConfig(certificate)
	cfg.TLSConfig = secret
	// Start takes no context, but returns when the process ends.
	defer context.AfterFunc(ctx, i.process.kill)()
	addr, err := plugin.NewClient(cfg).Start()
	if err != nil {
		return i.startError(ctx, err)
	}
	if !i.spec.Plaintext && secret.RootCAs == nil {
		return i.spec.newError(ReasonConnection, "the handshake has no certificate")
	}
	if !i.process.watched() {
		p.relay.log.Warn("processes that the plugin starts may outlive heyan: this system has no /bin/sh")
	}
	if err := i.connect(addr, secret); err != nil {
		return i.spec.newError(ReasonConnection, "")
	}
	return i.describe(ctx)
}

// clientConfig configures how go-plugin starts the program and performs the handshake.
func (i *instance) clientConfig(certificate string) *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{protocolVersion: {}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		SkipHostEnv:      true,
		StartTimeout:     2 * i.spec.StartTimeout, // the context ends first
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: i.folder},
		Logger:           hclog.NewNullLogger(),
		RunnerFunc: func(_ hclog.Logger, c *exec.Cmd, socket string) (runner.Runner, error) {
			i.process.socket = socket
			i.process.command = exec.Cmd{
				Path: i.program.path, Args: append([]string{i.spec.Path}, i.spec.Args...),
				Env: append(i.environment(certificate), c.Env...), Dir: i.spec.programDir(),
			}
			return i.process, nil
		},
	}
}

// inheritedEnv lists the host variables that a plugin receives. None holds a secret;
// all others are withheld.
var inheritedEnv = [...]string{"PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT"}

func (i *instance) environment(certificate string) []string {
	env := []string{"TMPDIR=" + i.folder, envLifeline + "=stdin", envFolder + "=" + i.spec.programDir()}
	for _, name := range inheritedEnv {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	if !i.spec.Plaintext {
		env = append(env, envClientCert+"="+certificate)
	}
	return append(env, i.spec.Env...)
}

// startError classifies a failed start.
func (i *instance) startError(ctx context.Context, err error) error {
	s := i.spec
	line, startErr := i.process.firstLine()
	switch {
	case i.process.socket == "":
		return s.newError(ReasonFolder, "it cannot be created")
	case startErr != nil:
		return s.newError(ReasonNotExecutable, systemError(startErr))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return s.newError(ReasonStartTimeout, s.StartTimeout.String())
	case ctx.Err() != nil:
		return s.newError(ReasonStopped, "")
	case line == "":
		return i.exitedSilently()
	}
	return i.handshakeError(line, err)
}

// exitedSilently tells a plugin that exited without output from one that closed its
// output.
func (i *instance) exitedSilently() error {
	i.process.kill()
	<-i.process.exited
	if state, byItself := i.process.exitState(); byItself {
		return i.spec.newError(ReasonStartExit, state)
	}
	return i.spec.newError(ReasonHandshake, "the plugin closed its standard output")
}

// handshakeError says what is wrong with the first line:
// core|version|network|address|grpc|certificate.
func (i *instance) handshakeError(line string, err error) error {
	parts := strings.Split(line, "|")
	core, coreErr := strconv.Atoi(parts[0])
	switch {
	case len(parts) < 5 || coreErr != nil:
		return i.spec.newError(ReasonHandshake, "")
	case core != plugin.CoreProtocolVersion:
		return i.spec.newError(ReasonProtocol, fmt.Sprintf("go-plugin core protocol %d, heyan uses %d", core, plugin.CoreProtocolVersion))
	case errors.Is(err, errForeignAddress):
		return i.spec.newError(ReasonHandshake, "the socket is outside the given directory")
	case parts[4] != string(plugin.ProtocolGRPC):
		return i.spec.newError(ReasonProtocol, "the plugin does not use gRPC")
	}
	version, versionErr := strconv.Atoi(parts[1])
	if versionErr != nil || version == protocolVersion {
		return i.spec.newError(ReasonHandshake, "")
	}
	return i.spec.newError(ReasonProtocol, fmt.Sprintf("protocol version %d, heyan uses %d", version, protocolVersion))
}

func systemError(err error) string {
	var number syscall.Errno
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.As(err, &number):
		return number.Error()
	}
	return ""
}

// describe reads and checks the descriptors.
func (i *instance) describe(ctx context.Context) error {
	s := i.spec
	r, err := i.rpc.Describe(ctx, &pb.DescribeRequest{})
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return s.newError(ReasonStartTimeout, s.StartTimeout.String())
		}
		return s.newError(connectionReason(i), "")
	}
	products, err := wire.DescriptorsFrom(r)
	if err != nil {
		return s.newError(ReasonDescriptor, err.Error())
	}
	for _, d := range products {
		if s.Version != "" && d.Version != s.Version {
			return s.newError(ReasonVersion, d.Name+" has version "+d.Version)
		}
	}
	i.products = products
	return nil
}

// connectionReason tells a plugin that exited from one that does not speak gRPC.
func connectionReason(i *instance) Reason {
	if i.process != nil && i.process.gone() {
		return ReasonStartExit
	}
	return ReasonConnection
}

// difference describes the first promise in which new descriptors differ from the ones in
// use, or returns "". A new product is no difference; a missing one is.
func difference(old, next []idv.Descriptor) string {
	for _, d := range old {
		if other := changed(d, find(next, d.Name)); other != "" {
			return d.Name + ": " + other
		}
	}
	return ""
}

// Refused returns why a running plugin's product cannot be replaced by a new one without a
// restart of heyan, "" if it can.
func Refused(running, next idv.Descriptor) string { return changed(running, next) }

// changed compares the promises of one product. Callers were given the old ones. The
// recipient matters most: people consented to it.
func changed(old, next idv.Descriptor) string {
	switch {
	case old.Name != next.Name:
		return "the product is missing"
	case old.CustomTransport != next.CustomTransport:
		return "the kind changed between codec and custom transport"
	case old.Recipient != next.Recipient:
		return "the recipient of the personal data changed"
	case old.Source != next.Source:
		return "the data source changed"
	case old.NoStore != next.NoStore:
		return "the promise of fresh data changed"
	case old.Fidelity != next.Fidelity || old.Check != next.Check || !slices.Equal(old.Documents, next.Documents):
		return "the fidelity, check or documents changed"
	}
	return ""
}
