package providertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// LiveRule is one rule of the contract for providers that send requests: a codec
// with the host's transport, or a provider with a transport of its own.
type LiveRule struct {
	Name string
	Text string
	Test func(context.Context, Live) error
}

// Live is what the live rules need: a provider that calls a server on a loopback
// address.
type Live struct {
	// Provider returns the provider with the given base URL (http://127.0.0.1:…).
	Provider func(base string) (idv.Provider, error)
	Query    idv.Query
	Good     providers.Reply // a reply to Query that is a verdict

	// Patience is how long keeps-deadline waits for Ask to return after its deadline.
	// 0 means 20 s, which a provider that watches its context never needs.
	Patience time.Duration
}

// LiveRules returns the rules for providers that send requests.
func LiveRules() []LiveRule {
	return []LiveRule{
		{"one-request", "One Ask sends one request, whatever the reply.", oneRequest},
		{"no-resend", "A request is not sent again when a kept-alive connection breaks, since the vendor would bill both.", noResend},
		{"no-redirect", "A redirect is not followed, since it would send the claims to another host.", noRedirect},
		{"keeps-deadline", "Ask returns at its deadline, with a delivery and a charge that leave open whether the vendor billed.", keepsDeadline},
		{"live-no-leak", "No network error holds a claim.", liveNoLeak},
	}
}

// CheckLive tests every live rule and returns those that fail.
func CheckLive(ctx context.Context, l Live) []Finding {
	var found []Finding
	for _, rule := range LiveRules() {
		if err := try(ctx, rule.Test, l); err != nil {
			found = append(found, Finding{rule.Name, rule.Text, err})
		}
	}
	return found
}

// RunLive tests every live rule as a subtest.
func RunLive(t *testing.T, l Live) {
	for _, rule := range LiveRules() {
		t.Run(rule.Name, func(t *testing.T) {
			if err := try(t.Context(), rule.Test, l); err != nil {
				t.Error(Finding{rule.Name, rule.Text, err})
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

// noResend answers the first request, keeps the connection open and breaks it on the
// second request, before the first byte of a reply.
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
		return fmt.Errorf("the valid reply: got %v", idv.FailureOf(err))
	}
	_, err = s.provider.Ask(ctx, l.Query)
	if n := s.requests.Load(); n != 2 || err == nil {
		return fmt.Errorf("%d requests for two calls of Ask, where the second connection broke (%v)", n, idv.FailureOf(err))
	}
	return leavesChargeOpen(err)
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

// keepsDeadline calls a server that never answers. On a busy machine a deadline can
// pass before the request arrives, which shows nothing: the next one is longer.
func keepsDeadline(ctx context.Context, l Live) error {
	patience := cmp.Or(l.Patience, 20*time.Second)
	for deadline := 50 * time.Millisecond; ; deadline *= 4 {
		arrived, err := l.askUnanswered(ctx, deadline, patience)
		switch {
		case arrived || err != nil:
			return err
		case deadline > patience:
			return errors.New("no request arrives before the deadline")
		}
	}
}

// askUnanswered asks once. It reports whether the request arrived and what is wrong
// with the way that Ask returned.
func (l Live) askUnanswered(ctx context.Context, deadline, patience time.Duration) (arrived bool, err error) {
	s, err := l.start(ctx, func(_ http.ResponseWriter, r *http.Request, _ int64) { <-r.Context().Done() })
	if err != nil {
		return false, err
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
	case err = <-done:
	case <-time.After(deadline + patience):
		return true, errors.New("Ask does not return although its deadline has passed")
	}
	if s.requests.Load() == 0 && idv.AsError(err).Delivery == idv.NotSent {
		return false, nil
	}
	if f := idv.FailureOf(err); f != idv.Timeout && f != idv.Canceled {
		return true, fmt.Errorf("got %v, want timeout", f)
	}
	return true, leavesChargeOpen(err)
}

// leavesChargeOpen checks that the failure of a request that was sent does not rule
// out a charge.
func leavesChargeOpen(err error) error {
	if e := idv.AsError(err); !e.Delivery.MayHaveExecuted() || e.Charge == idv.NotCharged {
		return fmt.Errorf("the server received the request, but the failure has delivery %v and charge %v", e.Delivery, e.Charge)
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
			return fmt.Errorf("broken reply %d: no error", i)
		}
		if l.Query.Subject.ContainedIn(printed(err) + printed(errors.Unwrap(err)) + err.Error()) {
			return fmt.Errorf("broken reply %d: the error holds a claim in clear", i)
		}
	}
	// The server of this one is stopped, so the connection is refused.
	s, err := l.start(ctx, broken)
	if err != nil {
		return err
	}
	s.stop()
	if _, err = s.provider.Ask(ctx, l.Query); err == nil || l.Query.Subject.ContainedIn(printed(err)+err.Error()) {
		return errors.New("a refused connection: no error, or an error that holds a claim in clear")
	}
	return nil
}
