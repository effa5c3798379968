package node

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// needNode skips a test where there is no node, or where the plugin's packages were
// not installed.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not on the PATH")
	}
	if _, err := os.Stat("node_modules/@grpc/grpc-js"); err != nil {
		t.Skip("the packages are not installed: run npm ci --ignore-scripts in docs/examples/plugin-node")
	}
}

// TestNode runs the plugin's own tests.
func TestNode(t *testing.T) {
	needNode(t)
	if out, err := exec.CommandContext(t.Context(), "node", "--test").CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// TestRefusesToStart: the plugin serves only a host of its protocol.
func TestRefusesToStart(t *testing.T) {
	needNode(t)
	full := append(environment(t), "HEYAN_PLUGIN=heyan.provider.v1", "PLUGIN_CLIENT_CERT=x")
	tests := []struct {
		name, variable, value string
		code                  int
		says                  string
	}{
		{"by hand", "HEYAN_PLUGIN", "", 64, "heyan provider check"},
		{"by another program", "HEYAN_PLUGIN", "heyan.provider.v2", 64, "heyan provider check"},
		{"no certificate", "PLUGIN_CLIENT_CERT", "", 1, "certificate"},
		{"no folder", "PLUGIN_UNIX_SOCKET_DIR", "", 1, "folder"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "./mirrorcert")
			cmd.Env = slices.Concat(full, []string{tt.variable + "=" + tt.value})
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != tt.code {
				t.Errorf("it ended with %v, want %d", err, tt.code)
			}
			if stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("it printed %q and logged %q, want nothing and %q", &stdout, &stderr, tt.says)
			}
		})
	}
}

// TestEnds: the plugin ends by itself, however it learns that it is time, and leaves
// no socket behind.
func TestEnds(t *testing.T) {
	needNode(t)
	tests := []struct {
		name string
		end  func(*testing.T, *os.Process, io.Closer) error
	}{
		{"its input ends", func(_ *testing.T, _ *os.Process, input io.Closer) error { return input.Close() }},
		{"SIGTERM", func(_ *testing.T, p *os.Process, _ io.Closer) error { return p.Signal(syscall.SIGTERM) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "./mirrorcert")
			cmd.Env = hosted(t, identity(t))
			input, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			output, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			socket := socketOf(t, output)
			if err := tt.end(t, cmd.Process, input); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("its socket: %v, want none", err)
			}
		})
	}
}

// TestOrphan kills a host that gave the plugin no lifeline: it notices that it has
// another parent, and ends.
func TestOrphan(t *testing.T) {
	needNode(t)
	// The shell is the host. It prints nothing itself and waits until it is killed.
	host := exec.CommandContext(t.Context(), "/bin/sh", "-c", "./mirrorcert </dev/null & wait")
	host.Env = hosted(t, identity(t))
	for i, variable := range host.Env {
		if strings.HasPrefix(variable, "HEYAN_PLUGIN_LIFELINE=") {
			host.Env[i] = "HEYAN_PLUGIN_LIFELINE="
		}
	}
	output, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	socket := socketOf(t, output)
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait() // killed, as it was told
	// The plugin removes its socket as it ends. The limit of go test ends a wait in vain.
	for {
		if _, err := os.Stat(socket); errors.Is(err, os.ErrNotExist) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// hosted is the environment that a host gives to a plugin to which only the holder
// of a certificate may connect.
func hosted(t *testing.T, client tls.Certificate) []string {
	t.Helper()
	armour := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Certificate[0]})
	return append(environment(t), "HEYAN_PLUGIN=heyan.provider.v1", "PLUGIN_PROTOCOL_VERSIONS=2",
		"PLUGIN_CLIENT_CERT="+string(armour), "HEYAN_PLUGIN_LIFELINE=stdin")
}

// socketOf reads the handshake and returns the socket in it.
func socketOf(t *testing.T, output io.Reader) string {
	t.Helper()
	line, err := bufio.NewReader(output).ReadString('\n')
	parts := strings.Split(strings.TrimSpace(line), "|")
	if err != nil || len(parts) != 6 || !filepath.IsAbs(parts[3]) {
		t.Fatalf("the handshake is %q, %v", line, err)
	}
	return parts[3]
}
