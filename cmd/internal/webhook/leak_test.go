package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/heyan-id/heyan/providers"
)

// shown returns the first secret of a place, or piece of its address, in a text.
func shown(text string, p place, host string) string {
	for _, secret := range []string{token, p.secret, strings.TrimPrefix(p.secret, "whsec_"), host, "://", "access_token", "hooks/"} {
		if secret == "" {
			continue
		}
		for _, form := range []string{secret, url.QueryEscape(secret), fmt.Sprintf("%x", secret)} {
			if strings.Contains(text, form) {
				return form
			}
		}
	}
	return ""
}

// printed is a value, printed in every way.
func printed(v any) string {
	marshalled, _ := json.Marshal(v)
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("", slog.Any("v", v))
	text := fmt.Sprintf("%v %+v %#v %s %q %x ", v, v, v, v, v, v) + string(marshalled) + out.String()
	for err, ok := v.(error); ok && err != nil; err = errors.Unwrap(err) {
		text += fmt.Sprintf("%v %+v %#v ", err, err, err)
	}
	return text
}

// hostile are servers that fail in a way which a careless client would repeat.
func hostile(t *testing.T) map[string]string {
	t.Helper()
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Location", "http://"+r.Host+r.URL.String())
			w.Header().Set("X-Ca-Error-Code", token)
			w.Header().Set("X-Ca-Request-Id", token)
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, "%s %v %s", r.URL, r.Header, body)
		}
	}
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	tls := httptest.NewUnstartedServer(echo(200))
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of the handshake
	tls.StartTLS()
	t.Cleanup(tls.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	return map[string]string{
		"refused": gone.URL, "an unknown authority": tls.URL,
		"moved": serve(echo(302)), "forbidden": serve(echo(403)), "broken": serve(echo(500)), "throttled": serve(echo(429)),
		"huge":        serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat(token, 10_000)) })),
		"not HTTP":    speaks(t, "SSH-2.0-"+token+"\r\n"),
		"cut off":     speaks(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"+token),
		"unsolicited": speaks(t, "HTTP/1.1 500 "+token+"\r\nContent-Length: 0\r\n\r\n"+strings.Repeat("HTTP/1.1 200 "+token+"\r\n\r\n", 3)),
	}
}

// speaks is a server that answers every connection with the same bytes.
func speaks(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, text)
			_ = c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// observed tells that a try was made.
type observed struct {
	providers.Transport
	tried func()
}

func (o observed) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	defer o.tried()
	return o.Transport.Do(ctx, c)
}

// Whatever goes wrong, neither the address nor the secret is shown: not in the
// error, not in the log of the queue, not in the standard log.
func TestNothingLeaks(t *testing.T) {
	var standardLog, own bytes.Buffer
	log.SetOutput(&standardLog)
	defer log.SetOutput(os.Stderr)
	for kind, base := range hostile(t) {
		for _, p := range places() {
			t.Run(kind+"/"+string(p.format), func(t *testing.T) {
				own.Reset()
				h := open(t, p.at(base))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				h.x = observed{h.x, cancel} // one try
				err := h.Send(ctx, low())
				if err == nil || !strings.Contains(err.Error(), "webhook ops-"+string(p.format)+", attempt 1 of 5: ") {
					t.Errorf("got %v, want an error that names the hook", err)
				}
				over, end := context.WithCancel(t.Context())
				defer end()
				h.x = observed{h.x, end}
				q := NewQueue(slog.New(slog.NewJSONHandler(&own, nil)), h)
				if err := q.Tell(t.Context(), low()); err != nil {
					t.Fatal(err)
				}
				<-over.Done() // one try was made
				closed := q.Close(over)
				if own.Len() == 0 {
					t.Error("the queue logged nothing")
				}
				text := printed(err) + printed(h) + printed(closed) + own.String() + standardLog.String()
				if found := shown(text, p, strings.TrimPrefix(base, "http://")); found != "" {
					t.Errorf("shown: %q", found)
				}
			})
		}
	}
}

// The twin: what the plain client says of a hook shows its address.
func TestThePlainClientLeaks(t *testing.T) {
	p, base := places()[1], hostile(t)["refused"]
	resp, err := http.Post(base+p.path, "application/json", http.NoBody)
	if err == nil || shown(printed(err), p, strings.TrimPrefix(base, "http://")) == "" {
		t.Errorf("got %v and %v: has net/http changed?", resp, err)
	}
}

// A redirect is not followed, and an answer of 307 does not send the body elsewhere.
func TestNoRedirect(t *testing.T) {
	elsewhere, got := robot(t, 200, "")
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		err := open(t, places()[0].at(s.URL)).Send(t.Context(), low())
		s.Close()
		if err == nil || len(got()) != 0 {
			t.Errorf("%d: %v, and %d requests elsewhere", status, err, len(got()))
		}
	}
}
