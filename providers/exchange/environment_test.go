package exchange

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/auth"
)

// childTask, when set in the environment, makes a test the child's main.
const childTask = "HEYAN_EXCHANGE_TEST"

// The environment can switch on net/http's debug log, which prints paths and
// keys, and can name a proxy. Both are read once per process, so a child makes
// the calls: one with this package, one with the plain client as the twin.
func TestEnvironmentHasNoSay(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	trap := serve(t, says("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))

	text := child(t, "exchange", s.URL, trap.url)
	if !strings.Contains(text, "status 200") || strings.Contains(text, number) || strings.Contains(text, appcode) {
		t.Errorf("the child printed %q", text)
	}
	text = child(t, "other host", s.URL, trap.url)
	if !strings.Contains(text, "at connect") {
		t.Errorf("the child printed %q", text)
	}
	if trap.conns.Load() != 0 {
		t.Error("the environment's proxy was used")
	}
	if text = child(t, "twin", s.URL, trap.url); !strings.Contains(text, number) || !strings.Contains(text, appcode) {
		t.Errorf("the twin printed %q: has net/http changed?", text)
	}
	if child(t, "twin, other host", s.URL, trap.url); trap.conns.Load() == 0 {
		t.Error("the twin did not use the proxy: has net/http changed?")
	}
}

func child(t *testing.T, task, server, proxy string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childTask+"="+task, "SERVER="+server, "GODEBUG=http2debug=2",
		"HTTPS_PROXY="+proxy, "HTTP_PROXY="+proxy, "https_proxy="+proxy, "ALL_PROXY="+proxy, "NO_PROXY=", "no_proxy=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the child failed: %v\n%s", err, out)
	}
	return string(out)
}

// runChild makes the call of a child process, and prints what came of it. The other
// host is this machine too, but has none of the addresses for which net/http ignores a
// proxy.
func runChild(task string) {
	server := os.Getenv("SERVER")
	if strings.HasSuffix(task, "other host") {
		server = "https://0.0.0.0:1"
	}
	if strings.HasPrefix(task, "twin") {
		twin(server)
		return
	}
	x, err := New(Config{
		BaseURL: server, Network: Network{RootCAs: testRoots()}, Auth: auth.AppCode(idv.NewSensitive(appcode)),
		Connect: time.Minute, FirstByte: time.Minute, Total: time.Minute,
	})
	if err != nil {
		panic(err)
	}
	defer x.Close()
	reply, err := x.Do(context.Background(), get())
	fmt.Println("status", reply.Status, err)
}

func twin(server string) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig.InsecureSkipVerify = true //nolint:gosec // the twin is not what is tested
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	req, _ := http.NewRequest(http.MethodGet, server+"/idcard?idCard="+number, nil)
	req.Header.Set("Authorization", "APPCODE "+appcode)
	if resp, err := client.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// testRoots returns a pool with the certificate that every server of httptest has.
func testRoots() *x509.CertPool {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// A listener whose queue is full answers no further SYN: the one way to stall a
// dial on loopback.
func TestConnectLimit(t *testing.T) {
	t.Parallel()
	address, fill := fullListener(t)
	for range fill {
		c, err := net.DialTimeout("tcp", address, time.Minute)
		if err != nil {
			break
		}
		defer func() { _ = c.Close() }()
	}
	x := open(t, Config{BaseURL: "http://" + address, Connect: 100 * time.Millisecond})
	fails(t, x, get(), unsent(idv.Timeout, "connect"))
}
