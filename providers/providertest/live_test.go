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

// hands is an exchanger with switches for its faults.
type hands struct {
	base                                 string
	client                               *http.Client
	resends, follows, deaf, tells, twice bool
}

func (h hands) Do(ctx context.Context, c providers.Call) (providers.Reply, error) {
	if h.deaf {
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
	if err != nil && !h.tells {
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

func (h hands) once(req *http.Request) (providers.Reply, error) {
	res, err := h.client.Do(req)
	if err != nil {
		return providers.Reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return providers.Reply{Status: res.StatusCode, Header: res.Header, Body: b}, err
}

// direct is a provider that returns the errors of the network as they are, which
// Bind would not.
type direct struct {
	toy
	hands hands
}

func (d direct) Ask(ctx context.Context, q idv.Query) (idv.Answer, error) {
	call, err := d.Encode(q)
	if err != nil {
		return idv.Answer{}, err
	}
	reply, err := d.hands.Do(ctx, call)
	if err != nil {
		return idv.Answer{}, err
	}
	return d.Decode(q, reply)
}

func live(t *testing.T, fault func(*hands)) Live {
	t.Helper()
	h := toyHarness(t, toy{})
	return Live{Query: h.Query, Good: h.Fixtures[0].Reply, Provider: func(base string) (idv.Provider, error) {
		made := hands{base: base, client: &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}}
		t.Cleanup(made.client.CloseIdleConnections)
		fault(&made)
		if !made.follows {
			made.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		}
		return direct{hands: made}, nil
	}}
}

func TestSoundProviderKeepsTheLiveContract(t *testing.T) { RunLive(t, live(t, func(*hands) {})) }

func TestEachLiveRuleIsBrokenAlone(t *testing.T) {
	faults := map[string]func(*hands){
		"one-request":    func(h *hands) { h.twice = true },
		"no-resend":      func(h *hands) { h.resends = true },
		"no-redirect":    func(h *hands) { h.follows = true },
		"keeps-deadline": func(h *hands) { h.deaf = true },
		"live-no-leak":   func(h *hands) { h.tells = true },
	}
	for _, rule := range LiveRules() {
		t.Run(rule.Name, func(t *testing.T) {
			fault, ok := faults[rule.Name]
			if !ok {
				t.Fatal("no provider breaks this rule")
			}
			found := CheckLive(t.Context(), live(t, fault))
			if len(found) != 1 || found[0].Rule != rule.Name {
				t.Errorf("%d findings, want one, of %s: %v", len(found), rule.Name, found)
			}
		})
	}
}
