package heyan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The cases that all clients share, against a real heyan, are in docs/clients.

// transport answers in place of a server.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func respond(status int, body string, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func open(t *testing.T, o Options, server transport) *Client {
	t.Helper()
	o.BaseURL, o.HTTPClient = "https://heyan.example.com", &http.Client{Transport: server}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const busy = `{"type":"urn:heyan:problem:overloaded","status":503}`

// TestWaits: the pauses between tries, in the time of synctest.
func TestWaits(t *testing.T) {
	tests := []struct {
		name        string
		retryAfter  string
		timeout     time.Duration
		least, most time.Duration // until the second try; 0 if there is none
	}{
		{"seconds", "7", 0, 7 * time.Second, 7 * time.Second},
		{"a date", time.Date(2000, 1, 1, 0, 0, 9, 0, time.UTC).Format(http.TimeFormat), 0, 9 * time.Second, 9 * time.Second}, // synctest begins in 2000
		{"a date that is over", time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat), 0, 1, firstPause + time.Millisecond},
		{"none", "", 0, 1, firstPause + time.Millisecond},
		{"zero", "0", 0, 1, firstPause + time.Millisecond},
		{"negative", "-5", 0, 1, firstPause + time.Millisecond},
		{"no number", "soon", 0, 1, firstPause + time.Millisecond},
		{"beyond the timeout", "31", 0, 0, 0},
		{"as long as the timeout", "5", 5 * time.Second, 0, 0},
		{"beyond any number", "99999999999999999999", 0, 1, firstPause + time.Millisecond},
		{"centuries", "9999999999", 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, tries := time.Now(), 0
				c := open(t, Options{Timeout: tt.timeout}, func(*http.Request) (*http.Response, error) {
					if tries++; tries == 1 {
						return respond(http.StatusServiceUnavailable, busy, "Retry-After", tt.retryAfter), nil
					}
					return respond(http.StatusOK, `{"verdict":"match"}`), nil
				})
				_, err := c.Verify(t.Context(), VerifyRequest{})
				waited := time.Since(begin)
				if tt.least == 0 {
					if tries != 1 || waited != 0 || !errors.Is(err, ProblemOverloaded) {
						t.Errorf("%d tries, %v after %v, want the problem at once", tries, err, waited)
					}
					return
				}
				if err != nil || tries != 2 || waited < tt.least || waited > tt.most {
					t.Errorf("%d tries, %v after %v, want two within %v and %v", tries, err, waited, tt.least, tt.most)
				}
			})
		})
	}
}

// TestDeadlines: the deadline of the context, the timeout of the client and that of a try.
func TestDeadlines(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		context time.Duration
		want    time.Duration
	}{
		{"the default", Options{}, time.Hour, 30 * time.Second},
		{"the client's", Options{Timeout: time.Minute}, time.Hour, time.Minute},
		{"the context's", Options{}, 2 * time.Second, 2 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys := map[string]int{}
				c := open(t, tt.options, func(r *http.Request) (*http.Response, error) {
					keys[r.Header.Get("Idempotency-Key")]++
					<-r.Context().Done()
					return nil, r.Context().Err()
				})
				ctx, cancel := context.WithTimeout(t.Context(), tt.context)
				defer cancel()
				begin := time.Now()
				_, err := c.Verify(ctx, VerifyRequest{})
				// The last pause may not fit any more.
				if waited := time.Since(begin); waited > tt.want || waited < tt.want-maxPause || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v after %v, want the end of %v", err, waited, tt.want)
				}
				var failed *Error
				if !errors.As(err, &failed) || keys[failed.IdempotencyKey] != failed.Tries || len(keys) != 1 {
					t.Errorf("the error %#v, and the keys %v", failed, keys)
				}
			})
		})
	}
}

// TestCanceled: a canceled context ends a pause, and no other try follows.
func TestCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := open(t, Options{}, func(*http.Request) (*http.Response, error) {
			tries++
			return respond(http.StatusServiceUnavailable, busy, "Retry-After", "10"), nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		if _, err := c.Providers(ctx); err == nil || tries != 1 || time.Since(begin) != time.Second {
			t.Errorf("%v after %v and %d tries, want the end of the pause", err, time.Since(begin), tries)
		}
	})
}

// TestUntrustedCertificate: another try would fail alike, and no request is sent.
func TestUntrustedCertificate(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	c, err := New(Options{BaseURL: server.URL, Key: NewSensitive("k")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Balances(t.Context())
	var failed *Error
	if !errors.As(err, &failed) || failed.Tries != 1 || requests.Load() != 0 {
		t.Errorf("%v with %d requests, want one failed try", err, requests.Load())
	}
}

// TestClientOfTheCaller stays as it is.
func TestClientOfTheCaller(t *testing.T) {
	own := &http.Client{Timeout: time.Second}
	if _, err := New(Options{BaseURL: "https://heyan.example.com", HTTPClient: own}); err != nil || own.CheckRedirect != nil || own.Timeout != time.Second {
		t.Errorf("%v, and the client was changed: %+v", err, own)
	}
}

// TestSensitiveMasksItself under every encoder that a program may log with.
func TestSensitiveMasksItself(t *testing.T) {
	request := VerifyRequest{Subject: Subject{Name: NewSensitive("张三"), IDNumber: NewSensitive("11010519491231002X")}}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "request", request, "name", request.Subject.Name)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "request", request, "name", request.Subject.Name)
	text, err := json.Marshal(map[string]any{"a": request, "b": &request})
	if err != nil {
		t.Fatal(err)
	}
	if all := out.String() + string(text); strings.Contains(all, "张") || strings.Contains(all, "1949") || !strings.Contains(all, "***") {
		t.Errorf("printed %s", all)
	}
}

// FuzzDecode: only the word match makes a match, and an answer without a verdict is an error.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"verdict":"match"}`, `{"Verdict":"match"}`, `{"verdict":null}`, `{"verdict":"x","reason":""}`, `[]`, `{"verdict":"no_record","attempts":[{}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v Verification
		err := decode(http.StatusOK, text, "verdict", &v)
		var members map[string]any
		_ = json.Unmarshal(text, &members)
		word, has := members["verdict"].(string)
		if err == nil && (!has || v.Verdict == Match != (word == "match") || v.Verdict == Undetermined && v.Reason == "") {
			t.Errorf("%q became %v %q", text, v.Verdict, v.Reason)
		}
	})
}
