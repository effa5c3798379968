package sandbox_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Synthetic people: born in 2099, so they do not exist.
const (
	evenNumber = "110101209901010084"
	oddNumber  = "110101209901010017"
	xNumber    = "11010120990101005X"
	anyName    = "张三"
)

// answered is what a raw client got: every byte, and the same parsed.
type answered struct {
	raw    []byte
	status int
	header http.Header
	body   []byte
	err    error // of reading to the end
}

func (a answered) code() string { return a.header.Get("X-Ca-Error-Code") }

// raw speaks HTTP by hand, so that no library hides what is on the wire.
func raw(t *testing.T, v sandbox.Vendor, method, target string, header ...string) answered {
	t.Helper()
	conn := dial(t, v)
	defer shut(t, conn)
	lines := append([]string{method + " " + target + " HTTP/1.1", "Host: sandbox", "Connection: close"}, header...)
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal("writing the request failed")
	}
	var got answered
	got.raw, got.err = io.ReadAll(conn)
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(got.raw)), nil)
	if err != nil {
		return got
	}
	got.status, got.header = res.StatusCode, res.Header
	var bodyErr error
	got.body, bodyErr = io.ReadAll(res.Body)
	got.err = errors.Join(got.err, bodyErr)
	return got
}

func dial(t *testing.T, v sandbox.Vendor) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(v.URL, "http://"))
	if err != nil {
		t.Fatal("dialling the vendor failed")
	}
	return conn
}

func target(number, name string) string {
	return "/idcard?" + url.Values{"idCard": {number}, "name": {name}}.Encode()
}

func appCode(v sandbox.Vendor) string { return "Authorization: APPCODE " + v.AppCode.Reveal() }

// ask asks with the AppCode.
func ask(t *testing.T, v sandbox.Vendor, number, name string) answered {
	t.Helper()
	return raw(t, v, "GET", target(number, name), appCode(v))
}

// answer is the vendor's JSON, read as a test may: all strings.
func (a answered) fields(t *testing.T) map[string]string {
	t.Helper()
	var m map[string]string
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("body is no JSON of strings: %v", err)
	}
	return m
}

// post sends a body to a control path and returns status and body.
func post(t *testing.T, v sandbox.Vendor, path, body string) (int, []byte) {
	t.Helper()
	res, err := http.Post(v.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return read(t, res)
}

func get(t *testing.T, v sandbox.Vendor, path string) (int, []byte) {
	t.Helper()
	res, err := http.Get(v.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, res)
}

func read(t *testing.T, res *http.Response) (int, []byte) {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	defer shut(t, res.Body)
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

func setMode(t *testing.T, s *sandbox.Sandbox, m sandbox.Mode) {
	t.Helper()
	if err := s.SetScenario(sandbox.Scenario{Vendor: "idcert-a", Mode: m}); err != nil {
		t.Fatal(err)
	}
}

func secret(text string) idv.Sensitive { return idv.NewSensitive(text) }

// shut closes what a test has opened.
func shut(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}
