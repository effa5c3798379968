//go:build unix

package plugins

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// Plugins that answer badly: a failure with a constant sentence, never a verdict.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		role   string
		want   idv.Failure
		detail string
	}{
		{"huge", idv.Garbled, "the plugin's message is too large"},
		{"unknown", idv.Garbled, "the plugin's verdict is unknown"},
		{"none", idv.Garbled, "the plugin's verdict is unknown"},
		{"crosswired", idv.Garbled, "the plugin answered another query"},
		{"panics", idv.Internal, "the plugin failed on this call"},
		{"dies", idv.Unavailable, "the plugin ended during the call"},
		{"stuck", idv.Timeout, "the plugin did not answer in time"},
	}
	for _, tt := range tests {
		t.Run(tt.role, func(t *testing.T) {
			t.Parallel()
			var log safeBuffer
			s := spec(t, tt.role)
			if tt.role == "stuck" {
				s.CallTimeout = 10 * time.Millisecond
			}
			s.Logger = slog.New(slog.NewTextHandler(&log, nil))
			codec := codec{productOf(t, opened(t, s)), nil} // made without a call that has to be quick
			q := person(1)
			answer, err := codec.Decode(q, toyReply(q))
			e := idv.AsError(err)
			if err == nil || answer != (idv.Answer{}) || e.Failure != tt.want || e.Detail != tt.detail {
				t.Errorf("got %+v, %+v, want %v: %s", answer, e, tt.want, tt.detail)
			}
			if e.Delivery != idv.DeliveryUnknown || e.Charge != idv.ChargeUnknown {
				t.Errorf("sent %v and charge %v, want both unknown: the vendor has worked", e.Delivery, e.Charge)
			}
			if tt.role == "panics" {
				if _, err := codec.Encode(q); err != nil {
					t.Errorf("after a panic: %v", err)
				}
				log.waitFor("adapter panicked")
			}
			if q.Subject.ContainedIn(log.String()) || q.Subject.ContainedIn(fmt.Sprintf("%+v %v", e, err)) {
				t.Error("a claim in the log or the error")
			}
		})
	}
}

// A plugin that dies while it encodes: nothing was sent.
func TestDiesEncoding(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, opened(t, spec(t, "dies")))
	_, err := codec.Encode(person(1))
	if e := idv.AsError(err); e.Failure != idv.Unavailable || e.Delivery != idv.NotSent || e.Charge != idv.NotCharged {
		t.Errorf("got %+v, want unavailable, not sent and not charged", e)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	codec := codecOf(t, opened(t, spec(t, "stuck")))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	q := person(1)
	if _, err := codec.DecodeContext(ctx, q, toyReply(q)); idv.FailureOf(err) != idv.Timeout {
		t.Errorf("got %v, want timeout", err)
	}
}

// What a plugin prints does not stop it, and does not drown the log.
func TestTalkative(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	s := spec(t, "talkative")
	s.LogRaw = true
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	begun := time.Now()
	codec := codecOf(t, opened(t, s))
	for n := range 100 {
		if _, err := codec.Encode(person(n)); err != nil {
			t.Fatal(err)
		}
	}
	log.waitFor("zzz")
	text := log.String()
	shown := strings.Count(text, strings.Repeat("y", 1000)) + strings.Count(text, strings.Repeat("z", 1000))
	// The limiter lets more through the longer a busy machine takes.
	most := linesAtOnce + linesPerSec*(int(time.Since(begun).Seconds())+1)
	if strings.Contains(text, "xxx") || shown > most {
		t.Errorf("%d long lines in the log, want at most %d, and none of the standard output", shown, most)
	}
}

func TestLogIsScrubbed(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	s := spec(t, "talks")
	s.LogRaw = true
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	if _, err := codecOf(t, opened(t, s)).Encode(person(1)); err != nil {
		t.Fatal(err)
	}
	log.waitFor("a careless line", hiddenLine)
	if person(1).Subject.ContainedIn(log.String()) {
		t.Error("a claim in the log")
	}
}

func TestOwnTransport(t *testing.T) {
	t.Parallel()
	p := productOf(t, opened(t, spec(t, "own")))
	keys := map[string]idv.Sensitive{"key": idv.NewSensitive("open sesame")}
	ask := func(ctx context.Context, mood string) (idv.Answer, *idv.Error) {
		provider, err := p.Provider(t.Context(), providers.Settings{"mood": mood}, keys)
		if err != nil {
			t.Fatal(err)
		}
		a, err := provider.Ask(ctx, person(4))
		if err == nil {
			return a, nil
		}
		return a, idv.AsError(err)
	}
	if a, err := ask(t.Context(), ""); err != nil || a.Verdict != idv.Match {
		t.Errorf("got %+v, %v, want a match", a, err)
	}
	if _, err := ask(t.Context(), "guarded"); err == nil || err.Delivery == idv.NotSent {
		t.Errorf("got %+v: a plugin passes for a guard, and its call for none", err)
	}
	wrong := map[string]idv.Sensitive{"key": idv.NewSensitive("a-wrong-key")}
	if _, err := p.Provider(t.Context(), nil, wrong); err == nil || strings.Contains(err.Error(), "a-wrong-key") {
		t.Errorf("got %v, want a refusal without the key in it", err)
	}
	if _, err := p.Codec(t.Context(), nil); err == nil {
		t.Error("it passes for a codec")
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := ask(short, "slow"); err == nil || err.Failure != idv.Timeout || err.Delivery != idv.DeliveryUnknown {
		t.Errorf("got %+v, want a timeout with sent unknown", err)
	}
	if _, err := ask(t.Context(), "deadly"); err == nil || err.Failure != idv.Unavailable || err.Delivery != idv.DeliveryUnknown || err.Charge != idv.ChargeUnknown {
		t.Errorf("got %+v, want unavailable with sent and charge unknown", err)
	}
}

// safeBuffer is a log that a test reads while it is written.
type safeBuffer struct {
	mu      sync.Mutex
	b       bytes.Buffer
	written sync.Cond // on mu; made by the first wait
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written.Broadcast()
	return s.b.Write(b)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// waitFor returns when the log holds one of the texts. The limit of go test ends a
// wait that is in vain.
func (s *safeBuffer) waitFor(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written.L = &s.mu
	for !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(s.b.String(), text) }) {
		s.written.Wait()
	}
}

// A plugin that makes its own calls may have sent one before it broke off, so its gRPC status
// must not let another vendor be called.
func TestStatusOfAnOwnTransport(t *testing.T) {
	t.Parallel()
	provider, err := productOf(t, opened(t, spec(t, "breaks-off"))).Provider(t.Context(), nil, map[string]idv.Sensitive{"key": idv.NewSensitive("open sesame")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = provider.Ask(t.Context(), person(4))
	if e := idv.AsError(err); e.Failure != idv.FailureUnknown || e.Delivery != idv.DeliveryUnknown || e.Charge != idv.ChargeUnknown {
		t.Errorf("got %+v, want unknown, with delivery and charge unknown", e)
	}
}
