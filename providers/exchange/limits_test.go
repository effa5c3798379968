package exchange

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// sized is a reply with a body of n bytes.
func sized(n int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", n, strings.Repeat("x", n))
}

func chunked(n int) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", n, strings.Repeat("x", n))
}

func untilClosed(n int) string { return "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", n) }

// closing says its text and then closes the connection.
func closing(text string) answer {
	return func(c net.Conn, _ int32) bool { _, _ = io.WriteString(c, text); return false }
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]func(int) string{"length": sized, "chunked": chunked, "until closed": untilClosed} {
		for _, limit := range []int{1, 100, maxBody} {
			t.Run(fmt.Sprint(name, " ", limit), func(t *testing.T) {
				v := serve(t, func(c net.Conn, n int32) bool {
					_, _ = io.WriteString(c, reply(limit+int(n)-1))
					return name != "until closed"
				})
				x := open(t, Config{BaseURL: v.url, MaxBody: int64(limit)})
				if got := must(t, x, get()); len(got.Body) != limit {
					t.Fatalf("%d bytes, want %d", len(got.Body), limit)
				}
				fails(t, x, get(), unknown(idv.Garbled, "body"))
				_, _ = x.Do(t.Context(), get())
				if name != "until closed" && v.conns.Load() != 2 {
					t.Error("the connection with the rest of a body in it was used again")
				}
			})
		}
	}
}

// endless writes a head and then one piece for ever.
func endless(head, piece string) answer {
	block := []byte(strings.Repeat(piece, 1+4096/len(piece)))
	return func(c net.Conn, _ int32) bool {
		_, _ = io.WriteString(c, head)
		for {
			if _, err := c.Write(block); err != nil {
				return false
			}
		}
	}
}

func TestFloodsAreBounded(t *testing.T) {
	tests := []struct {
		name  string
		reply answer
		phase string
	}{
		{"10 MB announced", endless(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 10<<20), "x"), "body"},
		{"10 MB chunked", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na00000\r\n", "x"), "body"},
		{"too much announced, nothing sent", says("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n"), "body"},
		{"endless body", endless("HTTP/1.1 200 OK\r\n\r\n", "x"), "body"},
		{"endless chunks", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), "body"},
		{"endless header", endless("HTTP/1.1 200 OK\r\n", "A: b\r\n"), "first_byte"},
		{"endless header line", endless("HTTP/1.1 200 OK\r\nA: ", "b"), "first_byte"},
		{"endless status line", endless("", "x"), "first_byte"},
		{"endless interim answers", endless("", "HTTP/1.1 103 Early Hints\r\n\r\n"), "first_byte"},
		{"endless trailer", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"), "body"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := serve(t, tt.reply)
			x := open(t, Config{BaseURL: v.url})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			fails(t, x, get(), unknown(idv.Garbled, tt.phase))
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 2<<20 {
				t.Errorf("%d bytes were allocated for the reply", got)
			}
		})
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func TestCompressionIsRefused(t *testing.T) {
	t.Parallel()
	body := gzipped(strings.Repeat("0", 5<<20)) // about 5 KB: within the limit
	for _, encoding := range []string{"gzip", "GZIP", "br", "identity, gzip", "identity\r\nContent-Encoding: gzip", "x-unheard-of"} {
		t.Run(encoding, func(t *testing.T) {
			v := serve(t, says(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", encoding, len(body), body)))
			fails(t, open(t, Config{BaseURL: v.url}), get(), unknown(idv.Garbled, "body"))
		})
	}
	for _, encoding := range []string{"", "identity", "Identity"} {
		t.Run("allowed "+encoding, func(t *testing.T) {
			v := serve(t, says("HTTP/1.1 200 OK\r\nContent-Encoding: "+encoding+"\r\nContent-Length: 2\r\n\r\n{}"))
			must(t, open(t, Config{BaseURL: v.url}), get())
		})
	}
}

func TestBrokenReplies(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nX-Ca-Request-Id: 4B1E-77\r\n"
	tests := []struct {
		name  string
		reply string
		want  want
		ref   string
	}{
		{"nothing", "", unknown(idv.Unavailable, "first_byte"), ""},
		{"half a head", "HTTP/1.1 200 OK\r\nA: b", unknown(idv.Unavailable, "first_byte"), ""},
		{"half a header's name", "HTTP/1.1 200 OK\r\nA", unknown(idv.Unavailable, "first_byte"), ""},
		{"no HTTP", "idCard=" + number + "\r\n\r\n", unknown(idv.Garbled, "first_byte"), ""},
		{"another protocol", "SSH-2.0-x\r\n\r\n", unknown(idv.Garbled, "first_byte"), ""},
		{"a status of letters", "HTTP/1.1 abc " + number + "\r\n\r\n", unknown(idv.Garbled, "first_byte"), ""},
		{"a header without a colon", "HTTP/1.1 200 OK\r\n" + number + "\r\n\r\n", unknown(idv.Garbled, "first_byte"), ""},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", unknown(idv.Garbled, "first_byte"), ""},
		{"an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab", unknown(idv.Garbled, "first_byte"), ""},
		{"a switch of protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", unknown(idv.Garbled, "body"), ""},
		{"half a body", head + "Content-Length: 9\r\n\r\n{", unknown(idv.Unavailable, "body"), "4B1E-77"},
		{"half a chunk", head + "Transfer-Encoding: chunked\r\n\r\n9\r\n{", unknown(idv.Unavailable, "body"), "4B1E-77"},
		{"a bad chunk", head + "Transfer-Encoding: chunked\r\n\r\n" + number + "\r\n", unknown(idv.Garbled, "body"), "4B1E-77"},
		{
			"a number as the id of the call", "HTTP/1.1 200 OK\r\nX-Ca-Request-Id: " + number + "\r\nContent-Length: 9\r\n\r\n{",
			unknown(idv.Unavailable, "body"), "",
		},
		{
			"a number within the id", "HTTP/1.1 200 OK\r\nX-Ca-Request-Id: a-" + number + "\r\nContent-Length: 9\r\n\r\n{",
			unknown(idv.Unavailable, "body"), "",
		},
		{
			"a piece of the number as the id", "HTTP/1.1 200 OK\r\nX-Ca-Request-Id: " + number[:14] + "\r\nContent-Length: 9\r\n\r\n{",
			unknown(idv.Unavailable, "body"), "",
		},
		{
			"a text as the id", "HTTP/1.1 200 OK\r\nX-Ca-Request-Id: a b\r\nContent-Length: 9\r\n\r\n{",
			unknown(idv.Unavailable, "body"), "",
		},
	}
	for _, tt := range tests {
		for name, call := range map[string]providers.Call{"get": get(), "form": form()} {
			t.Run(tt.name+" "+name, func(t *testing.T) {
				v := serve(t, closing(tt.reply))
				e := failed(t.Context(), t, open(t, Config{BaseURL: v.url}), call, tt.want)
				if e.Ref != tt.ref {
					t.Errorf("reference %q, want %q", e.Ref, tt.ref)
				}
				if got := v.requests.Load(); got != 1 {
					t.Errorf("%d requests for one call", got)
				}
			})
		}
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	v := serve(t, says("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nRetry-After: 7\r\nX-Ca-Request-Id: id\r\n"+
		"X-Ca-Error-Code: B403MQ\r\nX-Ca-Error-Message: "+number+"\r\nSet-Cookie: a=b\r\nServer: Kaede\r\nContent-Length: 3\r\n\r\nabc"))
	got := must(t, open(t, Config{BaseURL: v.url}), get())
	want := providers.Reply{
		Status: 403, Body: []byte("abc"),
		Header: http.Header{
			"Content-Type": {"text/html"}, "Retry-After": {"7"}, "X-Ca-Request-Id": {"id"},
			"X-Ca-Error-Code": {"B403MQ"}, "X-Ca-Error-Message": {number},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := serve(t, says(okay))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{other.url + "/idcard?idCard=" + number, "http://[::1", "%zz"} {
			t.Run(fmt.Sprint(status, location), func(t *testing.T) {
				v := serve(t, says(fmt.Sprintf("HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status, location)))
				if got := must(t, open(t, Config{BaseURL: v.url}), get()); got.Status != status {
					t.Errorf("status %d, want %d", got.Status, status)
				}
			})
		}
	}
	if other.conns.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

// FuzzReply gives the exchange whatever bytes a server might send.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{okay, sized(3), chunked(3), "", "HTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n", number} {
		f.Add([]byte(seed))
	}
	var reply []byte
	v := serve(f, func(c net.Conn, _ int32) bool { _, _ = c.Write(reply); return false })
	x := open(f, Config{BaseURL: v.url})
	f.Fuzz(func(t *testing.T, b []byte) {
		reply = b
		got, err := x.Do(t.Context(), get())
		if err == nil {
			if len(got.Body) > maxBody || got.Status < 200 {
				t.Errorf("status %d with %d bytes", got.Status, len(got.Body))
			}
			return
		}
		e, fresh := err.(*idv.Error) //nolint:errorlint // it must be one, not wrap one
		if !fresh || e.Delivery != idv.DeliveryUnknown || e.Charge != idv.ChargeUnknown || shown(err, x.base.Host) != "" {
			t.Errorf("%#v", err)
		}
	})
}
