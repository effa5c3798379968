// Package webhook sends alerts by HTTP POST: as plain JSON for programs, or as
// messages of the group robots of DingTalk, WeCom and Feishu.
//
// Whoever knows the address of a robot can write into its group, so the address is
// a secret like the key that signs. Calls are made by providers/exchange, for the
// reasons that its comment gives: it prints nothing, follows no redirect, uses no
// proxy of the environment, bounds time and bytes, and its errors hold no address.
// An error of this package names the hook as it is configured, a class, perhaps a
// number that the other side gave, and a constant sentence.
//
// [Hook] sends one alert and tries again for some minutes. [Queue] does that in the
// background, for each hook by itself, so that one that is away delays no other.
//
// What the robots expect was read in their public documentation and in what others
// wrote of them; nothing here was tried against the live services. The comments of
// the formats say what that leaves open.
package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/exchange"
)

// Config says where a hook is.
type Config struct {
	Name   string // for logs and errors
	Format Format

	// URL is the whole address, https, or http for loopback addresses. Its path holds
	// letters, digits and / . _ ~ - only, as those of the robots do; it has no user and
	// no fragment.
	URL idv.Sensitive
	// Secret signs the messages; leave it out where the robot has none.
	Secret idv.Sensitive

	RootCAs *x509.CertPool // who may vouch for the host; nil means the system's
}

// Hook is one place that alerts are sent to. It is safe for concurrent use. Make
// it with [New].
type Hook struct {
	name    string
	dialect dialect
	target  target
	x       providers.Transport
	close   func()
}

// The faults of a configuration. They hold no value: an address is a secret.
var (
	errFormat   = errors.New("format: want generic, dingtalk, wecom or feishu")
	errURL      = errors.New("url: want https (http for loopback addresses only), a path of letters, digits and / . _ ~ -, no user and no fragment")
	errNoSecret = errors.New("secret: this robot has none, its key stands in the url; leave it out")
	errSecret   = errors.New("secret: want whsec_ and then Base64 of at least 24 bytes, as the Standard Webhooks have it")
)

// Times of one try. A robot answers well under a second.
const (
	connectLimit   = 3 * time.Second
	firstByteLimit = 5 * time.Second
	totalLimit     = 10 * time.Second
)

// New checks the configuration and returns a hook; it sends nothing. The error
// lists every fault by the setting's name and holds no value.
func New(c Config) (*Hook, error) {
	d, known := dialectOf(c.Format)
	if !known {
		return nil, withName(c.Name, errFormat)
	}
	t, err := parseTarget(c, d)
	if err != nil {
		return nil, withName(c.Name, err)
	}
	x, err := exchange.New(exchange.Config{
		BaseURL: t.host, Auth: t.scheme, RootCAs: c.RootCAs, MaxConns: 1,
		Connect: connectLimit, FirstByte: firstByteLimit, Total: totalLimit,
	})
	if err != nil {
		return nil, withName(c.Name, errURL)
	}
	return &Hook{name: c.Name, dialect: d, target: t, x: x, close: x.Close}, nil
}

func withName(name string, err error) error { return fmt.Errorf("webhook %s: %w", name, err) }

// Name returns the configured name.
func (h *Hook) Name() string { return h.name }

// Close closes the connection at rest. Later sends fail.
func (h *Hook) Close() { h.close() }

// String returns the name, so that printing a hook shows no address.
func (h *Hook) String() string { return "webhook " + h.name }

// GoString returns what String returns, for %#v.
func (h *Hook) GoString() string { return h.String() }

// LogValue returns the name, for log/slog.
func (h *Hook) LogValue() slog.Value { return slog.StringValue(h.name) }

// Send sends an alert, and tries again while that can help: at most five times in
// some minutes, unless the other side names a longer pause. A message can arrive
// twice, when its answer was lost.
//
// The error holds an *idv.Error: idv.BadCredentials for what another try does not
// mend (the address, the key, the robot's settings), idv.Throttled, idv.Unavailable
// or idv.Timeout when the tries were used up, idv.Garbled for an answer that says
// neither yes nor no. When ctx is over it is the error of the last try.
func (h *Hook) Send(ctx context.Context, a alert.Alert) error {
	for try := 1; ; try++ {
		fault := h.sendOnce(ctx, a)
		if fault == nil {
			return nil
		}
		if !retryable(fault) || try == maxTries || !sleep(ctx, retryDelay(try, fault.Retry)) {
			return fmt.Errorf("webhook %s, try %d of %d: %w", h.name, try, maxTries, fault)
		}
	}
}

// once makes one try.
func (h *Hook) sendOnce(ctx context.Context, a alert.Alert) *idv.Error {
	call, err := h.call(a, time.Now())
	if err != nil {
		return fault(idv.Internal, "the message cannot be written")
	}
	reply, err := h.x.Do(ctx, call)
	if err != nil {
		e := idv.AsError(err)
		return &idv.Error{Failure: e.Failure, Origin: e.Origin, Phase: e.Phase, Detail: e.Detail}
	}
	return h.dialect.judge(reply, time.Now())
}

// fault returns an error of the class with a constant sentence.
func fault(class idv.Failure, detail string) *idv.Error {
	return &idv.Error{Failure: class, Origin: idv.OriginEngine, Detail: detail}
}
