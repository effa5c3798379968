package assemble

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// A scheme with access tokens drops its token with the secret, and fetches the next one with
// the new secret over the connections that it has.
func TestTokenFollowsItsSecret(t *testing.T) {
	var mu sync.Mutex
	var fetched, used []string
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path != "/token" {
			used = append(used, r.Header.Get("Authorization"))
			_, _ = io.WriteString(w, "{}")
			return
		}
		_, secret, _ := r.BasicAuth()
		fetched = append(fetched, secret)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, len(fetched))
	}))
	defer vendor.Close()
	path := filepath.Join(t.TempDir(), "secret")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	p := config.DefaultProvider()
	p.Name, p.Limits.Connect, p.Limits.Timeout = "p", time.Minute, time.Minute
	p.Settings = config.Settings{"base_url": vendor.URL, "token_url": vendor.URL + "/token", "client_id": "me", "client_secret": "file:" + path}
	c := config.Config{Providers: []config.Provider{p}}
	d := idv.Descriptor{Schemes: []string{"oauth2"}, Settings: []idv.Setting{{Name: "base_url"}, {Name: "token_url"}, {Name: "client_id"}, {Name: "client_secret", Secret: true}}}
	l, err := newLine(&c, 0, d, NewSecrets(c, environ()))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.read(t.Context()), l.connect()); err != nil {
		t.Fatal(err)
	}
	defer l.close()
	ask := func() {
		t.Helper()
		if _, err := l.client.Do(t.Context(), providers.Call{Method: "GET", Path: "/ask"}); err != nil {
			t.Fatal(err)
		}
	}
	log := slog.New(slog.DiscardHandler)
	ask()
	l.renew(t.Context(), log) // nothing changed
	ask()
	write("second")
	if !l.renew(t.Context(), log) {
		t.Error("the new secret was not taken")
	}
	ask()
	ask()
	mu.Lock()
	defer mu.Unlock()
	if got, want := fmt.Sprint(fetched), "[first second]"; got != want {
		t.Errorf("tokens were fetched with %v, want %v", got, want)
	}
	if got, want := fmt.Sprint(used), "[Bearer token-1 Bearer token-1 Bearer token-2 Bearer token-2]"; got != want {
		t.Errorf("the calls had %v, want %v", got, want)
	}
	if len(l.tokens) != 1 {
		t.Errorf("%d clients for one token endpoint", len(l.tokens))
	}
}

// The same reason is logged once a minute, another one at once.
func TestUnreachedIsLoggedOnceAMinute(t *testing.T) {
	now := time.Now()
	r := new(reachable)
	for i, tt := range []struct {
		detail string
		after  time.Duration
		want   bool
	}{{"a", 0, true}, {"a", 59 * time.Second, false}, {"b", 59 * time.Second, true}, {"b", 60 * time.Second, false}, {"b", 2 * time.Minute, true}} {
		if got := r.due(tt.detail, now.Add(tt.after)); got != tt.want {
			t.Errorf("step %d: %v, want %v", i, got, tt.want)
		}
	}
}
