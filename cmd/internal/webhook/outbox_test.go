package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/cmd/internal/api"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/memory"
)

const oldSecret = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="

// keep returns a store with a message for each of the webhooks about each verification.
func keep(t *testing.T, verifications int, hooks ...string) *memory.Store {
	t.Helper()
	s := memory.New(0)
	s.Subscribe(func(*idv.Verification) []string { return hooks })
	for i := range verifications {
		v := idv.Verification{
			ID: "ver_" + strconv.Itoa(i), Tenant: "bank", App: "web", Check: idv.CheckIDName, Verdict: idv.NoRecord, ConsentID: "con_1", CreatedAt: noon(),
			Subject: idv.MaskedSubject{Name: "张*"}, Token: "k1:person",
		}
		if err := s.Complete(t.Context(), store.Key{}, v); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// subscribed is a hook for events at a server.
func subscribed(t *testing.T, name, base string) *Hook {
	t.Helper()
	return open(t, Config{
		Name: name, Format: Generic, URL: idv.NewSensitive(base + "/hooks/" + token), Secret: idv.NewSensitive(whSecret), OldSecret: idv.NewSensitive(oldSecret),
	})
}

func waiting(t *testing.T, s store.Outbox) []store.Message {
	t.Helper()
	list, _, err := s.Messages(t.Context(), store.MessageFilter{}, ledger.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestOutbox reads a message as a receiver does, with the old key and with the new one.
func TestOutbox(t *testing.T) {
	s, kept := keep(t, 1, "shop"), make(chan received, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		kept <- received{Request: r, body: string(body)}
	}))
	defer server.Close()
	m := waiting(t, s)[0]
	o := &Outbox{Store: s, Hooks: []*Hook{subscribed(t, "shop", server.URL)}, Log: slog.New(slog.DiscardHandler)}
	if n, err := o.round(t.Context(), o.Hooks[0]); n != 1 || err != nil {
		t.Fatalf("%d sent, %v", n, err)
	}
	got := <-kept
	want := `{"type":"verification.completed","timestamp":"` + m.At.Format(time.RFC3339Nano) + `","data":{"id":"ver_0","verdict":"no_record","check":"id_name","app":"web","consent_id":"con_1","created_at":"2026-11-24T12:00:00Z"}}`
	if got.body != want || got.Header.Get("Webhook-Id") != m.ID {
		t.Errorf("got %s with id %s, want %s with id %s", got.body, got.Header.Get("Webhook-Id"), want, m.ID)
	}
	signatures := strings.Fields(got.Header.Get("Webhook-Signature"))
	for i, secret := range []string{whSecret, oldSecret} {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			t.Fatal(err)
		}
		if mine := "v1," + byHand(string(key), m.ID+"."+got.Header.Get("Webhook-Timestamp")+"."+got.body); len(signatures) != 2 || signatures[i] != mine {
			t.Errorf("signature %d is not among %q", i, signatures)
		}
	}
	if left := waiting(t, s); len(left) != 0 {
		t.Errorf("%d messages are left", len(left))
	}
}

// TestHangingReceiver: while one receiver does not answer, the others get their messages, and
// verifications are stored.
func TestHangingReceiver(t *testing.T) {
	s := keep(t, 3, "hangs", "fine")
	hung, release := make(chan struct{}, 100), make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hung <- struct{}{}; <-release }))
	defer hangs.Close()
	defer close(release)
	arrived := make(chan string, 100)
	fine := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e api.Event
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &e)
		arrived <- e.Data.ID
	}))
	defer fine.Close()
	ctx, cancel := context.WithCancel(t.Context())
	o := &Outbox{Store: s, Hooks: []*Hook{subscribed(t, "hangs", hangs.URL), subscribed(t, "fine", fine.URL)}, Log: slog.New(slog.DiscardHandler)}
	var running sync.WaitGroup
	running.Go(func() { o.Run(ctx) })
	<-hung
	v := idv.Verification{ID: "ver_later", Tenant: "bank", Check: idv.CheckIDName, CreatedAt: noon()}
	if err := s.Complete(t.Context(), store.Key{}, v); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 4 {
		got = append(got, <-arrived)
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"ver_0", "ver_1", "ver_2", "ver_later"}) {
		t.Errorf("arrived: %v", got)
	}
	cancel()
	running.Wait()
	for _, m := range waiting(t, s) {
		if m.Attempts != 0 || m.Dead {
			t.Errorf("left: %+v", m) // an attempt that the stop cut off does not count
		}
	}
}

// TestAttempts: what a receiver answers decides when the message is sent again.
func TestAttempts(t *testing.T) {
	status, after := http.StatusInternalServerError, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
	}))
	defer server.Close()
	h, results := subscribed(t, "shop", server.URL), map[Result]int{}
	o := &Outbox{Log: slog.New(slog.DiscardHandler), Count: func(_ context.Context, hook string, r Result) { results[r]++ }}
	m := store.Message{ID: "msg_1", Verification: "ver_1"}
	for i, delay := range resendDelays() {
		m.Attempts = i
		d := o.send(t.Context(), h, &m)
		if d.Delivered || d.Failure != "unavailable" || d.Retry < delay*9/10 || d.Retry > delay*11/10 {
			t.Errorf("after attempt %d: %+v, want about %v", i+1, d, delay)
		}
	}
	m.Attempts++
	if d := o.send(t.Context(), h, &m); d.Retry != 0 || d.Delivered {
		t.Errorf("after the last attempt: %+v", d)
	}
	m.Attempts = 0
	for _, c := range []struct {
		status  int
		after   string
		failure string
		least   time.Duration
		dead    bool
	}{
		{410, "", "credentials", 0, true}, {404, "", "credentials", 4 * time.Second, false}, {302, "", "credentials", 4 * time.Second, false},
		{429, "120", "throttled", 2 * time.Minute, false}, {503, "60", "unavailable", time.Minute, false}, {503, "99999999", "unavailable", maxRetry, false},
	} {
		status, after = c.status, c.after
		if d := o.send(t.Context(), h, &m); d.Failure != c.failure || (d.Retry == 0) != c.dead || d.Retry < c.least || d.Delivered {
			t.Errorf("%d: %+v", c.status, d)
		}
	}
	status = http.StatusNoContent
	if d := o.send(t.Context(), h, &m); !d.Delivered {
		t.Errorf("204: %+v", d)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if d := o.send(canceled, h, &m); d.ID != "" {
		t.Errorf("cut off: %+v", d)
	}
	if want := (map[Result]int{Delivered: 1, Failed: len(resendDelays()) + 5, Dead: 2}); results[Delivered] != want[Delivered] || results[Failed] != want[Failed] || results[Dead] != want[Dead] {
		t.Errorf("counted %v, want %v", results, want)
	}
}

// TestOutboxLeaksNothing: whatever goes wrong, the log has neither address nor key.
func TestOutboxLeaksNothing(t *testing.T) {
	var log bytes.Buffer
	p := place{Generic, "/hooks/" + token, whSecret}
	for kind, base := range hostile(t) {
		t.Run(kind, func(t *testing.T) {
			o := &Outbox{Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
			d := o.send(t.Context(), subscribed(t, "shop", base), &store.Message{ID: "msg_1", Verification: "ver_1", Attempts: len(resendDelays())})
			text := printed(d) + log.String()
			if found := shown(text, p, strings.TrimPrefix(base, "http://")); found != "" || d.Delivered != (kind == "huge") && kind != "huge" {
				t.Errorf("shown: %q, %+v", found, d)
			}
		})
	}
	if !strings.Contains(log.String(), "webhook message not delivered") {
		t.Error("nothing was logged")
	}
}

// failingOutbox is a store that cannot be reached.
type failingOutbox struct{ store.Outbox }

func (failingOutbox) TakeMessages(context.Context, string, int, time.Duration) ([]store.Message, error) {
	return nil, store.ErrUnavailable
}

// TestOutboxWithoutStore logs once that messages cannot be read.
func TestOutboxWithoutStore(t *testing.T) {
	var log bytes.Buffer
	o := &Outbox{Store: failingOutbox{}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	h := subscribed(t, "shop", "http://127.0.0.1:9")
	ctx, cancel := context.WithTimeout(t.Context(), 3*pollEvery/2)
	defer cancel()
	o.serve(ctx, h)
	if n := strings.Count(log.String(), "cannot be read"); n != 1 {
		t.Errorf("logged %d times: %s", n, log.String())
	}
}
