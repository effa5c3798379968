// Package webhook sends alerts by HTTP POST: as JSON for programs, or as messages of
// the group robots of DingTalk, WeCom and Feishu. It also sends events about verifications
// to programs, see [Outbox].
//
// The address of a robot allows anyone to write into its group, so it is a secret like
// the signing key. Calls use providers/exchange, which follows no redirect, uses no
// proxy from the environment, bounds time and bytes, and keeps the address out of
// errors. An error of this package names the configured webhook, a class, a code of the
// receiver if there is one, and a constant detail.
//
// [Hook] sends one alert, with retries for some minutes. [Queue] sends in the
// background with one queue per webhook, so that an unavailable receiver does not delay
// the others. [Outbox] does so with the messages that the store keeps.
//
// The formats follow the vendors' public documentation; they were not tested against
// the live services. The comments of the formats list what is not verified.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/ledger/alert"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/exchange"
)

// Config configures a webhook.
type Config struct {
	Name   string // for logs and errors
	Format Format

	// URL is the whole address, https, or http for loopback addresses. Its path holds
	// letters, digits and / . _ ~ - only, as those of the robots do; it has no user and
	// no fragment.
	URL idv.Sensitive
	// Secret signs the messages; empty if the robot has none.
	Secret idv.Sensitive
	// OldSecret signs the messages of format Generic too, while receivers change to Secret.
	OldSecret idv.Sensitive

	Network exchange.Network // how the receiver is reached; [Hook.SetNetwork] changes it
}

// Hook sends alerts to one receiver. It is safe for concurrent use. Create it with
// [New].
type Hook struct {
	name    string
	dialect dialect
	target  target
	x       providers.Transport
	close   func()
	reroute func(exchange.Network) error
}

// Configuration faults. They hold no value, since an address is a secret.
var (
	errFormat   = errors.New("format: must be generic, dingtalk, wecom or feishu")
	errURL      = errors.New("url: must be https (http for loopback addresses only) with a path of letters, digits and / . _ ~ -, without user and fragment")
	errNoSecret = errors.New("secret: this robot has none, since its key is part of the url; remove it")
	errNetwork  = errors.New("network: does not fit the url; a proxy needs https, and a client certificate too")
	errSecret   = errors.New("secret: must be whsec_ followed by Base64 of at least 24 bytes (Standard Webhooks)")
)

// Limits of one attempt. A robot answers well under a second.
const (
	connectLimit   = 3 * time.Second
	firstByteLimit = 5 * time.Second
	totalLimit     = 10 * time.Second
)

// maxConns bounds the connections to one receiver.
const maxConns = 8

// New validates the configuration and returns a webhook without sending anything. The
// error lists every fault by the name of its setting and holds no value.
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
		BaseURL: t.host, Auth: t.scheme, Network: c.Network, MaxConns: maxConns,
		Connect: connectLimit, FirstByte: firstByteLimit, Total: totalLimit,
	})
	if err != nil {
		return nil, withName(c.Name, errNetwork)
	}
	return &Hook{name: c.Name, dialect: d, target: t, x: x, close: x.Close, reroute: x.SetNetwork}, nil
}

func withName(name string, err error) error { return fmt.Errorf("webhook %s: %w", name, err) }

// Name returns the configured name.
func (h *Hook) Name() string { return h.name }

// SetNetwork makes new connections by another network.
func (h *Hook) SetNetwork(n exchange.Network) error {
	if h.reroute(n) != nil {
		return withName(h.name, errNetwork)
	}
	return nil
}

// Close closes idle connections. Later sends fail.
func (h *Hook) Close() { h.close() }

// String returns the name, so that printing a Hook reveals no address.
func (h *Hook) String() string { return "webhook " + h.name }

// GoString returns what String returns, for %#v.
func (h *Hook) GoString() string { return h.String() }

// LogValue returns the name, for log/slog.
func (h *Hook) LogValue() slog.Value { return slog.StringValue(h.name) }

// Send sends an alert, with up to five attempts over some minutes, or longer if the
// receiver asks for it. A message can arrive twice if its response was lost.
//
// The error wraps an *idv.Error: idv.BadCredentials if a retry cannot help (address,
// key or robot settings), idv.Throttled, idv.Unavailable or idv.Timeout after the last
// attempt, idv.Garbled for an unreadable response. When ctx is done, it is the error of
// the last attempt.
func (h *Hook) Send(ctx context.Context, a alert.Alert) error {
	for try := 1; ; try++ {
		fault := h.sendOnce(ctx, a)
		if fault == nil {
			return nil
		}
		if !retryable(fault) || try == maxTries || !sleep(ctx, retryDelay(try, fault.Retry)) {
			return fmt.Errorf("webhook %s, attempt %d of %d: %w", h.name, try, maxTries, fault)
		}
	}
}

// sendOnce makes one attempt.
func (h *Hook) sendOnce(ctx context.Context, a alert.Alert) *idv.Error {
	call, err := h.call(a, time.Now())
	if err != nil {
		return fault(idv.Internal, "the message cannot be encoded")
	}
	return h.do(ctx, call)
}

// do makes a call and reads the response.
func (h *Hook) do(ctx context.Context, call providers.Call) *idv.Error {
	reply, err := h.x.Do(ctx, call)
	if err != nil {
		e := idv.AsError(err)
		return &idv.Error{Failure: e.Failure, Origin: e.Origin, Phase: e.Phase, Detail: e.Detail}
	}
	return h.dialect.judge(reply, time.Now())
}

// fault returns an error of the class with a constant detail.
func fault(class idv.Failure, detail string) *idv.Error {
	return &idv.Error{Failure: class, Origin: idv.OriginEngine, Detail: detail}
}
