package exchange

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
)

// TestMain also runs the child processes of [TestEnvironmentHasNoSay].
func TestMain(m *testing.M) {
	if task := os.Getenv(childTask); task != "" {
		runChild(task)
		return
	}
	goleak.VerifyTestMain(m)
}

// The person and the key that no error may show.
const (
	number  = "11010120990101005X"
	person  = "买买提·测试"
	appcode = "c0ffee00c0ffee00c0ffee00c0ffee00"
)

const okay = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

func param(name, value string) providers.Param {
	return providers.Param{Name: name, Value: idv.NewSensitive(value)}
}

func claims() []providers.Param {
	return []providers.Param{param("idCard", number), param("name", person)}
}

func get() providers.Call {
	return providers.Call{Method: "GET", Path: "/idcard", Query: claims(), Replies: replies()}
}

func form() providers.Call {
	return providers.Call{Method: "POST", Path: "/idcard", Form: claims(), Replies: replies()}
}

func bare() providers.Call { return providers.Call{Method: "POST", Path: "/idcard", Query: claims()} }

// replies is a format with two headers that the codec reads and the reference.
func replies() idv.Replies {
	return idv.Replies{Headers: []string{"x-ca-error-code", "X-Ca-Error-Message", "X-Ca-Request-Id"}, RefHeader: "X-Ca-Request-Id"}
}

// open returns an exchange whose time limits, unless the test sets them, no busy
// machine reaches.
func open(t testing.TB, c Config) *Exchange {
	t.Helper()
	c.Connect, c.FirstByte, c.Total = cmp.Or(c.Connect, time.Minute), cmp.Or(c.FirstByte, time.Minute), cmp.Or(c.Total, time.Minute)
	if c.Auth == nil {
		c.Auth = auth.AppCode(idv.NewSensitive(appcode))
	}
	x, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x
}

// vendor is a server that speaks in bytes, so that it can misbehave.
type vendor struct {
	listener net.Listener
	url      string
	conns    atomic.Int32
	requests atomic.Int32
	request  atomic.Value // the last one read, *http.Request
}

// answer writes to the connection; n counts the requests from 1. It returns false
// to have the connection closed.
type answer func(c net.Conn, n int32) bool

func says(text string) answer {
	return func(c net.Conn, _ int32) bool { _, err := io.WriteString(c, text); return err == nil }
}

func serve(t testing.TB, reply answer) *vendor {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, "http://"+l.Addr().String(), reply)
}

func serveOn(t testing.TB, l net.Listener, base string, reply answer) *vendor {
	v := &vendor{listener: l, url: base}
	done := make(chan struct{})
	quit := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			v.conns.Add(1)
			gone := make(chan struct{})
			go func() { // ends the connection with the test
				select {
				case <-quit:
				case <-gone:
				}
				_ = c.Close()
			}()
			go func() { defer close(gone); v.talk(c, reply) }()
		}
	}()
	t.Cleanup(func() { close(quit); _ = l.Close(); <-done })
	return v
}

func (v *vendor) talk(c net.Conn, reply answer) {
	r := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		v.request.Store(req)
		if !reply(c, v.requests.Add(1)) {
			return
		}
	}
}

// want is what an error must say.
type want struct {
	class  idv.Failure
	phase  string
	sent   idv.Delivery
	charge idv.Charge
}

func unsent(class idv.Failure, phase string) want {
	return want{class, phase, idv.NotSent, idv.NotCharged}
}

func unknown(class idv.Failure, phase string) want {
	return want{class, phase, idv.DeliveryUnknown, idv.ChargeUnknown}
}

// fails makes a call and checks that it fails as wanted and that the error shows
// nothing of it.
func fails(t *testing.T, x *Exchange, c providers.Call, w want) {
	t.Helper()
	failsIn(t.Context(), t, x, c, w)
}

func failsIn(ctx context.Context, t *testing.T, x *Exchange, c providers.Call, w want) {
	t.Helper()
	_ = failed(ctx, t, x, c, w)
}

// failed is failsIn and returns the error.
func failed(ctx context.Context, t *testing.T, x *Exchange, c providers.Call, w want) *idv.Error {
	t.Helper()
	begun := time.Now()
	reply, err := x.Do(ctx, c)
	if err == nil {
		t.Fatalf("a reply with status %d, want a failure", reply.Status)
	}
	e, fresh := err.(*idv.Error) //nolint:errorlint // it must be one, not wrap one
	if !fresh || errors.Unwrap(err) != nil {
		t.Fatalf("the error is a %T, want a bare *idv.Error", err)
	}
	if got := (want{e.Failure, e.Phase, e.Delivery, e.Charge}); got != w {
		t.Errorf("got %+v after %v, want %+v (%s)", got, time.Since(begun), w, e.Detail)
	}
	if found := shown(err, x.base.Host); found != "" {
		t.Errorf("the error shows %q", found)
	}
	return e
}

// shown prints an error in every way and returns the first secret found, in clear,
// percent-encoded or in Base64; or the host, or a piece of a URL.
func shown(err error, host string) string {
	text := fmt.Sprintf("%v %+v %s %#v %q %x", err, err, err, err, err, err)
	for e := err; e != nil; e = errors.Unwrap(e) {
		text += fmt.Sprintf(" %v %+v %#v", e, e, e)
	}
	marshalled, _ := json.Marshal(err)
	text += string(marshalled)
	for _, secret := range []string{number, person, appcode, host} {
		b64 := base64.StdEncoding.EncodeToString([]byte(secret))
		for _, form := range []string{secret, url.QueryEscape(secret), strings.TrimRight(b64, "="), fmt.Sprintf("%x", secret)} {
			if strings.Contains(text, form) {
				return form
			}
		}
	}
	for _, piece := range []string{"://", "/idcard", "idCard", "APPCODE", "Authorization"} {
		if strings.Contains(text, piece) {
			return piece
		}
	}
	return ""
}

func must(t *testing.T, x *Exchange, c providers.Call) providers.Reply {
	t.Helper()
	reply, err := x.Do(t.Context(), c)
	if err != nil {
		t.Fatalf("%v, want a reply", err)
	}
	return reply
}
