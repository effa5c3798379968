package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestWorkedExchange plays the exchange of docs/plugin-protocol.md and compares
// every byte.
func TestWorkedExchange(t *testing.T) {
	conn := connect(t, io.Discard)
	page := readPage(t)
	for _, method := range []string{"Encode", "Decode"} {
		t.Run(method, func(t *testing.T) {
			request, want := page[method+", request"], page[method+", response"]
			if len(request) == 0 || len(want) == 0 {
				t.Fatal("the page does not show it")
			}
			got, err := invoke(t, conn, method, request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(hex.Dump(want), hex.Dump(got)); diff != "" {
				t.Errorf("the response (-page +plugin):\n%s", diff)
			}
		})
	}
}

// TestBrokenCalls: what an honest host never sends fails that call alone, and the
// plugin says no more than that.
func TestBrokenCalls(t *testing.T) {
	conn := connect(t, io.Discard)
	page := readPage(t)
	tests := []struct {
		name, method string
		request      []byte
		want         codes.Code
	}{
		{"no query", "Decode", nil, codes.Internal},
		{"no message", "Encode", []byte{0xff}, codes.Internal},
		{"a method of the other kind", "Ask", nil, codes.Unimplemented},
		{"too long", "Encode", make([]byte, 1<<20+1), codes.ResourceExhausted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := invoke(t, conn, tt.method, tt.request); status.Code(err) != tt.want {
				t.Errorf("%s: %v, want %v", tt.method, err, tt.want)
			}
			if _, err := invoke(t, conn, "Encode", page["Encode, request"]); err != nil {
				t.Errorf("the call after it: %v", err)
			}
		})
	}
}

// TestSaysNothing: a fault in the plugin's code is logged and answered by its class
// alone, whoever was asked about.
func TestSaysNothing(t *testing.T) {
	var log buffer
	conn := connect(t, &log)
	question := readPage(t)["Decode, request"][:20+2+48] // without a reply, which no host leaves out
	_, err := invoke(t, conn, "Decode", question)
	if status.Code(err) != codes.Internal || query().Subject.ContainedIn(err.Error()) {
		t.Errorf("status %v, want Internal without a claim", status.Code(err))
	}
	log.waitFor("TypeError")
	if query().Subject.ContainedIn(log.String()) {
		t.Error("the log holds a claim")
	}
}

// readPage returns the blocks of hex under the headings of the page: on each line
// the bytes, then a remark.
func readPage(t *testing.T) map[string][]byte {
	t.Helper()
	page, err := os.ReadFile("../../plugin-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]byte{}
	for _, m := range regexp.MustCompile("(?s)\n### ([^\n]*)\n[^#]*?```hex\n(.*?)```").FindAllSubmatch(page, -1) {
		var block []byte
		for line := range strings.Lines(string(m[2])) {
			for _, word := range strings.Fields(line) {
				b, err := hex.DecodeString(word)
				if err != nil || len(b) != 1 {
					break
				}
				block = append(block, b[0])
			}
		}
		blocks[string(m[1])] = block
	}
	return blocks
}

// connect starts the plugin with go-plugin's own client, which any host could use,
// and returns the connection. The plugin's log goes to log.
func connect(t *testing.T, log io.Writer) *grpc.ClientConn {
	t.Helper()
	needNode(t)
	cmd := exec.Command("./mirrorcert")
	cmd.Env = environment(t)
	client := plugin.NewClient(&plugin.ClientConfig{
		Cmd: cmd, SkipHostEnv: true, AutoMTLS: true, StartTimeout: unhurried, Logger: hclog.NewNullLogger(), Stderr: log,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		HandshakeConfig:  plugin.HandshakeConfig{MagicCookieKey: "HEYAN_PLUGIN", MagicCookieValue: "heyan.provider.v1"},
		VersionedPlugins: map[int]plugin.PluginSet{2: {"provider": bare{}}},
	})
	t.Cleanup(client.Kill)
	protocol, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := protocol.Ping(); err != nil {
		t.Fatalf("health: %v", err)
	}
	conn, err := protocol.Dispense("provider")
	if err != nil {
		t.Fatal(err)
	}
	return conn.(*grpc.ClientConn)
}

// unhurried is a limit that no test is meant to reach, however busy the machine is.
const unhurried = 10 * time.Minute

// environment is what a host sets beside the handshake's own variables.
func environment(t *testing.T) []string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + os.Getenv("PATH"), "HEYAN_PLUGIN_DIR=" + here, "PLUGIN_UNIX_SOCKET_DIR=" + t.TempDir()}
}

// bare passes the connection itself.
type bare struct{ plugin.NetRPCUnsupportedPlugin }

func (bare) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (bare) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// invoke sends the bytes of a message and returns those of the response.
func invoke(t *testing.T, conn *grpc.ClientConn, method string, request []byte) ([]byte, error) {
	var response []byte
	err := conn.Invoke(t.Context(), "/heyan.provider.v2.Provider/"+method, &request, &response, grpc.ForceCodec(asIs{}))
	return response, err
}

// asIs is a gRPC codec that leaves the bytes as they are.
type asIs struct{}

func (asIs) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (asIs) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func (asIs) Name() string { return "proto" }

// buffer is a log that is read while it is written.
type buffer struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written sync.Cond // on mu; made by waitFor
}

// Write appends to the log.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.written.Broadcast()
	return b.text.Write(p)
}

// waitFor returns when the log holds the text. The limit of go test ends a wait in vain.
func (b *buffer) waitFor(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.written.L = &b.mu
	for !strings.Contains(b.text.String(), text) {
		b.written.Wait()
	}
}

// String returns what was logged so far.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
