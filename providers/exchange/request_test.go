package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/auth"
	"github.com/heyan-id/heyan/providers/auth/aliyun"
)

// marking is a scheme that marks calls as safe to repeat.
type marking struct{}

func (marking) Name() string { return "marking" }
func (marking) Authenticate(_ context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	one := idv.NewSensitive("1")
	return c.WithHeader(providers.Param{Name: "Idempotency-Key", Value: one}, providers.Param{Name: "x-idempotency-key", Value: one}), nil
}

// tapped is a connection whose written bytes are kept.
type tapped struct {
	net.Conn
	sent *bytes.Buffer
}

func (c tapped) Write(b []byte) (int, error) {
	c.sent.Write(b)
	return c.Conn.Write(b)
}

// tap keeps what the exchange writes; the buffer may be read after each call.
func tap(x *Exchange) *bytes.Buffer {
	sent := new(bytes.Buffer)
	dial := x.dialer.Load().tcp
	x.dialer.Load().tcp = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return tapped{c, sent}, err
	}
	return sent
}

func TestBytesOnTheWire(t *testing.T) {
	t.Parallel()
	const query = "idCard=11010120990101005X&name=%E4%B9%B0%E4%B9%B0%E6%8F%90%C2%B7%E6%B5%8B%E8%AF%95"
	const common = "Accept: application/json\r\nAccept-Encoding: identity\r\nAuthorization: APPCODE " + appcode + "\r\n"
	tests := []struct {
		name string
		call providers.Call
		want string
	}{
		{"get", get(), "GET /idcard?" + query + " HTTP/1.1\r\nHost: HOST\r\nUser-Agent: heyan\r\n" + common + "\r\n"},
		{
			"form", form(),
			"POST /idcard HTTP/1.1\r\nHost: HOST\r\nUser-Agent: heyan\r\nContent-Length: 82\r\n" + common +
				"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n\r\n" + query,
		},
		{
			"post without a body", providers.Call{Method: "POST", Path: "/p", Accept: "text/plain"},
			"POST /p HTTP/1.1\r\nHost: HOST\r\nUser-Agent: heyan\r\nContent-Length: 0\r\n" +
				strings.Replace(common, "application/json", "text/plain", 1) + "\r\n",
		},
		{
			"a form of another type and a header",
			providers.Call{
				Method: "POST", Path: "/p", Form: claims()[:1], ContentType: "application/x-www-form-urlencoded",
				Header: []providers.Param{{Name: "X-Action", Value: idv.NewSensitive("Check")}},
			},
			"POST /p HTTP/1.1\r\nHost: HOST\r\nUser-Agent: heyan\r\nContent-Length: 25\r\n" + common +
				"Content-Type: application/x-www-form-urlencoded\r\nX-Action: Check\r\n\r\nidCard=11010120990101005X",
		},
		{
			"json", providers.Call{Method: "POST", Path: "/p", Body: idv.NewSensitive(`{"a":1}`), ContentType: "application/json"},
			"POST /p HTTP/1.1\r\nHost: HOST\r\nUser-Agent: heyan\r\nContent-Length: 7\r\n" + common +
				"Content-Type: application/json\r\n\r\n{\"a\":1}",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := serve(t, says(okay))
			x := open(t, Config{BaseURL: v.url})
			sent := tap(x)
			must(t, x, tt.call)
			if diff := cmp.Diff(strings.Replace(tt.want, "HOST", x.base.Host, 1), sent.String()); diff != "" {
				t.Errorf("bytes sent (-want +got):\n%s", diff)
			}
		})
	}
}

// The gateway must come to the same signature from what it received.
func TestSignedCallVerifies(t *testing.T) {
	t.Parallel()
	secret := idv.NewSensitive("secret")
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url + "/gateway/", Auth: aliyun.XCa("key", secret)})
	var nonces []string
	for _, call := range []providers.Call{get(), form(), bare()} {
		must(t, x, call)
		r := v.request.Load().(*http.Request)
		values := r.URL.Query()
		if len(call.Form) > 0 {
			values, _ = url.ParseQuery(call.Payload().Reveal())
		}
		signed := strings.Split(r.Header.Get("X-Ca-Signature-Headers"), ",")
		text := aliyun.StringToSign(r.Method, r.Header, signed, r.URL.Path, values)
		if got, want := r.Header.Get("X-Ca-Signature"), aliyun.Sum(secret, text); got != want {
			t.Errorf("signature %q, want %q over %q", got, want, text)
		}
		if r.URL.Path != "/gateway/idcard" {
			t.Errorf("path %q, want the base URL's path before the call's", r.URL.Path)
		}
		nonces = append(nonces, r.Header.Get("X-Ca-Nonce"))
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for i, n := range nonces {
		if !uuid.MatchString(n) || i > 0 && n == nonces[i-1] {
			t.Errorf("nonce %q is no fresh UUID", n)
		}
	}
}

func withHeader(name, value string) providers.Call {
	return bare().WithHeader(providers.Param{Name: name, Value: idv.NewSensitive(value)})
}

func TestUnsendableCalls(t *testing.T) {
	t.Parallel()
	json := idv.NewSensitive("{}")
	long := get()
	long.Query = append(long.Query, param("more", strings.Repeat("测", 500)))
	tests := []struct {
		name string
		call providers.Call
		want idv.Failure
	}{
		{"method", providers.Call{Method: "PUT", Path: "/p"}, idv.Internal},
		{"no path", providers.Call{Method: "GET"}, idv.Internal},
		{"path without a slash", providers.Call{Method: "GET", Path: "p"}, idv.Internal},
		{"path with a query", providers.Call{Method: "GET", Path: "/p?idCard=" + number}, idv.Internal},
		{"path with a name", providers.Call{Method: "GET", Path: "/p/" + person}, idv.Internal},
		{"a header of the transport", withHeader("content-length", "1"), idv.Internal},
		{"a header of the host", withHeader("Authorization", "a"), idv.Internal},
		{"a header of a proxy", withHeader("proxy-authorization", "a"), idv.Internal},
		{"a header without a valid name", withHeader("a b", "a"), idv.Internal},
		{"a header with a line break", withHeader("X-A", "a\r\nX-B: b"), idv.Internal},
		{"form and body", providers.Call{Method: "POST", Path: "/p", Form: claims(), Body: json, ContentType: "a/b"}, idv.Internal},
		{"get with a form", providers.Call{Method: "GET", Path: "/p", Form: claims()}, idv.Internal},
		{"get with a body", providers.Call{Method: "GET", Path: "/p", Body: json, ContentType: "a/b"}, idv.Internal},
		{"body without a type", providers.Call{Method: "POST", Path: "/p", Body: json}, idv.Internal},
		{"header injection", providers.Call{Method: "GET", Path: "/p", Accept: "a\r\nX: y"}, idv.Internal},
		{"head too long", long, idv.InvalidInput},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := serve(t, says(okay))
			fails(t, open(t, Config{BaseURL: v.url}), tt.call, unsent(tt.want, "encode"))
			if v.conns.Load() != 0 {
				t.Error("a connection was made")
			}
		})
	}
}

// proving is a scheme that changes the call.
type proving func(providers.Call) providers.Call

func (proving) Name() string { return "proving" }
func (p proving) Authenticate(_ context.Context, c providers.Call, _ providers.Stamp) (providers.Call, error) {
	return p(c), nil
}

// A value that a scheme adds stays within its header, whatever it holds.
func TestProofStaysInItsHeader(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, Auth: proving(func(c providers.Call) providers.Call {
		return c.WithHeader(providers.Param{Name: "X-Key", Value: idv.NewSensitive("a\r\nX-B: b")}, providers.Param{Name: "X: c\r\nX-D", Value: idv.NewSensitive("d")})
	})})
	must(t, x, get())
	h := v.request.Load().(*http.Request).Header
	if h.Get("X-B") != "" || h.Get("X-D") != "" || h.Get("X") != "" {
		t.Errorf("headers %v, want no other than X-Key", h)
	}
}

// A scheme cannot replace a header of the transport, and of two headers of one name the last
// is sent, as it is signed.
func TestHeadersOfASchemeAreSentOnce(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, Auth: proving(func(c providers.Call) providers.Call {
		var list []providers.Param
		for _, name := range []string{"host", "user-agent", "content-length", "transfer-encoding", "accept", "x-key"} {
			list = append(list, providers.Param{Name: name, Value: idv.NewSensitive("1")})
		}
		return c.WithHeader(append(list, providers.Param{Name: "X-Key", Value: idv.NewSensitive("2")})...)
	})})
	sent := tap(x)
	must(t, x, bare())
	want := "POST /idcard?" + bare().RawQuery().Reveal() + " HTTP/1.1\r\nHost: " + x.base.Host + "\r\nUser-Agent: heyan\r\nContent-Length: 0\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nX-Key: 2\r\n\r\n"
	if diff := cmp.Diff(want, sent.String()); diff != "" {
		t.Errorf("bytes sent (-want +got):\n%s", diff)
	}
}

func TestUnusableKey(t *testing.T) {
	t.Parallel()
	v := serve(t, says(okay))
	x := open(t, Config{BaseURL: v.url, Auth: auth.AppCode(idv.NewSensitive(appcode + "\n"))})
	fails(t, x, get(), unsent(idv.BadCredentials, "encode"))
}

// failing is a connection that takes so many bytes and then breaks.
type failing struct {
	net.Conn
	takes int
}

func (c *failing) Write(b []byte) (int, error) {
	n := min(len(b), c.takes)
	c.takes -= n
	if n == len(b) {
		return c.Conn.Write(b)
	}
	return n, &net.OpError{Op: "write", Err: errors.New("broken by the test, " + number)}
}

// One byte is the difference between "certainly not billed" and "perhaps billed".
func TestSentIsCounted(t *testing.T) {
	t.Parallel()
	for takes, sent := range map[int]want{
		0: unsent(idv.Unavailable, "write"), 1: unknown(idv.Unavailable, "write"), 100: unknown(idv.Unavailable, "write"),
	} {
		t.Run(fmt.Sprint(takes), func(t *testing.T) {
			v := serve(t, says(okay))
			x := open(t, Config{BaseURL: v.url})
			dial := x.dialer.Load().tcp
			x.dialer.Load().tcp = func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := dial(ctx, network, address)
				return &failing{c, takes}, err
			}
			fails(t, x, form(), sent)
			if got := v.requests.Load(); got != 0 {
				t.Errorf("the vendor read %d requests", got)
			}
		})
	}
}

// locked is a scheme that decrypts replies.
type locked struct{ auth.Authenticator }

func (locked) Open(r providers.Reply) (providers.Reply, error) {
	text, found := strings.CutPrefix(string(r.Body), "locked:")
	if !found {
		return providers.Reply{}, &idv.Error{Failure: idv.Garbled, Delivery: idv.NotSent, Charge: idv.NotCharged}
	}
	r.Body = []byte(text)
	return r, nil
}

// The vendor has answered before a scheme opens the reply, so the call may be billed.
func TestOpenedReplies(t *testing.T) {
	t.Parallel()
	v := serve(t, func(c net.Conn, n int32) bool {
		if n == 1 {
			return says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nlocked:{}")(c, n)
		}
		return says(okay)(c, n)
	})
	x := open(t, Config{BaseURL: v.url, Auth: locked{auth.None()}})
	if got := must(t, x, bare()); string(got.Body) != "{}" {
		t.Errorf("opened %q, want {}", got.Body)
	}
	fails(t, x, bare(), unknown(idv.Garbled, "decode"))
}
