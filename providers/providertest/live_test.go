package providertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// client is a transport with switches for its faults.
type client struct {
	base                                           string
	http                                           *http.Client
	resends, follows, ignoresContext, leaks, twice bool
}

func (h client) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	if h.ignoresContext {
		ctx = context.WithoutCancel(ctx)
	}
	values := url.Values{}
	for _, p := range c.Query {
		values.Set(p.Name, p.Value.Reveal())
	}
	var body io.Reader
	if !h.resends {
		body = opaque{bytes.NewReader(nil)} // net/http re-sends only what it knows to be empty
	}
	req, err := http.NewRequestWithContext(ctx, c.Method, h.base+c.Path+"?"+values.Encode(), body)
	if err != nil {
		return providers.Reply{}, &idv.Error{Failure: idv.Internal}
	}
	reply, err := h.once(req)
	if h.twice && err == nil && reply.Status == http.StatusInternalServerError {
		return h.once(req.Clone(ctx))
	}
	if err != nil && !h.leaks {
		err = &idv.Error{Failure: class(err)}
	}
	return reply, err
}

func class(err error) idv.Failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return idv.Timeout
	}
	return idv.Unavailable
}

type opaque struct{ io.Reader }

func (h client) once(req *http.Request) (providers.Reply, error) {
	res, err := h.http.Do(req)
	if err != nil {
		return providers.Reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return providers.Reply{Status: res.StatusCode, Header: res.Header, Body: b}, err
}

// direct is a provider that returns network errors as they are, which
// providers.NewProvider does not.
type direct struct {
	toy
	client client
}

func (d direct) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	call, err := d.Encode(q)
	if err != nil {
		return idv.Answer{}, err
	}
	reply, err := d.client.Do(ctx, call)
	if err != nil {
		return idv.Answer{}, err
	}
	return d.Decode(q, reply)
}

func live(t *testing.T, fault func(*client)) Live {
	t.Helper()
	h := toyHarness(t, toy{})
	return Live{Query: h.Query, Good: h.Fixtures[0].Reply, Provider: func(base string) (idv.Provider, error) {
		made := client{base: base, http: &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}}
		t.Cleanup(made.http.CloseIdleConnections)
		fault(&made)
		if !made.follows {
			made.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		}
		return direct{client: made}, nil
	}}
}

func TestSoundProviderKeepsTheLiveContract(t *testing.T) { RunLive(t, live(t, func(*client) {})) }

func TestEachLiveRuleIsBrokenAlone(t *testing.T) {
	t.Parallel()
	faults := map[string]func(*client){
		"one-request":    func(h *client) { h.twice = true },
		"no-resend":      func(h *client) { h.resends = true },
		"no-redirect":    func(h *client) { h.follows = true },
		"keeps-deadline": func(h *client) { h.ignoresContext = true },
		"live-no-leak":   func(h *client) { h.leaks = true },
	}
	for _, rule := range LiveRules() {
		t.Run(rule.Name, func(t *testing.T) {
			fault, ok := faults[rule.Name]
			if !ok {
				t.Fatal("no provider breaks this rule")
			}
			l := live(t, fault)
			if rule.Name == "keeps-deadline" {
				l.Patience = 50 * time.Millisecond // this provider never returns
			}
			found := CheckLive(t.Context(), l)
			if len(found) != 1 || found[0].Rule != rule.Name {
				t.Errorf("%d findings, want one, of %s: %v", len(found), rule.Name, found)
			}
		})
	}
}
