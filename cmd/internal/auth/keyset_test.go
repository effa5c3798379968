package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func setOf(t *testing.T, ids ...string) []byte {
	t.Helper()
	var set jose.JSONWebKeySet
	for _, id := range ids {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{KeyID: id, Key: key.Public()})
	}
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestKeysRotate: a new key is found when a token names it, at most once in an interval; a
// removed one counts no longer after the next reading; and while nothing can be read, the last
// good ones count.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text atomic.Pointer[[]byte]
		var reads atomic.Int64
		var fail atomic.Bool
		publish := func(ids ...string) {
			set := setOf(t, ids...)
			text.Store(&set)
		}
		publish("old")
		s := &keySet{every: readEvery, log: slog.New(slog.DiscardHandler), reading: make(chan struct{}, 1), load: func(context.Context) ([]byte, error) {
			if reads.Add(1); fail.Load() {
				return nil, errors.New("away")
			}
			return *text.Load(), nil
		}}
		s.current.Store(new(jose.JSONWebKeySet))
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go s.run(ctx)
		synctest.Wait()
		knows := func(id string) bool {
			_, _, ok := s.find(ctx, id, "ES256")
			return ok
		}
		if !knows("old") || reads.Load() != 1 {
			t.Fatalf("the first key is not found, %d readings", reads.Load())
		}
		publish("old", "new")
		for range 10 {
			if knows("new") {
				t.Fatal("the keys are read again at once")
			}
		}
		time.Sleep(unknownRest)
		if !knows("new") || reads.Load() != 2 {
			t.Errorf("the new key is not found, %d readings", reads.Load())
		}
		publish("new")
		time.Sleep(readEvery)
		synctest.Wait()
		if knows("old") {
			t.Error("a removed key counts")
		}
		fail.Store(true)
		time.Sleep(10 * readEvery)
		synctest.Wait()
		if !knows("new") {
			t.Error("the last good key does not count while the issuer is away")
		}
	})
}

// reply is an issuer's answers by path.
type reply map[string]func(*http.Response)

func (r reply) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusOK, Request: request, Header: http.Header{}}
	change := r[request.URL.Path]
	if change == nil {
		return nil, errors.New("no route to host id.example")
	}
	change(answer)
	return answer, nil
}

func says(status int, text string) func(*http.Response) {
	return func(r *http.Response) { r.StatusCode, r.Body = status, io.NopCloser(strings.NewReader(text)) }
}

// TestHostileIssuer: no answer of an issuer is taken for its keys that is not, and no error
// repeats it.
func TestHostileIssuer(t *testing.T) {
	t.Parallel()
	const issuer, document = "https://id.example", "/.well-known/openid-configuration"
	found := says(200, `{"issuer":"https://id.example","jwks_uri":"https://id.example/keys"}`)
	good := string(setOf(t, "k"))
	for _, tt := range []struct {
		name  string
		reply reply
		ok    bool
	}{
		{"right", reply{document: found, "/keys": says(200, good)}, true},
		{"away", reply{}, false},
		{"keys away", reply{document: found}, false},
		{"another issuer", reply{document: says(200, `{"issuer":"https://geheim.example","jwks_uri":"https://id.example/keys"}`), "/keys": says(200, good)}, false},
		{"keys in clear", reply{document: says(200, `{"issuer":"https://id.example","jwks_uri":"http://id.example/keys"}`), "/keys": says(200, good)}, false},
		{"keys in a file", reply{document: says(200, `{"issuer":"https://id.example","jwks_uri":"file:///keys"}`), "/keys": says(200, good)}, false},
		{"a redirect", reply{document: func(r *http.Response) {
			says(302, "")(r)
			r.Header.Set("Location", "https://id.example/keys")
		}, "/keys": says(200, good)}, false},
		{"no JSON", reply{document: says(200, "<html>geheim")}, false},
		{"keys of no kind", reply{document: found, "/keys": says(200, `{"keys":[{"kty":"oct","k":"AAAA"}]}`)}, false},
		{"endless keys", reply{document: found, "/keys": says(200, `{"keys":[`+strings.Repeat(" ", maxKeySet)+`]}`)}, false},
	} {
		client := newClient()
		client.Transport = tt.reply
		s := &keySet{log: slog.New(slog.DiscardHandler), load: discovery{client, issuer}.load}
		s.current.Store(new(jose.JSONWebKeySet))
		err := s.read(t.Context())
		if (err == nil) != tt.ok || len(s.current.Load().Keys) > 0 != tt.ok {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "id.example")) {
			t.Errorf("%s: the error repeats the answer: %v", tt.name, err)
		}
	}
}

// FuzzKeySet: no document makes a key that could not verify a signature.
func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[]}`))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := parseKeySet(text)
		if err != nil {
			return
		}
		for _, key := range set.Keys {
			if !key.Valid() || !key.IsPublic() {
				t.Errorf("accepted %+v", key)
			}
		}
	})
}

// FuzzToken: no token without a valid signature is accepted.
func FuzzToken(f *testing.F) {
	c := &Callers{issuers: []*trusted{{TokenIssuer: TokenIssuer{Issuer: "i", Audience: "a"}, algorithms: []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.EdDSA}}}}
	c.issuers[0].keys = &keySet{log: slog.New(slog.DiscardHandler), reading: make(chan struct{}, 1), asked: time.Now().Add(time.Hour)}
	set, err := parseKeySet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k"}]}`))
	if err != nil {
		f.Fatal(err)
	}
	c.issuers[0].keys.current.Store(set)
	made, err := NewCallers(Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	defer made.Close()
	c.cache, c.options = made.cache, made.options
	f.Add("..")
	f.Add("eyJhbGciOiJFZERTQSIsImtpZCI6ImsifQ.eyJpc3MiOiJpIiwiYXVkIjoiYSIsImV4cCI6OTk5OTk5OTk5OX0.AAAA")
	f.Add("eyJhbGciOiJub25lIn0.eyJpc3MiOiJpIn0.")
	f.Fuzz(func(t *testing.T, text string) {
		if p, refusal := c.token(t.Context(), text, netip.MustParseAddr("192.0.2.1")); refusal == "" {
			t.Errorf("accepted %+v", p)
		}
	})
}
