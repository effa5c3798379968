//go:build unix

package plugins

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/plugins/internal/wire"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// envRole makes the test binary play a plugin, or a host.
const envRole = "TOY_ROLE"

func TestMain(m *testing.M) {
	role := os.Getenv(envRole)
	if role == "" {
		os.Exit(m.Run())
	}
	if role == "host" {
		playHost()
	}
	play, ok := roles()[role]
	if !ok {
		panic("no such role")
	}
	play()
	os.Exit(0)
}

// roles lists the plugins that the test binary can play.
func roles() map[string]func() {
	forever := func() { select {} }
	printing := func(line string) func() {
		return func() {
			fmt.Println(line)
			forever()
		}
	}
	return map[string]func(){
		"good":       func() { Serve(toy("1.0.0")) },
		"next":       func() { Serve(toy("2.0.0")) },
		"own":        func() { Serve(ownToy()) },
		"sold":       func() { Serve(changedToy(func(d *idv.Descriptor) { d.Recipient = "another company" })) },
		"fresh":      func() { Serve(changedToy(func(d *idv.Descriptor) { d.NoStore = true })) },
		"turncoat":   turncoat,
		"nosy":       nosy,
		"silent":     forever,
		"exit":       func() { os.Exit(3) },
		"closed":     func() { _ = os.Stdout.Close(); forever() },
		"garbage":    printing("hello|world"),
		"core":       printing("2|2|unix|/nowhere|grpc|"),
		"netrpc":     printing("1|2|unix|" + os.Getenv(plugin.EnvUnixSocketDir) + "/s|netrpc|"),
		"foreign":    printing("1|2|unix|/var/run/docker.sock|grpc|"),
		"bare":       printing("1|2|unix|" + os.Getenv(plugin.EnvUnixSocketDir) + "/s|grpc|"),
		"bare-cert":  printing("1|2|unix|" + os.Getenv(plugin.EnvUnixSocketDir) + "/s|grpc|" + strings.Repeat("A", 60)),
		"long":       func() { fmt.Println(strings.Repeat("x", 10<<20)) },
		"version":    func() { serveRaw(99, newService(toy("1.0.0"))) },
		"old":        func() { serveRaw(1, pb.UnimplementedProviderServer{}) },
		"several":    func() { Serve(toyProduct("toy/idcard"), toyProduct("toy/other")) },
		"chatty":     func() { fmt.Println("toy is starting"); Serve(toy("1.0.0")) },
		"talkative":  func() { Serve(prattler()) },
		"empty":      func() { serveRaw(protocolVersion, &hostile{describe: &pb.DescribeResponse{}}) },
		"huge":       func() { serveRaw(protocolVersion, &hostile{decode: huge}) },
		"unknown":    func() { serveRaw(protocolVersion, &hostile{decode: verdict(77)}) },
		"none":       func() { serveRaw(protocolVersion, &hostile{decode: verdict(0)}) },
		"crosswired": func() { serveRaw(protocolVersion, &hostile{decode: crosswired}) },
		"panics":     func() { serveRaw(protocolVersion, &hostile{decode: panics}) },
		"dies":       func() { serveRaw(protocolVersion, &hostile{decode: dies, encode: true}) },
		"stuck":      func() { serveRaw(protocolVersion, &hostile{decode: stuck}) },
		"breaks-off": func() { serveRaw(protocolVersion, breaksOff{newService(ownToy())}) },
		"refuses":    func() { serveRaw(protocolVersion, &declines{}) },
		"fragile":    fragile,
		"talks":      func() { Serve(talker()) },
		"parent":     parent,
	}
}

// serveRaw serves without the care of Serve.
func serveRaw(version int, s pb.ProviderServer) {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)) // go-plugin replaces os.Stderr
	slog.SetDefault(log)
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{version: {serviceName: registrar{service: s}}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, grpc.UnaryInterceptor(recoverPanics(log)))...)
		},
	})
}

// breaksOff is a custom transport whose Ask ends with a gRPC status of its vendor's.
type breaksOff struct{ *service }

func (breaksOff) Ask(context.Context, *pb.AskRequest) (*pb.AskResponse, error) {
	return nil, status.Error(codes.Unimplemented, "not by this vendor")
}

// declines ends each Decode with the status of TOY_CODE and goes on.
type declines struct{ hostile }

func (*declines) Decode(context.Context, *pb.DecodeRequest) (*pb.DecodeResponse, error) {
	code, err := strconv.Atoi(os.Getenv("TOY_CODE"))
	if err != nil {
		panic(err)
	}
	return nil, status.Error(codes.Code(code), "not now") //nolint:gosec // a code
}

// hostile answers Describe and Encode as the toy does, unless told otherwise, and
// Decode as it likes.
type hostile struct {
	service
	describe *pb.DescribeResponse
	decode   func(*pb.DecodeRequest) *pb.DecodeResponse
	encode   bool // Encode does as Decode
}

func (h *hostile) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	if h.describe != nil {
		return h.describe, nil
	}
	return wire.Described(toyCard("1.0.0")), nil
}

func (h *hostile) ValidateSettings(context.Context, *pb.ValidateSettingsRequest) (*pb.ValidateSettingsResponse, error) {
	return &pb.ValidateSettingsResponse{}, nil
}

func (h *hostile) Encode(_ context.Context, r *pb.EncodeRequest) (*pb.EncodeResponse, error) {
	if h.encode {
		h.decode(nil)
	}
	q := wire.QueryFrom(r.GetQuery())
	c, err := toyCodec{toyCard("1.0.0")}.Encode(q)
	return wire.Encoded(q, c, err), nil
}

func (h *hostile) Decode(_ context.Context, r *pb.DecodeRequest) (*pb.DecodeResponse, error) {
	return h.decode(r), nil
}

func answered(r *pb.DecodeRequest, v pb.Verdict) *pb.DecodeResponse {
	return &pb.DecodeResponse{QueryId: r.GetQuery().GetId(), Answer: &pb.Answer{Verdict: v, Charge: pb.Charge_CHARGE_CHARGED, VendorCode: "01"}}
}

func verdict(v pb.Verdict) func(*pb.DecodeRequest) *pb.DecodeResponse {
	return func(r *pb.DecodeRequest) *pb.DecodeResponse { return answered(r, v) }
}

func huge(r *pb.DecodeRequest) *pb.DecodeResponse {
	a := answered(r, pb.Verdict_VERDICT_MATCH)
	a.Answer.VendorRef = strings.Repeat("x", 100<<20)
	return a
}

func crosswired(r *pb.DecodeRequest) *pb.DecodeResponse {
	a := answered(r, pb.Verdict_VERDICT_MATCH)
	a.QueryId = "another"
	return a
}

func panics(r *pb.DecodeRequest) *pb.DecodeResponse {
	panic("a claim in a panic: " + r.GetQuery().GetSubject().GetIdNumber())
}

func dies(*pb.DecodeRequest) *pb.DecodeResponse {
	os.Exit(7)
	return nil
}

func stuck(*pb.DecodeRequest) *pb.DecodeResponse {
	slog.Info(stuckNow)
	select {}
}

const stuckNow = "Decode does not return"

// nosy serves if it sees nothing of its host.
func nosy() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "PLUGIN_") && !strings.HasPrefix(name, cookieKey) &&
			!slices.Contains(append(inheritedEnv[:], envRole, "TMPDIR"), name) {
			os.Exit(4)
		}
	}
	Serve(toy("1.0.0"))
}

// fragile starts well once, and never again: its temporary folder's parent, which
// is the plugin's own folder, remembers.
func fragile() {
	mark := os.Getenv("TOY_MARK")
	if _, err := os.Stat(mark); err == nil {
		os.Exit(9)
	}
	if os.WriteFile(mark, nil, 0o600) != nil {
		os.Exit(8)
	}
	Serve(toy("1.0.0"))
}

// parent starts a process that it does not end, and writes its number to a file.
func parent() {
	child := exec.Command("sleep", "1000")
	if err := child.Start(); err != nil {
		os.Exit(8)
	}
	if os.WriteFile(os.Getenv("TOY_MARK"), fmt.Append(nil, child.Process.Pid), 0o600) != nil {
		os.Exit(8)
	}
	Serve(toy("1.0.0"))
}

// turncoat is one service when it starts first, and sells the data when it is started
// again.
func turncoat() {
	mark := os.Getenv("TOY_MARK")
	if _, err := os.Stat(mark); err == nil {
		Serve(changedToy(func(d *idv.Descriptor) { d.Recipient = "another company" }))
		return
	}
	if os.WriteFile(mark, nil, 0o600) != nil {
		os.Exit(8)
	}
	Serve(toy("1.0.0"))
}

// prattler prints far more than a pipe holds, to both streams.
func prattler() providers.Factory {
	return providers.Factory{Descriptor: toyCard("1.0.0"), New: func(providers.Settings) (providers.Codec, error) {
		return prattling{toyCodec{toyCard("1.0.0")}}, nil
	}}
}

type prattling struct{ toyCodec }

func (p prattling) Encode(q idv.Query) (providers.Call, error) {
	for range 10 {
		fmt.Println(strings.Repeat("x", 1000))
		fmt.Fprintln(os.Stderr, strings.Repeat("y", 1000))
		slog.Info(strings.Repeat("z", 1000))
	}
	return p.toyCodec.Encode(q)
}

// talker logs what it must not.
func talker() providers.Factory {
	return providers.Factory{Descriptor: toyCard("1.0.0"), New: func(providers.Settings) (providers.Codec, error) {
		return talking{toyCodec{toyCard("1.0.0")}}, nil
	}}
}

type talking struct{ toyCodec }

func (c talking) Encode(q idv.Query) (providers.Call, error) {
	slog.Warn("a careless line", "number", q.Subject.IDNumber.Reveal(), "status", 200)
	return c.toyCodec.Encode(q)
}

// ownToy is a vendor with its own transport. It answers by its settings and keys.
func ownToy() CustomTransport {
	card := toyCard("1.0.0")
	card.Settings = append(card.Settings, idv.Setting{Name: "key", Help: "the key", Secret: true})
	return CustomTransport{Descriptor: card, New: func(s providers.Settings, secrets map[string]idv.Sensitive) (idv.Provider, error) {
		if secrets["key"].Reveal() != "open sesame" {
			return nil, fmt.Errorf("the key %s is wrong", secrets["key"].Reveal())
		}
		return ownProvider{card, s["mood"]}, nil
	}}
}

type ownProvider struct {
	card idv.Descriptor
	mood string
}

func (o ownProvider) Describe() idv.Descriptor { return o.card }

func (o ownProvider) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	switch o.mood {
	case "slow":
		<-ctx.Done()
		return idv.Answer{}, ctx.Err()
	case "deadly":
		os.Exit(7)
	case "guarded":
		return idv.Answer{}, &idv.Rejection{Reason: idv.SkipBreakerOpen}
	}
	return idv.Answer{Verdict: want(q.Subject.IDNumber), Charge: idv.Charged, VendorCode: map[bool]string{true: "01", false: "02"}[want(q.Subject.IDNumber) == idv.Match]}, nil
}

// self is the test binary with its sum, which is made once.
var self = sync.OnceValues(func() (path, sum string) {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer func() { _ = file.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		panic(err)
	}
	return path, hex.EncodeToString(h.Sum(nil))
})

// spec is a plugin that the test binary plays.
func spec(t testing.TB, role string) Spec {
	t.Helper()
	path, sum := self()
	return Spec{
		Name: "toy", Path: path, SHA256: sum, Env: []string{envRole + "=" + role}, TempDir: shortDir(t),
		StartTimeout: unhurried, CallTimeout: unhurried, PingEvery: unhurried, DrainTimeout: unhurried,
	}
}

// unhurried is a limit that no test is meant to reach, however busy the machine is.
const unhurried = 10 * time.Minute

// shortDir is a temporary folder with a path that leaves space for a socket's.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hp") //nolint:usetesting // t.TempDir's path leaves too little space for a socket's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func opened(t testing.TB, s Spec) *Plugin {
	t.Helper()
	p, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, p) })
	return p
}

func closed(t testing.TB, p *Plugin) {
	t.Helper()
	if err := p.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// productOf is the only product of a plugin.
func productOf(t testing.TB, p *Plugin) Product {
	t.Helper()
	only, err := p.Product("")
	if err != nil {
		t.Fatal(err)
	}
	return only
}

func codecOf(t testing.TB, p *Plugin) providers.ContextCodec {
	t.Helper()
	c, err := productOf(t, p).Codec(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// states passes on the states of a plugin.
func states(s *Spec) <-chan State {
	ch := make(chan State, 1000)
	s.OnState = func(state State) { ch <- state }
	return ch
}

// next waits for a state. The limit of go test ends a wait that is in vain.
func next(ch <-chan State, phase Phase) State {
	for {
		if s := <-ch; s.Phase == phase {
			return s
		}
	}
}
