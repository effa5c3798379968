package webhook

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/providers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The secrets that nothing may show.
const (
	token       = "t0kent0kent0kent0ken"
	dingSecret  = "SECc0ffee00c0ffee00c0ffee00c0ffee00"
	feishSecret = "fe15huSecretfe15huSecret"
	whSecret    = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
)

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// low is the alert of these tests.
func low() alert.Alert { return lowOf("idcert-main") }

func lowOf(provider string) alert.Alert {
	alerts, _ := alert.DefaultLevels().Check(nil, noon(), []alert.Balance{
		{Provider: provider, Bought: 1000, Available: 180, UsedLastWeek: 100, Lots: 1},
	})
	return alerts[0]
}

// place is the configuration of each format, with the path its addresses have.
type place struct {
	format       Format
	path, secret string
}

func places() []place {
	return []place{
		{Generic, "/hooks/" + token, whSecret},
		{DingTalk, "/robot/send?access_token=" + token, dingSecret},
		{WeCom, "/cgi-bin/webhook/send?key=" + token, ""},
		{Feishu, "/open-apis/bot/v2/hook/" + token, feishSecret},
	}
}

// at returns the place's configuration at a server.
func (p place) at(base string) Config {
	return Config{Name: "ops-" + string(p.format), Format: p.format, URL: idv.NewSensitive(base + p.path), Secret: idv.NewSensitive(p.secret)}
}

func open(t *testing.T, c Config) *Hook {
	t.Helper()
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// received is a request as it came, and between which times it was made.
type received struct {
	*http.Request

	body          string
	after, before time.Time
}

// robot is a server that keeps what it gets and answers with one text.
func robot(t *testing.T, status int, answer string) (*httptest.Server, func() []received) {
	t.Helper()
	var mu sync.Mutex
	var all []received
	after := time.Now()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		all = append(all, received{r, string(body), after, time.Now()})
		mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s, func() []received {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// script answers each try with its next turn, the last one for ever. It lives in
// a bubble of synctest.
type script struct {
	mu    sync.Mutex
	turns []turn
	times []time.Time
	calls []providers.Call
}

// turn is a reply, an error, or a wait for the context's end.
type turn struct {
	status int
	retry  string
	body   string
	err    *idv.Error
	hang   bool
}

func (s *script) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	l := s.next(c)
	switch {
	case l.hang:
		<-ctx.Done()
		return providers.Reply{}, &idv.Error{Failure: idv.Canceled, Phase: "body", Detail: "the caller gave up"}
	case l.err != nil:
		return providers.Reply{}, l.err
	}
	r := providers.Reply{Status: l.status, Header: http.Header{}, Body: []byte(l.body)}
	if l.retry != "" {
		r.Header.Set("Retry-After", l.retry)
	}
	return r, nil
}

func (s *script) next(c providers.Call) turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times, s.calls = append(s.times, time.Now()), append(s.calls, c)
	l := s.turns[0]
	if len(s.turns) > 1 {
		s.turns = s.turns[1:]
	}
	return l
}

func (s *script) tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

// pauses returns the times between the tries.
func (s *script) pauses() []time.Duration {
	var list []time.Duration
	for i := 1; i < len(s.times); i++ {
		list = append(list, s.times[i].Sub(s.times[i-1]))
	}
	return list
}

// acted returns a hook whose other side is the script.
func acted(t *testing.T, f Format, turns ...turn) (*Hook, *script) {
	t.Helper()
	for _, p := range places() {
		if p.format == f {
			h := open(t, p.at("https://hooks.example"))
			s := &script{turns: turns}
			h.x = s
			return h, s
		}
	}
	t.Fatalf("no place for %s", f)
	return nil, nil
}
