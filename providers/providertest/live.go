package providertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// LiveRule is one sentence of the contract of what really calls: a codec bound to
// the host's hands, or a provider with a transport of its own.
type LiveRule struct {
	Name string
	Says string
	Test func(context.Context, Live) error
}

// Live is what the live rules need: a way to make the provider talk to a server
// of ours on a loopback address.
type Live struct {
	// Provider makes the provider with the given base URL (http://127.0.0.1:…).
	Provider func(base string) (idv.Provider, error)
	Query    idv.Query
	Good     providers.Reply // an answer to Query that is a verdict
}

// LiveRules lists the rules for providers that call.
func LiveRules() []LiveRule {
	return []LiveRule{
		{"one-request", "One Ask makes one request, whatever comes back.", oneRequest},
		{"no-resend", "A request is not sent again when a kept connection breaks: the vendor would bill both.", noResend},
		{"no-redirect", "A redirect is not followed: it would hand name and number to somebody else.", noRedirect},
		{"keeps-deadline", "Ask returns soon after its context is done, and says that the call may have been worked on.", keepsDeadline},
		{"live-no-leak", "No failure of the network holds a claim.", liveNoLeak},
	}
}

// CheckLive tests every live rule and returns those that are broken.
func CheckLive(ctx context.Context, l Live) []Finding {
	var found []Finding
	for _, rule := range LiveRules() {
		if err := try(ctx, rule.Test, l); err != nil {
			found = append(found, Finding{rule.Name, rule.Says, err})
		}
	}
	return found
}

// RunLive tests every live rule as a subtest.
func RunLive(t *testing.T, l Live) {
	for _, rule := range LiveRules() {
		t.Run(rule.Name, func(t *testing.T) {
			if err := try(t.Context(), rule.Test, l); err != nil {
				t.Error(Finding{rule.Name, rule.Says, err})
			}
		})
	}
}

func oneRequest(ctx context.Context, l Live) error {
	for _, status := range []int{l.Good.Status, 204, 429, 500, 503} {
		answer := answerWith(providers.Reply{Status: status, Header: http.Header{"Retry-After": {"0"}}})
		if status == l.Good.Status {
			answer = answerWith(l.Good)
		}
		s, err := l.start(ctx, answer)
		if err != nil {
			return err
		}
		_, err = s.provider.Ask(ctx, l.Query)
		s.stop()
		if n := s.requests.Load(); n != 1 {
			return fmt.Errorf("status %d: %d requests for one Ask", status, n)
		}
		if (err == nil) != (status == l.Good.Status) {
			return fmt.Errorf("status %d: got %v", status, idv.FailureOf(err))
		}
	}
	return nil
}

// noResend answers the first request, keeps the connection and breaks it on the
// second, before the first byte of an answer.
func noResend(ctx context.Context, l Live) error {
	good := answerWith(l.Good)
	s, err := l.start(ctx, func(w http.ResponseWriter, r *http.Request, nth int64) {
		if nth == 1 {
			good(w, r, nth)
			return
		}
		breakOff(w)
	})
	if err != nil {
		return err
	}
	defer s.stop()
	if _, err := s.provider.Ask(ctx, l.Query); err != nil {
		return fmt.Errorf("the good answer: got %v", idv.FailureOf(err))
	}
	_, err = s.provider.Ask(ctx, l.Query)
	if n := s.requests.Load(); n != 2 || err == nil {
		return fmt.Errorf("%d requests for two Asks, the second of which broke (%v)", n, idv.FailureOf(err))
	}
	return mayHaveWorked(err)
}

func noRedirect(ctx context.Context, l Live) error {
	for _, status := range []int{301, 302, 303, 307, 308} {
		s, err := l.start(ctx, answerWith(providers.Reply{Status: status, Header: http.Header{"Location": {"/elsewhere"}}}))
		if err != nil {
			return err
		}
		_, err = s.provider.Ask(ctx, l.Query)
		s.stop()
		if n := s.requests.Load(); n != 1 || err == nil {
			return fmt.Errorf("status %d: %d requests, got %v", status, n, idv.FailureOf(err))
		}
	}
	return nil
}

// The rule gives a provider much more time to return than it needs, so that a busy
// machine does not break it; one that ignores its context takes for ever.
const (
	deadline = 50 * time.Millisecond
	patience = 3 * time.Second
)

func keepsDeadline(ctx context.Context, l Live) error {
	s, err := l.start(ctx, func(_ http.ResponseWriter, r *http.Request, _ int64) {
		select {
		case <-r.Context().Done():
		case <-time.After(2 * patience):
		}
	})
	if err != nil {
		return err
	}
	defer s.stop()
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := s.provider.Ask(ctx, l.Query)
		done <- err
	}()
	select {
	case err := <-done:
		if f := idv.FailureOf(err); f != idv.Timeout && f != idv.Canceled {
			return fmt.Errorf("got %v, want timeout", f)
		}
		return mayHaveWorked(err)
	case <-time.After(patience):
		return errors.New("Ask has not returned long after its deadline")
	}
}

// mayHaveWorked asks whether a failure after the request was sent leaves open
// whether the vendor worked and billed.
func mayHaveWorked(err error) error {
	if e := idv.AsError(err); !e.Delivery.MayHaveExecuted() || e.Charge == idv.NotCharged {
		return fmt.Errorf("the server had the request, yet the failure says %v and %v", e.Delivery, e.Charge)
	}
	return nil
}

func liveNoLeak(ctx context.Context, l Live) error {
	malformed := func(w http.ResponseWriter, _ *http.Request, _ int64) {
		raw(w, "HTTP/1.1 2OO what\r\n\r\n")
	}
	badPlace := func(w http.ResponseWriter, _ *http.Request, _ int64) {
		raw(w, "HTTP/1.1 302 Found\r\nLocation: http://%zz/\r\nContent-Length: 0\r\n\r\n")
	}
	short := func(w http.ResponseWriter, _ *http.Request, _ int64) {
		raw(w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
	}
	broken := func(w http.ResponseWriter, _ *http.Request, _ int64) { breakOff(w) }
	for i, answer := range []handler{malformed, badPlace, short, broken, answerWith(providers.Reply{Status: 500})} {
		s, err := l.start(ctx, answer)
		if err != nil {
			return err
		}
		_, err = s.provider.Ask(ctx, l.Query)
		s.stop()
		if err == nil {
			return fmt.Errorf("broken answer %d: no error", i)
		}
		if l.Query.Subject.ContainedIn(printed(err) + printed(errors.Unwrap(err)) + err.Error()) {
			return fmt.Errorf("broken answer %d: the error holds a claim in clear", i)
		}
	}
	// Nobody listens there any more.
	s, err := l.start(ctx, broken)
	if err != nil {
		return err
	}
	s.stop()
	if _, err = s.provider.Ask(ctx, l.Query); err == nil || l.Query.Subject.ContainedIn(printed(err)+err.Error()) {
		return errors.New("a refused connection: no error, or one that holds a claim in clear")
	}
	return nil
}
